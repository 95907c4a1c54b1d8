"""Simulations of one system at different temperatures, which they exchange."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.parallel import Check, on_threads, unchecked
from glassplast.sampling.monte_carlo import MonteCarlo

__all__ = ["Replicas"]

#: What a replica has seen since it was last at the coldest temperature: nothing, that it comes from there, or that it
#: has been at the hottest one as well.
_NEW, _COMES_FROM_COLD, _BEEN_HOT = 0, 1, 2


class Replicas:
    """Simulations at a ladder of temperatures. One alone is plain Monte Carlo.

    Parameters
    ----------
    simulations : sequence of MonteCarlo
        From the coldest to the hottest.
    seed : SeedSequence
        Of the exchanges.

    Attributes
    ----------
    simulations : list of MonteCarlo
        Each keeps its place here and changes its temperature.
    at : (K,) array of int
        Which of them is at each temperature, from cold to hot.
    round_trips : int
        Journeys from the coldest temperature to the hottest and back, all replicas together.
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
        """The simulation that is at the lowest temperature now."""
        return self.simulations[int(self.at[0])]

    @property
    def energies(self) -> FloatArray:
        """(K,): potential energy at each temperature, from cold to hot."""
        return np.array([self.simulations[k].energy for k in self.at])

    @property
    def exchange_acceptance(self) -> FloatArray:
        """(K - 1,): part of the exchanges between neighbours on the ladder that were accepted."""
        return np.asarray(self._accepted / np.maximum(self._tried, 1))

    def run(self, sweeps: int, threads: int = 1, check: Check = unchecked) -> None:
        """So many sweeps of each, side by side."""
        on_threads(lambda simulation, inner: simulation.run(sweeps, inner), self.simulations, threads, check)

    def exchange(self) -> None:
        """Let neighbours on the ladder exchange their temperatures, in turn the even and the odd pairs.

        With probability min(1, exp((1/T_i - 1/T_j) (U_i - U_j))): Hukushima and Nemoto, J. Phys. Soc. Jpn. 65, 1604
        (1996).
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
        """All that continues the exchanges to the same bits; what JSON knows."""
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
        """Go back to where `state` was taken; the simulations are restored one by one."""
        self.at = np.array(state["at"], dtype=np.int64)
        self._rounds = int(state["rounds"])
        self._tried, self._accepted, self._seen = (
            np.array(state[name], dtype=np.int64) for name in ("tried", "accepted", "seen")
        )
        self.round_trips = int(state["round_trips"])
        self._generator.bit_generator.state = state["generator"]
