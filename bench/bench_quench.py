"""Quench of hot Lennard-Jones liquids to a largest force of 1e-8, against LAMMPS' minimizers.

Different minimizers end in different minima from the same liquid: energies are reported, and are no check. What is
checked is that all four got there. Each run starts from nothing but positions: lists and setup are part of it.
"""

from __future__ import annotations

import time

import numpy as np

import glassplast as gp
from bench.lammps_peer import MINIMIZERS, LammpsMixture
from bench.measure import Check, Comparison, interleaved, main, sample
from bench.solids import hot_liquid, named

TOLERANCE = 1e-8
SAMPLES = ("lj_htl_1024_liquid.data", "lj_htl_10000_liquid.data")


class _Quench:
    """Times quenches of one liquid with one minimizer and keeps what they ended in."""

    def __init__(self, liquid: gp.Glass, method: str) -> None:
        self.liquid = liquid
        self.method = method
        self.energy = np.nan
        self.largest_force = np.nan

    def __call__(self) -> float:
        raise NotImplementedError


class _Ours(_Quench):
    def __call__(self) -> float:
        start = time.perf_counter()
        glass = gp.minimize(self.liquid, method=self.method, tolerance=TOLERANCE)
        elapsed = time.perf_counter() - start
        energy, forces, _ = glass.potential_energy().evaluate(glass.positions)
        self.energy = energy / len(glass)
        self.largest_force = float(np.linalg.norm(forces, axis=1).max())
        return elapsed


class _Lammps(_Quench):
    def __call__(self) -> float:
        mixture = LammpsMixture(self.liquid)
        mixture.run(MINIMIZERS[self.method])
        start = time.perf_counter()
        mixture.minimize(TOLERANCE)
        elapsed = time.perf_counter() - start
        self.energy = mixture.energy / len(self.liquid)
        self.largest_force = mixture.largest_force
        return elapsed


def compare(quick: bool) -> list[Comparison]:
    comparisons = []
    for name in SAMPLES[:1] if quick else SAMPLES:
        liquid = sample(name)
        comparisons += _compare(f"LJ liquid to 1e-8, N = {len(liquid)}", liquid, quick)
    count = 500 if quick else 4096
    return comparisons + _compare(f"liquid to 1e-8, {named(count)}", hot_liquid(count), quick)


def compare_long(quick: bool) -> list[Comparison]:
    count = 1000 if quick else 30_000
    return _compare(f"liquid to 1e-8, {named(count)}", hot_liquid(count), quick)


def _compare(case: str, liquid: gp.Glass, quick: bool) -> list[Comparison]:
    comparisons = []
    few = len(liquid) < 3000
    repetitions = 1 if quick else 7 if few else 3
    ours = [_Ours(liquid, method) for method in ("cg", "fire")]
    theirs = [_Lammps(liquid, method) for method in ("fire", "cg")]
    times = interleaved([*ours, *theirs], repetitions, warm_up=few and not quick)
    for own, own_times in zip(ours, times[:2], strict=True):
        for peer, peer_times in zip(theirs, times[2:], strict=True):
            comparisons.append(
                Comparison(
                    "quench",
                    f"{case}, {own.method} then Newton",
                    f"LAMMPS {peer.method}",
                    own_times,
                    peer_times,
                    [
                        Check("largest force left", own.largest_force, TOLERANCE),
                        Check("LAMMPS' largest force left", peer.largest_force, TOLERANCE),
                    ],
                    f"energy per particle {own.energy:.6f}, LAMMPS' {peer.energy:.6f}",
                )
            )
    return comparisons


if __name__ == "__main__":
    main(compare, __doc__, compare_long)
