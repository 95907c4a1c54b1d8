"""Vibrality and heat capacity from a selected inverse, against full diagonalization by LAPACK.

Ours starts from positions: contact network, factorization, selected inverse, both fields. The peer is handed the dense
Hessian and does `scipy.linalg.eigh` (divide and conquer, the fastest of its drivers) alone, in a process of its own,
with OpenBLAS on one thread and on two. Of both the faster counts. Ours takes milliseconds: a run is the mean of ten in
a row, of which the first finds the caches as the peer left them.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

import glassplast as gp
from bench.bench_nonaffine_modulus import made_glass
from bench.lapack_peer import Lapack
from bench.measure import Check, Comparison, interleaved, main, sample

FIELDS = ("vibrality", "heat_capacity")
IN_A_ROW = 10


class _Ours:
    def __init__(self, glass: gp.Glass, threads: int) -> None:
        self.glass = glass
        self.threads = threads
        self.fields: dict[str, np.ndarray] = {}

    def __call__(self) -> float:
        start = time.perf_counter()
        for _ in range(IN_A_ROW):
            self.fields = gp.indicators.compute(gp.Analysis(self.glass, threads=self.threads), FIELDS)
        return (time.perf_counter() - start) / IN_A_ROW


def compare(quick: bool) -> list[Comparison]:
    comparisons = []
    for name, glass, repetitions in _cases(quick):
        ours = [_Ours(glass, threads) for threads in (1, 2)]
        peers = [Lapack(glass, threads) for threads in (1, 2)]
        times = interleaved([*ours, *peers], repetitions)
        own_times, own_threads = _faster(times[:2])
        peer_times, peer_threads = _faster(times[2:])
        fields, peer = ours[own_threads - 1].fields, peers[peer_threads - 1]
        kept = ~np.isnan(fields["vibrality"])
        error = np.abs(fields["vibrality"][kept] - peer.vibrality) / peer.vibrality
        comparisons.append(
            Comparison(
                "response",
                f"vibrality and heat capacity, {name}, N = {len(glass)}, {_on(own_threads)}",
                f"scipy eigh, OpenBLAS {_on(peer_threads)}",
                own_times,
                peer_times,
                [Check("difference of the vibralities, relative", float(error.max()), 1e-8)],
            )
        )
    return comparisons


def _faster(times: Sequence[Sequence[float]]) -> tuple[Sequence[float], int]:
    """Of the times on one thread and on two the better ones, and on how many."""
    best = min(range(len(times)), key=lambda k: float(np.median(times[k])))
    return times[best], best + 1


def _on(threads: int) -> str:
    return "on one thread, the faster" if threads == 1 else "on two threads, the faster"


def _cases(quick: bool) -> list[tuple[str, gp.Glass, int]]:
    small = [("LJ", gp.minimize(sample("lj_gq_1024.data")), 2 if quick else 5)]
    small.append(("POLY", gp.minimize(sample("poly_inf_1024.xyz")), 2 if quick else 5))
    # The peer takes tens of seconds: three runs.
    return small if quick else [*small, ("POLY", made_glass(2025), 3)]


if __name__ == "__main__":
    main(compare, __doc__)
