"""Whether, and where, an event is undone when the shear is reversed (paper, Fig. 5)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from glassplast.errors import ArgumentError
from glassplast.foundation.progress import ProgressOption
from glassplast.quasistatic.branches import FAR, Branches
from glassplast.quasistatic.events import Event
from glassplast.quasistatic.options import Method
from glassplast.quasistatic.protocol import protocol_of_state
from glassplast.quasistatic.run import Run
from glassplast.response.states import POSITION_TOLERANCE, same_state

__all__ = ["Reversal", "reversal"]


@dataclass(frozen=True)
class Reversal:
    """What happens when the shear is reversed after an event.

    Attributes
    ----------
    event : Event
        The event that was to be undone.
    strain : float
        At which the system rejoins the branch that it came from; NaN if it does not.
    branch_end : float
        Down to which that branch was followed: where it ends itself, or as far as was asked for.
    run : Run
        The way back, with its events; the last of them leads back to the branch if one does.
    """

    event: Event
    strain: float
    branch_end: float
    run: Run

    @property
    def returned(self) -> bool:
        """Whether the system rejoins the branch that it came from."""
        return not math.isnan(self.strain)

    @property
    def events(self) -> list[Event]:
        """The events on the way back."""
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
    """Shear back after an event, until the system rejoins the elastic branch that it came from.

    One branch leads to another only in an instability. After each on the way back, the state is compared with that of
    the branch which the event ended, followed back to the same strain.

    Parameters
    ----------
    event : Event
    back_to : float, optional
        How far to shear back; by default to where the branch that is looked for ends itself: beyond it, there is
        nothing to rejoin.
    max_events : int, optional
        Give up after so many events on the way back.
    method : {"cg", "fire"}, optional
        What follows an instability; by default as in the run of the event.
    tolerance : float
        Largest force left on any particle.
    same_within : float
        Largest difference of positions in one state, see `same_state`.
    threads : int, optional
        The result does not depend on it.
    progress : callable, False or None
        Is told the stage, the part that is done, and a note; see `glassplast.foundation.progress.shown`.

    Returns
    -------
    Reversal

    Raises
    ------
    ArgumentError
        If `back_to` does not lie before the event.
    ShearError
        If a branch on the way back cannot be followed.
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
            # Within the last 1e-9 before the instability.
            continue
        known = protocol.at(known, undone.strain, origin=origin, threads=threads)
        if same_state(known, undone.after, tolerance=same_within):
            return Reversal(event, undone.strain, branch_end, back.run)
    return Reversal(event, math.nan, branch_end, back.run)
