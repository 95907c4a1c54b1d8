"""Parallel tempering: replicas at a ladder of temperatures that exchange them."""

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
from glassplast.glass import Glass
from glassplast.sampling.monte_carlo import (
    STEP,
    SWAP_PROBABILITY,
    MonteCarlo,
)
from glassplast.sampling.replicas import Replicas

__all__ = ["Tempering", "checked_ladder", "parallel_tempering", "temperature_ladder"]


def temperature_ladder(coldest: float, hottest: float, particles: int) -> FloatArray:
    r"""Temperatures between which about a quarter of the exchanges is accepted, in POLY.

    Energies are Gaussian with variance :math:`N c T^2`, so that the part accepted is
    :math:`\mathrm{erfc}(\tfrac12 \sqrt{N c}\, \Delta T / T)`; c = 1.45 is the potential heat capacity per particle of
    POLY between T = 0.085 and 0.12.
    """
    if not 0.0 < coldest < hottest < math.inf:
        raise ArgumentError(f"a ladder leads from a temperature to a hotter one, not from {coldest} to {hottest}")
    ratio = 1.0 + 1.35 / math.sqrt(particles)
    steps = max(1, math.ceil(math.log(hottest / coldest) / math.log(ratio)))
    return np.geomspace(coldest, hottest, steps + 1)


def checked_ladder(temperatures: Sequence[float] | FloatArray) -> FloatArray:
    """From cold to hot.

    Raises
    ------
    ArgumentError
        Unless there are two different ones at least.
    """
    ladder = np.sort(np.asarray(temperatures, dtype=np.float64))
    if ladder.ndim != 1 or len(ladder) < 2 or np.any(np.diff(ladder) <= 0.0):
        raise ArgumentError("parallel tempering needs at least two different temperatures")
    return ladder


@dataclass(frozen=True, repr=False)
class Tempering:
    """What parallel tempering gave.

    Attributes
    ----------
    temperatures : (K,) array
        The ladder, from cold to hot.
    glasses : list of Glass
        The last configuration at each; liquids, not quenched.
    energies : (rounds, K) array
        Potential energy per particle at each temperature after each round.
    replicas : (rounds, K) array of int
        Which replica was at each temperature, after the exchanges of the round.
    exchange_acceptance : (K - 1,) array
        Of exchanges between neighbours on the ladder.
    round_trips : int
        Journeys of replicas from the coldest temperature to the hottest and back, all replicas together.
    seed : list
        Entropy and spawn key of the seed, which make the same run again.
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
    glass: Glass | Sequence[Glass],
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
    """Swap Monte Carlo at several temperatures whose replicas exchange them.

    After each round neighbours on the ladder, in turn the even and the odd pairs, exchange their temperatures with
    probability min(1, exp((1/T_i - 1/T_j) (U_i - U_j))): Hukushima and Nemoto, J. Phys. Soc. Jpn. 65, 1604 (1996).

    Parameters
    ----------
    glass : Glass or sequence of Glass
        Where all replicas, or each, start.
    temperatures : sequence of float
        At least two different ones; `temperature_ladder` makes some.
    rounds, sweeps : int
        How many rounds, of how many sweeps each.
    seed : int, sequence of int or SeedSequence, optional
        Decides everything, whatever the number of threads; by default a random one, which the result has on record.
    step, swap_probability, swap_window : float
        Of each replica, see `glassplast.sampling.monte_carlo.MonteCarlo`.
    threads : int, optional
        By default ``GLASSPLAST_NUM_THREADS``, or all cores.
    progress : callable, False or None
        Called with the stage, the fraction done, and a note; see `glassplast.foundation.progress.shown`.

    Returns
    -------
    Tempering
    """
    ladder = checked_ladder(temperatures)
    if rounds < 1 or sweeps < 1:
        raise ArgumentError(f"there must be at least one round of one sweep, not {rounds} of {sweeps}")
    starts = [glass] * len(ladder) if isinstance(glass, Glass) else list(glass)
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
