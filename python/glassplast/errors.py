"""The errors that glassplast raises. Every error derives from `GlassplastError`."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

from glassplast._engine import (
    ArgumentError,
    ConvergenceError,
    DynamicsError,
    GeometryError,
    GlassplastError,
    InstabilityError,
    MemoryLimitError,
    ModelError,
)


class Carrier(BaseException):
    """An exception that holds more than its message, and can be pickled and sent between processes.

    Python restores a pickled exception from its message alone, while this one is restored from all arguments with which
    it was made. It must be the first base of a class.
    """

    _made_from: tuple[Any, ...] = ()

    def __new__(cls, *arguments: Any) -> Any:
        """Keep the arguments of the exception."""
        made = super().__new__(cls, *arguments)
        made._made_from = arguments
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._made_from


class FileError(GlassplastError, ValueError):
    """Raised for a file that lacks something, is corrupt or truncated, has an unknown format, or cannot be written."""


class NotInStudyError(GlassplastError):
    """Raised when a study lacks what a figure or a table needs; the message says which key of its plan asks for it."""


class ClusterError(GlassplastError, RuntimeError):
    """Raised when a scheduler or a cluster cannot be reached, is lost, or has workers that cannot do the work."""


class UnknownNameError(ArgumentError, KeyError):
    """Raised for a name, for example of an indicator or a protocol, that is not known."""

    def __str__(self) -> str:
        # KeyError would show the quoted repr of the message.
        return str(self.args[0]) if self.args else ""


class MissingExtraError(Carrier, GlassplastError, ImportError):
    """Raised when a feature needs an optional package that is not installed."""

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(f"{feature} needs an optional dependency: pip install 'glassplast[{extra}]'")


def suggestion(name: str, known: Iterable[str]) -> str:
    """The part of an error message that suggests the nearest known name, or lists all of them.

    Parameters
    ----------
    name : str
        The unknown name.
    known : iterable of str
        All known names.

    Returns
    -------
    str
    """
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    listing = ", ".join(names)
    return f"did you mean {near[0]!r}? Known: {listing}" if near else f"known: {listing}"


__all__ = [
    "ArgumentError",
    "Carrier",
    "ClusterError",
    "ConvergenceError",
    "DynamicsError",
    "FileError",
    "GeometryError",
    "GlassplastError",
    "InstabilityError",
    "MemoryLimitError",
    "MissingExtraError",
    "ModelError",
    "NotInStudyError",
    "UnknownNameError",
    "suggestion",
]


def __dir__() -> list[str]:
    return __all__
