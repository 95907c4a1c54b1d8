"""Conversion of words on the command line to values, with errors that describe what is wrong."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from glassplast.loading import Loading

__all__ = ["count", "events", "finite", "loading", "names", "option", "parameter", "positive", "seed", "temperatures"]


def positive(text: str) -> float:
    """A positive number."""
    value = finite(text)
    if not value > 0.0:
        raise argparse.ArgumentTypeError(f"must be positive, not {text}")
    return value


def finite(text: str) -> float:
    """A finite number."""
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a number, not {text!r}") from None
    if not np.isfinite(value):
        raise argparse.ArgumentTypeError(f"must be finite, not {text}")
    return value


def events(text: str) -> int | None:
    """A number of events, or None for ``all``."""
    if text == "all":
        return None
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"must be a number of events or 'all', not {text!r}")
    return int(text)


def names(text: str) -> list[str]:
    """Several names with commas between them."""
    return [name.strip() for name in text.split(",") if name.strip()]


def loading(text: str) -> Loading:
    """An angle in degrees, or a matrix row by row."""
    values = [finite(part) for part in text.split(",")]
    if len(values) == 1:
        return values[0]
    side = round(len(values) ** 0.5)
    if side not in (2, 3) or side * side != len(values):
        raise argparse.ArgumentTypeError("must be an angle in degrees, or 4 or 9 numbers: a matrix, row by row")
    return np.reshape(values, (side, side))


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def parameter(text: str) -> tuple[str, Any]:
    """A parameter as ``NAME=VALUE``."""
    name, mark, value = text.partition("=")
    if not mark or not name:
        raise argparse.ArgumentTypeError(f"must be NAME=VALUE, not {text!r}")
    return name, _value(value)


def option(text: str) -> tuple[str, str, Any]:
    """An option of an indicator as ``INDICATOR.NAME=VALUE``."""
    path, value = parameter(text)
    key, mark, name = path.partition(".")
    if not mark or not name:
        raise argparse.ArgumentTypeError(f"must be INDICATOR.NAME=VALUE, not {text!r}")
    return key, name, value


def count(text: str) -> int:
    """A positive integer."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a positive integer, not {text!r}")
    return int(text)


def seed(text: str) -> int:
    """A non-negative integer."""
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"must be a non-negative integer, not {text!r}")
    return int(text)


def temperatures(text: str) -> float | list[float]:
    """One temperature, or several with commas between them."""
    values = [positive(part) for part in text.split(",")]
    return values[0] if len(values) == 1 else values
