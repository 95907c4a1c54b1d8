"""Lennard-Jones glasses by molecular dynamics: the paper's protocols HTL, ESL and GQ, and Kob-Andersen mixtures."""

from __future__ import annotations

import math
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glassplast.errors import ArgumentError, UnknownNameError, suggestion
from glassplast.files.same_run import require_same
from glassplast.foundation.progress import ProgressOption, shown
from glassplast.foundation.seeds import Seed, child, seed_of_record, seed_record, seed_sequence
from glassplast.foundation.threads import thread_count
from glassplast.glass import Glass
from glassplast.models import Model
from glassplast.prepare.quench import quenched
from glassplast.relax import minimize, relax_options
from glassplast.sampling.dynamics import SKIN, begin, checked_temperatures
from glassplast.sampling.dynamics_checkpoint import read_checkpoint, write_checkpoint
from glassplast.sampling.dynamics_run import DynamicsRun, Settings, Stage, Trajectory

__all__ = ["Mixture", "kob_andersen", "lj", "random_start"]

#: Temperatures of the hot liquid, of the supercooled one, and of the end of the gradual quench, in units of the glass
#: transition T_g = 0.31.
HOT, SUPERCOOLED, COLD = 9.62, 1.13, 0.096
#: N_L / N_S of ``lj``, and N / V.
COMPOSITION = (1.0 + math.sqrt(5.0)) / 4.0
DENSITY = 1e4 / 98.8045**2
PROTOCOLS = ("HTL", "ESL", "GQ")
#: Kob-Andersen: part of the particles that are A (species 0), by dimension.
KOB_ANDERSEN_PART = {2: 0.65, 3: 0.8}
KOB_ANDERSEN_DENSITY = 1.2

#: Time in the hot liquid: it forgets where it came from in about one time unit.
_MELT = 50.0
#: Samples of the series of a run, whatever its length.
_SAMPLES = 5000
#: How far the forces of the disks that take overlaps out fall.
_LOOSE = 1e-3


def lj(
    n: int = 1024,
    protocol: str = "GQ",
    seed: Seed = None,
    *,
    duration: float = 1e6,
    equilibration: float = 10_000.0,
    time_step: float = 0.005,
    friction: float = 1.0,
    method: str = "cg",
    quench: bool = True,
    checkpoint: str | os.PathLike[str] | None = None,
    threads: int | None = None,
    progress: ProgressOption = None,
) -> Glass:
    """Make a glass of the two-dimensional binary Lennard-Jones mixture ``lj``.

    N_L / N_S = (1 + √5)/4, density 10⁴/98.8045², T_g = 0.31; Langevin dynamics (`molecular_dynamics`) from random
    positions through a liquid at 9.62 T_g, then [1]_:

    - ``HTL``: minimized from there.
    - ``ESL``: equilibrated at 1.13 T_g, then minimized.
    - ``GQ``: equilibrated at 1.13 T_g, cooled linearly to 0.096 T_g over `duration`, then minimized.

    Parameters
    ----------
    n : int
        Number of particles, at least 60: two cutoffs must fit into the box.
    protocol : {"GQ", "ESL", "HTL"}
    seed : int, sequence of int or SeedSequence, optional
        Decides everything; by default a random one, which the provenance has on record. A checkpoint that exists is
        gone on with by its own.
    duration : float
        Of the cooling of GQ; the paper's is 1e6. What it costs is in docs/prepare.md.
    equilibration : float
        Time at 1.13 T_g. Whether it is enough is for the energy of the liquid to tell, which the provenance holds for
        the two halves of that time.
    time_step, friction : float
        See `molecular_dynamics`.
    method : {"cg", "fire"}
        What quenches.
    quench : bool
        False returns the liquid.
    checkpoint : path-like, optional
        An HDF5 file that keeps the state: once a minute, when interrupted, and at the end. If it exists, the run goes
        on with it, to the same bits.
    threads : int, optional
        Only checked: a trajectory is the work of one thread. `ensemble` makes as many at a time as there are.
    progress : callable, False or None
        Called with the stage, the fraction done, and a note; see `glassplast.foundation.progress.shown`.

    Returns
    -------
    Glass
        In mechanical equilibrium, with ``provenance["preparation"]``: protocol, stages, seed, energies, rattlers.

    Raises
    ------
    UnknownNameError
        For a protocol that is not known.
    ArgumentError
        For sizes and times that cannot be meant.
    DynamicsInterrupted
        On Ctrl-C.
    FileError
        If the checkpoint is corrupt or of another run, or cannot be written.

    References
    ----------
    .. [1] A. Barbot et al., Phys. Rev. E 97, 033001 (2018).
    """
    if protocol not in PROTOCOLS:
        raise UnknownNameError(f"unknown protocol {protocol!r}; {suggestion(protocol, PROTOCOLS)}")
    large = round(n * COMPOSITION / (1.0 + COMPOSITION))
    glass_transition = Model("lj").kind.glass_transition
    assert glass_transition is not None
    stages = [("melt", HOT * glass_transition, HOT * glass_transition, _MELT)]
    if protocol != "HTL":
        stages.append(("equilibrate", SUPERCOOLED * glass_transition, SUPERCOOLED * glass_transition, equilibration))
    if protocol == "GQ":
        stages.append(("cool", SUPERCOOLED * glass_transition, COLD * glass_transition, duration))
    mixture = Mixture("lj", 2, (n - large, large), DENSITY)
    about = {"function": "prepare.lj", "protocol": protocol}
    ending = _Ending(method, quench, checkpoint, threads, progress)
    return _prepare(mixture, stages, (time_step, friction), seed, about, ending)


