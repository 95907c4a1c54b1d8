"""Polydisperse soft disks: equilibrated by swap Monte Carlo, then quenched."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from glassplast.errors import ArgumentError, GeometryError
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.parallel import Check, on_threads
from glassplast.foundation.progress import Progress, ProgressOption, shown
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

__all__ = ["poly", "poly_diameters"]

#: Smallest and largest diameter. Ninarello, Berthier and Coslovich, Phys. Rev. X 7, 021039 (2017).
SMALLEST, LARGEST = 0.7245, 1.6136
#: Above the onset of slow dynamics (0.23): where every liquid begins.
HOT = 0.3
_HOT_SWEEPS = 1000
_ANNEALING_STEPS = 20


def poly_diameters(n: int) -> FloatArray:
    """Diameters of the model: the quantiles (i + 1/2) / n of P(d) ~ d^-3 on [0.7245, 1.6136].

    F(d) = (a^-2 - d^-2) / (a^-2 - b^-2). Quantiles rather than random draws, so that samples do not differ by their
    composition; divided by their mean, which is 1 then to round-off (it changes them by 2e-3 / n^2 at most).
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
    """A glass of polydisperse soft disks, quenched from equilibrium at a temperature.

    Random positions at density 1, where the liquid relaxes at T = 0.3 in both of two independent starts; one is then
    put at the temperature at once (hot), the other is cooled to it in 20 geometric steps (annealed). Both run there
    until the run has lasted 20 relaxation times and the mean energies of its later half agree within two standard
    errors (`glassplast.sampling.equilibration.Verdict`). The annealed one is returned, quenched.

    Parameters
    ----------
    n : int
        Particles.
    temperature : float
        Onset of slow dynamics 0.23, mode coupling 0.11, laboratory glass transition about 0.068.
    seed : int, sequence of int or SeedSequence, optional
        Decides everything, whatever the number of threads; by default a random one, which the provenance has on
        record. A checkpoint that exists is gone on with by its own.
    sweeps : int, optional
        Run the annealed start alone for so long instead of proving anything; ``equilibrated`` is then None.
    most_sweeps : int
        Where to give up; ``equilibrated`` is then False, and the glass is returned all the same.
    annealing_sweeps : int
        Spent on cooling.
    tempering : float or sequence of float, optional
        Each start becomes a ladder of replicas that exchange their temperatures (`glassplast.sampling.tempering`): up
        to this hottest temperature, in steps chosen for n, or at these temperatures beside `temperature`. One of its
        sweeps is a sweep of every replica.
    step, swap_probability, swap_window : float
        Of Monte Carlo, see `glassplast.sampling.monte_carlo.MonteCarlo`.
    every : int
        Sweeps between measurements of the energy.
    method : {"cg", "fire"}
        What quenches.
    quench : bool
        False returns the liquid.
    checkpoint : path-like, optional
        A file that keeps the state of a long equilibration. If it exists, the run goes on with it, to the same bits.
    threads : int, optional
        By default ``GLASSPLAST_NUM_THREADS``, or all cores; more than two serve nothing.
    progress : callable, False or None
        Called with the stage, the fraction done, and a note; see `glassplast.foundation.progress.shown`.

    Returns
    -------
    Glass
        With ``provenance["preparation"]``: all arguments, the verdict, acceptances, the energy per particle before and
        after the quench, and the number of rattlers.

    Raises
    ------
    ArgumentError
        For arguments that make no sense.
    GeometryError
        For a box smaller than two cutoffs.
    FileError
        If the checkpoint is corrupt or of another run, or cannot be written.
    """
    workers = thread_count(threads)
    file = None if checkpoint is None else Path(checkpoint)
    if seed is None and file is not None and file.exists():
        seed = seed_of_record(read_about(file)["seed"])
    sequence = seed_sequence(seed)
    _check(n, temperature, sweeps, most_sweeps, annealing_sweeps, every)
    relax_options(method, None, 1, True)
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
        # A file to go on with replaces what would be computed here.
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

    with shown(progress) as tell:
        tell("annealing", 0.0, "")
        walkers = on_threads(start, protocol["starts"], workers)
        verdict = equilibrate(
            walkers,
            sweeps=sweeps,
            most_sweeps=most_sweeps,
            threads=workers,
            checkpoint=file,
            about=protocol,
            tell=tell,
        )
        return _finished(walkers[0], protocol, verdict, method, quench, tell)


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
    """Cool from `HOT` to the first temperature of a ladder; returns the liquids that passed by each."""
    liquids: list[Glass] = []
    steps = _ANNEALING_STEPS if ladder[0] < HOT else 0
    for cooler in np.geomspace(HOT, ladder[0], steps + 1)[1:]:
        liquids += [simulation.glass] * int(np.count_nonzero(ladder > cooler) - len(liquids))
        simulation.temperature = float(cooler)
        simulation.run(sweeps, check)
    liquids += [simulation.glass] * (len(ladder) - len(liquids))
    return liquids[::-1]


def _check(n: int, temperature: float, sweeps: int | None, most_sweeps: int, annealing_sweeps: int, every: int) -> None:
    if not (np.isfinite(temperature) and temperature > 0.0):
        raise ArgumentError(f"temperature must be positive and finite, not {temperature}")
    for name, value, least in (
        ("n", n, 1),
        ("sweeps", sweeps, 1),
        ("most_sweeps", most_sweeps, 1),
        ("annealing_sweeps", annealing_sweeps, 0),
        ("every", every, 1),
    ):
        if value is not None and (isinstance(value, bool) or int(value) != value or value < least):
            raise ArgumentError(f"{name} must be an integer of at least {least}, not {value}")
    cutoff = 1.25 * float(poly_diameters(n).max())
    if np.sqrt(n) < 2.0 * cutoff:
        least = int(np.ceil((2.0 * 1.25 * LARGEST) ** 2))
        raise GeometryError(
            f"{n} particles at density 1 make a box of side {np.sqrt(n):.3g}, less than two cutoffs of {cutoff:.3g}: "
            f"take {least} or more"
        )


def _random_liquid(n: int, stream: np.random.SeedSequence) -> Glass:
    """Random positions, without the overlaps that no Monte Carlo move would undo."""
    generator = np.random.default_rng(stream)
    side = float(np.sqrt(n))
    diameters = generator.permutation(poly_diameters(n))
    overlapping = Glass(generator.random((n, 2)) * side, side, "poly", diameters=diameters)
    # Far from a minimum: only the overlaps shall go.
    loose = minimize(overlapping, method="fire", tolerance=10.0, polish=False, progress=False)
    return Glass(loose.positions, side, "poly", diameters=diameters)


def _finished(
    walker: Walker,
    protocol: dict[str, Any],
    verdict: Verdict,
    method: str,
    quench: bool,
    tell: Progress,
) -> Glass:
    simulation = walker.simulation
    record = {
        **protocol,
        **verdict.as_dict,
        "translation_acceptance": simulation.statistics.translation_acceptance,
        "swap_acceptance": simulation.statistics.swap_acceptance,
        "liquid_energy": simulation.energy / len(simulation),
    }
    if len(walker.replicas) > 1:
        record["exchange_acceptance"] = walker.replicas.exchange_acceptance.tolist()
        record["round_trips"] = walker.replicas.round_trips
    liquid = simulation.glass
    if not quench:
        return liquid.wrapped().replace(provenance={"preparation": record})
    tell("quenching", 0.0, method)
    return quenched(liquid, method, record)
