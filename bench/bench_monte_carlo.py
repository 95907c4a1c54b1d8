"""A million full Monte Carlo moves of supercooled soft disks at T = 0.12, N = 1024 and 10^4.

Full moves are those whose energy is computed: swaps that are refused before are not counted, on either side. No program
that does swap Monte Carlo in two dimensions can be installed from a package index: the peer is what one writes in
NumPy, the energy of a particle with all others at once. It is a scale, not a rival. Times are those of the processor:
both sides compute on one core without waiting, whatever else the machine does.
"""

from __future__ import annotations

import time

import numpy as np

import glassplast as gp
from bench.measure import Check, Comparison, interleaved, main, relative, span
from glassplast.prepare.soft_disks import poly_diameters
from glassplast.sampling.monte_carlo import STEP, SWAP_PROBABILITY, SWAP_WINDOW, MonteCarlo

TEMPERATURE = 0.12
MILLION = 1_000_000


def supercooled(n: int) -> gp.Glass:
    """Cooled from T = 0.3 in 500 sweeps."""
    rng = np.random.default_rng(1)
    side = np.sqrt(n)
    start = gp.Glass(rng.random((n, 2)) * side, side, "poly", diameters=rng.permutation(poly_diameters(n)))
    simulation = MonteCarlo(gp.minimize(start, method="fire", tolerance=10.0, polish=False), 0.3, 1)
    for temperature in np.geomspace(0.3, TEMPERATURE, 10):
        simulation.temperature = temperature
        simulation.run(50)
    return simulation.glass


class _Ours:
    def __init__(self, glass: gp.Glass, moves: int) -> None:
        self.simulation = MonteCarlo(glass, TEMPERATURE, 2)
        self.sweeps = moves / len(glass)

    def __call__(self) -> float:
        before = self.full_moves
        start = time.process_time()
        self.simulation.run(self.sweeps)
        return (time.process_time() - start) * MILLION / (self.full_moves - before)

    @property
    def full_moves(self) -> int:
        counts = self.simulation.statistics
        return counts.translations + counts.swaps - counts.idle_swaps


class _Numpy:
    """Swap Monte Carlo of soft disks in a square box, in plain NumPy."""

    def __init__(self, glass: gp.Glass, moves: int) -> None:
        self.positions = glass.positions.T.copy()
        self.diameters = glass.diameters.copy()
        self.side = float(glass.cell[0, 0])
        self.moves = moves
        self.rng = np.random.default_rng(2)

    def energy(self, i: int, position: np.ndarray, diameter: float, partner: int) -> float:
        apart = self.positions - position[:, None]
        apart -= self.side * np.rint(apart / self.side)
        length = 0.5 * (self.diameters + diameter) * (1.0 - 0.2 * np.abs(self.diameters - diameter))
        square = (apart**2).sum(axis=0) / length**2
        near = square < 1.25**2
        near[[i, partner]] = False
        x2 = square[near]
        return float(np.sum(x2**-6.0 - 28.0 * 0.8**12 + 48.0 * 0.8**14 * x2 - 21.0 * 0.8**16 * x2**2))

    def total(self) -> float:
        count = len(self.diameters)
        return 0.5 * sum(self.energy(i, self.positions[:, i], self.diameters[i], i) for i in range(count))

    def accepts(self, difference: float) -> bool:
        return difference <= 0.0 or self.rng.random() < np.exp(-difference / TEMPERATURE)

    def __call__(self) -> float:
        start = time.process_time()
        done = 0
        while done < self.moves:
            i, j = self.rng.integers(len(self.diameters), size=2)
            here, there = self.positions[:, i], self.positions[:, j]
            one, other = self.diameters[[i, j]]
            if self.rng.random() >= SWAP_PROBABILITY:
                done += 1
                moved = here + STEP * (self.rng.random(2) - 0.5)
                if self.accepts(self.energy(i, moved, one, i) - self.energy(i, here, one, i)):
                    self.positions[:, i] = moved
            elif 0.0 < abs(one - other) < SWAP_WINDOW:
                done += 1
                change = self.energy(i, here, other, j) - self.energy(i, here, one, j)
                change += self.energy(j, there, one, i) - self.energy(j, there, other, i)
                if self.accepts(change):
                    self.diameters[[i, j]] = other, one
        return (time.process_time() - start) * MILLION / self.moves


def compare(quick: bool) -> list[Comparison]:
    comparisons = []
    for n in (1024, 10_000):
        glass = supercooled(n)
        ours = _Ours(glass, 100_000 if quick else 3 * MILLION)
        peer = _Numpy(glass, 500 if quick else 3000)
        scratch = ours.simulation.glass.potential_energy().evaluate(glass.positions)[0]
        agreement = relative(scratch, peer.total())
        own_times, peer_times = interleaved([ours, peer], 1 if quick else 7)
        last = ours.simulation.glass
        drift = abs(last.potential_energy().evaluate(last.positions)[0] - ours.simulation.energy)
        rates = np.array([1.0 / seconds for seconds in own_times])
        counts = ours.simulation.statistics
        comparisons.append(
            Comparison(
                "monte_carlo",
                f"a million Monte Carlo moves, POLY at T = {TEMPERATURE}, N = {n}",
                "NumPy, one particle with all",
                own_times,
                peer_times,
                [
                    Check("relative difference of energies at the start", agreement, 1e-12),
                    Check("energy kept along the way less that from scratch", drift, 1e-8),
                ],
                f"{span(rates)} million full moves a second; {counts.translation_acceptance:.2f} of displacements and "
                f"{counts.swap_acceptance:.2f} of swaps accepted",
            )
        )
    return comparisons


if __name__ == "__main__":
    main(compare, __doc__)
