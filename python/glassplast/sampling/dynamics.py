"""Molecular dynamics at constant energy, or at a temperature that is constant or changes linearly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from glassplast.errors import ArgumentError, DynamicsError, FileError
from glassplast.foundation.arguments import finite_number
from glassplast.foundation.dimension import engine_function
from glassplast.foundation.progress import ProgressOption, shown
from glassplast.foundation.seeds import Seed, child, stream_words
from glassplast.glass import Configuration, Glass, glass_of
from glassplast.sampling.dynamics_checkpoint import read_checkpoint, write_checkpoint
from glassplast.sampling.dynamics_run import DynamicsRun, Settings, Stage, Trajectory, make_state

__all__ = ["SKIN", "begin", "checked_temperatures", "molecular_dynamics", "resume_dynamics"]

#: Skin of the neighbour list; this value makes steps fastest over all models and dimensions.
SKIN = 0.8


def begin(
    start: Glass,
    stages: Sequence[Stage],
    settings: Settings,
    seed: Seed,
    velocities: ArrayLike | None = None,
    about: Mapping[str, Any] | None = None,
) -> DynamicsRun:
    """A run at its start; by default the velocities are drawn at the first temperature."""
    words = stream_words(seed)
    if velocities is None:
        draw = engine_function("maxwell_velocities", start.dimension)
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
    glass: Configuration,
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
    progress: ProgressOption = None,
) -> Trajectory:
    """Integrate Newton's or Langevin's equation of motion, with mass 1 and k_B = 1.

    Without a thermostat the integrator is velocity Verlet. With the thermostat it is the BAOAB splitting of

    dv = F dt - γ v dt + sqrt(2 γ T) dW,

    which consists of half a kick, half a drift, the exact solution of friction and noise, half a drift, and half a kick
    [1]_. Friction and noise act in every `thermostat_interval`-th step, for the time of all steps in between. These
    other steps are velocity Verlet steps, which leave the same distribution unchanged. In a harmonic crystal the
    distribution of *positions* is exactly canonical at any stable time step, while the velocities at whole steps are
    too cold by (ω Δt)²/4. For this reason BAOAB was preferred to a Nosé-Hoover chain, which moreover is not ergodic in
    small stiff glasses.

    The total momentum is zero, and the noise conserves it. There are therefore d (N - 1) degrees of freedom, and the
    mean position does not drift.

    Parameters
    ----------
    glass : Glass or Analysis
        Configuration to start from, with a model. Overlapping particles must be minimized first.
    duration : float
        Duration of the run, rounded to whole time steps.
    temperature : float or (float, float)
        Temperature (energy), or its first and last value, between which it changes linearly with time. Without a
        thermostat it only sets the velocities at the start.
    thermostat : {"langevin", None}
        Langevin thermostat, or None for constant energy.
    velocities : array_like, shape (N, d), optional
        Velocities at the start, from which their mean is subtracted; by default they are drawn from the
        Maxwell-Boltzmann distribution at the first temperature.
    seed : int, sequence of int or numpy.random.SeedSequence, optional
        Seed of velocities and noise; by default a random one, which the protocol of the result records.
    time_step : float
        Time step; docs/validation-prepare.md shows the energy error of the default.
    friction : float
        Friction γ (1 / time).
    thermostat_interval : int
        Number of steps from one action of the thermostat to the next.
    sample_interval : int
        Number of steps from one entry of the series to the next; 0 for no series.
    average_interval : int
        Number of steps from one configuration that enters the mean positions to the next; 0 for no mean positions.
    skin : float
        Distance by which the neighbour list reaches beyond the cutoffs (length). A larger skin makes longer lists that
        are rebuilt less often. The interacting pairs do not depend on it.
    checkpoint : path, optional
        HDF5 file that is written once a minute and on Ctrl-C, from which `resume_dynamics` continues the run bit for
        bit.
    progress : callable, False or None
        Called with the stage, the fraction done, and a note; see `glassplast.foundation.progress.shown`.

    Returns
    -------
    Trajectory
        First and last configuration, velocities, and the measured series.

    Raises
    ------
    DynamicsError
        If a particle moves too far in one step, because the time step is too large or particles overlap.
    DynamicsInterrupted
        On Ctrl-C, with what was computed.

    References
    ----------
    .. [1] B. Leimkuhler, C. Matthews, J. Chem. Phys. 138, 174102 (2013).
    """
    settings = Settings(time_step, thermostat, friction, thermostat_interval, sample_interval, average_interval, skin)
    first, last = checked_temperatures(temperature, needed=thermostat is not None or velocities is None)
    stage = Stage("dynamics", first, last, settings.steps(duration))
    sequence = child(seed)
    run = begin(
        glass_of(glass),
        [stage],
        settings,
        sequence,
        velocities,
        {"seed": sequence.entropy, "spawn_key": list(sequence.spawn_key)},
    )
    path = None if checkpoint is None else Path(checkpoint)
    if path is not None and path.exists():
        # A run of hours must not be overwritten.
        raise FileError(f"{path} exists already: continue its run with resume_dynamics, or choose another file")
    with shown(progress) as tell:
        return run.advance(tell, None if path is None else lambda run: write_checkpoint(path, run))


def checked_temperatures(
    temperature: float | tuple[float, float] | None, *, needed: bool = True
) -> tuple[float, float]:
    """The first and the last temperature of a run.

    Raises
    ------
    ArgumentError
        If a temperature is missing, negative or not finite.
    """
    if temperature is None:
        if needed:
            raise ArgumentError("a temperature is needed")
        return 0.0, 0.0
    given = np.ravel(np.asarray(temperature, dtype=object)).tolist()
    if len(given) not in (1, 2):
        raise ArgumentError(f"temperature must be one number or two, not {temperature!r}")
    first, last = (finite_number("temperature", value, least=0.0) for value in (given[0], given[-1]))
    return first, last


def resume_dynamics(checkpoint: str | Path, *, progress: ProgressOption = None) -> Trajectory:
    """Continue a run of `molecular_dynamics` from its checkpoint, bit for bit as if it had not been interrupted.

    Parameters
    ----------
    checkpoint : path
        File that `molecular_dynamics` was given as `checkpoint`.
    progress : callable, False or None
        Called with the stage, the fraction done, and a note; see `glassplast.foundation.progress.shown`.

    Returns
    -------
    Trajectory

    Raises
    ------
    FileNotFoundError
        If there is no checkpoint.
    FileError
        If the checkpoint is corrupt.
    """
    path = Path(checkpoint)
    with shown(progress) as tell:
        return read_checkpoint(path).advance(tell, lambda run: write_checkpoint(path, run))
