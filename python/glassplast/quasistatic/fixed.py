"""Shear in finite strain increments, and what of it is an event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from glassplast import _engine
from glassplast.analysis import Analysis
from glassplast.errors import GlassplastError
from glassplast.glass import Glass
from glassplast.nonaffine import participation_ratio
from glassplast.quasistatic.critical_mode import critical_mode
from glassplast.quasistatic.events import Event, StressDrop
from glassplast.quasistatic.protocol import ShearProgress, Stop, stop_condition
from glassplast.quasistatic.run import Run, ShearError, ShearInterrupted
from glassplast.relax import relax_options

State = _engine.ShearedState2D | _engine.ShearedState3D
Stepper = _engine.QuasistaticStepper2D | _engine.QuasistaticStepper3D

#: A step is taken back to see whether it was reversible when Newton's method lost the branch, or when particles
#: moved this many times further than in the step before.
SUSPICIOUS_GROWTH = 5.0
#: A step was irreversible when stepping back misses the energy before it by more than this (in units of the mean
#: pair energy); on one branch the difference is round-off.
REVERSIBLE_ENERGY = 1e-8


class _Driver:
    """The engine's stepper for one glass, and its states as glasses."""

    def __init__(self, glass: Glass, protocol: dict[str, Any]) -> None:
        self.origin = glass
        self.protocol = protocol
        maker: Any = _engine.QuasistaticStepper2D if glass.dimension == 2 else _engine.QuasistaticStepper3D
        relaxer = protocol["relaxer"]
        self.follow = relaxer == "newton"
        self.minimizer = "cg" if self.follow else relaxer
        options = relax_options(self.minimizer, None, 10_000_000, self.follow)
        reference = glass.box.sheared(-glass.strain)
        self.stepper: Stepper = maker(
            glass.interaction, reference, glass.strain, glass.positions, options, protocol["tolerance"]
        )

    def step(self, strain: float) -> None:
        self.stepper.step_to(strain, self.follow, None)

    def restore(self, state: Any) -> None:
        self.stepper.restore(state)

    def glass(self, state: State) -> Glass:
        origin = self.origin
        return origin.replace(
            positions=state.positions,
            box=origin.box.sheared(state.strain - origin.strain),
            strain=state.strain,
            provenance={"shear": {**self.protocol, "from_strain": origin.strain}},
        )


def advance(glass: Glass, strain: float, direction: float, protocol: dict[str, Any]) -> Glass:
    """The state at another strain, in the increments of a run."""
    driver = _Driver(glass, protocol)
    increment = float(protocol["increment"])
    while driver.stepper.state.strain != strain:
        left = strain - driver.stepper.state.strain
        driver.step(strain if abs(left) <= increment else driver.stepper.state.strain + direction * increment)
    return driver.glass(driver.stepper.state)


def shear_in_increments(
    glass: Glass,
    to: float,
    protocol: dict[str, Any],
    max_events: int | None = None,
    stop: Stop = None,
    progress: ShearProgress | None = None,
) -> Run:
    """Shear in equal increments to an absolute strain, or until a condition is met; see `glassplast.shear`."""
    return _FixedStepping(glass, to, protocol, max_events, stop, progress).run()


@dataclass
class _OpenDrop:
    """A drop while the stress still falls."""

    onset: State
    # Where the increment ended that began at the onset.
    onset_end: float
    after: State
    first_irreversible: State | None = None
    returned: State | None = None


class _FixedStepping:
    """The paper's protocol, with the test that tells an instability from a smooth maximum."""

    def __init__(
        self,
        glass: Glass,
        to: float,
        protocol: dict[str, Any],
        max_events: int | None,
        stop: Stop,
        progress: ShearProgress | None,
    ) -> None:
        self.glass = glass
        self.protocol = protocol
        self.max_events = max_events
        self.stop = stop_condition(stop)
        self.progress = progress
        self.driver = _Driver(glass, protocol)
        self.direction = 1.0 if to >= glass.strain else -1.0
        self.increment = float(protocol["increment"])
        self.total = max(0, int(np.ceil(abs(to - glass.strain) / self.increment - 1e-9)))
        self.to = to
        self.energy_scale = REVERSIBLE_ENERGY * max(float(np.abs(Analysis(glass).pairs.phi).mean()), 1e-300)
        self.events: list[Event] = []
        self.drops: list[StressDrop] = []

    def strain_after(self, steps: int) -> float:
        if steps == self.total:
            return self.to
        return self.glass.strain + self.direction * steps * self.increment

    def run(self) -> Run:
        stepper = self.driver.stepper
        previous = stepper.state
        curve = [(previous.strain, previous.stress[0, 1], previous.energy)]
        moved_before = np.inf
        drop: _OpenDrop | None = None
        asked = 0
        try:
            for steps in range(1, self.total + 1):
                self.driver.step(self.strain_after(steps))
                current = stepper.state
                moved = stepper.nonaffine_displacement
                falls = self.direction * (current.stress[0, 1] - previous.stress[0, 1]) < 0.0
                returned = None
                if stepper.fell_back or moved > SUSPICIOUS_GROWTH * moved_before:
                    returned = self.irreversible_return(previous, current)
                if returned is None:
                    # An avalanche is no measure of what particles do on a branch.
                    moved_before = moved
                if falls or returned is not None:
                    drop = drop or _OpenDrop(previous, current.strain, current)
                    drop.after = current
                    if returned is not None and drop.first_irreversible is None:
                        drop.first_irreversible = previous
                        drop.returned = returned
                    if returned is not None and self.protocol["criterion"] == "irreversible":
                        self.events.append(self.event(previous, current.strain, returned, current, True))
                elif drop is not None:
                    self.close(drop)
                    drop = None
                curve.append((current.strain, current.stress[0, 1], current.energy))
                previous = current
                if self.progress is not None:
                    self.progress(current.strain, float(current.stress[0, 1]), len(self.events))
                if self.max_events is not None and len(self.events) >= self.max_events:
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
        """The state that stepping back leads to, or None if it is the one the step came from."""
        stepper = self.driver.stepper
        self.driver.step(previous.strain)
        returned = stepper.state
        self.driver.restore(current)
        return returned if abs(returned.energy - previous.energy) > self.energy_scale else None

    def close(self, drop: _OpenDrop) -> None:
        irreversible = drop.first_irreversible
        self.drops.append(
            StressDrop(drop.onset.strain, drop.after.strain, irreversible.strain if irreversible is not None else None)
        )
        if self.protocol["criterion"] == "stress_drop":
            # Where the step back shows it at the strain of the onset; else the difference across the drop.
            back = drop.returned if irreversible is drop.onset else None
            reached = back if back is not None else drop.after
            self.events.append(self.event(drop.onset, drop.onset_end, reached, drop.after, irreversible is not None))

    def event(self, onset: State, end: float, reached: State, after: State, irreversible: bool) -> Event:
        """The event of the increment from `onset` to `end`, with what it led to: `reached` is that at the strain of the
        onset, where the step back shows it."""
        before = self.driver.glass(onset)
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
            after=self.driver.glass(after),
            branch_start=self.events[-1].strain if self.events else self.glass.strain,
            minimizer=self.driver.minimizer,
        )
