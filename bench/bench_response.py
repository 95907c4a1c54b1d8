"""Vibrality and heat capacity from a selected inverse, against full diagonalization by LAPACK.

Ours starts from positions: contact network, factorization, selected inverse, both fields. The peer is handed the dense
Hessian and does `scipy.linalg.eigh` (divide and conquer, the fastest of its drivers) alone, in a process of its own,
with OpenBLAS on one thread and on two. Of both the faster counts. Ours takes milliseconds: a run is the mean of ten in
a row, of which the first finds the caches as the peer left them. The largest size says as what powers of N both grow.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

import glassplast as gp
from bench.lapack_peer import Lapack
from bench.measure import Check, Comparison, cores_for, interleaved, main, sample

FIELDS = ("vibrality", "heat_capacity")
IN_A_ROW = 10


class _Ours:
    def __init__(self, glass: gp.Glass, threads: int) -> None:
        self.glass = glass
        self.threads = threads
        self.fields: dict[str, np.ndarray] = {}

    def __call__(self) -> float:
        with cores_for(self.threads):
            start = time.perf_counter()
            for _ in range(IN_A_ROW):
                self.fields = gp.indicators.compute(gp.Analysis(self.glass, threads=self.threads), FIELDS)
            return (time.perf_counter() - start) / IN_A_ROW


def compare(quick: bool) -> list[Comparison]:
    comparisons = []
    for name in ("LJ", "POLY"):
        of_model: list[tuple[int, Sequence[float], Sequence[float]]] = []
        for count, repetitions in _sizes(quick):
            glass = _glass(name, count)
            ours = [_Ours(glass, threads) for threads in (1, 2)]
            peers = [Lapack(glass, threads) for threads in (1, 2)]
            # Each of ours after a peer, which leaves it the same caches.
            times = interleaved([ours[0], peers[0], ours[1], peers[1]], repetitions)
            own_times, own_threads = _faster(times[0::2])
            peer_times, peer_threads = _faster(times[1::2])
            of_model.append((count, own_times, peer_times))
            fields, peer = ours[own_threads - 1].fields, peers[peer_threads - 1]
            kept = ~np.isnan(fields["vibrality"])
            error = np.abs(fields["vibrality"][kept] - peer.vibrality) / peer.vibrality
            comparisons.append(
                Comparison(
                    "response",
                    f"vibrality and heat capacity, {name}, N = {count}, {_on(own_threads)}",
                    f"scipy eigh, OpenBLAS {_on(peer_threads)}",
                    own_times,
                    peer_times,
                    [Check("difference of the vibralities, relative", float(error.max()), 1e-8)],
                    _growth(of_model) if count == 2048 else "",
                )
            )
    return comparisons


def _growth(measured: Sequence[tuple[int, Sequence[float], Sequence[float]]]) -> str:
    """Fitted powers of N of both sides."""
    counts = np.log([count for count, _, _ in measured])
    own, peer = (np.polyfit(counts, np.log([np.median(row[side]) for row in measured]), 1)[0] for side in (1, 2))
    return f"from N = {measured[0][0]} to {measured[-1][0]} ours grows as N^{own:.2f}, eigh as N^{peer:.2f}"


def _glass(name: str, count: int) -> gp.Glass:
    """At N = 1024 the samples of the tests; others are made, hot liquids that are quenched at once."""
    if count == 1024:
        return gp.minimize(sample("lj_gq_1024.data" if name == "LJ" else "poly_inf_1024.xyz"))
    return gp.prepare.lj(count, "HTL", 1) if name == "LJ" else gp.prepare.poly(count, 0.3, 1, sweeps=200)


def _sizes(quick: bool) -> list[tuple[int, int]]:
    """Numbers of particles, and of runs; the peer takes tens of seconds at the largest."""
    return [(1024, 2)] if quick else [(512, 5), (1024, 5), (2048, 3)]


def _faster(times: Sequence[Sequence[float]]) -> tuple[Sequence[float], int]:
    """Of the times on one thread and on two the better ones, and on how many."""
    best = min(range(len(times)), key=lambda k: float(np.median(times[k])))
    return times[best], best + 1


def _on(threads: int) -> str:
    return "on one thread, the faster" if threads == 1 else "on two threads, the faster"


if __name__ == "__main__":
    main(compare, __doc__)
