"""Where a shear run is to end, and how far it is on its way there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from glassplast.errors import ArgumentError, UnknownNameError, suggestion
from glassplast.foundation.progress import Progress
from glassplast.quasistatic.events import Event
from glassplast.quasistatic.spanning import spans

__all__ = ["AS_BEFORE", "STOPS", "AsBefore", "Stop", "Target", "stop_condition"]

#: When to stop after an event: the name of a condition, or a function of the event.
Stop = str | Callable[[Event], bool] | None

AsBefore = Literal["as before"]
#: What a run that goes on is not told anew.
AS_BEFORE: AsBefore = "as before"
#: What a file says of a stop condition that is a function.
_FUNCTION = "function"

#: Names of stop conditions.
STOPS: dict[str, Callable[[Event], bool]] = {"first_spanning_drop": spans}


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
        if stop not in STOPS:
            raise UnknownNameError(f"unknown stop condition {stop!r}; {suggestion(stop, STOPS)}")
        return STOPS[stop]
    return stop


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

    def check(self) -> None:
        """Raise for a target that cannot be meant.

        Raises
        ------
        ArgumentError, UnknownNameError
        """
        if not np.isfinite(self.to):
            raise ArgumentError(f"to must be a finite strain, not {self.to}")
        if self.max_events is not None and not self.max_events >= 1:
            raise ArgumentError(f"max_events must be at least 1, not {self.max_events}")
        stop_condition(self.stop)

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
        ArgumentError
            If the run stopped on a function, which no file can hold, and none is given.
        """
        if stop == AS_BEFORE and self.stop == _FUNCTION:
            raise ArgumentError(
                "the run stopped on a function of its own, which no file can hold: give stop= again, or None"
            )
        return Target(
            self.to if to is None else float(to),
            self.max_events if isinstance(max_events, str) else max_events,
            self.stop if stop == AS_BEFORE else stop,
        )

    def tell(self, tell: Progress, start: float, strain: float, events: int) -> None:
        """Tell how far a run from a strain is on its way here."""
        part = abs(strain - start) / max(abs(self.to - start), 1e-300)
        if self.max_events:
            part = max(part, events / self.max_events)
        count = f"{events} of {self.max_events} events" if self.max_events is not None else f"{events} events"
        tell("shearing", min(part, 1.0), f"γ = {strain:.5f}, {count}")
