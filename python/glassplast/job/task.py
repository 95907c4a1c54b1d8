"""What the main job is to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Literal

from glassplast import indicators as registered
from glassplast.errors import ArgumentError, MissingExtraError
from glassplast.glass import Glass
from glassplast.loading import Loading
from glassplast.quasistatic.options import Checkpoint, Criterion, Increment, Method, Stepping
from glassplast.quasistatic.shearing import check_stepping

__all__ = ["STRAIN_RANGE", "Task"]

#: How far a glass is sheared unless told otherwise: beyond yielding, at about 0.07.
STRAIN_RANGE = 0.12


@dataclass(frozen=True)
class Task:
    """What the main job is to do.

    Attributes
    ----------
    events : int or None
        Stop after so many events.
    to : float, optional
        Strain to stop at; by default 0.12 beyond that of the start. Less than the start's shears back.
    stepping, increment, criterion, checkpoint
        As of `glassplast.shear`.
    method : {"cg", "fire"}
        Of `glassplast.minimize`, and what follows an instability in exact stepping.
    shear_method : {"newton", "cg", "fire"}, optional
        `method` of `glassplast.shear` where it is another one; in fixed stepping by default Newton's method.
    tolerance
        Of `glassplast.minimize`.
    indicators : sequence of str, optional
        Keys; by default all that can be had.
    options : mapping
        Options of single indicators.
    loading : float or (d, d) array_like, optional
        Direction for indicators that depend on it; by default that of the shear: 0, or 90 degrees in reverse.
    pictures, page : bool
        Whether to draw pictures and write the page.
    """

    events: int | None = 5
    to: float | None = None
    stepping: Stepping = "exact"
    increment: Increment | None = None
    criterion: Criterion | None = None
    checkpoint: Checkpoint | None = None
    method: Literal["cg", "fire"] = "cg"
    shear_method: Method | None = None
    tolerance: float | None = None
    indicators: Sequence[str] | None = None
    options: Mapping[str, Mapping[str, Any]] | None = None
    loading: Loading | None = None
    pictures: bool = True
    page: bool = True

    @property
    def method_of_shear(self) -> Method | None:
        """`method` of `glassplast.shear`."""
        return self.method if self.shear_method is None and self.stepping == "exact" else self.shear_method

    def target(self, glass: Glass) -> float:
        """The strain to shear to."""
        return glass.strain + STRAIN_RANGE if self.to is None else self.to

    def direction(self, glass: Glass) -> Loading:
        """The loading of indicators that depend on it."""
        if self.loading is not None:
            return self.loading
        return 0.0 if self.target(glass) >= glass.strain else 90.0

    def check(self) -> None:
        """Raise for what cannot be done before any time is spent.

        Raises
        ------
        UnknownNameError, ArgumentError, MissingExtraError
        """
        for key in self.indicators or ():
            registered.find(key)
        for key, values in (self.options or {}).items():
            registered.find(key).check_options(values)
        if self.events is not None and self.events < 0:
            raise ArgumentError(f"events must not be negative, not {self.events}")
        check_stepping(
            self.stepping,
            of_exact={"checkpoint": self.checkpoint},
            of_fixed={"increment": self.increment, "criterion": self.criterion},
        )
        if self.pictures and find_spec("matplotlib") is None:
            raise MissingExtraError("drawing pictures", "plot")
