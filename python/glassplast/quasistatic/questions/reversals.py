"""The reversal of shear after an event: whether and at which strain the event is undone (paper, Fig. 5)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from glassplast.errors import ArgumentError
from glassplast.foundation.one_line import constructor_like, number
from glassplast.foundation.progress import ProgressOption
from glassplast.quasistatic.branches import FAR, Branches
from glassplast.quasistatic.events import Event
from glassplast.quasistatic.options import Method
from glassplast.quasistatic.protocol import protocol_of_state
from glassplast.quasistatic.run import Run
from glassplast.response.states import POSITION_TOLERANCE, same_state

__all__ = ["Reversal", "reversal"]


@dataclass(frozen=True, repr=False)
class Reversal:
    """The result of reversing the shear after an event.

    Attributes
    ----------
    event : Event
        The event that was to be undone.
    strain : float
        Strain at which the system rejoins the elastic branch before the event; NaN if it does not.
    branch_end : float
        Strain to which that branch was followed backwards: its own end, or `back_to` of `reversal`.
    run : Run
        The reversed run with its events. If the system rejoins the branch, the last event leads to it.
    """

    event: Event
    strain: float
    branch_end: float
    run: Run

    def __repr__(self) -> str:
        return constructor_like(
            "Reversal",
            of_event_at=number(self.event.strain, 6),
            returned=self.returned,
            strain=number(self.strain, 6),
            branch_end=number(self.branch_end, 6),
            events=len(self.events),
        )

    @property
    def returned(self) -> bool:
        """Whether the system rejoins the elastic branch before the event."""
        return not math.isnan(self.strain)

    @property
    def events(self) -> list[Event]:
        """The events of the reversed run."""
        return self.run.events


def reversal(
    event: Event,
    *,
    back_to: float | None = None,
    max_events: int | None = None,
    method: Method | None = None,
    tolerance: float = 1e-10,
    same_within: float = POSITION_TOLERANCE,
    threads: int | None = None,
    progress: ProgressOption = None,
) -> Reversal:
    """Reverse the shear after an event until the system rejoins the elastic branch before the event.

    The system changes from one branch to another only at an instability. After each instability of the reversed run,
    the state is therefore compared with the state at the same strain on the branch that the event ended.

    Parameters
    ----------
    event : Event
        The event to undo.
    back_to : float, optional
        Absolute strain at which to give up. By default it is the strain at which the branch before the event itself
        ends when it is followed backwards, since there is nothing to rejoin beyond it.
    max_events : int, optional
        Number of events of the reversed run after which to give up.
    method : {"cg", "fire"}, optional
        Minimizer that leads from an instability to the next minimum; by default the one of the run of the event.
    tolerance : float
        Largest force left on any particle (energy / length).
    same_within : float
        Largest difference of positions between two states that count as the same, see
        `glassplast.quasistatic.same_state` (length).
    threads : int, optional
        Number of threads; the result does not depend on it.
    progress : callable, False or None
        Called with the stage, the fraction done, and a note; see `glassplast.foundation.progress.shown`.

    Returns
    -------
    Reversal

    Raises
    ------
    ArgumentError
        If `back_to` does not lie before the event.
    ShearError
        If a branch of the reversed run cannot be followed.

    Examples
    --------
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> run = gp.shear(glass, to=0.1, max_events=1)
    >>> back = gp.reversal(run.events[0])
    >>> back.branch_end < run.events[0].strain
    True
    """
    protocol = protocol_of_state(event.after, tolerance)
    origin = event.before.strain
    to = origin - event.direction * FAR if back_to is None else float(back_to)
    if event.direction * (origin - to) < 0.0:
        raise ArgumentError(
            f"to undo an event at strain {event.strain:.8g}, back_to must lie before it, not at {to:.8g}"
        )
    branch = protocol.follow(event.before, to, threads=threads)
    branch_end = branch.critical_strain if branch.ended else to
    back = Branches(
        event.after,
        branch_end,
        loading=protocol.matrix,
        max_events=max_events,
        method=protocol.method if method is None else method,
        tolerance=tolerance,
        threads=threads,
        progress=progress,
    )
    known = event.before
    for undone in back:
        if event.direction * (undone.strain - known.strain) > 0.0:
            # The event lies within the last 1e-9 before the instability, past the recorded state of the branch.
            continue
        known = protocol.at(known, undone.strain, origin=origin, threads=threads)
        if same_state(known, undone.after, tolerance=same_within):
            return Reversal(event, undone.strain, branch_end, back.run)
    return Reversal(event, math.nan, branch_end, back.run)
