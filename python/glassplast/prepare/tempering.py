"""Parallel tempering: replicas at a ladder of temperatures that exchange them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassplast.glass import Glass
from glassplast.parallel import StageProgress
from glassplast.prepare.monte_carlo import (
    STEP,
    SWAP_PROBABILITY,
    MonteCarlo,
)
from glassplast.prepare.replicas import Replicas
from glassplast.prepare.seeds import GivenSeed, child, seed_sequence
from glassplast.threads import thread_count

Field = NDArray[np.float64]


def temperature_ladder(coldest: float, hottest: float, particles: int) -> Field:
    r"""Temperatures between which about a quarter of the exchanges is accepted, in POLY.

    Energies are Gaussian with variance :math:`N c T^2`, so that the part accepted is
    :math:`\mathrm{erfc}(\tfrac12 \sqrt{N c}\, \Delta T / T)`; c = 1.45 is the potential heat capacity per particle of
    POLY between T = 0.085 and 0.12.
    """
    if not 0.0 < coldest < hottest < math.inf:
        raise ValueError(f"a ladder leads from a temperature to a hotter one, not from {coldest} to {hottest}")
    ratio = 1.0 + 1.35 / math.sqrt(particles)
    steps = max(1, math.ceil(math.log(hottest / coldest) / math.log(ratio)))
    return np.geomspace(coldest, hottest, steps + 1)


def checked_ladder(temperatures: Sequence[float] | Field) -> Field:
    """From cold to hot.

    Raises
    ------
    ValueError
        Unless there are two different ones at least.
    """
    ladder = np.sort(np.asarray(temperatures, dtype=np.float64))
    if ladder.ndim != 1 or len(ladder) < 2 or np.any(np.diff(ladder) <= 0.0):
        raise ValueError("parallel tempering needs at least two different temperatures")
    return ladder


@dataclass(frozen=True)
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
    """

    temperatures: Field
    glasses: list[Glass]
    energies: Field
    replicas: NDArray[np.int64]
    exchange_acceptance: Field
    round_trips: int


def parallel_tempering(
    glass: Glass | Sequence[Glass],
    temperatures: Sequence[float],
    *,
    rounds: int,
    sweeps: int = 20,
    seed: GivenSeed = 1,
    step: float = STEP,
    swap_probability: float = SWAP_PROBABILITY,
    swap_window: float | None = None,
    threads: int | None = None,
    progress: StageProgress | None = None,
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
    seed : int or SeedSequence
        Decides everything, whatever the number of threads.
    step, swap_probability, swap_window : float
        Of each replica, see `glassplast.prepare.monte_carlo.MonteCarlo`.
    threads : int, optional
        By default ``GLASSPLAST_NUM_THREADS``, or all cores.
    progress : callable, optional
        Called with the stage, the part that is done, and a note.

    Returns
    -------
    Tempering
    """
    ladder = checked_ladder(temperatures)
    if rounds < 1 or sweeps < 1:
        raise ValueError(f"there must be at least one round of one sweep, not {rounds} of {sweeps}")
    starts = [glass] * len(ladder) if isinstance(glass, Glass) else list(glass)
    if len(starts) != len(ladder):
        raise ValueError(f"there are {len(starts)} glasses for {len(ladder)} temperatures")
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
    for number in range(rounds):
        replicas.run(sweeps, workers)
        energies[number] = replicas.energies / len(starts[0])
        replicas.exchange()
        places[number] = replicas.at
        if progress is not None:
            progress("tempering", (number + 1) / rounds, f"round {number + 1} of {rounds}")
    return Tempering(
        ladder,
        [replicas.simulations[k].glass for k in replicas.at],
        energies,
        places,
        replicas.exchange_acceptance,
        replicas.round_trips,
    )
