"""Monte Carlo of a glass at constant volume and temperature, with exchanges of diameters or species."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassplast import _engine
from glassplast.errors import ArgumentError, ModelError
from glassplast.foundation.arguments import finite_number
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.dimension import engine_class
from glassplast.foundation.one_line import without_arrays
from glassplast.foundation.seeds import Seed, seed_sequence
from glassplast.glass import Configuration, Glass, glass_of

#: Function that is called from time to time with the number of sweeps done and the energy; it may raise an exception to
#: stop the simulation.
SweepCallback = Callable[[float, float], None]

__all__ = ["MonteCarlo", "MoveStatistics", "Series", "pressure_of"]

#: Side of the square of displacements, fraction of swaps, and largest difference of swapped diameters, as in Ninarello,
#: Berthier and Coslovich, Phys. Rev. X 7, 021039 (2017).
STEP = 0.12
SWAP_PROBABILITY = 0.2
SWAP_WINDOW = 0.2


@dataclass
class MoveStatistics:
    """The number of moves that were proposed and accepted.

    Attributes
    ----------
    translations, accepted_translations : int
        Number of displacements, and of those that were accepted.
    swaps, idle_swaps, accepted_swaps : int
        Number of exchanges, of idle ones, and of accepted ones. Idle exchanges are refused without an energy being
        computed, because the diameters or species of the two particles are equal or too different.
    """

    translations: int = 0
    accepted_translations: int = 0
    swaps: int = 0
    idle_swaps: int = 0
    accepted_swaps: int = 0

    def add(self, counts: _engine.MoveCounts) -> None:
        """Add the moves of another run."""
        for name in self.__dict__:
            setattr(self, name, getattr(self, name) + getattr(counts, name))

    @property
    def translation_acceptance(self) -> float:
        """Fraction of the displacements that were accepted."""
        return self.accepted_translations / max(self.translations, 1)

    @property
    def swap_acceptance(self) -> float:
        """Fraction of the exchanges that were accepted, without the idle ones."""
        return self.accepted_swaps / max(self.swaps - self.idle_swaps, 1)


@dataclass(frozen=True, repr=False)
class Series:
    """Quantities measured in a Monte Carlo simulation.

    Attributes
    ----------
    sweeps : ndarray, shape (M,)
        Times of the measurements in sweeps; a sweep is N moves of any kind, including idle exchanges.
    energy : ndarray, shape (M,)
        Potential energy per particle.
    pressure : ndarray, shape (M,)
        Pressure rho T - tr(sigma) / d (energy / volume); NaN if it was not asked for.
    """

    sweeps: FloatArray
    energy: FloatArray
    pressure: FloatArray

    __repr__ = without_arrays


class MonteCarlo:
    """A Metropolis Monte Carlo simulation of a glass.

    A move displaces one particle by a vector drawn from a square (in 3D a cube) with side `step`, or exchanges the
    diameters or species of two particles. It is accepted with probability min(1, exp(-dU / T)). See Ninarello, Berthier
    and Coslovich, Phys. Rev. X 7, 021039 (2017).

    Parameters
    ----------
    glass : Glass or Analysis
        Configuration to start from, with a model.
    temperature : float
        Temperature (energy).
    seed : int, SeedSequence or array of uint64 with shape (4,)
        Seed of the random numbers, or the state of the generator (`random_state`).
    step : float
        Side of the square from which displacements are drawn (length).
    swap_probability : float
        Fraction of the moves that are exchanges.
    swap_window : float, optional
        Largest difference of two diameters that are exchanged (length); by default 0.2. Any two species are exchanged.

    Raises
    ------
    ArgumentError
        If the temperature, step, probability or window is out of range.
    GeometryError
        If two particles are at the same position, or the box is smaller than two cutoffs.
    ModelError
        If the glass has no model.
    """

    def __init__(
        self,
        glass: Configuration,
        temperature: float,
        seed: Seed | NDArray[np.uint64],
        *,
        step: float = STEP,
        swap_probability: float = SWAP_PROBABILITY,
        swap_window: float | None = None,
    ) -> None:
        glass = glass_of(glass)
        if glass.model is None:
            raise ModelError("Monte Carlo needs a potential: give the glass a model, e.g. Glass(..., model='poly')")
        self._template = glass
        self._by_species = glass.model.kind.describes == "species"
        if swap_window is None:
            swap_window = np.inf if self._by_species else SWAP_WINDOW
        state: NDArray[Any] = seed if isinstance(seed, np.ndarray) else seed_sequence(seed).generate_state(4, np.uint64)
        maker = engine_class("SwapMonteCarlo", glass.dimension)
        options = _engine.MonteCarloOptions(temperature, step, swap_probability, swap_window)
        self._engine: _engine.SwapMonteCarlo2D = maker(glass.interaction, glass.box, glass.positions, state, options)
        self.statistics = MoveStatistics()
        self.sweeps = 0.0

    def __len__(self) -> int:
        return len(self._template)

    @property
    def temperature(self) -> float:
        """Temperature (energy); it may be set."""
        return self._engine.options.temperature

    @temperature.setter
    def temperature(self, value: float) -> None:
        self._set(temperature=value)

    @property
    def step(self) -> float:
        """Side of the square of displacements; it may be set, though not during a measurement (detailed balance)."""
        return self._engine.options.step

    @step.setter
    def step(self, value: float) -> None:
        self._set(step=value)

    @property
    def swap_probability(self) -> float:
        """Fraction of the moves that are exchanges."""
        return self._engine.options.swap_probability

    @property
    def swap_window(self) -> float:
        """Largest difference of two diameters that are exchanged (length)."""
        return self._engine.options.swap_window

    def _set(self, **changes: float) -> None:
        known = self._engine.options
        names = ("temperature", "step", "swap_probability", "swap_window")
        self._engine.options = _engine.MonteCarloOptions(**{name: getattr(known, name) for name in names} | changes)

    @property
    def energy(self) -> float:
        """Potential energy; the changes in each move since the last `run` began are added up."""
        return self._engine.energy

    @property
    def positions(self) -> FloatArray:
        """Unwrapped positions, shape (N, d)."""
        return self._engine.positions

    @property
    def random_state(self) -> NDArray[np.uint64]:
        """State of the random numbers, shape (4,), which with positions and diameters continues the run bit for bit."""
        return self._engine.random_state

    @property
    def glass(self) -> Glass:
        """The current configuration, with the provenance of the start."""
        kinds = self._engine.kinds
        particles = {"species": kinds.astype(np.int32)} if self._by_species else {"diameters": kinds}
        return self._template.replace(positions=self.positions, **particles)

    def run(self, sweeps: float, callback: SweepCallback | None = None) -> None:
        """Run for a number of sweeps.

        If the run is interrupted or `callback` raises an exception, the simulation remains as it was before.

        Parameters
        ----------
        sweeps : float
            Number of sweeps; a sweep is N moves.
        callback : callable, optional
            Called from time to time with the number of sweeps done and the energy.
        """
        finite_number("sweeps", sweeps, least=0.0)
        count = len(self)
        inner = None if callback is None else lambda moves, energy: callback(moves / count, energy)
        moves = round(sweeps * count)
        self._engine.run(moves, inner)
        self.statistics.add(self._engine.counts)
        self.sweeps += moves / count

    def tune(self, sweeps: int, acceptance: float = 0.5, blocks: int = 10) -> None:
        """Run for a number of sweeps, and adapt the step until a given fraction of the displacements is accepted.

        A step that depends on the past breaks detailed balance, so that nothing should be measured during this run.

        Parameters
        ----------
        sweeps : int
            Number of sweeps.
        acceptance : float
            Fraction of the displacements that should be accepted.
        blocks : int
            Number of times that the step is adapted.
        """
        if not 0.0 < acceptance < 1.0:
            raise ArgumentError(f"the acceptance aimed at must lie between 0 and 1, not {acceptance}")
        largest = 0.5 * float(self._template.diameters.mean())
        for _ in range(blocks):
            self.run(sweeps / blocks)
            counts = self._engine.counts
            if counts.translations:
                ratio = counts.accepted_translations / counts.translations / acceptance
                self.step = float(np.clip(self.step * np.clip(ratio, 0.5, 2.0), 1e-4, largest))

    def sample(
        self, sweeps: int, every: int = 20, *, pressure: bool = False, callback: SweepCallback | None = None
    ) -> Series:
        """Run for a number of sweeps and measure energy and pressure.

        Parameters
        ----------
        sweeps : int
            Number of sweeps.
        every : int
            Number of sweeps between measurements.
        pressure : bool
            Whether to measure the pressure as well; a measurement takes as long as about five sweeps.
        callback : callable, optional
            Called with the number of sweeps done and the energy.

        Returns
        -------
        Series
        """
        if every < 1:
            raise ArgumentError(f"there must be at least one sweep between measurements, not {every}")
        rows = []
        for k in range(int(sweeps) // every):
            offset = k * every
            inner = None if callback is None else lambda done, energy, at=offset: callback(at + done, energy)
            self.run(every, inner)
            rows.append(
                (
                    self.sweeps,
                    self.energy / len(self),
                    pressure_of(self.glass, self.temperature)[0] if pressure else np.nan,
                )
            )
        return Series(*np.reshape(rows, (-1, 3)).T)


def pressure_of(glass: Glass, temperature: float) -> tuple[float, float]:
    """The pressure rho T - tr(sigma) / d of a liquid and its energy, computed from scratch."""
    energy, _, stress = glass.potential_energy().evaluate(glass.positions)
    return float(glass.number_density * temperature - np.trace(stress) / glass.dimension), float(energy)
