"""The conditions at which a shear run ends, and how much of the run is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from glassplast.errors import ArgumentError, UnknownNameError, suggestion
from glassplast.foundation.arguments import finite_number, whole_number
from glassplast.foundation.progress import Progress
from glassplast.quasistatic.events import Event
from glassplast.quasistatic.spanning import spans

__all__ = ["AS_BEFORE", "LARGEST_STRAIN", "STOPS", "AsBefore", "Stop", "Target", "checked_strain", "stop_condition"]

#: Condition for stopping after an event: its name, or a function of the event.
Stop = str | Callable[[Event], bool] | None

AsBefore = Literal["as before"]
#: Value of an argument of `resume` that is to stay as the run was started.
AS_BEFORE: AsBefore = "as before"
#: What a file records in place of a stop condition that is a function.
_FUNCTION = "function"

#: Largest strain at which shear begins or that it aims at: beyond it, strains are known to less than 1e-13.
LARGEST_STRAIN = 1e3

#: Names of stop conditions.
STOPS: dict[str, Callable[[Event], bool]] = {"first_spanning_drop": spans}


def stop_condition(stop: Stop) -> Callable[[Event], bool]:
    """The function of an event that a stop condition stands for.

    Raises
    ------
    UnknownNameError
        If the name of the condition is not known.
    """
    if stop is None:
        return lambda event: False
    if isinstance(stop, str):
        if stop not in STOPS:
            raise UnknownNameError(f"unknown stop condition {stop!r}; {suggestion(stop, STOPS)}")
        return STOPS[stop]
    return stop


def checked_strain(name: str, value: object) -> float:
    """A strain to shear from or to.

    Raises
    ------
    ArgumentError
        If it is no finite number, or larger than `LARGEST_STRAIN`.
    """
    strain = finite_number(name, value, "strain")
    if abs(strain) > LARGEST_STRAIN:
        raise ArgumentError(
            f"{name} is a strain of {strain:.6g}, and shear resolves instabilities at strains up to "
            f"{LARGEST_STRAIN:g}: take the equivalent cell of a small strain (Glass.reduced, which takes whole sides "
            "off the tilt), and shear from there"
        )
    return strain


@dataclass(frozen=True)
class Target:
    """The conditions at which a run ends; the first one that is met ends it.

    Attributes
    ----------
    to : float
        Absolute strain at which the run ends.
    max_events : int or None
        Number of events of the whole run after which it ends; None for no limit.
    stop : str, callable or None
        Condition for stopping after an event, see `stop_condition`.
    """

    to: float
    max_events: int | None = None
    stop: Stop = None

    def check(self) -> None:
        """Check the values.

        Raises
        ------
        ArgumentError
            If `to` is not a finite number, or `max_events` is not a whole number of at least 1.
        UnknownNameError
            If the name of the stop condition is not known.
        """
        finite_number("to", self.to, "strain")
        if self.max_events is not None:
            whole_number("max_events", self.max_events)
        stop_condition(self.stop)

    @property
    def stored(self) -> dict[str, Any]:
        """The target as JSON; of a stop condition that is a function only the fact that there was one."""
        named = self.stop if self.stop is None or isinstance(self.stop, str) else _FUNCTION
        return {"to": self.to, "max_events": self.max_events, "stop": named}

    @classmethod
    def from_stored(cls, values: Mapping[str, Any]) -> Target:
        """The target that `stored` describes."""
        events = values["max_events"]
        return cls(float(values["to"]), None if events is None else int(events), values["stop"])

    def changed(self, to: float | None, max_events: int | AsBefore | None, stop: Stop | AsBefore) -> Target:
        """A copy of this target with the given conditions changed.

        Raises
        ------
        ArgumentError
            If the stop condition was a function, which no file can hold, and no condition is given.
        """
        if stop == AS_BEFORE and self.stop == _FUNCTION:
            raise ArgumentError(
                "the stop condition of the run was a function, which no file can hold: give stop= again, or None"
            )
        return Target(
            self.to if to is None else checked_strain("to", to),
            self.max_events if isinstance(max_events, str) else max_events,
            self.stop if stop == AS_BEFORE else stop,
        )

    def tell(self, tell: Progress, start: float, strain: float, events: int) -> None:
        """Report the fraction done of a run that began at the strain `start`."""
        part = abs(strain - start) / max(abs(self.to - start), 1e-300)
        if self.max_events:
            part = max(part, events / self.max_events)
        count = f"{events} of {self.max_events} events" if self.max_events is not None else f"{events} events"
        tell("shearing", min(part, 1.0), f"γ = {strain:.5f}, {count}")
