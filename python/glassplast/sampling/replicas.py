"""Simulations of one system at different temperatures, which they exchange with each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.parallel import Check, on_threads, unchecked
from glassplast.sampling.monte_carlo import MonteCarlo

__all__ = ["Replicas"]

#: History of a replica, which counts its round trips: it has not been at the coldest temperature yet; it comes from
#: there; or it has since been at the hottest temperature as well.
_NEW, _COMES_FROM_COLD, _BEEN_HOT = 0, 1, 2


class Replicas:
    """Simulations at a ladder of temperatures; a single one is plain Monte Carlo.

    Parameters
    ----------
    simulations : sequence of MonteCarlo
        Simulations from the coldest to the hottest temperature.
    seed : SeedSequence
        Seed of the exchanges.

    Attributes
    ----------
    simulations : list of MonteCarlo
        The simulations; each keeps its place in the list when its temperature changes.
    at : ndarray of int, shape (K,)
        Index of the simulation that is at each temperature, from cold to hot.
    round_trips : int
        Number of journeys from the coldest temperature to the hottest and back, of all replicas together.
    """

    def __init__(self, simulations: Sequence[MonteCarlo], seed: np.random.SeedSequence) -> None:
        self.simulations = list(simulations)
        self.temperatures = np.array([simulation.temperature for simulation in self.simulations])
        self.at = np.arange(len(self.simulations))
        self.round_trips = 0
        self._generator = np.random.default_rng(seed)
        self._rounds = 0
        self._tried, self._accepted = np.zeros((2, len(self.simulations) - 1), dtype=np.int64)
        self._seen = np.full(len(self.simulations), _NEW)

    def __len__(self) -> int:
        return len(self.simulations)

    @property
    def coldest(self) -> MonteCarlo:
        """The simulation that is at the coldest temperature now."""
        return self.simulations[int(self.at[0])]

    @property
    def energies(self) -> FloatArray:
        """Potential energy at each temperature, from cold to hot, shape (K,)."""
        return np.array([self.simulations[k].energy for k in self.at])

    @property
    def exchange_acceptance(self) -> FloatArray:
        """Fraction of accepted exchanges between neighbouring temperatures, shape (K - 1,)."""
        return np.asarray(self._accepted / np.maximum(self._tried, 1))

    def run(self, sweeps: int, threads: int = 1, check: Check = unchecked) -> None:
        """Run all simulations at their temperatures, in parallel.

        Parameters
        ----------
        sweeps : int
            Number of sweeps of each simulation.
        threads : int
            Number of threads; no result depends on it.
        check : callable
            Called from time to time; it may raise an exception to stop the run.
        """
        on_threads(lambda simulation, inner: simulation.run(sweeps, inner), self.simulations, threads, check)

    def exchange(self) -> None:
        """Propose exchanges of temperatures between neighbours on the ladder, by turns of the even and the odd pairs.

        They are accepted with probability min(1, exp((1/T_i - 1/T_j) (U_i - U_j))); see Hukushima and Nemoto, J. Phys.
        Soc. Jpn. 65, 1604 (1996).
        """
        ladder, potential = self.temperatures, self.energies
        for low in range(self._rounds % 2, len(ladder) - 1, 2):
            exponent = (1.0 / ladder[low] - 1.0 / ladder[low + 1]) * (potential[low] - potential[low + 1])
            self._tried[low] += 1
            if self._generator.random() < np.exp(min(exponent, 0.0)):
                self._accepted[low] += 1
                self.at[[low, low + 1]] = self.at[[low + 1, low]]
        self._rounds += 1
        for temperature, k in zip(ladder, self.at, strict=True):
            self.simulations[k].temperature = float(temperature)
        if len(self) > 1:
            coldest, hottest = self.at[0], self.at[-1]
            self.round_trips += int(self._seen[coldest] == _BEEN_HOT)
            self._seen[coldest] = _COMES_FROM_COLD
            if self._seen[hottest] == _COMES_FROM_COLD:
                self._seen[hottest] = _BEEN_HOT

    # --- to and from files ---

    def state(self) -> dict[str, Any]:
        """The state of the exchanges, from which they continue bit for bit, as values that JSON can hold."""
        return {
            "at": self.at.tolist(),
            "rounds": self._rounds,
            "tried": self._tried.tolist(),
            "accepted": self._accepted.tolist(),
            "seen": self._seen.tolist(),
            "round_trips": self.round_trips,
            "generator": self._generator.bit_generator.state,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Return to a state of the exchanges; the simulations must be restored one by one.

        Parameters
        ----------
        state : dict
            The result of the method `state`.
        """
        self.at = np.array(state["at"], dtype=np.int64)
        self._rounds = int(state["rounds"])
        self._tried, self._accepted, self._seen = (
            np.array(state[name], dtype=np.int64) for name in ("tried", "accepted", "seen")
        )
        self.round_trips = int(state["round_trips"])
        self._generator.bit_generator.state = state["generator"]