def kob_andersen(
    n: int = 1000,
    temperature: float = 0.5,
    seed: Seed = None,
    *,
    dimension: int = 3,
    final_temperature: float = 0.05,
    duration: float = 0.0,
    equilibration: float = 1000.0,
    time_step: float = 0.005,
    friction: float = 1.0,
    method: str = "cg",
    quench: bool = True,
    checkpoint: str | os.PathLike[str] | None = None,
    threads: int | None = None,
    progress: ProgressOption = None,
) -> Glass:
    """Make a Kob-Andersen glass: A:B = 80:20 in three dimensions, 65:35 in two, density 1.2.

    Langevin dynamics from random positions through a liquid at T = 2, equilibration at `temperature`, linear cooling to
    `final_temperature` over `duration` (0: quenched from `temperature`), then minimized. The mixture in two dimensions
    has other proportions because 80:20 crystallizes there [2]_; the tail of the potential is that of ``lj``, twice
    continuously differentiable.

    Parameters
    ----------
    n : int
    temperature, final_temperature : float
        The mode-coupling temperature is 0.435 in three dimensions [1]_.
    dimension : {3, 2}
    duration, equilibration : float
        Times of cooling and at `temperature`.
    seed, time_step, friction, method, quench, checkpoint, threads, progress
        As in `lj`.

    Returns
    -------
    Glass
        As `lj`.

    References
    ----------
    .. [1] W. Kob, H. C. Andersen, Phys. Rev. E 51, 4626 (1995).
    .. [2] R. Brüning et al., J. Phys.: Condens. Matter 21, 035117 (2009).
    """
    if dimension not in KOB_ANDERSEN_PART:
        raise ArgumentError(f"dimension must be 2 or 3, not {dimension}")
    first, last = checked_temperatures((temperature, final_temperature))
    majority = round(n * KOB_ANDERSEN_PART[dimension])
    stages = [("melt", 2.0, 2.0, _MELT), ("equilibrate", first, first, equilibration), ("cool", first, last, duration)]
    mixture = Mixture("kob_andersen", dimension, (majority, n - majority), KOB_ANDERSEN_DENSITY)
    ending = _Ending(method, quench, checkpoint, threads, progress)
    return _prepare(mixture, stages, (time_step, friction), seed, {"function": "prepare.kob_andersen"}, ending)


