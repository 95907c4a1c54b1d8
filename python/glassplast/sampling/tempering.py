"""Parallel tempering, in which replicas at a ladder of temperatures exchange their temperatures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassplast.errors import ArgumentError
from glassplast.foundation.arrays import FloatArray, IntegerArray
from glassplast.foundation.one_line import without_arrays
from glassplast.foundation.progress import ProgressOption, shown
from glassplast.foundation.seeds import Seed, child, seed_record, seed_sequence
from glassplast.foundation.threads import thread_count
from glassplast.glass import Configuration, Glass, glass_of
from glassplast.sampling.monte_carlo import (
    STEP,
    SWAP_PROBABILITY,
    MonteCarlo,
)
from glassplast.sampling.replicas import Replicas

__all__ = ["Tempering", "checked_ladder", "parallel_tempering", "temperature_ladder"]


def temperature_ladder(coldest: float, hottest: float, particles: int) -> FloatArray:
    r"""Temperatures for which about a quarter of the exchanges between neighbours is accepted, for the model POLY.

    Energies are Gaussian with variance :math:`N c T^2`, so that the fraction of accepted exchanges is
    :math:`\mathrm{erfc}(\tfrac12 \sqrt{N c}\, \Delta T / T)`; c = 1.45 is the potential heat capacity per particle of
    POLY between T = 0.085 and 0.12.

    Parameters
    ----------
    coldest, hottest : float
        Ends of the ladder (energy).
    particles : int
        Number of particles N.

    Returns
    -------
    ndarray, shape (K,)
        Temperatures from cold to hot (energy).

    Raises
    ------
    ArgumentError
        If the ends are not in ascending order.
    """
    if not 0.0 < coldest < hottest < math.inf:
        raise ArgumentError(f"a ladder leads from a temperature to a hotter one, not from {coldest} to {hottest}")
    ratio = 1.0 + 1.35 / math.sqrt(particles)
    steps = max(1, math.ceil(math.log(hottest / coldest) / math.log(ratio)))
    return np.geomspace(coldest, hottest, steps + 1)


def checked_ladder(temperatures: Sequence[float] | FloatArray) -> FloatArray:
    """The temperatures sorted from cold to hot.

    Raises
    ------
    ArgumentError
        If there are fewer than two different temperatures.
    """
    ladder = np.sort(np.asarray(temperatures, dtype=np.float64))
    if ladder.ndim != 1 or len(ladder) < 2 or np.any(np.diff(ladder) <= 0.0):
        raise ArgumentError("parallel tempering needs at least two different temperatures")
    return ladder


@dataclass(frozen=True, repr=False)
class Tempering:
    """The result of parallel tempering.

    Attributes
    ----------
    temperatures : ndarray, shape (K,)
        The ladder of temperatures, from cold to hot (energy).
    glasses : list of Glass
        The last configuration at each temperature; they are liquids and not quenched.
    energies : ndarray, shape (rounds, K)
        Potential energy per particle at each temperature after each round.
    replicas : ndarray of int, shape (rounds, K)
        Index of the replica at each temperature, after the exchanges of each round.
    exchange_acceptance : ndarray, shape (K - 1,)
        Fraction of accepted exchanges between neighbouring temperatures.
    round_trips : int
        Number of journeys from the coldest temperature to the hottest and back, of all replicas together.
    seed : list
        Entropy and spawn key of the seed, with which the run can be repeated.
    """

    temperatures: FloatArray
    glasses: list[Glass]
    energies: FloatArray
    replicas: IntegerArray
    exchange_acceptance: FloatArray
    round_trips: int
    seed: list[Any]

    __repr__ = without_arrays


def parallel_tempering(
    glass: Configuration | Sequence[Configuration],
    temperatures: Sequence[float],
    *,
    rounds: int,
    sweeps: int = 20,
    seed: Seed = None,
    step: float = STEP,
    swap_probability: float = SWAP_PROBABILITY,
    swap_window: float | None = None,
    threads: int | None = None,
    progress: ProgressOption = None,
) -> Tempering:
    """Run swap Monte Carlo at several temperatures, which the replicas exchange with each other.

    After each round, neighbours on the ladder (by turns the even and the odd pairs) exchange their temperatures with
    probability min(1, exp((1/T_i - 1/T_j) (U_i - U_j))); see Hukushima and Nemoto, J. Phys. Soc. Jpn. 65, 1604 (1996).

    Parameters
    ----------
    glass : Glass or Analysis, or sequence of them
        Configuration from which all replicas start, or one for each replica.
    temperatures : sequence of float
        At least two different temperatures (energy), for example from `temperature_ladder`.
    rounds : int
        Number of rounds.
    sweeps : int
        Number of sweeps of each replica in a round.
    seed : int, sequence of int or SeedSequence, optional
        Seed of the whole run, whose result does not depend on the number of threads; by default a random one, which the
        result records.
    step, swap_probability, swap_window : float
        Parameters of each replica, see `glassplast.sampling.MonteCarlo`.
    threads : int, optional
        Number of threads; by default ``GLASSPLAST_NUM_THREADS``, or all cores.
    progress : callable, False or None
        Called with the stage, the fraction done, and a note; see `glassplast.foundation.progress.shown`.

    Returns
    -------
    Tempering

    Raises
    ------
    ArgumentError
        If there are fewer than two different temperatures.
    """
    ladder = checked_ladder(temperatures)
    if rounds < 1 or sweeps < 1:
        raise ArgumentError(f"there must be at least one round of one sweep, not {rounds} of {sweeps}")
    starts = [glass_of(one) for one in glass] if isinstance(glass, Sequence) else [glass_of(glass)] * len(ladder)
    if len(starts) != len(ladder):
        raise ArgumentError(f"there are {len(starts)} glasses for {len(ladder)} temperatures")
    workers = thread_count(threads)
    sequence = seed_sequence(seed)
    options: dict[str, Any] = {"step": step, "swap_probability": swap_probability, "swap_window": swap_window}
    replicas = Replicas(
        [
            MonteCarlo(start, float(temperature), child(sequence, k), **options)
            for k, (start, temperature) in enumerate(zip(starts, ladder, strict=True))
        ],
        child(sequence, len(ladder)),
    )
    energies = np.empty((rounds, len(ladder)))
    places = np.empty((rounds, len(ladder)), dtype=np.int64)
    with shown(progress) as tell:
        for number in range(rounds):
            replicas.run(sweeps, workers)
            energies[number] = replicas.energies / len(starts[0])
            replicas.exchange()
            places[number] = replicas.at
            tell("tempering", (number + 1) / rounds, f"round {number + 1} of {rounds}")
    return Tempering(
        ladder,
        [replicas.simulations[k].glass for k in replicas.at],
        energies,
        places,
        replicas.exchange_acceptance,
        replicas.round_trips,
        seed_record(sequence),
    )
