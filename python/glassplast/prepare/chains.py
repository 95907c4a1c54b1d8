"""Many samples of one equilibrated liquid, which are taken at large intervals from two long Monte Carlo runs."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from glassplast.errors import ArgumentError, ConvergenceError
from glassplast.files import read, write
from glassplast.files.replacing import made_directory
from glassplast.foundation.arguments import finite_number, whole_number
from glassplast.foundation.parallel import Check, on_threads
from glassplast.foundation.progress import Progress, ProgressOption, TimeLeft, shown
from glassplast.foundation.seeds import Seed, seed_of_record, seed_sequence
from glassplast.foundation.threads import thread_count
from glassplast.glass import Glass
from glassplast.prepare.quench import quenched
from glassplast.prepare.soft_disks import equilibrated_walkers, record_of
from glassplast.relax import relax_options
from glassplast.sampling.equilibration_checkpoint import read_about, read_checkpoint, write_checkpoint
from glassplast.sampling.walkers import Walker

__all__ = ["EnergyCorrelation", "correlation_along_chains", "energy_correlation", "poly_chains"]

_EQUILIBRATION, _CHAINS = "equilibration.h5", "chains.h5"


class EnergyCorrelation(NamedTuple):
    """The correlation between the inherent energies of successive samples in a chain.

    Attributes
    ----------
    value : float
        Correlation coefficient of the energies of successive samples; 0 if they are independent.
    error : float
        Standard error of the coefficient for independent samples, 1 / sqrt(pairs).
    pairs : int
        Number of pairs of successive samples.
    """

    value: float
    error: float
    pairs: int


def poly_chains(
    n: int = 1024,
    temperature: float = 0.12,
    samples: int = 10,
    seed: Seed = None,
    *,
    spacing: float = 2.0,
    method: str = "cg",
    checkpoint: str | os.PathLike[str] | None = None,
    threads: int | None = None,
    progress: ProgressOption = None,
    **options: Any,
) -> Iterator[Glass]:
    """Make any number of glasses of polydisperse soft disks from two equilibrated chains.

    The equilibration of a cold liquid takes much longer than its relaxation. Therefore both simulations of
    `glassplast.prepare.poly` (chains) continue after their equilibration. After every `spacing` relaxation times a
    glass is quenched from each of them, first from the annealed and then from the hot one. `energy_correlation`
    measures how independent the samples are.

    Parameters
    ----------
    n, temperature, method
        See `glassplast.prepare.poly`.
    samples : int
        Number of glasses.
    seed : int, sequence of int or SeedSequence, optional
        Seed that determines all samples for any number of threads; by default a random one, which the provenance
        records. Chains that continue from checkpoints have the seed that their directory records.
    spacing : float
        Time between two samples of a chain, in units of the relaxation time found in the equilibration.
    checkpoint : path-like, optional
        Directory in which the equilibration, the chains after each sample, and the samples are stored. If it exists,
        the samples in it come first, and the chains continue bit for bit.
    threads : int, optional
        Number of threads; by default ``GLASSPLAST_NUM_THREADS``, or all cores.
    progress : callable, False or None
        Called with the stage, the fraction done, and a note; see `glassplast.foundation.progress.shown`.
    **options
        Further options of `glassplast.prepare.poly`: `most_sweeps`, `annealing_sweeps`, `tempering`, `step`,
        `swap_probability`, `swap_window`, `every`.

    Yields
    ------
    Glass
        The next glass. In addition to the entries of `poly`, its ``provenance["preparation"]`` records the `chain` (0
        annealed, 1 hot), the `place` in the chain (counted from 0), and `sweeps_apart`.

    Raises
    ------
    ConvergenceError
        If the liquid is not equilibrated after `most_sweeps`.
    ArgumentError
        If an argument is out of range.
    FileError
        If a checkpoint is corrupt, belongs to another run, or cannot be written.

    Examples
    --------
    >>> import glassplast as gp
    >>> glasses = list(gp.prepare.poly_chains(64, 0.6, samples=4, seed=1, annealing_sweeps=200))
    >>> [glass.provenance["preparation"]["chain"] for glass in glasses]
    [0, 1, 0, 1]
    """
    samples = whole_number("samples", samples)
    finite_number("spacing", spacing, "number of relaxation times", positive=True)
    if "sweeps" in options:
        raise ArgumentError("sweeps is an option of poly; chains run until they are equilibrated: give most_sweeps")
    relax_options(method, None, 1, True)
    directory = None if checkpoint is None else made_directory(checkpoint)

    def glasses() -> Iterator[Glass]:
        nonlocal seed
        start = None if directory is None else directory / _EQUILIBRATION
        if seed is None and start is not None and start.exists():
            seed = seed_of_record(read_about(start)["seed"])
        workers = thread_count(threads)
        with shown(progress) as tell:
            walkers, protocol, verdict = equilibrated_walkers(
                n, temperature, seed_sequence(seed), file=start, workers=workers, tell=tell, **options
            )
        if not verdict.equilibrated:
            raise ConvergenceError(
                f"the liquid is not equilibrated after {verdict.sweeps} sweeps ({verdict.relaxation_times:.3g} "
                f"relaxation times, energies differ by {verdict.energy_difference:.3g} errors): allow more with "
                "most_sweeps"
            )
        every = walkers[0].every
        measurements = max(1, math.ceil(spacing * verdict.relaxation_time / every))
        about = {**protocol, **verdict.as_dict, "sweeps_apart": measurements * every}
        yield from _taken(_Chains(walkers, about, measurements, method, directory), samples, workers, progress)

    return glasses()


class _Chains:
    """The chains and the number of rounds done, where a round gives a sample of each chain."""

    def __init__(
        self, walkers: list[Walker], about: dict[str, Any], measurements: int, method: str, directory: Path | None
    ) -> None:
        self.walkers = walkers
        self.about = about
        self.measurements = measurements
        self.method = method
        self.directory = directory
        self.rounds = 0
        if directory is not None and (directory / _CHAINS).exists():
            self.rounds = int(read_about(directory / _CHAINS)["rounds"])
            states = read_checkpoint(directory / _CHAINS, self._told)
            for walker, state in zip(walkers, states, strict=True):
                walker.restore(state)

    @property
    def _told(self) -> dict[str, Any]:
        return {**self.about, "method": self.method, "rounds": self.rounds}

    def path(self, number: int) -> Path | None:
        """The file of a sample."""
        return None if self.directory is None else self.directory / f"sample-{number:06d}.h5"

    def next_round(self, workers: int) -> list[Glass]:
        """A sample of each chain; if the run is interrupted, the chains remain as they were before."""
        before = [walker.state() for walker in self.walkers]
        try:
            glasses = on_threads(partial(self._sample, max(1, workers // len(self.walkers))), [0, 1], workers)
        except BaseException:
            for walker, state in zip(self.walkers, before, strict=True):
                walker.restore(state)
            raise
        for chain, glass in enumerate(glasses):
            path = self.path(2 * self.rounds + chain)
            if path is not None:
                write(glass, path)
        self.rounds += 1
        if self.directory is not None:
            write_checkpoint(self.directory / _CHAINS, self._told, [walker.state() for walker in self.walkers])
        return glasses

    def _sample(self, threads: int, chain: int, check: Check) -> Glass:
        walker = self.walkers[chain]
        walker.advance(self.measurements, check, threads)
        record = {**self.about, **record_of(walker), "chain": chain, "place": self.rounds}
        return quenched(walker.simulation.glass, self.method, record)


def _taken(chains: _Chains, samples: int, workers: int, progress: ProgressOption) -> Iterator[Glass]:
    """The given number of samples, first those on disk and then new ones."""
    known = min(samples, 2 * chains.rounds)
    for number in range(known):
        path = chains.path(number)
        assert path is not None
        yield read(path)
    left = TimeLeft()
    left.seconds(known / samples)
    for first in range(2 * chains.rounds, samples, 2):
        with shown(progress) as tell:
            glasses = chains.next_round(workers)
            _tell(tell, min(first + 2, samples), samples, left)
        yield from glasses[: samples - first]


def _tell(tell: Progress, done: int, samples: int, left: TimeLeft) -> None:
    rest = left.note(done / samples)
    tell("sampling", done / samples, f"{done} of {samples} samples{', ' if rest else ''}{rest}")


def energy_correlation(glasses: Iterable[Glass]) -> EnergyCorrelation:
    """Compute the correlation between the inherent energies of successive samples in a chain.

    Parameters
    ----------
    glasses : iterable of Glass
        Glasses from `poly_chains` with the same temperature and size, in any order.

    Returns
    -------
    EnergyCorrelation
        The coefficient is NaN if there are no successive samples, or if all energies are equal.

    Raises
    ------
    ArgumentError
        If a glass does not come from a chain.
    """
    energies: dict[tuple[str, int, int], float] = {}
    for glass in glasses:
        made = glass.provenance.get("preparation", {})
        if "chain" not in made or "inherent_energy" not in made:
            raise ArgumentError("glasses must come from poly_chains: one of them has no recorded chain")
        energies[str(made["seed"]), int(made["chain"]), int(made["place"])] = float(made["inherent_energy"])
    return correlation_along_chains(energies)


def correlation_along_chains(energies: Mapping[tuple[str, int, int], float]) -> EnergyCorrelation:
    """Compute the correlation between successive energies in chains.

    Parameters
    ----------
    energies : mapping of (str, int, int) to float
        Energy of each sample by a name for its pair of chains, its chain, and its place in the chain.

    Returns
    -------
    EnergyCorrelation
        The coefficient is NaN if there are no successive samples, or if all energies are equal.
    """
    mean = float(np.mean(list(energies.values()))) if energies else math.nan
    products = [
        (energy - mean) * (energies[seed, chain, place + 1] - mean)
        for (seed, chain, place), energy in energies.items()
        if (seed, chain, place + 1) in energies
    ]
    variance = float(np.mean([(energy - mean) ** 2 for energy in energies.values()])) if energies else 0.0
    if not products or variance == 0.0:
        return EnergyCorrelation(math.nan, math.nan, len(products))
    return EnergyCorrelation(float(np.mean(products)) / variance, 1.0 / math.sqrt(len(products)), len(products))
