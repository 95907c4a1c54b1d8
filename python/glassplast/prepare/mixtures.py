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
from glassplast.foundation.arguments import finite_number, whole_number
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
#: Fraction of A particles (species 0) in the Kob-Andersen mixture, by dimension.
KOB_ANDERSEN_PART = {2: 0.65, 3: 0.8}
KOB_ANDERSEN_DENSITY = 1.2

#: Time in the hot liquid, which loses the memory of its start in about one time unit.
_MELT = 50.0
#: Number of samples in the series of a run, for any length of the run.
_SAMPLES = 5000
#: Largest force left when the harmonic disks that remove overlaps are minimized.
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

    The composition is N_L / N_S = (1 + √5)/4, the density is 10⁴/98.8045², and the glass transition temperature is
    T_g = 0.31. The protocols of [1]_ use Langevin dynamics (`glassplast.sampling.molecular_dynamics`), which starts
    from random positions and passes through a liquid at 9.62 T_g:

    - ``HTL``: this liquid is minimized.
    - ``ESL``: the liquid is equilibrated at 1.13 T_g, then minimized.
    - ``GQ``: the liquid is equilibrated at 1.13 T_g, cooled linearly to 0.096 T_g over `duration`, then minimized.

    Parameters
    ----------
    n : int
        Number of particles, at least 60, so that two cutoffs fit into the box.
    protocol : {"GQ", "ESL", "HTL"}
        Gradual quench, quench from the equilibrated supercooled liquid, or quench from the high-temperature liquid.
    seed : int, sequence of int or SeedSequence, optional
        Seed that determines the sample; by default a random one, which the provenance records. A run that continues
        from a checkpoint has the seed of the checkpoint.
    duration : float
        Time of the cooling in the protocol GQ; the paper uses 1e6. docs/validation-prepare.md lists the computing time.
    equilibration : float
        Time at 1.13 T_g. The provenance holds the energy of the liquid in the two halves of this time, which shows
        whether the time is sufficient.
    time_step, friction : float
        Time step (time) and friction (1 / time), see `glassplast.sampling.molecular_dynamics`.
    method : {"cg", "fire"}
        Minimizer of the quench.
    quench : bool
        Whether to minimize; otherwise the liquid is returned.
    checkpoint : path-like, optional
        HDF5 file in which the state is stored once a minute, on an interruption, and at the end. If the file exists,
        the run continues from it bit for bit.
    threads : int, optional
        Number of threads, which is only checked, since a trajectory is computed on one thread. `ensemble` makes several
        samples in parallel.
    progress : callable, False or None
        Called with the stage, the fraction done, and a note; see `glassplast.foundation.progress.shown`.

    Returns
    -------
    Glass
        A glass in mechanical equilibrium. Its ``provenance["preparation"]`` records the protocol, stages, seed,
        energies and number of rattlers.

    Raises
    ------
    UnknownNameError
        If the protocol is not known.
    ArgumentError
        If a size or time is out of range.
    GeometryError
        If the box is smaller than two cutoffs.
    DynamicsInterrupted
        On Ctrl-C, with what was computed.
    FileError
        If the checkpoint is corrupt, belongs to another run, or cannot be written.

    References
    ----------
    .. [1] A. Barbot et al., Phys. Rev. E 97, 033001 (2018).
    """
    if protocol not in PROTOCOLS:
        raise UnknownNameError(f"unknown protocol {protocol!r}; {suggestion(protocol, PROTOCOLS)}")
    n = whole_number("n", n)
    for name, time in (("duration", duration), ("equilibration", equilibration)):
        finite_number(name, time, "time", least=0.0)
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
    """Make a Kob-Andersen glass with density 1.2, and A:B = 80:20 in three dimensions or 65:35 in two.

    Langevin dynamics starts from random positions, passes through a liquid at T = 2, equilibrates at `temperature`, and
    cools linearly to `final_temperature` over `duration`; then the energy is minimized. The mixture in two dimensions
    has other proportions because 80:20 crystallizes there [2]_. The tail of the potential is that of ``lj``, which is
    twice continuously differentiable.

    Parameters
    ----------
    n : int
        Number of particles.
    temperature : float
        Temperature of equilibration (energy); the mode-coupling temperature is 0.435 in three dimensions [1]_.
    seed
        See `lj`.
    dimension : {3, 2}
        Number of dimensions.
    final_temperature : float
        Temperature at the end of cooling (energy).
    duration : float
        Time of cooling; with 0 the liquid is quenched from `temperature`.
    equilibration : float
        Time at `temperature`.
    time_step, friction, method, quench, checkpoint, threads, progress
        See `lj`.

    Returns
    -------
    Glass
        A glass in mechanical equilibrium, see `lj`.

    References
    ----------
    .. [1] W. Kob, H. C. Andersen, Phys. Rev. E 51, 4626 (1995).
    .. [2] R. Brüning et al., J. Phys.: Condens. Matter 21, 035117 (2009).
    """
    if dimension not in KOB_ANDERSEN_PART:
        raise ArgumentError(f"dimension must be 2 or 3, not {dimension}")
    first, last = checked_temperatures((temperature, final_temperature))
    n = whole_number("n", n)
    for name, time in (("duration", duration), ("equilibration", equilibration)):
        finite_number(name, time, "time", least=0.0)
    majority = round(n * KOB_ANDERSEN_PART[dimension])
    stages = [("melt", 2.0, 2.0, _MELT), ("equilibrate", first, first, equilibration), ("cool", first, last, duration)]
    mixture = Mixture("kob_andersen", dimension, (majority, n - majority), KOB_ANDERSEN_DENSITY)
    ending = _Ending(method, quench, checkpoint, threads, progress)
    return _prepare(mixture, stages, (time_step, friction), seed, {"function": "prepare.kob_andersen"}, ending)


@dataclass(frozen=True)
class Mixture:
    """The number of particles of each species, and the number density."""

    model: str
    dimension: int
    counts: tuple[int, ...]
    density: float


@dataclass(frozen=True)
class _Ending:
    """Arguments of `lj` that do not change the trajectory."""

    method: str
    quench: bool
    checkpoint: str | os.PathLike[str] | None
    threads: int | None
    progress: ProgressOption


def random_start(mixture: Mixture, generator: np.random.Generator) -> Glass:
    """Random positions without overlaps, which a minimization with harmonic disks of the same diameters removes.

    At random positions Lennard-Jones particles would overlap so much that no time step is small enough for dynamics.
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
    """Potential energy per particle in the first and the second half of the last stage at constant temperature."""
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
