"""Lennard-Jones glasses by molecular dynamics: the paper's protocols HTL, ESL and GQ, and Kob-Andersen mixtures."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from glassplast.analysis import Analysis
from glassplast.errors import FileError, GlassplastError, UnknownNameError, suggestion
from glassplast.glass import Glass
from glassplast.prepare.molecular_dynamics import (
    DynamicsProgress,
    DynamicsRun,
    Settings,
    Stage,
    Trajectory,
    begin,
    checked_temperatures,
    new_checkpoint,
)
from glassplast.prepare.seeds import Seed, child
from glassplast.relax import minimize

#: Simulated glass transition of ``lj``, in epsilon_SL.
T_G = 0.31
#: Of the hot liquid, of the supercooled one, and of the end of the gradual quench, in T_G.
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
    *,
    protocol: str = "GQ",
    duration: float = 1e6,
    equilibration: float = 10_000.0,
    seed: Seed = None,
    time_step: float = 0.005,
    friction: float = 1.0,
    minimizer: str = "cg",
    checkpoint: str | Path | None = None,
    progress: DynamicsProgress | None = None,
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
    duration : float
        Of the cooling of GQ; the paper's is 1e6. What it costs is in docs/prepare.md.
    equilibration : float
        Time at 1.13 T_g. Whether it is enough is for the energy of the liquid to tell, which the provenance holds for
        the two halves of that time.
    seed : int, sequence of int or numpy.random.SeedSequence, optional
        By default one from the operating system, on record in the provenance. `lj_samples` makes many.
    time_step, friction : float
        See `molecular_dynamics`.
    minimizer : {"cg", "fire"}
        What finds the minimum, see `glassplast.minimize`.
    checkpoint : path, optional
        An HDF5 file that is written once a minute and on Ctrl-C; `resume_preparation` goes on from it to the same bits.
    progress : callable, optional
        Called now and then with the name of the stage, the part of all steps done, and the temperature.

    Returns
    -------
    Glass
        In mechanical equilibrium, with ``provenance["preparation"]``: protocol, stages, seed, energies, rattlers.

    Raises
    ------
    UnknownNameError
        For a protocol that is not known.
    ValueError
        For sizes and times that cannot be meant.
    DynamicsInterrupted
        On Ctrl-C.

    References
    ----------
    .. [1] A. Barbot et al., Phys. Rev. E 97, 033001 (2018).
    """
    if protocol not in PROTOCOLS:
        raise UnknownNameError(f"unknown protocol {protocol!r}; {suggestion(protocol, PROTOCOLS)}")
    large = round(n * COMPOSITION / (1.0 + COMPOSITION))
    stages = [("melt", HOT * T_G, HOT * T_G, _MELT)]
    if protocol != "HTL":
        stages.append(("equilibrate", SUPERCOOLED * T_G, SUPERCOOLED * T_G, equilibration))
    if protocol == "GQ":
        stages.append(("cool", SUPERCOOLED * T_G, COLD * T_G, duration))
    about = {"function": "prepare.lj", "protocol": protocol, "minimizer": minimizer}
    return _prepare(
        "lj", 2, [n - large, large], DENSITY, stages, (time_step, friction), seed, about, checkpoint, progress
    )