@dataclass(frozen=True)
class Mixture:
    """How many particles of which species at which number density."""

    model: str
    dimension: int
    counts: tuple[int, ...]
    density: float


@dataclass(frozen=True)
class _Ending:
    """What does not change the trajectory; the arguments of `lj`."""

    method: str
    quench: bool
    checkpoint: str | os.PathLike[str] | None
    threads: int | None
    progress: ProgressOption


def random_start(mixture: Mixture, generator: np.random.Generator) -> Glass:
    """Random positions, after harmonic disks of the particles' diameters pushed overlaps apart.

    Lennard-Jones particles at random positions overlap so much that no time step could follow them.
    """
    count, dimension = sum(mixture.counts), mixture.dimension
    side = (count / mixture.density) ** (1.0 / dimension)
    species = generator.permutation(np.repeat(np.arange(len(mixture.counts)), mixture.counts))
    glass = Glass(side * generator.random((count, dimension)), side, mixture.model, species=species)
    soft = Glass(glass.positions, glass.box, "harmonic", diameters=glass.diameters, strain=0.0)
    relaxed = minimize(soft, method="fire", tolerance=_LOOSE, polish=False, progress=False)
    return glass.replace(positions=relaxed.wrapped().positions)


def _prepare(
    mixture: Mixture,
    stages: list[tuple[str, float, float, float]],
    dynamics: tuple[float, float],
    seed: Seed,
    about: dict[str, Any],
    ending: _Ending,
) -> Glass:
    if min(mixture.counts) < 1:
        raise ArgumentError(f"{sum(mixture.counts)} particles are too few for a mixture")
    thread_count(ending.threads)
    relax_options(ending.method, None, 1, True)
    time_step, friction = dynamics
    plain = Settings(time_step, "langevin", friction, 10, 0, 0, SKIN)
    planned = [Stage(name, first, last, plain.steps(time, name)) for name, first, last, time in stages]
    total = sum(stage.steps for stage in planned)
    settings = Settings(**{**asdict(plain), "sample_interval": max(100, total // _SAMPLES)})
    path = None if ending.checkpoint is None else Path(ending.checkpoint)
    known = read_checkpoint(path) if path is not None and path.exists() else None
    if seed is None and known is not None:
        seed = seed_of_record(known.about["seed"])
    sequence = seed_sequence(seed)
    about = {**about, "n": sum(mixture.counts), "seed": seed_record(sequence)}
    with shown(ending.progress) as tell:
        start = random_start(mixture, np.random.default_rng(child(sequence, 0)))
        run = begin(start, planned, settings, child(sequence, 1), about=about)
        if path is not None and known is not None:
            require_same(path, known.plan, run.plan)
            run = known
        trajectory = run.advance(tell, None if path is None else lambda run: write_checkpoint(path, run))
        record = {**trajectory.protocol, "liquid_energy": _liquid_energy(run, trajectory)}
        liquid = run.start.replace(positions=trajectory.glass.positions)
        if not ending.quench:
            return liquid.wrapped().replace(provenance={"preparation": record})
        tell("quenching", 0.0, ending.method)
        return quenched(liquid, ending.method, record)


def _liquid_energy(run: DynamicsRun, trajectory: Trajectory) -> list[float]:
    """Potential energy per particle in the first and the second half of the last stage of constant temperature."""
    begins = np.cumsum([0, *(stage.steps for stage in run.stages)]) * run.settings.time_step
    constant = [
        k for k, stage in enumerate(run.stages) if stage.first_temperature == stage.last_temperature and stage.steps
    ]
    if not constant:
        return []
    low, high = begins[constant[-1]], begins[constant[-1] + 1]
    time, potential = trajectory.series.time, trajectory.series.potential / len(trajectory.glass)
    halves = ((low, 0.5 * (low + high)), (0.5 * (low + high), high))
    chosen = [potential[(time > a) & (time <= b)] for a, b in halves]
    return [float(values.mean()) for values in chosen if values.size]
