"""The blocks of the inverse that local fields need, against the best that SciPy offers: solves with unit vectors.

Ours starts from positions and yields the d x d blocks of each particle with itself and with those that it touches.
SciPy has no selected inverse; its best is `splu` with the ordering and options for symmetric matrices, and a solve for
each column, many at a time. At N = 10^4 these solves are timed for a tenth of the columns and extrapolated to
all, which the rows say; the factorization is in it once. SciPy's matrix has one particle held, which makes it positive
definite: the check brings our blocks, those of the pseudo-inverse, to the same.
"""

from __future__ import annotations

import time

import numpy as np
import scipy.sparse
import scipy.sparse.linalg

import glassplast as gp
from bench.bench_factorization import Problem
from bench.measure import Check, Comparison, interleaved, main, sample

SAMPLES = {
    ("LJ", 1024): "lj_gq_1024.data",
    ("POLY", 1024): "poly_inf_1024.xyz",
    ("LJ", 10_000): "lj_gq_10000.data",
    ("POLY", 10_000): "poly_inf_10000.xyz",
}
#: Columns that are solved for at once: of 1, 16, 64 and 256 the fastest.
TOGETHER = 64
#: Columns that are timed where all would take minutes.
SUBSET = 2048
IN_A_ROW = 5


class _Ours:
    def __init__(self, glass: gp.Glass) -> None:
        self.glass = glass
        self.analysis = gp.Analysis(glass, threads=1)

    def __call__(self) -> float:
        start = time.perf_counter()
        for _ in range(IN_A_ROW):
            self.analysis = gp.Analysis(self.glass, threads=1)
            _ = self.analysis.inverse_blocks.diagonal
        return (time.perf_counter() - start) / IN_A_ROW


class _Scipy:
    def __init__(self, problem: Problem, columns: int) -> None:
        self.matrix = problem.matrix
        self.columns = min(columns, self.matrix.shape[0])
        #: Diagonal entries of the inverse with one particle held, of the first columns.
        self.diagonal = np.empty(self.columns)

    @property
    def extrapolated(self) -> bool:
        return self.columns < self.matrix.shape[0]

    def __call__(self) -> float:
        size = self.matrix.shape[0]
        start = time.perf_counter()
        factor = scipy.sparse.linalg.splu(
            self.matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True}
        )
        factorized = time.perf_counter() - start
        start = time.perf_counter()
        for first in range(0, self.columns, TOGETHER):
            chosen = np.arange(first, min(first + TOGETHER, self.columns))
            units = np.zeros((size, len(chosen)))
            units[chosen, np.arange(len(chosen))] = 1.0
            self.diagonal[chosen] = factor.solve(units)[chosen, np.arange(len(chosen))]
        return factorized + (time.perf_counter() - start) * size / self.columns


def _difference(ours: _Ours, peer: _Scipy, problem: Problem) -> float:
    """Largest relative difference of diagonal entries of the inverse with one particle held, by us and by SciPy.

    With the pseudo-inverse G and h held, these are G_ii - 2 G_ih + G_hh, and our solver gives the columns of h.
    """
    dimension = problem.glass.dimension
    kept = problem.kept[: peer.columns // dimension]
    # Column h of the pseudo-inverse: a force on h alone, the mean of which the projector takes away.
    count = len(problem.kept) + 1
    held = np.zeros((dimension, *problem.glass.positions.shape))
    for axis in range(dimension):
        force = np.zeros(problem.glass.positions.shape)
        force[[*problem.kept, problem.held], axis] = -1.0 / count
        force[problem.held, axis] += 1.0
        held[axis] = ours.analysis.solver.solve(force)
    blocks = ours.analysis.inverse_blocks.diagonal
    expected = np.array(
        [
            blocks[i, axis, axis] - 2.0 * held[axis][i, axis] + held[axis][problem.held, axis]
            for i in kept
            for axis in range(dimension)
        ]
    )
    return float(np.abs(peer.diagonal[: len(expected)] / expected - 1.0).max())


def compare(quick: bool) -> list[Comparison]:
    rows = []
    for (name, count), file in SAMPLES.items():
        if quick and count > 5000:
            continue
        problem = Problem.of(gp.minimize(sample(file)))
        ours, peer = _Ours(problem.glass), _Scipy(problem, 64 if quick else SUBSET)
        times = interleaved([ours, peer], 1 if quick else 5, warm_up=not quick)
        size = peer.matrix.shape[0]
        rows.append(
            Comparison(
                "selected_inverse",
                f"blocks of the inverse, {name}, N = {count}",
                "scipy splu, solves with unit vectors" + ", extrapolated" * peer.extrapolated,
                *times,
                [Check("difference of diagonal entries, relative", _difference(ours, peer, problem), 1e-8)],
                f"SciPy's solves measured for {peer.columns} of {size} columns, extrapolated to all"
                if peer.extrapolated
                else "SciPy's solves measured for all columns",
            )
        )
    return rows


if __name__ == "__main__":
    main(compare, __doc__)
