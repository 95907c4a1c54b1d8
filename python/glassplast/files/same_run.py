"""Whether what a file holds is of the run, map or catalogue that is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from glassplast.errors import FileError
from glassplast.files.json_text import json_mapping, json_text

__all__ = ["require_same"]


def require_same(path: Path, there: Mapping[str, Any], here: Mapping[str, Any]) -> None:
    """Refuse a file that is of something else than what is asked for.

    Parameters
    ----------
    path : Path
        The file, for the message.
    there, here : mapping
        What the file says of itself, and what is asked for. They are compared as they stand in JSON.

    Raises
    ------
    FileError
        The message names the first entry that differs.
    """
    known, wanted = (json_mapping(json_text(dict(entries)), path.name) for entries in (there, here))
    for name in {**wanted, **known}:
        if known.get(name) != wanted.get(name):
            raise FileError(
                f"{path} is of something else than what is asked for: {name} is {_short(known.get(name))} there and "
                f"{_short(wanted.get(name))} here; choose another file, or ask for the same"
            )


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
