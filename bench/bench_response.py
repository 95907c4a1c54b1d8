"""Vibrality and heat capacity from a selected inverse, against full diagonalization by LAPACK.

Ours starts from positions: contact network, factorization, selected inverse, both fields. The peer is handed the dense
Hessian and does `scipy.linalg.eigh` (divide and conquer, the fastest of its drivers) alone, in a process of its own,
with OpenBLAS on one thread and on two; the faster counts. Ours takes milliseconds: a run is the mean of ten in a row,
of which the first finds the caches as the peer left them.
"""

from __future__ import annotations

import time

import numpy as np

import glassplast as gp
from bench.bench_nonaffine_modulus import made_glass
from bench.lapack_peer import Lapack
from bench.measure import Check, Comparison, interleaved, main, sample

FIELDS = ("vibrality", "heat_capacity")
IN_A_ROW = 10


class _Ours:
    def __init__(self, glass: gp.Glass) -> None:
        self.glass = glass
        self.fields: dict[str, np.ndarray] = {}

    def __call__(self) -> float:
        start = time.perf_counter()
        for _ in range(IN_A_ROW):
            self.fields = gp.indicators.compute(gp.Analysis(self.glass, threads=1), FIELDS)
        return (time.perf_counter() - start) / IN_A_ROW


def compare(quick: bool) -> list[Comparison]:
    comparisons = []
    for name, glass, repetitions in _cases(quick):
        ours = _Ours(glass)
        peers = [Lapack(glass, threads) for threads in (1, 2)]
        own_times, *peer_times = interleaved([ours, *peers], repetitions)
        best = min((0, 1), key=lambda k: float(np.median(peer_times[k])))
        kept = ~np.isnan(ours.fields["vibrality"])
        error = np.abs(ours.fields["vibrality"][kept] - peers[best].vibrality) / peers[best].vibrality
        comparisons.append(
            Comparison(
                "response",
                f"vibrality and heat capacity, {name}, N = {len(glass)}",
                f"scipy eigh, OpenBLAS on {best + 1} thread{'s' * best}, the faster",
                own_times,
                peer_times[best],
                [Check("difference of the vibralities, relative", float(error.max()), 1e-8)],
            )
        )
    return comparisons


def _cases(quick: bool) -> list[tuple[str, gp.Glass, int]]:
    small = [("LJ", gp.minimize(sample("lj_gq_1024.data")), 2 if quick else 5)]
    small.append(("POLY", gp.minimize(sample("poly_inf_1024.xyz")), 2 if quick else 5))
    # The peer takes tens of seconds: three runs.
    return small if quick else [*small, ("POLY", made_glass(2025), 3)]


if __name__ == "__main__":
    main(compare, __doc__)
