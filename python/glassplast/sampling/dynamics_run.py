"""A run of molecular dynamics in stages, which can be stored between any two segments and resumed bit for bit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from glassplast import _engine
from glassplast.errors import Carrier, UnknownNameError, suggestion
from glassplast.foundation.arguments import finite_number, whole_number
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.dimension import engine_class, overloaded
from glassplast.foundation.keeping import Keeper
from glassplast.foundation.one_line import constructor_like, without_arrays
from glassplast.foundation.progress import Progress, TimeLeft
from glassplast.glass import Glass, in_short

__all__ = ["DynamicsInterrupted", "DynamicsRun", "DynamicsSeries", "Settings", "Stage", "Trajectory", "make_state"]

State = _engine.DynamicsState2D | _engine.DynamicsState3D

#: Number of steps in a segment. At its end the engine rebuilds its neighbour list, and the run can be stored. The
#: trajectory depends bit for bit on this number.
SEGMENT = 1000
#: Seconds between two checkpoints.
CHECKPOINT_SECONDS = 60.0
THERMOSTATS = ("langevin",)


@dataclass(frozen=True)
class Stage:
    """A stage of a run.

    Attributes
    ----------
    name : str
        Name of the stage, for progress and the protocol.
    first_temperature, last_temperature : float
        Temperatures (energy) at both ends of the stage, between which it changes linearly.
    steps : int
        Number of time steps.
    """

    name: str
    first_temperature: float
    last_temperature: float
    steps: int


@dataclass(frozen=True)
class Settings:
    """The settings of a run, which are arguments of `molecular_dynamics`."""

    time_step: float
    thermostat: str | None
    friction: float
    thermostat_interval: int
    sample_interval: int
    average_interval: int
    skin: float

    def __post_init__(self) -> None:
        if self.thermostat is not None and self.thermostat not in THERMOSTATS:
            raise UnknownNameError(
                f"unknown thermostat {self.thermostat!r}; {suggestion(self.thermostat, THERMOSTATS)}"
            )
        for name in ("time_step", "friction"):
            finite_number(name, getattr(self, name), positive=True)
        finite_number("skin", self.skin, least=0.0)
        whole_number("thermostat_interval", self.thermostat_interval)
        for name in ("sample_interval", "average_interval"):
            whole_number(name, getattr(self, name), least=0)

    def steps(self, duration: float, name: str = "duration") -> int:
        """The number of steps in a duration, rounded to the nearest integer.

        Raises
        ------
        ArgumentError
            If the duration is negative or not finite.
        """
        return round(finite_number(name, duration, least=0.0) / self.time_step)


@dataclass(frozen=True, repr=False)
class DynamicsSeries:
    """The quantities measured along a trajectory.

    Attributes
    ----------
    time : ndarray, shape (n,)
        Time since the start.
    temperature : ndarray, shape (n,)
        Kinetic temperature 2 K / (d (N - 1)) (energy), since the total momentum is zero and no degree of freedom.
    potential, kinetic : ndarray, shape (n,)
        Potential and kinetic energy of all particles.
    stress : ndarray, shape (n, d, d)
        Stress (Σ_pairs φ' r_a r_b / r - Σ_i v_a v_b) / V (energy / volume), positive under tension.
    """

    time: FloatArray
    temperature: FloatArray
    potential: FloatArray
    kinetic: FloatArray
    stress: FloatArray

    __repr__ = without_arrays

    @property
    def energy(self) -> FloatArray:
        """Total energy, which is the sum of potential and kinetic energy."""
        return self.potential + self.kinetic

    def __len__(self) -> int:
        return int(self.time.size)


@dataclass(frozen=True, repr=False)
class Trajectory:
    """The start and the current state of a run, and the quantities measured in between.

    Attributes
    ----------
    start, glass : Glass
        First and last configuration. The positions of the last are not wrapped, so that their difference is the
        displacement of each particle.
    velocities : ndarray, shape (N, d)
        Velocities in the last configuration.
    series : DynamicsSeries
        Measured quantities.
    mean_positions : ndarray, shape (N, d), or None
        Time average of the unwrapped positions (length), if an `average_interval` was given.
    protocol : dict
        Settings, stages and seed.
    """

    start: Glass
    glass: Glass
    velocities: FloatArray
    series: DynamicsSeries
    mean_positions: FloatArray | None
    protocol: dict[str, Any]

    def __repr__(self) -> str:
        return constructor_like(
            "Trajectory",
            **in_short(self.glass),
            time=self.protocol.get("time"),
            samples=len(self.series),
            last_temperature=float(self.series.temperature[-1]) if len(self.series) else None,
        )


class DynamicsInterrupted(Carrier, KeyboardInterrupt):
    """Raised on Ctrl-C during a run; `trajectory` holds what was computed up to the last whole segment."""

    def __init__(self, trajectory: Trajectory) -> None:
        super().__init__(f"interrupted at time {trajectory.protocol['time']:.6g}")
        self.trajectory = trajectory


class DynamicsRun:
    """Stages of molecular dynamics that can be stored between any two segments and resumed bit for bit.

    Parameters
    ----------
    start : Glass
        Configuration at the start of the run.
    stages : sequence of Stage
        Stages of the run, one after the other.
    settings : Settings
        Settings of all stages.
    about : mapping
        Description of the run, which is recorded in the protocol.
    state : engine's state
        State of the engine at the start, or in a stored run.
    stage : int
        Index of the stage that this state belongs to.
    series : sequence of arrays
        Quantities measured so far: time, temperature, potential, kinetic, stress.
    """

    def __init__(
        self,
        start: Glass,
        stages: Sequence[Stage],
        settings: Settings,
        about: Mapping[str, Any],
        state: State,
        stage: int = 0,
        series: Sequence[FloatArray] | None = None,
    ) -> None:
        self.start = start
        self.stages = tuple(stages)
        self.settings = settings
        self.about = dict(about)
        empty = [np.empty(0)] * 4 + [np.empty((0, start.dimension, start.dimension))]
        self.parts: list[list[FloatArray]] = [[np.asarray(values)] for values in (empty if series is None else series)]
        # State, stage and number of samples are set in one statement, since Ctrl-C can come between any two statements.
        self._place: tuple[State, int, int] = (state, stage, self.parts[0][0].shape[0])

    @property
    def state(self) -> State:
        """The current state of the engine."""
        return self._place[0]

    @property
    def stage(self) -> int:
        """The index of the current stage; at the end of the run it is the number of stages."""
        return self._place[1]

    @property
    def plan(self) -> dict[str, Any]:
        """All that distinguishes this run from others: its description, settings and stages."""
        return {**self.about, **asdict(self.settings), "stages": [asdict(stage) for stage in self.stages]}

    @property
    def total_steps(self) -> int:
        """Number of steps of all stages."""
        return sum(stage.steps for stage in self.stages)

    @property
    def steps_done(self) -> int:
        """Number of steps since the start."""
        return sum(stage.steps for stage in self.stages[: self.stage]) + self.state.step

    def advance(self, tell: Progress, store: Callable[[DynamicsRun], None] | None = None) -> Trajectory:
        """Run to the end of the last stage.

        Parameters
        ----------
        tell : callable
            Called with the stage, the fraction of all steps done, and the temperature.
        store : callable, optional
            Called with the run to store it, at the beginning, once a minute, and at the end, even after an error.

        Raises
        ------
        DynamicsInterrupted
            On Ctrl-C, after a checkpoint is written.
        DynamicsError
            If a particle moves too far in one step.
        """
        left = TimeLeft()
        keeper = Keeper(None if store is None else lambda: store(self), CHECKPOINT_SECONDS)
        try:
            with keeper:
                keeper.at_once()
                while self.stage < len(self.stages):
                    self._segment(tell, left)
                    keeper.now_and_then()
        except KeyboardInterrupt as stop:
            raise DynamicsInterrupted(self.trajectory()) from stop
        return self.trajectory()

    def _segment(self, tell: Progress, left: TimeLeft) -> None:
        stage, settings = self.stages[self.stage], self.settings
        before = self.steps_done - self.state.step
        options = _engine.DynamicsOptions(
            settings.time_step,
            settings.thermostat is not None,
            settings.friction,
            settings.thermostat_interval,
            stage.first_temperature,
            stage.last_temperature,
            stage.steps,
            settings.sample_interval,
            settings.average_interval,
            settings.skin,
        )

        def report(step: float, temperature: float) -> None:
            part = (before + step) / max(self.total_steps, 1)
            rest = left.note(part)
            tell(stage.name, part, f"T = {temperature:.4g}{', ' if rest else ''}{rest}")

        fresh = self.state.step == 0
        count = min(SEGMENT, stage.steps - self.state.step)
        run = overloaded(_engine.run_dynamics)(
            self.start.interaction, self.start.box, self.state, options, count, report
        )
        # A stage begins with the state in which the one before ended, which is measured only once.
        skipped = 1 if fresh and self.stage > 0 and settings.sample_interval > 0 else 0
        found = [run.time + before * settings.time_step, run.temperature, run.potential, run.kinetic, run.stress]
        state, index = run.state, self.stage
        if state.step == stage.steps:
            index += 1
            if index < len(self.stages):
                state = make_state(
                    self.start.dimension, state.positions, state.velocities, state.random, 0, state.position_sum,
                    state.averaged,
                )  # fmt: skip
        for part, values in zip(self.parts, found, strict=True):
            part.append(np.array(values[skipped:]))
        self._place = (state, index, self._place[2] + len(found[0]) - skipped)

    def series(self) -> DynamicsSeries:
        """The quantities measured so far."""
        samples = self._place[2]
        self.parts = [[np.concatenate(part)[:samples]] for part in self.parts]
        return DynamicsSeries(*(part[0] for part in self.parts))

    def trajectory(self) -> Trajectory:
        """The trajectory computed so far."""
        finished = self.stage == len(self.stages)
        steps = self.total_steps if finished else self.steps_done
        protocol = {
            **self.plan,
            "integrator": "velocity Verlet" if self.settings.thermostat is None else "BAOAB",
            "time": steps * self.settings.time_step,
        }
        averaged = self.state.averaged
        return Trajectory(
            self.start,
            self.start.replace(positions=self.state.positions, provenance={"dynamics": protocol}),
            np.array(self.state.velocities),
            self.series(),
            np.array(self.state.position_sum) / averaged if averaged else None,
            protocol,
        )


def make_state(dimension: int, *values: Any) -> State:
    """The engine's state from positions, velocities, random words, step, sum of positions, and number of summands."""
    state: State = engine_class("DynamicsState", dimension)(*values)
    return state
