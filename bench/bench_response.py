"""Vibrality and heat capacity from a selected inverse, against full diagonalization by LAPACK.

Ours starts from positions: contact network, factorization, selected inverse, both fields. The peer is handed the dense
Hessian and does `scipy.linalg.eigh` (divide and conquer, the fastest of its drivers) alone, in a process of its own,
with OpenBLAS on one thread and on two; the faster counts.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import glassplast as gp
from bench.bench_nonaffine_modulus import made_glass
from bench.measure import Check, Comparison, interleaved, main, sample

FIELDS = ("vibrality", "heat_capacity")
PEER = """
import sys, time
import numpy as np, scipy.linalg
hessian = np.load(sys.argv[1])
start = time.perf_counter()
values, vectors = scipy.linalg.eigh(hessian, driver="evd", overwrite_a=True, check_finite=False)
print(time.perf_counter() - start)
squares = (vectors[:, 2:] ** 2 / values[2:]).sum(axis=1)
np.save(sys.argv[2], squares.reshape(-1, 2).sum(axis=1))
"""


class _Ours:
    def __init__(self, glass: gp.Glass) -> None:
        self.glass = glass
        self.fields: dict[str, np.ndarray] = {}

    def __call__(self) -> float:
        start = time.perf_counter()
        self.fields = gp.indicators.compute(gp.Analysis(self.glass, threads=1), FIELDS)
        return time.perf_counter() - start


class _Lapack:
    def __init__(self, glass: gp.Glass, threads: int) -> None:
        self.threads = threads
        analysis = gp.Analysis(glass)
        core = np.repeat(~analysis.rattlers, 2)
        self.hessian = analysis.hessian[core][:, core].toarray(order="F")
        self.vibrality = np.empty(0)

    def __call__(self) -> float:
        with tempfile.TemporaryDirectory() as directory:
            files = [Path(directory) / name for name in ("hessian.npy", "vibrality.npy")]
            np.save(files[0], self.hessian)
            ended = subprocess.run(
                [sys.executable, "-c", PEER, *map(str, files)],
                env={**os.environ, "OPENBLAS_NUM_THREADS": str(self.threads)},
                preexec_fn=lambda: os.sched_setaffinity(0, range(os.cpu_count() or 1)) if self.threads > 1 else None,
                check=True,
                capture_output=True,
                text=True,
            )
            self.vibrality = np.load(files[1])
        return float(ended.stdout)


def compare(quick: bool) -> list[Comparison]:
    comparisons = []
    for name, glass, repetitions in _cases(quick):
        ours = _Ours(glass)
        peers = [_Lapack(glass, threads) for threads in (1, 2)]
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
