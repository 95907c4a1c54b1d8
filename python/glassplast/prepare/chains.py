"""Many samples of one equilibrated liquid: two long Monte Carlo runs, from which glasses are taken far apart."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from glassplast.errors import ArgumentError, ConvergenceError, FileError
from glassplast.files import read, write
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

__all__ = ["EnergyCorrelation", "energy_correlation", "poly_chains"]

_EQUILIBRATION, _CHAINS = "equilibration.h5", "chains.h5"


class EnergyCorrelation(NamedTuple):
    """How much the inherent energy of a sample says of that of the next one in its chain.

    Attributes
    ----------
    value : float
        Correlation coefficient of the energies of samples that follow each other in a chain; 0 if they are independent.
    error : float
        Its standard error if they are, 1 / sqrt(pairs).
    pairs : int
        How many pairs of samples follow each other.
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
    """Glasses of polydisperse soft disks from two equilibrated chains, as many as are wanted.

    To equilibrate a cold liquid takes much longer than to forget where it was. So both starts of
    `glassplast.prepare.poly` go on once they are equilibrated, and a glass is quenched from each of them after every
    `spacing` relaxation times, in turn from the annealed and from the hot one. `energy_correlation` says how
    independent the samples are.

    Parameters
    ----------
    n, temperature, method
        See `glassplast.prepare.poly`.
    samples : int
        How many glasses.
    seed : int, sequence of int or SeedSequence, optional
        Decides everything, whatever the number of threads; by default a random one, which the provenance has on record.
        A directory of checkpoints that exists is gone on with by its own.
    spacing : float
        Relaxation times between two samples of a chain; the relaxation time is that of the verdict on equilibration.
    checkpoint : path-like, optional
        A directory that keeps the equilibration, the chains after each sample, and the samples. If it exists, the
        samples in it come first, and the chains go on to the same bits.
    threads : int, optional
        By default ``GLASSPLAST_NUM_THREADS``, or all cores.
    progress : callable, False or None
        Called with the stage, the fraction done, and a note; see `glassplast.foundation.progress.shown`.
    **options
        Further options of `glassplast.prepare.poly`: `most_sweeps`, `annealing_sweeps`, `tempering`, `step`,
        `swap_probability`, `swap_window`, `every`.

    Yields
    ------
    Glass
        With ``provenance["preparation"]`` as of `poly`, and `chain` (0 annealed, 1 hot), `place` in it (from 0) and
        `sweeps_apart`.

    Raises
    ------
    ConvergenceError
        If the liquid is not equilibrated after `most_sweeps`: samples of it would not be what they are called.
    ArgumentError
        For arguments that make no sense.
    FileError
        If a checkpoint is corrupt or of another run, or cannot be written.

    Examples
    --------
    >>> import glassplast as gp
    >>> glasses = list(gp.prepare.poly_chains(64, 0.6, samples=4, seed=1, annealing_sweeps=200))
    >>> [glass.provenance["preparation"]["chain"] for glass in glasses]
    [0, 1, 0, 1]
    """
    if not samples >= 1:
        raise ArgumentError(f"samples must be at least 1, not {samples}")
    if not (math.isfinite(spacing) and spacing > 0.0):
        raise ArgumentError(f"spacing must be a positive number of relaxation times, not {spacing}")
    if "sweeps" in options:
        raise ArgumentError("sweeps belongs to poly; chains run until they are equilibrated: give most_sweeps")
    relax_options(method, None, 1, True)
    directory = _made(checkpoint)
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
            f"the liquid is not equilibrated after {verdict.sweeps} sweeps ({verdict.relaxation_times:.3g} relaxation "
            f"times, energies {verdict.energy_difference:.3g} errors apart): allow more by most_sweeps"
        )
    every = walkers[0].every
    measurements = max(1, math.ceil(spacing * verdict.relaxation_time / every))
    about = {**protocol, **verdict.as_dict, "sweeps_apart": measurements * every}
    yield from _taken(_Chains(walkers, about, measurements, method, directory), samples, workers, progress)


def _made(checkpoint: str | os.PathLike[str] | None) -> Path | None:
    if checkpoint is None:
        return None
    directory = Path(checkpoint)
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"cannot make the directory {directory}: {error.strerror or error}") from error
    return directory


class _Chains:
    """The chains with the number of rounds that they have gone, a round being a sample of each."""

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
        """A sample of each chain; if it is interrupted, nothing has changed."""
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
    """So many samples: those on disk, then those that follow."""
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
    """How much the inherent energy of a sample says of that of the next one in its chain.

    Parameters
    ----------
    glasses : iterable of Glass
        Of `poly_chains`, all of one temperature and size, in any order.

    Returns
    -------
    EnergyCorrelation
        NaN where no two samples follow each other, or where all energies are equal.

    Raises
    ------
    ArgumentError
        If a glass is of no chain.
    """
    energies: dict[tuple[str, int, int], float] = {}
    for glass in glasses:
        made = glass.provenance.get("preparation", {})
        if "chain" not in made or "inherent_energy" not in made:
            raise ArgumentError("glasses must be those of poly_chains: one has no chain on record")
        energies[str(made["seed"]), int(made["chain"]), int(made["place"])] = float(made["inherent_energy"])
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