def kob_andersen(
    n: int = 1000,
    *,
    dimension: int = 3,
    temperature: float = 0.5,
    final_temperature: float = 0.05,
    duration: float = 0.0,
    equilibration: float = 1000.0,
    seed: Seed = None,
    time_step: float = 0.005,
    friction: float = 1.0,
    minimizer: str = "cg",
    checkpoint: str | Path | None = None,
    progress: DynamicsProgress | None = None,
) -> Glass:
    """Make a Kob-Andersen glass: A:B = 80:20 in three dimensions, 65:35 in two, density 1.2.

    Langevin dynamics from random positions through a liquid at T = 2, equilibration at `temperature`, linear cooling to
    `final_temperature` over `duration` (0: quenched from `temperature`), then minimized. The mixture in two dimensions
    has other proportions because 80:20 crystallizes there [2]_; the tail of the potential is that of ``lj``, twice
    continuously differentiable.

    Parameters
    ----------
    n : int
    dimension : {3, 2}
    temperature, final_temperature : float
        The mode-coupling temperature is 0.435 in three dimensions [1]_.
    duration, equilibration : float
        Times of cooling and at `temperature`.
    seed, time_step, friction, minimizer, checkpoint, progress
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
        raise ValueError(f"dimension must be 2 or 3, not {dimension}")
    first, last = checked_temperatures((temperature, final_temperature))
    majority = round(n * KOB_ANDERSEN_PART[dimension])
    stages = [("melt", 2.0, 2.0, _MELT), ("equilibrate", first, first, equilibration), ("cool", first, last, duration)]
    about = {"function": "prepare.kob_andersen", "minimizer": minimizer}
    return _prepare(
        "kob_andersen",
        dimension,
        [majority, n - majority],
        KOB_ANDERSEN_DENSITY,
        stages,
        (time_step, friction),
        seed,
        about,
        checkpoint,
        progress,
    )


def lj_samples(count: int, n: int = 1024, *, seed: Seed = None, **arguments: Any) -> Iterator[Glass]:
    """Independent samples of `lj`: number k is made with child (k,) of the seed, whatever `count` is."""
    sequence = child(seed)
    for index in range(count):
        yield lj(n, seed=child(sequence, index), **arguments)


def resume_preparation(checkpoint: str | Path, *, progress: DynamicsProgress | None = None) -> Glass:
    """Go on with a preparation from its checkpoint, to the same bits as if it had not been interrupted.

    Raises
    ------
    FileNotFoundError, FileError
        If there is no checkpoint, it is corrupt, or of dynamics that prepare no glass.
    """
    from glassplast.prepare.dynamics_checkpoint import read_checkpoint

    path = Path(checkpoint)
    run = read_checkpoint(path)
    if "function" not in run.about:
        raise FileError(f"{path} is of molecular dynamics that prepare no glass: go on by resume_dynamics")
    return _finished(run, path, progress)


def random_start(
    model: str, dimension: int, counts: list[int], density: float, generator: np.random.Generator
) -> Glass:
    """Random positions, after harmonic disks of the particles' diameters pushed overlaps apart.

    Lennard-Jones particles at random positions overlap so much that no time step could follow them.
    """
    count = sum(counts)
    side = (count / density) ** (1.0 / dimension)
    species = generator.permutation(np.repeat(np.arange(len(counts)), counts))
    glass = Glass(side * generator.random((count, dimension)), side, model, species=species)
    soft = Glass(glass.positions, glass.box, "harmonic", diameters=glass.diameters, strain=0.0)
    relaxed = minimize(soft, method="fire", tolerance=_LOOSE, polish=False)
    return glass.replace(positions=relaxed.wrapped().positions)


def _prepare(
    model: str,
    dimension: int,
    counts: list[int],
    density: float,
    stages: list[tuple[str, float, float, float]],
    dynamics: tuple[float, float],
    seed: Seed,
    about: dict[str, Any],
    checkpoint: str | Path | None,
    progress: DynamicsProgress | None,
) -> Glass:
    if min(counts) < 1:
        raise ValueError(f"{sum(counts)} particles are too few for a mixture")
    if about["minimizer"] not in ("cg", "fire"):
        raise UnknownNameError(
            f"unknown minimizer {about['minimizer']!r}; {suggestion(about['minimizer'], ('cg', 'fire'))}"
        )
    path = new_checkpoint(checkpoint, "resume_preparation")
    time_step, friction = dynamics
    plain = Settings(time_step, "langevin", friction, 10, 0, 0, 0.5)
    planned = [Stage(name, first, last, plain.steps(time, name)) for name, first, last, time in stages]
    total = sum(stage.steps for stage in planned)
    settings = Settings(**{**asdict(plain), "sample_interval": max(100, total // _SAMPLES)})
    sequence = child(seed)
    about = {**about, "seed": sequence.entropy, "spawn_key": list(sequence.spawn_key)}
    start = random_start(model, dimension, counts, density, np.random.default_rng(child(sequence, 0)))
    return _finished(begin(start, planned, settings, child(sequence, 1), about=about), path, progress)


def _finished(run: DynamicsRun, checkpoint: Path | None, progress: DynamicsProgress | None) -> Glass:
    trajectory = run.advance(progress, checkpoint)
    end = run.start.replace(positions=trajectory.glass.positions)
    glass = minimize(end.wrapped(), method=run.about["minimizer"])
    analysis = Analysis(glass)
    preparation = {
        **trajectory.protocol,
        "liquid_energy": _liquid_energy(run, trajectory),
        "inherent_structure_energy": analysis.energy / len(glass),
        "rattlers": _rattlers(analysis),
    }
    return glass.replace(provenance={"preparation": preparation})


def _rattlers(analysis: Analysis) -> int | None:
    try:
        return int(analysis.rattlers.sum())
    except GlassplastError:
        return None


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
