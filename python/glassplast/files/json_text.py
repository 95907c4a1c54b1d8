"""Conversion to and from the JSON in files, which is one line of ASCII."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from glassplast.errors import FileError

__all__ = ["json_mapping", "json_text"]


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    return str(value)


def json_text(value: Any) -> str:
    """A value as JSON in one ASCII line; arrays become lists, and objects of unknown types their text."""
    return json.dumps(value, default=_plain, separators=(",", ":"))


def json_mapping(text: str | bytes, name: str) -> dict[str, Any]:
    """A JSON object that glassplast recorded in a file, as a dictionary.

    Raises
    ------
    FileError
        If the text is not a JSON object.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FileError(f"{name}: the record of glassplast is not valid JSON: {error}") from error
    if not isinstance(value, dict):
        raise FileError(f"{name}: expected a JSON object, not {text[:60]!r}")
    return value
