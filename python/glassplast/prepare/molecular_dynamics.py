"""Molecular dynamics: at constant energy, and at a temperature that is constant or changes linearly."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassplast import _engine
from glassplast.errors import DynamicsError, FileError, UnknownNameError, suggestion
from glassplast.glass import Glass
from glassplast.prepare.seeds import Seed, child, stream_words

Field = NDArray[np.float64]
State = _engine.DynamicsState2D | _engine.DynamicsState3D
#: Called now and then with the name of the stage, the part done of all stages, and the temperature asked for.
DynamicsProgress = Callable[[str, float, float], None]

#: The engine makes its neighbour list anew after so many steps, where a run can be stored: the bits of a trajectory
#: depend on it.
SEGMENT = 1000
#: Seconds between two checkpoints.
CHECKPOINT_SECONDS = 60.0
THERMOSTATS = ("langevin",)


#: Of the neighbour list: what made steps fastest, of all models and dimensions.
SKIN = 0.8


@dataclass(frozen=True)
class Stage:
    """A part of a run.

    Attributes
    ----------
    name : str
    first_temperature, last_temperature : float
        T changes linearly between the two.
    steps : int
    """

    name: str
    first_temperature: float
    last_temperature: float
    steps: int


@dataclass(frozen=True)
class Settings:
    """How a run is computed; the arguments of `molecular_dynamics`."""

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
            value = getattr(self, name)
            if not (np.isfinite(value) and value > 0.0):
                raise ValueError(f"{name} must be positive and finite, not {value}")
        if not (np.isfinite(self.skin) and self.skin >= 0.0):
            raise ValueError(f"skin must not be negative, not {self.skin}")
        if self.thermostat_interval < 1:
            raise ValueError(f"thermostat_interval must be at least 1, not {self.thermostat_interval}")
        if min(self.sample_interval, self.average_interval) < 0:
            raise ValueError("sample_interval and average_interval must not be negative")

    def steps(self, duration: float, name: str = "duration") -> int:
        """The nearest number of steps.

        Raises
        ------
        ValueError
            For a duration that is negative or not finite.
        """
        if not (np.isfinite(duration) and duration >= 0.0):
            raise ValueError(f"{name} must not be negative and be finite, not {duration}")
        return round(duration / self.time_step)


@dataclass(frozen=True)
class DynamicsSeries:
    """What was measured along a trajectory.

    Attributes
    ----------
    time : (n,)
    temperature : (n,)
        Of the motion, 2 K / (d (N - 1)): the momentum of the whole is zero and no degree of freedom.
    potential, kinetic : (n,)
        Energies of all particles.
    stress : (n, d, d)
        (Σ_pairs φ' r_a r_b / r - Σ_i v_a v_b) / V: positive under tension, the motion included.
    """

    time: Field
    temperature: Field
    potential: Field
    kinetic: Field
    stress: Field

    @property
    def energy(self) -> Field:
        """Potential and kinetic."""
        return self.potential + self.kinetic

    def __len__(self) -> int:
        return int(self.time.size)


@dataclass(frozen=True)
class Trajectory:
    """Where a run began, where it is, and what was measured.

    Attributes
    ----------
    start, glass : Glass
        Positions of the last are not wrapped, so that their difference is the way of each particle.
    velocities : (N, d)
    series : DynamicsSeries
    mean_positions : (N, d) or None
        Average over time, of positions that are not wrapped, where an `average_interval` was asked for.
    protocol : dict
        Settings, stages and seed.
    """

    start: Glass
    glass: Glass
    velocities: Field
    series: DynamicsSeries
    mean_positions: Field | None
    protocol: dict[str, Any]


class DynamicsInterrupted(KeyboardInterrupt):
    """Ctrl-C during a run; `trajectory` holds what was computed, up to the last whole segment."""

    def __init__(self, trajectory: Trajectory) -> None:
        super().__init__(f"interrupted at time {trajectory.protocol['time']:.6g}")
        self.trajectory = trajectory


class DynamicsRun:
    """Stages of molecular dynamics that can be stored between any two segments and resumed to the same bits.

    Parameters
    ----------
    start : Glass
    stages : sequence of Stage
    settings : Settings
    about : mapping
        Recorded in the protocol.
    state : engine's state
        At the start, or where a stored run is.
    stage : int
        Which one that state is in.
    series : sequence of arrays
        Measured so far: time, temperature, potential, kinetic, stress.
    """

    def __init__(
        self,
        start: Glass,
        stages: Sequence[Stage],
        settings: Settings,
        about: Mapping[str, Any],
        state: State,
        stage: int = 0,
        series: Sequence[Field] | None = None,
    ) -> None:
        self.start = start
        self.stages = tuple(stages)
        self.settings = settings
        self.about = dict(about)
        empty = [np.empty(0)] * 4 + [np.empty((0, start.dimension, start.dimension))]
        self.parts: list[list[Field]] = [[np.asarray(values)] for values in (empty if series is None else series)]
        # State, stage and number of samples in one: Ctrl-C comes between any two statements.
        self._place: tuple[State, int, int] = (state, stage, self.parts[0][0].shape[0])

    @property
    def state(self) -> State:
        """Where the run is."""
        return self._place[0]

    @property
    def stage(self) -> int:
        """Which stage the state is in; their number at the end."""
        return self._place[1]

    @property
    def plan(self) -> dict[str, Any]:
        """What distinguishes this run from others: what it is about, settings and stages."""
        return {**self.about, **asdict(self.settings), "stages": [asdict(stage) for stage in self.stages]}

    @property
    def total_steps(self) -> int:
        """Of all stages."""
        return sum(stage.steps for stage in self.stages)

    @property
    def steps_done(self) -> int:
        """Since the start."""
        return sum(stage.steps for stage in self.stages[: self.stage]) + self.state.step

    def advance(self, progress: DynamicsProgress | None = None, checkpoint: Path | None = None) -> Trajectory:
        """Run to the end of the last stage.

        Raises
        ------
        DynamicsInterrupted
            On Ctrl-C, after a checkpoint is written.
        DynamicsError
            If a particle moves too far in one step.
        """
        from glassplast.prepare.dynamics_checkpoint import write_checkpoint

        stored = monotonic()
        try:
            if checkpoint is not None:
                write_checkpoint(checkpoint, self)
            while self.stage < len(self.stages):
                self._segment(progress)
                if checkpoint is not None and monotonic() - stored > CHECKPOINT_SECONDS:
                    write_checkpoint(checkpoint, self)
                    stored = monotonic()
        except KeyboardInterrupt as stop:
            raise DynamicsInterrupted(self.trajectory()) from stop
        finally:
            if checkpoint is not None:
                write_checkpoint(checkpoint, self)
        return self.trajectory()

    def _segment(self, progress: DynamicsProgress | None) -> None:
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
            if progress is not None:
                progress(stage.name, (before + step) / max(self.total_steps, 1), temperature)

        # The overloads are told apart by the dimension, which no type checker knows here.
        run_dynamics: Any = _engine.run_dynamics
        fresh = self.state.step == 0
        count = min(SEGMENT, stage.steps - self.state.step)
        run = run_dynamics(self.start.interaction, self.start.box, self.state, options, count, report)
        # What a stage begins with is what the one before ended with.
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
        """What was measured so far."""
        samples = self._place[2]
        self.parts = [[np.concatenate(part)[:samples]] for part in self.parts]
        return DynamicsSeries(*(part[0] for part in self.parts))

    def trajectory(self) -> Trajectory:
        """What was computed so far."""
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
    """The engine's state from positions, velocities, random words, step, sum of positions, and how many these are."""
    maker: Any = _engine.DynamicsState2D if dimension == 2 else _engine.DynamicsState3D
    state: State = maker(*values)
    return state


def begin(
    start: Glass,
    stages: Sequence[Stage],
    settings: Settings,
    seed: Seed,
    velocities: ArrayLike | None = None,
    about: Mapping[str, Any] | None = None,
) -> DynamicsRun:
    """A run at its start; without velocities, with those of the first temperature."""
    words = stream_words(seed)
    if velocities is None:
        draw = _engine.maxwell_velocities_2d if start.dimension == 2 else _engine.maxwell_velocities_3d
        chosen, words = draw(len(start), stages[0].first_temperature, words)
    else:
        chosen = np.array(velocities, dtype=np.float64)
        if chosen.shape != start.positions.shape or not np.isfinite(chosen).all():
            raise DynamicsError(f"velocities must be finite and have the shape {start.positions.shape}")
        chosen -= chosen.mean(axis=0)
    zeros = np.zeros_like(start.positions)
    return DynamicsRun(
        start, stages, settings, about or {}, make_state(start.dimension, start.positions, chosen, words, 0, zeros, 0)
    )


def molecular_dynamics(
    glass: Glass,
    *,
    duration: float,
    temperature: float | tuple[float, float] | None = None,
    thermostat: str | None = "langevin",
    velocities: ArrayLike | None = None,
    seed: Seed = None,
    time_step: float = 0.005,
    friction: float = 1.0,
    thermostat_interval: int = 10,
    sample_interval: int = 100,
    average_interval: int = 0,
    skin: float = SKIN,
    checkpoint: str | Path | None = None,
    progress: DynamicsProgress | None = None,
) -> Trajectory:
    """Move particles by Newton's or Langevin's equation, with mass 1 and k_B = 1.

    Without a thermostat by velocity Verlet. With one by the splitting BAOAB of

    dv = F dt - γ v dt + sqrt(2 γ T) dW,

    half a kick, half a drift, the exact solution of friction and noise, half a drift, half a kick [1]_. Friction and
    noise act in every `thermostat_interval`-th step, for all of them: between two such steps the map is that of
    velocity Verlet, which leaves the same distribution unchanged. In a harmonic crystal that of the *positions* is
    exactly canonical at any stable time step, and that of the velocities, as they are at whole steps, is too cold by
    (ω Δt)²/4; this is why it was chosen over a Nosé-Hoover chain, which is also not ergodic in small stiff glasses.

    The momentum of the whole is zero, and noise is drawn in the space where it is: there are d (N - 1) degrees of
    freedom, and mean positions do not drift.

    Parameters
    ----------
    glass : Glass
        With a model. Particles that overlap must be minimized first.
    duration : float
        Time, rounded to whole steps.
    temperature : float or (float, float)
        T, or its first and last value, between which it changes linearly with time. Without a thermostat it only sets
        the velocities at the start.
    thermostat : {"langevin", None}
        None: constant energy.
    velocities : array_like, shape (N, d), optional
        At the start; by default Maxwell's at the first temperature. Their mean is taken out.
    seed : int, sequence of int or numpy.random.SeedSequence, optional
        By default one from the operating system; it is on record in the protocol.
    time_step : float
        0.005 by default: docs/prepare.md shows what it costs in energy.
    friction : float
        γ.
    thermostat_interval : int
        Steps between two actions of the thermostat.
    sample_interval : int
        Steps between two entries of the series; 0 for none.
    average_interval : int
        Steps between two positions that enter the average; 0 for none.
    skin : float
        How far beyond the cutoffs the neighbour list reaches: a longer one is made anew less often. The pairs that
        are evaluated do not depend on it.
    checkpoint : path, optional
        An HDF5 file that is written once a minute and on Ctrl-C; `resume_dynamics` goes on from it to the same bits.
    progress : callable, optional
        Called now and then with the name of the stage, the part done, and the temperature asked for.

    Returns
    -------
    Trajectory

    Raises
    ------
    DynamicsError
        If a particle moves too far in one step: the time step is too large, or particles overlap.
    DynamicsInterrupted
        On Ctrl-C.

    References
    ----------
    .. [1] B. Leimkuhler, C. Matthews, J. Chem. Phys. 138, 174102 (2013).
    """
    settings = Settings(time_step, thermostat, friction, thermostat_interval, sample_interval, average_interval, skin)
    first, last = checked_temperatures(temperature, needed=thermostat is not None or velocities is None)
    stage = Stage("dynamics", first, last, settings.steps(duration))
    sequence = child(seed)
    run = begin(
        glass,
        [stage],
        settings,
        sequence,
        velocities,
        {"seed": sequence.entropy, "spawn_key": list(sequence.spawn_key)},
    )
    path = None if checkpoint is None else Path(checkpoint)
    if path is not None and path.exists():
        # A run of hours must not be overwritten.
        raise FileError(f"{path} exists: go on with what it holds by resume_dynamics, or choose another file")
    return run.advance(progress, path)


def checked_temperatures(
    temperature: float | tuple[float, float] | None, *, needed: bool = True
) -> tuple[float, float]:
    """The first and the last temperature.

    Raises
    ------
    ValueError
        If one is missing, negative or not finite.
    """
    if temperature is None:
        if needed:
            raise ValueError("a temperature is needed")
        return 0.0, 0.0
    pair = np.broadcast_to(np.asarray(temperature, dtype=np.float64), (2,)) if np.size(temperature) in (1, 2) else None
    if pair is None or not (np.isfinite(pair) & (pair >= 0.0)).all():
        raise ValueError(f"temperature must be one number or two, not negative and finite, not {temperature}")
    return float(pair[0]), float(pair[1])


def resume_dynamics(checkpoint: str | Path, *, progress: DynamicsProgress | None = None) -> Trajectory:
    """Go on with a run of `molecular_dynamics` from its checkpoint, bit for bit as if it had not been interrupted.

    Raises
    ------
    FileNotFoundError, FileError
        If there is no checkpoint, or it is corrupt.
    """
    from glassplast.prepare.dynamics_checkpoint import read_checkpoint

    path = Path(checkpoint)
    return read_checkpoint(path).advance(progress, path)
