"""One-line descriptions (repr) of objects that hold arrays.

The top of the package imports this module, so that its import must be fast.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any

__all__ = ["constructor_like", "number", "span", "without_arrays"]


def number(value: Any, digits: int = 4) -> str:
    """A number with a given number of significant digits; integers and truth values are written in full."""
    if isinstance(value, Integral) or not isinstance(value, Real):
        return str(value)
    return f"{float(value):.{digits}g}"


def span(low: Any, high: Any, digits: int = 4) -> str:
    """A range from one number to another."""
    return f"{number(low, digits)} to {number(high, digits)}"


def constructor_like(name: str, **parts: Any) -> str:
    """Text like ``Name(part=..., part=...)``, with rounded numbers and without the parts that are None."""
    known = {key: value for key, value in parts.items() if value is not None}
    shown = [f"{key}={value if isinstance(value, str) else number(value)}" for key, value in known.items()]
    return f"{name}({', '.join(shown)})"


def without_arrays(record: Any) -> str:
    """A dataclass in one line, with its numbers and words, and with only the size of other fields."""
    parts: dict[str, Any] = {}
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        if value is None or isinstance(value, Real):
            parts[field.name] = value
        elif isinstance(value, str):
            parts[field.name] = repr(value)
        elif getattr(value, "shape", ()):
            parts[field.name] = f"array{value.shape}"
        elif isinstance(value, (list, tuple, Mapping)):
            parts[field.name] = f"{type(value).__name__} of {len(value)}"
        else:
            parts[field.name] = type(value).__name__
    return constructor_like(type(record).__name__, **parts)
