"""Parallel tempering: replicas at a ladder of temperatures that exchange them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassplast.glass import Glass
from glassplast.prepare.equilibration import StageProgress
from glassplast.prepare.monte_carlo import (
    STEP,
    SWAP_PROBABILITY,
    MonteCarlo,
)
from glassplast.prepare.seeds import GivenSeed, child, seed_sequence
from glassplast.prepare.walkers import Check, on_threads
from glassplast.threads import thread_count

Field = NDArray[np.float64]


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
    """

    temperatures: Field
    glasses: list[Glass]
    energies: Field
    replicas: NDArray[np.int64]
    exchange_acceptance: Field

    @property
    def round_trips(self) -> int:
        """Journeys of replicas from the coldest temperature to the hottest and back, all replicas together."""
        trips = 0
        top = len(self.temperatures) - 1
        for replica in range(top + 1):
            # 0: has not been at the cold end, 1: comes from there, 2: has been at the hot end since.
            stage = 0
            for place in np.argmax(self.replicas == replica, axis=1):
                if place == 0:
                    trips += stage == 2
                    stage = 1
                elif place == top and stage == 1:
                    stage = 2
        return int(trips)


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
        At least two different ones.
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
    ladder = np.sort(np.asarray(temperatures, dtype=np.float64))
    if ladder.ndim != 1 or len(ladder) < 2 or np.any(np.diff(ladder) <= 0.0):
        raise ValueError("parallel tempering needs at least two different temperatures")
    if rounds < 1 or sweeps < 1:
        raise ValueError(f"there must be at least one round of one sweep, not {rounds} of {sweeps}")
    starts = [glass] * len(ladder) if isinstance(glass, Glass) else list(glass)
    if len(starts) != len(ladder):
        raise ValueError(f"there are {len(starts)} glasses for {len(ladder)} temperatures")
    workers = thread_count(threads)
    sequence = seed_sequence(seed)
    simulations = [
        MonteCarlo(
            start,
            float(temperature),
            child(sequence, k),
            step=step,
            swap_probability=swap_probability,
            swap_window=swap_window,
        )
        for k, (start, temperature) in enumerate(zip(starts, ladder, strict=True))
    ]
    exchanges = np.random.default_rng(child(sequence, len(ladder)))
    at = np.arange(len(ladder))
    energies = np.empty((rounds, len(ladder)))
    replicas = np.empty((rounds, len(ladder)), dtype=np.int64)
    tried, accepted = np.zeros((2, len(ladder) - 1))

    def advance(simulation: MonteCarlo, check: Check) -> None:
        simulation.run(sweeps, check)

    for number in range(rounds):
        on_threads(advance, simulations, workers)
        potential = np.array([simulations[k].energy for k in at])
        energies[number] = potential / len(simulations[0])
        for low in range(number % 2, len(ladder) - 1, 2):
            exponent = (1.0 / ladder[low] - 1.0 / ladder[low + 1]) * (potential[low] - potential[low + 1])
            tried[low] += 1
            if exchanges.random() < np.exp(min(exponent, 0.0)):
                accepted[low] += 1
                at[[low, low + 1]] = at[[low + 1, low]]
        for temperature, k in zip(ladder, at, strict=True):
            simulations[k].temperature = float(temperature)
        replicas[number] = at
        if progress is not None:
            progress("tempering", (number + 1) / rounds, f"round {number + 1} of {rounds}")
    return Tempering(ladder, [simulations[k].glass for k in at], energies, replicas, accepted / np.maximum(tried, 1))
