"""The nonaffine modulus by dephasing and from all modes slice by slice, against full diagonalization by LAPACK.

Ours starts from positions: contact network, factorization, and then the waves until the median error of a particle is
estimated to be 1 %, or all modes, certified by inertia. The peer is
handed the dense Hessian without rattlers and does `scipy.linalg.eigh` (divide and conquer, the fastest of its drivers)
alone, in a process of its own whose OpenBLAS has as many threads as ours.
"""

from __future__ import annotations

import os
import time

import numpy as np

import glassplast as gp
from bench.lapack_peer import Lapack
from bench.measure import Check, Comparison, cores_for, interleaved, main, sample
from glassplast.prepare.soft_disks import poly_diameters
from glassplast.response import NonaffineDecomposition, nonaffine_decomposition

TOLERANCE = 1e-10
SEED = 5


def made_glass(count: int) -> gp.Glass:
    """POLY, a minimum found from a jittered square lattice."""
    random = np.random.default_rng(SEED)
    side = round(count**0.5)
    sites = np.stack(np.meshgrid(np.arange(side), np.arange(side), indexing="ij"), axis=-1).reshape(-1, 2)
    positions = sites + 0.5 + random.uniform(-0.2, 0.2, sites.shape)
    diameters = random.permutation(poly_diameters(len(sites)))
    return gp.minimize(gp.Glass(positions, float(side), "poly", diameters=diameters), tolerance=TOLERANCE)


class _Ours:
    def __init__(self, glass: gp.Glass, threads: int, **options: object) -> None:
        self.glass = glass
        self.threads = threads
        self.options = options
        self.analysis = gp.Analysis(glass)
        self.field = np.empty(0)

    def __call__(self) -> float:
        start = time.perf_counter()
        self.analysis = gp.Analysis(self.glass, threads=self.threads)
        options = {"nonaffine_modulus": self.options}
        self.field = gp.indicators.compute(self.analysis, ["nonaffine_modulus"], options=options)["nonaffine_modulus"]
        return time.perf_counter() - start


def compare(quick: bool) -> list[Comparison]:
    repetitions = 1 if quick else 5
    cases = [
        (name, gp.minimize(sample(file), tolerance=TOLERANCE), repetitions)
        for name, file in (("LJ", "lj_gq_1024.data"), ("POLY", "poly_inf_1024.xyz"))
    ]
    return _compare_all(cases if quick else [*cases, ("POLY", made_glass(2025), 3)])


def compare_long(quick: bool) -> list[Comparison]:
    # Minutes of the peer: once.
    return _compare_all([("POLY", made_glass(400 if quick else 4096), 1)])


def _compare_all(cases: list[tuple[str, gp.Glass, int]]) -> list[Comparison]:
    comparisons = []
    for name, glass, repetitions in cases:
        for threads in (1, 2):
            with cores_for(threads):
                if threads <= len(os.sched_getaffinity(0)):
                    comparisons += _compare(name, glass, threads, repetitions)
    return comparisons


def _compare(name: str, glass: gp.Glass, threads: int, repetitions: int) -> list[Comparison]:
    ours, estimate = _Ours(glass, threads, modes="all"), _Ours(glass, threads, accuracy=0.01)
    peer = Lapack(glass, threads)
    own_times, wave_times, peer_times = interleaved([ours, estimate, peer], repetitions, warm_up=False)
    whole = nonaffine_decomposition(ours.analysis, "all")
    core = ~ours.analysis.rattlers
    field = whole.field(0.0)[core] * glass.volume
    errors = np.abs(estimate.field[core] * glass.volume / peer.response - 1.0)
    case = f"{name}, N = {len(glass)}, {threads} thread{'s' * (threads > 1)}"
    dephasing = Comparison(
        "nonaffine_modulus",
        f"nonaffine modulus to 1 %, {case}",
        f"scipy eigh, OpenBLAS on {threads} thread{'s' * (threads > 1)}",
        wave_times,
        peer_times,
        [
            Check("median error of a particle", float(np.median(errors)), 0.01),
            Check("1 - Spearman", 1.0 - gp.scores.spearman(estimate.field[core], peer.response), 0.005),
        ],
    )
    return [dephasing, _exact(case, threads, own_times, peer_times, whole, field, peer)]


def _exact(
    case: str,
    threads: int,
    own_times: list[float],
    peer_times: list[float],
    whole: NonaffineDecomposition,
    field: np.ndarray,
    peer: Lapack,
) -> Comparison:
    differences = np.abs(peer.values[2:] - whole.eigenvalues) / peer.values[-1]
    return Comparison(
        "nonaffine_modulus",
        f"exact nonaffine modulus, {case}",
        f"scipy eigh, OpenBLAS on {threads} thread{'s' * (threads > 1)}",
        own_times,
        peer_times,
        [
            Check("difference of eigenvalues, of the largest", float(differences.max()), 1e-11),
            Check(
                "difference of the fields, of the largest",
                float(np.abs(field - peer.response).max() / peer.response.max()),
                1e-7,
            ),
            Check("missing from the sum rule", abs(whole.missing(0.0)), 1e-8),
        ],
    )


if __name__ == "__main__":
    main(compare, __doc__, compare_long)
