"""A quasistatic strain step of 1e-5 of Lennard-Jones glasses, relaxed to a largest force of 1e-10, against LAMMPS.

Ours is `glassplast.shear` over 50 steps, divided by 50: Newton's method with a factorization kept over many steps,
their cost and the checks before the first step included. LAMMPS does what its users do, ``change_box ... remap``
and ``minimize``; of large glasses over fewer of the same steps. Both start from the same minimum, and the stresses at
the last common step must agree.
"""

from __future__ import annotations

import time

import numpy as np

import glassplast as gp
from bench.lammps_peer import MINIMIZERS, LammpsMixture
from bench.measure import Check, Comparison, interleaved, main, sample
from bench.solids import named, quenched

TOLERANCE = 1e-10
INCREMENT = 1e-5
STEPS = 50


class _Ours:
    def __init__(self, glass: gp.Glass) -> None:
        self.glass = glass
        self.run: gp.Run | None = None

    def __call__(self) -> float:
        start = time.perf_counter()
        self.run = gp.shear(self.glass, STEPS * INCREMENT, stepping="fixed", increment=INCREMENT, tolerance=TOLERANCE)
        return (time.perf_counter() - start) / STEPS

    @property
    def largest_force(self) -> float:
        assert self.run is not None
        end = self.run.end
        _, forces, _ = end.potential_energy().evaluate(end.positions)
        return float(np.linalg.norm(forces, axis=1).max())


class _Lammps:
    def __init__(self, glass: gp.Glass, minimizer: str, steps: int) -> None:
        self.glass = glass
        self.minimizer = minimizer
        self.steps = steps
        self.shift = INCREMENT * float(glass.cell[1, 1])
        self.stress = np.nan
        self.largest_force = 0.0

    def __call__(self) -> float:
        mixture = LammpsMixture(self.glass, triclinic=True)
        mixture.run(MINIMIZERS[self.minimizer])
        elapsed = 0.0
        for _ in range(self.steps):
            start = time.perf_counter()
            mixture.run(f"change_box all xy delta {self.shift!r} remap units box")
            mixture.minimize(TOLERANCE)
            elapsed += time.perf_counter() - start
            self.largest_force = max(self.largest_force, mixture.largest_force)
        self.stress = mixture.stress[-1]
        return elapsed / self.steps


def compare(quick: bool) -> list[Comparison]:
    # LAMMPS takes seconds a step at N = 10^4.
    comparisons = []
    for name, steps in (("lj_gq_1024.data", 5 if quick else STEPS), ("lj_gq_10000.data", 1 if quick else 3)):
        glass = gp.minimize(sample(name), tolerance=TOLERANCE)
        comparisons += _compare(f"LJ, N = {len(glass)}", glass, steps, quick)
    return comparisons + _in_3d(500 if quick else 4096, quick)


def compare_long(quick: bool) -> list[Comparison]:
    return _in_3d(1000 if quick else 30_000, quick)


def _in_3d(count: int, quick: bool) -> list[Comparison]:
    return _compare(named(count), quenched(count, TOLERANCE), 2, quick)


def _compare(case: str, glass: gp.Glass, steps: int, quick: bool) -> list[Comparison]:
    comparisons = []
    ours = _Ours(glass)
    peers = [_Lammps(glass, minimizer, steps) for minimizer in ("cg", "fire")]
    own_times, *peer_times = interleaved([ours, *peers], 1 if quick else 5, warm_up=not quick)
    assert ours.run is not None
    for peer, times in zip(peers, peer_times, strict=True):
        stress = float(ours.run.stress[steps])
        comparisons.append(
            Comparison(
                "shear",
                f"strain step of 1e-5 to 1e-10, {case}",
                f"LAMMPS {peer.minimizer}",
                own_times,
                times,
                [
                    Check(f"difference of stresses after {steps} steps", abs(stress - peer.stress), 1e-6),
                    Check("largest force left", ours.largest_force, TOLERANCE),
                    Check("LAMMPS' largest force left", peer.largest_force, TOLERANCE),
                ],
                f"ours over {STEPS} steps with {len(ours.run.events)} events, LAMMPS over the first {steps}",
            )
        )
    return comparisons


if __name__ == "__main__":
    main(compare, __doc__, compare_long)
