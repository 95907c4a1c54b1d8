"""What a shear run can be asked for, checked before anything is computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from glassplast.analysis import EQUILIBRIUM_TOLERANCE, Analysis
from glassplast.errors import UnknownNameError, suggestion
from glassplast.glass import Glass
from glassplast.quasistatic.events import Event
from glassplast.quasistatic.spanning import spans

#: Called now and then with the strain reached, the last stress known and the number of events so far.
ShearProgress = Callable[[float, float, int], None]
#: When to stop after an event: the name of a condition, or a function of the event.
Stop = str | Callable[[Event], bool] | None

AsBefore = Literal["as before"]
#: What a run that goes on is not told anew.
AS_BEFORE: AsBefore = "as before"
#: What a file says of a stop condition that is a function.
_FUNCTION = "function"

STEPPINGS = ("exact", "fixed")
MINIMIZERS = ("cg", "fire")
#: Names of stop conditions.
STOPS: dict[str, Callable[[Event], bool]] = {"first_spanning_drop": spans}


def check_name(value: str, known: tuple[str, ...], what: str) -> None:
    """Raise UnknownNameError for a name that is not among those known."""
    if value not in known:
        raise UnknownNameError(f"unknown {what} {value!r}; {suggestion(value, known)}")


def check_stepping(stepping: str, *, of_exact: Mapping[str, Any], of_fixed: Mapping[str, Any]) -> None:
    """Raise for a stepping that is not known, or that does not take an argument which is not None.

    Raises
    ------
    UnknownNameError, ValueError
    """
    check_name(stepping, STEPPINGS, "stepping")
    other, foreign = ("fixed", of_fixed) if stepping == "exact" else ("exact", of_exact)
    for name, value in foreign.items():
        if value is not None:
            raise ValueError(f"{name} belongs to {other} stepping, and this is {stepping} stepping")


def stop_condition(stop: Stop) -> Callable[[Event], bool]:
    """The function of an event that a stop condition stands for.

    Raises
    ------
    UnknownNameError
        For a name that is not known.
    """
    if stop is None:
        return lambda event: False
    if isinstance(stop, str):
        check_name(stop, tuple(STOPS), "stop condition")
        return STOPS[stop]
    return stop


def check_target(to: float, max_events: int | None) -> None:
    """Raise ValueError for a target that cannot be meant."""
    if not np.isfinite(to):
        raise ValueError(f"the strain to shear to must be finite, not {to}")
    if max_events is not None and max_events < 1:
        raise ValueError(f"max_events must be at least 1, not {max_events}")


def check_start(glass: Glass, tolerance: float, threads: int | None = None) -> None:
    """Raise unless a glass is a minimum, and states with such forces left pass for minima as well.

    Raises
    ------
    InstabilityError, ValueError
    """
    if not tolerance > 0.0:
        raise ValueError(f"the force tolerance must be positive, not {tolerance}")
    analysis = Analysis(glass, threads=threads)
    analysis.minimum  # noqa: B018 - raises unless the glass is a minimum
    if tolerance > EQUILIBRIUM_TOLERANCE * analysis.typical_force:
        raise ValueError(
            f"the force tolerance {tolerance} leaves no equilibrium: the median pair force is "
            f"{analysis.typical_force:.3g}"
        )


@dataclass(frozen=True)
class Target:
    """Where a run is to end.

    Attributes
    ----------
    to : float
        Absolute strain.
    max_events : int or None
        Number of events of the whole run.
    stop : str, callable or None
        See `stop_condition`.
    """

    to: float
    max_events: int | None = None
    stop: Stop = None

    @property
    def stored(self) -> dict[str, Any]:
        """As JSON; of a function only that there was one."""
        named = self.stop if self.stop is None or isinstance(self.stop, str) else _FUNCTION
        return {"to": self.to, "max_events": self.max_events, "stop": named}

    @classmethod
    def from_stored(cls, values: Mapping[str, Any]) -> Target:
        """What `stored` gave."""
        events = values["max_events"]
        return cls(float(values["to"]), None if events is None else int(events), values["stop"])

    def changed(self, to: float | None, max_events: int | AsBefore | None, stop: Stop | AsBefore) -> Target:
        """Another target, where something else is asked for.

        Raises
        ------
        ValueError
            If the run stopped on a function, which no file can hold, and none is given.
        """
        if stop == AS_BEFORE and self.stop == _FUNCTION:
            raise ValueError(
                "the run stopped on a function of its own, which no file can hold: give stop= again, or None"
            )
        return Target(
            self.to if to is None else float(to),
            self.max_events if isinstance(max_events, str) else max_events,
            self.stop if stop == AS_BEFORE else stop,
        )
