"""Glasses of polydisperse soft disks, which are equilibrated by swap Monte Carlo and then quenched."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from glassplast.errors import ArgumentError, GeometryError
from glassplast.foundation.arguments import finite_number, whole_number
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.parallel import Check, on_threads
from glassplast.foundation.progress import Progress, ProgressOption, shown, silent
from glassplast.foundation.seeds import Seed, child, seed_of_record, seed_record, seed_sequence
from glassplast.foundation.threads import thread_count
from glassplast.glass import Glass
from glassplast.prepare.quench import quenched
from glassplast.relax import minimize, relax_options
from glassplast.sampling.equilibration import Verdict, equilibrate
from glassplast.sampling.equilibration_checkpoint import read_about
from glassplast.sampling.monte_carlo import (
    STEP,
    SWAP_PROBABILITY,
    SWAP_WINDOW,
    MonteCarlo,
)
from glassplast.sampling.replicas import Replicas
from glassplast.sampling.tempering import checked_ladder, temperature_ladder
from glassplast.sampling.walkers import Walker

__all__ = ["equilibrated_walkers", "poly", "poly_diameters", "record_of"]

#: Smallest and largest diameter, from Ninarello, Berthier and Coslovich, Phys. Rev. X 7, 021039 (2017).
SMALLEST, LARGEST = 0.7245, 1.6136
#: Temperature at which every liquid begins, above the onset of slow dynamics (0.23).
HOT = 0.3
_HOT_SWEEPS = 1000
_ANNEALING_STEPS = 20


def poly_diameters(n: int) -> FloatArray:
    """The diameters of the model, which are the quantiles (i + 1/2) / n of P(d) ~ d^-3 on [0.7245, 1.6136].

    The cumulative distribution is F(d) = (a^-2 - d^-2) / (a^-2 - b^-2). Quantiles are used instead of random diameters,
    so that samples do not differ in composition. They are divided by their mean, so that the mean diameter is 1 to
    round-off; this changes them by 2e-3 / n^2 at most.

    Parameters
    ----------
    n : int
        Number of particles.

    Returns
    -------
    ndarray, shape (n,)
        Diameters in ascending order (length).
    """
    fractions = (np.arange(n) + 0.5) / n
    low, high = SMALLEST**-2, LARGEST**-2
    diameters = 1.0 / np.sqrt(low - fractions * (low - high))
    return np.asarray(diameters / diameters.mean())


def poly(
    n: int = 1024,
    temperature: float = 0.12,
    seed: Seed = None,
    *,
    sweeps: int | None = None,
    most_sweeps: int = 10_000_000,
    annealing_sweeps: int = 20_000,
    tempering: float | Sequence[float] | None = None,
    step: float = STEP,
    swap_probability: float = SWAP_PROBABILITY,
    swap_window: float = SWAP_WINDOW,
    every: int = 20,
    method: str = "cg",
    quench: bool = True,
    checkpoint: str | os.PathLike[str] | None = None,
    threads: int | None = None,
    progress: ProgressOption = None,
) -> Glass:
    """Make a glass of polydisperse soft disks, quenched from equilibrium at a temperature.

    Two independent simulations start from random positions at density 1 and run at T = 0.3. One is then put at the
    temperature at once (hot start), the other is cooled to it in 20 geometric steps (annealed start). Both run there
    until they have lasted 20 relaxation times, and the mean energies in the later half of both runs agree within two
    standard errors (`glassplast.sampling.Verdict`). The annealed liquid is quenched and returned.

    Parameters
    ----------
    n : int
        Number of particles.
    temperature : float
        Temperature of the liquid (energy). The onset of slow dynamics lies at 0.23, the mode-coupling temperature at
        0.11, and the laboratory glass transition at about 0.068.
    seed : int, sequence of int or SeedSequence, optional
        Seed that determines the sample for any number of threads; by default a random one, which the provenance
        records. A run that continues from a checkpoint has the seed of the checkpoint.
    sweeps : int, optional
        Number of sweeps for which to run the annealed start alone, without a test of equilibration; ``equilibrated`` in
        the provenance is then None.
    most_sweeps : int
        Number of sweeps after which to give up the equilibration; ``equilibrated`` is then False, and the glass is
        returned nevertheless.
    annealing_sweeps : int
        Number of sweeps for the cooling of the annealed start.
    tempering : float or sequence of float, optional
        Use parallel tempering for each start (`glassplast.sampling.parallel_tempering`), either up to this highest
        temperature, in steps chosen for n, or at these temperatures in addition to `temperature`. A sweep is then a
        sweep of every replica.
    step, swap_probability, swap_window : float
        Parameters of Monte Carlo, see `glassplast.sampling.MonteCarlo`.
    every : int
        Number of sweeps between measurements of the energy.
    method : {"cg", "fire"}
        Minimizer of the quench.
    quench : bool
        Whether to minimize; otherwise the liquid is returned.
    checkpoint : path-like, optional
        HDF5 file in which the state of a long equilibration is stored. If the file exists, the run continues from it
        bit for bit.
    threads : int, optional
        Number of threads; by default ``GLASSPLAST_NUM_THREADS``, or all cores. Without tempering two are sufficient.
    progress : callable, False or None
        Called with the stage, the fraction done, and a note; see `glassplast.foundation.progress.shown`.

    Returns
    -------
    Glass
        A glass in mechanical equilibrium. Its ``provenance["preparation"]`` records all arguments, the verdict on
        equilibration, acceptances, the energy per particle before and after the quench, and the number of rattlers.

    Raises
    ------
    ArgumentError
        If an argument is out of range.
    GeometryError
        If the box is smaller than two cutoffs.
    FileError
        If the checkpoint is corrupt, belongs to another run, or cannot be written.

    Examples
    --------
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> glass
    Glass(N=64, dimension=2, model='poly', strain=0)
    """
    workers = thread_count(threads)
    file = None if checkpoint is None else Path(checkpoint)
    if seed is None and file is not None and file.exists():
        seed = seed_of_record(read_about(file)["seed"])
    relax_options(method, None, 1, True)
    with shown(progress) as tell:
        walkers, protocol, verdict = equilibrated_walkers(
            n,
            temperature,
            seed_sequence(seed),
            sweeps=sweeps,
            most_sweeps=most_sweeps,
            annealing_sweeps=annealing_sweeps,
            tempering=tempering,
            step=step,
            swap_probability=swap_probability,
            swap_window=swap_window,
            every=every,
            file=file,
            workers=workers,
            tell=tell,
        )
        record = {**protocol, **verdict.as_dict, **record_of(walkers[0])}
        liquid = walkers[0].simulation.glass
        if not quench:
            return liquid.wrapped().replace(provenance={"preparation": record})
        tell("quenching", 0.0, method)
        return quenched(liquid, method, record)


def equilibrated_walkers(
    n: int,
    temperature: float,
    sequence: np.random.SeedSequence,
    *,
    sweeps: int | None = None,
    most_sweeps: int = 10_000_000,
    annealing_sweeps: int = 20_000,
    tempering: float | Sequence[float] | None = None,
    step: float = STEP,
    swap_probability: float = SWAP_PROBABILITY,
    swap_window: float = SWAP_WINDOW,
    every: int = 20,
    file: Path | None = None,
    workers: int = 1,
    tell: Progress = silent,
) -> tuple[list[Walker], dict[str, Any], Verdict]:
    """The simulations behind `poly`, once they have run for as long as they were to.

    Parameters
    ----------
    n, temperature, sweeps, most_sweeps, annealing_sweeps, tempering, step, swap_probability, swap_window, every
        See `poly`.
    sequence : SeedSequence
        Seed that determines the sample.
    file : Path, optional
        Checkpoint to write; if it exists, the equilibration continues from it.
    workers : int
        Number of threads.
    tell : callable
        Called with the stage, the fraction done, and a note.

    Returns
    -------
    walkers : list of Walker
        The annealed start, then the hot one unless `sweeps` were given.
    protocol : dict
        All arguments, for the record.
    verdict : Verdict
    """
    _check(n, temperature, sweeps, most_sweeps, annealing_sweeps, every)
    ladder = _ladder(n, temperature, tempering)
    protocol: dict[str, Any] = {
        "protocol": "swap Monte Carlo" if len(ladder) == 1 else "swap Monte Carlo with parallel tempering",
        "n": int(n),
        "temperature": float(temperature),
        "ladder": ladder.tolist(),
        "seed": seed_record(sequence),
        "annealing_sweeps": int(annealing_sweeps),
        "step": float(step),
        "swap_probability": float(swap_probability),
        "swap_window": float(swap_window),
        "every": int(every),
        "starts": ["annealed"] if sweeps is not None else ["annealed", "hot"],
    }
    options = {"step": step, "swap_probability": swap_probability, "swap_window": swap_window}

    def start(name: str, check: Check) -> Walker:
        stream = child(sequence, 0 if name == "annealed" else 1)
        simulation = MonteCarlo(_random_liquid(n, child(stream, 0)), max(HOT, temperature), child(stream, 1), **options)
        liquids = [simulation.glass] * len(ladder)
        # A run that continues from a file needs no new start.
        if file is None or not file.exists():
            simulation.run(_HOT_SWEEPS, check)
            liquids = [simulation.glass] * len(ladder)
            if name == "annealed":
                liquids = _annealed(simulation, ladder, annealing_sweeps / _ANNEALING_STEPS, check)
        simulation.temperature = float(temperature)
        others = [
            MonteCarlo(liquid, float(hotter), child(stream, 2, k), **options)
            for k, (liquid, hotter) in enumerate(zip(liquids[1:], ladder[1:], strict=True))
        ]
        return Walker(Replicas([simulation, *others], child(stream, 3)), every)

    tell("annealing", 0.0, "")
    walkers = on_threads(start, protocol["starts"], workers)
    verdict = equilibrate(
        walkers, sweeps=sweeps, most_sweeps=most_sweeps, threads=workers, checkpoint=file, about=protocol, tell=tell
    )
    return walkers, protocol, verdict


def record_of(walker: Walker) -> dict[str, Any]:
    """The record of the moves and the liquid of a simulation, for provenance."""
    simulation = walker.simulation
    # The energy of the simulation has the round-off of its moves in it, which a continued one has not.
    energy = simulation.glass.potential_energy().evaluate(simulation.positions)[0]
    record: dict[str, Any] = {
        "translation_acceptance": simulation.statistics.translation_acceptance,
        "swap_acceptance": simulation.statistics.swap_acceptance,
        "liquid_energy": float(energy) / len(simulation),
    }
    if len(walker.replicas) > 1:
        record["exchange_acceptance"] = walker.replicas.exchange_acceptance.tolist()
        record["round_trips"] = walker.replicas.round_trips
    return record


def _ladder(n: int, temperature: float, tempering: float | Sequence[float] | None) -> FloatArray:
    """The temperatures of the replicas, from cold to hot."""
    if tempering is None:
        return np.array([float(temperature)])
    if isinstance(tempering, (int, float)):
        return temperature_ladder(temperature, float(tempering), n)
    ladder = checked_ladder([temperature, *(hotter for hotter in tempering if hotter != temperature)])
    if ladder[0] < temperature:
        raise ArgumentError(f"the ladder must begin at the temperature {temperature:g}, not at {ladder[0]:g}")
    return ladder


def _annealed(simulation: MonteCarlo, ladder: FloatArray, sweeps: float, check: Check) -> list[Glass]:
    """Cool from `HOT` to the lowest temperature of a ladder, and return a liquid at each of its temperatures."""
    liquids: list[Glass] = []
    steps = _ANNEALING_STEPS if ladder[0] < HOT else 0
    for cooler in np.geomspace(HOT, ladder[0], steps + 1)[1:]:
        liquids += [simulation.glass] * int(np.count_nonzero(ladder > cooler) - len(liquids))
        simulation.temperature = float(cooler)
        simulation.run(sweeps, check)
    liquids += [simulation.glass] * (len(ladder) - len(liquids))
    return liquids[::-1]


def _check(n: int, temperature: float, sweeps: int | None, most_sweeps: int, annealing_sweeps: int, every: int) -> None:
    finite_number("temperature", temperature, positive=True)
    for name, value, least in (
        ("n", n, 1),
        ("sweeps", sweeps, 1),
        ("most_sweeps", most_sweeps, 1),
        ("annealing_sweeps", annealing_sweeps, 0),
        ("every", every, 1),
    ):
        if value is not None or name != "sweeps":
            whole_number(name, value, least)
    cutoff = 1.25 * float(poly_diameters(n).max())
    if np.sqrt(n) < 2.0 * cutoff:
        least = int(np.ceil((2.0 * 1.25 * LARGEST) ** 2))
        raise GeometryError(
            f"{n} particles at density 1 make a box of side {np.sqrt(n):.3g}, less than two cutoffs of {cutoff:.3g}: "
            f"take {least} or more"
        )


def _random_liquid(n: int, stream: np.random.SeedSequence) -> Glass:
    """Random positions without the large overlaps that Monte Carlo moves would hardly remove."""
    generator = np.random.default_rng(stream)
    side = float(np.sqrt(n))
    diameters = generator.permutation(poly_diameters(n))
    overlapping = Glass(generator.random((n, 2)) * side, side, "poly", diameters=diameters)
    # A coarse tolerance is sufficient to remove the overlaps.
    loose = minimize(overlapping, method="fire", tolerance=10.0, polish=False, progress=False)
    return Glass(loose.positions, side, "poly", diameters=diameters)
