"""The settings of the main job."""

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

#: Default strain by which a glass is sheared, beyond yielding at about 0.07.
STRAIN_RANGE = 0.12


@dataclass(frozen=True)
class Task:
    """The settings of the main job.

    Attributes
    ----------
    events : int or None
        Number of events after which to stop; None for no limit.
    to : float, optional
        Absolute strain to stop at; by default 0.12 beyond the strain of the start. A strain below that of the start
        shears in reverse.
    stepping, increment, criterion, checkpoint
        See `glassplast.shear`.
    method : {"cg", "fire"}
        Minimizer of the start, which in exact stepping also leads from an instability to the next minimum.
    shear_method : {"newton", "cg", "fire"}, optional
        Argument `method` of `glassplast.shear`, if it differs; in fixed stepping the default is Newton's method.
    tolerance : float, optional
        Largest force left in the minimization of the start, see `glassplast.minimize`.
    indicators : sequence of str, optional
        Keys of the indicators; by default all that can be computed.
    options : mapping
        Options of single indicators by their keys.
    loading : float or (d, d) array_like, optional
        Loading direction for indicators that depend on it; by default that of the shear, which is 0, or 90 degrees in
        reverse.
    pictures, page : bool
        Whether to draw pictures, and whether to write the page.
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
        """The argument `method` of `glassplast.shear`."""
        return self.method if self.shear_method is None and self.stepping == "exact" else self.shear_method

    def target(self, glass: Glass) -> float:
        """The strain at which the shear stops.

        Parameters
        ----------
        glass : Glass
            The start.

        Returns
        -------
        float
        """
        return glass.strain + STRAIN_RANGE if self.to is None else self.to

    def direction(self, glass: Glass) -> Loading:
        """The loading for indicators that depend on it.

        Parameters
        ----------
        glass : Glass
            The start.

        Returns
        -------
        float or (d, d) array_like
        """
        if self.loading is not None:
            return self.loading
        return 0.0 if self.target(glass) >= glass.strain else 90.0

    def check(self) -> None:
        """Check the settings before the computation begins.

        Raises
        ------
        UnknownNameError
            If a name is not known.
        ArgumentError
            If a value is out of range.
        MissingExtraError
            If an optional package is needed that is not installed.
        """
        for key in self.indicators or ():
            registered.find(key)
        for key, values in (self.options or {}).items():
            registered.find(key).check_options(values)
        if self.events is not None and self.events < 1:
            raise ArgumentError(f"events must be at least 1, not {self.events}")
        check_stepping(
            self.stepping,
            of_exact={"checkpoint": self.checkpoint},
            of_fixed={"increment": self.increment, "criterion": self.criterion},
        )
        if self.pictures and find_spec("matplotlib") is None:
            raise MissingExtraError("drawing pictures", "plot")
