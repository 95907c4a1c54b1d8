"""Simulations of a liquid during equilibration, with the history from which its relaxation is measured."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.parallel import Check
from glassplast.glass import Glass
from glassplast.sampling.correlations import (
    CorrelationFunction,
    averaged,
    cage_relative,
    correlation_function,
    self_scattering,
)
from glassplast.sampling.monte_carlo import MonteCarlo, pressure_of
from glassplast.sampling.replicas import Replicas

__all__ = ["Walker"]


class Walker:
    """A simulation with its history: energies, pressures, and frames at equal intervals, which grow with its length.

    The simulation may be a ladder of replicas. Energies and pressures are then those at the coldest temperature, and
    the relaxation is that of a replica that was there at the time origin, wherever exchanges took it later.

    Parameters
    ----------
    replicas : Replicas
        One simulation, or a ladder of them.
    every : int
        Number of sweeps between measurements of the energy, and between exchanges.
    """

    #: When there are this many frames, every second one is discarded.
    most_frames = 160

    def __init__(self, replicas: Replicas, every: int) -> None:
        self.replicas = replicas
        self.every = every
        self.energies: list[float] = []
        self.pressures: list[float] = []
        self.frames: list[FloatArray] = []
        self.cold: list[int] = []
        self.stride = 1
        self.energy_drift = 0.0
        self._keep()

    @property
    def simulation(self) -> MonteCarlo:
        """The simulation at the coldest temperature."""
        return self.replicas.coldest

    @property
    def sweeps(self) -> int:
        """Number of sweeps that each replica has done."""
        return self.every * len(self.energies)

    def advance(self, measurements: int, check: Check, threads: int = 1) -> None:
        """Run for a number of energy measurements and measure the pressure once.

        If the run is interrupted, the simulation remains as it was before.
        """
        before = self.state()
        try:
            for _ in range(measurements):
                self.replicas.run(self.every, threads, check)
                self.replicas.exchange()
                self.energies.append(self.simulation.energy / len(self.simulation))
                if len(self.energies) % self.stride == 0:
                    self._keep()
        except BaseException:
            self.restore(before)
            raise
        for simulation in self.replicas.simulations:
            pressure, energy = pressure_of(simulation.glass, simulation.temperature)
            self.energy_drift = max(self.energy_drift, abs(energy - simulation.energy))
            if simulation is self.simulation:
                self.pressures.append(pressure)

    def _keep(self) -> None:
        self.frames.append(np.stack([simulation.positions for simulation in self.replicas.simulations]))
        self.cold.append(int(self.replicas.at[0]))
        if len(self.frames) > self.most_frames:
            self.frames, self.cold = self.frames[::2], self.cold[::2]
            self.stride *= 2

    def self_correlation(self) -> CorrelationFunction:
        """Self-intermediate scattering function over the later half of the run, cage-relative in 2D."""
        first = len(self.frames) // 2 if len(self.frames) > 3 else 0
        frames, cold = np.stack(self.frames[first:]), np.array(self.cold[first:])
        box = self.simulation.glass.box
        correlator = self_scattering()
        if box.dimension == 2:
            correlator = cage_relative(correlator)
        measured = partial(correlation_function, interval=self.every * self.stride, box=box, correlator=correlator)
        if len(self.replicas) == 1:
            return measured(frames[:, 0])
        # The last frame cannot be a time origin, since no frame follows it.
        return averaged([measured(frames[:, k], origins=np.flatnonzero(cold[:-1] == k)) for k in np.unique(cold[:-1])])

    @property
    def later_energies(self) -> FloatArray:
        """Energies per particle in the later half of the run."""
        return np.array(self.energies[len(self.energies) // 2 :])

    @property
    def later_pressures(self) -> FloatArray:
        """Pressures in the later half of the run."""
        return np.array(self.pressures[len(self.pressures) // 2 :])

    # --- to and from files ---

    def state(self) -> dict[str, Any]:
        """The state of the simulation and its history, from which it continues bit for bit."""
        return {
            "replicas": [
                {
                    "glass": simulation.glass,
                    "random_state": simulation.random_state,
                    "temperature": simulation.temperature,
                    "step": simulation.step,
                    "statistics": dict(vars(simulation.statistics)),
                }
                for simulation in self.replicas.simulations
            ],
            "exchanges": self.replicas.state(),
            "every": self.every,
            "stride": self.stride,
            "energies": np.array(self.energies),
            "pressures": np.array(self.pressures),
            "frames": list(self.frames),
            "cold": list(self.cold),
            "energy_drift": self.energy_drift,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Return to a state that the method `state` gave."""
        self.every = int(state["every"])
        self.stride = int(state["stride"])
        self.energies = np.asarray(state["energies"]).tolist()
        self.pressures = np.asarray(state["pressures"]).tolist()
        self.frames = list(state["frames"])
        self.cold = [int(k) for k in state["cold"]]
        self.energy_drift = float(state["energy_drift"])
        known = self.simulation
        self.replicas.simulations = [self._restored(known, replica) for replica in state["replicas"]]
        self.replicas.restore(state["exchanges"])

    def _restored(self, known: MonteCarlo, replica: dict[str, Any]) -> MonteCarlo:
        glass: Glass = replica["glass"]
        simulation = MonteCarlo(
            glass,
            replica["temperature"],
            np.asarray(replica["random_state"], dtype=np.uint64),
            step=replica["step"],
            swap_probability=known.swap_probability,
            swap_window=known.swap_window,
        )
        vars(simulation.statistics).update(replica["statistics"])
        simulation.sweeps = float(self.sweeps)
        return simulation
