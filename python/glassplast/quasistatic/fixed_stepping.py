"""Shear in finite strain increments, and the detection of events in it."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np

from glassplast import _engine
from glassplast.errors import GlassplastError
from glassplast.fields.nonaffine import participation_ratio
from glassplast.foundation.dimension import overloaded
from glassplast.foundation.progress import Progress, silent
from glassplast.glass import Glass
from glassplast.quasistatic.critical_modes import critical_mode
from glassplast.quasistatic.events import Event, StressDrop
from glassplast.quasistatic.protocol import FixedProtocol
from glassplast.quasistatic.run import Run, ShearError, ShearInterrupted
from glassplast.quasistatic.target import Target, stop_condition
from glassplast.response.analysis import Analysis

__all__ = ["shear_in_increments"]

logger = logging.getLogger(__name__)

State = _engine.ShearedState2D | _engine.ShearedState3D

#: A step is reversed, to see whether it can be undone, when Newton's method lost the branch or when the particles
#: moved this many times further than in the step before.
SUSPICIOUS_GROWTH = 5.0
#: A step is irreversible when the energy after stepping back differs from the energy before the step by more than this
#: (in units of the mean pair energy); on the same branch the difference is only round-off.
REVERSIBLE_ENERGY = 1e-8


def shear_in_increments(glass: Glass, protocol: FixedProtocol, target: Target, tell: Progress = silent) -> Run:
    """Shear in equal increments until the target is reached; see `glassplast.shear`."""
    return _FixedStepping(glass, protocol, target, tell).run()


@dataclass
class _OpenDrop:
    """A stress drop that has not ended yet."""

    onset: State
    # Strain at the end of the increment that began at the onset.
    onset_end: float
    after: State
    first_irreversible: State | None = None
    returned: State | None = None


class _FixedStepping:
    """The paper's protocol, with the test that distinguishes an instability from a smooth maximum of the stress."""

    def __init__(self, glass: Glass, protocol: FixedProtocol, target: Target, tell: Progress) -> None:
        self.glass = glass
        self.protocol = protocol
        self.target = target
        self.stop = stop_condition(target.stop)
        self.tell = tell
        self.stepper = protocol.stepper(glass)
        self.to = to = target.to
        self.direction = 1.0 if to >= glass.strain else -1.0
        self.increment = protocol.increment
        self.total = max(0, int(np.ceil(abs(to - glass.strain) / self.increment - 1e-9)))
        self.energy_scale = REVERSIBLE_ENERGY * max(float(np.abs(Analysis(glass).pairs.phi).mean()), 1e-300)
        self.events: list[Event] = []
        self.drops: list[StressDrop] = []

    def step(self, strain: float) -> None:
        self.stepper.step_to(strain, self.protocol.follows, None)

    def state(self, state: State) -> Glass:
        """A state of the stepper as a glass."""
        origin = self.glass
        box = origin.box.sheared(state.strain - origin.strain)
        return self.protocol.state(origin, state.positions, strain=state.strain, box=box, origin=origin.strain)

    def strain_after(self, steps: int) -> float:
        if steps == self.total:
            return self.to
        return self.glass.strain + self.direction * steps * self.increment

    def run(self) -> Run:
        stepper = self.stepper
        previous = stepper.state
        curve = [(previous.strain, previous.stress[0, 1], previous.energy)]
        moved_before = np.inf
        drop: _OpenDrop | None = None
        asked = 0
        try:
            for steps in range(1, self.total + 1):
                self.step(self.strain_after(steps))
                current = stepper.state
                moved = stepper.nonaffine_displacement
                falls = self.direction * (current.stress[0, 1] - previous.stress[0, 1]) < 0.0
                returned = None
                if stepper.fell_back or moved > SUSPICIOUS_GROWTH * moved_before:
                    returned = self.irreversible_return(previous, current)
                if returned is None:
                    # The displacement in an avalanche is no measure of the displacement on a branch.
                    moved_before = moved
                if falls or returned is not None:
                    drop = drop or _OpenDrop(previous, current.strain, current)
                    drop.after = current
                    if returned is not None and drop.first_irreversible is None:
                        drop.first_irreversible = previous
                        drop.returned = returned
                    if returned is not None and self.protocol.criterion == "irreversible":
                        self.events.append(self.event(previous, current.strain, returned, current, True))
                elif drop is not None:
                    self.close(drop)
                    drop = None
                curve.append((current.strain, current.stress[0, 1], current.energy))
                previous = current
                self.target.tell(self.tell, self.glass.strain, current.strain, len(self.events))
                if self.target.max_events is not None and len(self.events) >= self.target.max_events:
                    break
                if any(self.stop(event) for event in self.events[asked:]):
                    break
                asked = len(self.events)
            if drop is not None:
                self.close(drop)
        except KeyboardInterrupt as stop:
            raise ShearInterrupted(self.result(curve)) from stop
        except GlassplastError as error:
            reached = f"the run ended at strain {curve[-1][0]:.8g} after {len(self.events)} events: {error}"
            raise ShearError(reached, self.result(curve)) from error
        return self.result(curve)

    def result(self, curve: list[tuple[float, float, float]]) -> Run:
        strain, stress, energy = np.array(curve).T
        return Run(self.glass, strain, stress, energy, self.events, self.drops, self.protocol)

    def irreversible_return(self, previous: State, current: State) -> State | None:
        """The state that stepping back leads to, or None if it is the state before the step."""
        self.step(previous.strain)
        returned = self.stepper.state
        overloaded(self.stepper.restore)(current)
        return returned if abs(returned.energy - previous.energy) > self.energy_scale else None

    def close(self, drop: _OpenDrop) -> None:
        irreversible = drop.first_irreversible
        self.drops.append(
            StressDrop(drop.onset.strain, drop.after.strain, irreversible.strain if irreversible is not None else None)
        )
        if self.protocol.criterion == "stress_drop":
            # The state after the step back shows the event at the strain of the onset. Where there is none, the event
            # is the difference across the whole drop.
            back = drop.returned if irreversible is drop.onset else None
            reached = back if back is not None else drop.after
            self.events.append(self.event(drop.onset, drop.onset_end, reached, drop.after, irreversible is not None))

    def event(self, onset: State, end: float, reached: State, after: State, irreversible: bool) -> Event:
        """The event of the increment from `onset` to `end`.

        `reached` is the state that the event leads to at the strain of the onset, as stepping back shows it; `after` is
        the state at the end of the event.
        """
        logger.info("event %d at γ = %.6g", len(self.events) + 1, 0.5 * (onset.strain + end))
        before = self.state(onset)
        mode, eigenvalue = critical_mode(before, self.direction)
        shift = reached.strain - onset.strain
        displacement = reached.positions - onset.positions
        displacement[:, 0] -= shift * onset.positions[:, 1]
        displacement -= displacement.mean(axis=0)
        return Event(
            strain=0.5 * (onset.strain + end),
            strain_uncertainty=0.5 * abs(end - onset.strain),
            onset_strain=onset.strain,
            irreversible=irreversible,
            stress_before=float(onset.stress[0, 1]),
            stress_after=float(reached.stress[0, 1]),
            energy_before=onset.energy,
            energy_after=reached.energy,
            mode=mode,
            eigenvalue=eigenvalue,
            core=int(np.nanargmax(np.linalg.norm(mode, axis=1))),
            participation=participation_ratio(mode),
            displacement=displacement,
            before=before,
            after=self.state(after),
            branch_start=self.events[-1].strain if self.events else self.glass.strain,
            method=self.protocol.minimizer,
        )
