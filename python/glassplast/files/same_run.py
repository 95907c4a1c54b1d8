"""A check that a file belongs to the run, map or catalogue that is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from glassplast.errors import FileError
from glassplast.files.json_text import json_mapping, json_text

__all__ = ["require_same"]


def require_same(path: Path, there: Mapping[str, Any], here: Mapping[str, Any]) -> None:
    """Check that a file belongs to the computation that is asked for.

    Parameters
    ----------
    path : Path
        Name of the file, for the message.
    there, here : mapping
        Descriptions of the computation in the file, and of the one that is asked for. They are compared as JSON.

    Raises
    ------
    FileError
        If the descriptions differ; the message names the first entry that differs.
    """
    known, wanted = (json_mapping(json_text(dict(entries)), path.name) for entries in (there, here))
    for name in {**wanted, **known}:
        if known.get(name) != wanted.get(name):
            raise FileError(
                f"{path} belongs to another computation: {name} is {_short(known.get(name))} in the file and "
                f"{_short(wanted.get(name))} in this call; choose another file, or make the same call"
            )


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
