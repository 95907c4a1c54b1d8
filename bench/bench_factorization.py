"""Numeric factorization of Hessians, symbolic analysis kept, against CHOLMOD and Eigen: N = 10^4, and 3D.

The matrix is the Hessian on the rigid core with one particle held, which makes it positive definite. The peers are
C++ (factorization_peer.cpp), compiled here with -O3 -march=native into build/bench, in processes of their own that
keep their symbolic analysis and factorize when told to. CHOLMOD is supernodal on one thread of OpenBLAS, is handed
the matrix already permuted, and merges supernodes as is best for each sample, as well as by default.

Needs of Debian: apt install g++ libsuitesparse-dev libopenblas-dev
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse
import scipy.sparse.csgraph

import glassplast as gp
from bench.measure import Check, Comparison, interleaved, main, sample
from bench.solids import named, quenched
from glassplast import _engine

HERE = Path(__file__).resolve().parent
BUILD = HERE.parent / "build" / "bench"
PACKAGES = "g++ libsuitesparse-dev libopenblas-dev"
TOLERANCE = 1e-10
SAMPLES = {"LJ": "lj_gq_10000.data", "POLY": "poly_inf_10000.xyz"}
#: CHOLMOD's nrelax and zrelax in turn. The fastest of some fifty tried, by 5 % to 13 % over its own.
RELAXATION = {"LJ": (12, 0.99, 32, 0.3, 64, 0.05), "POLY": (4, 0.9, 16, 0.3, 96, 0.1)}
#: NESDIS is CHOLMOD's own nested dissection, on METIS' separators.
METHODS = {
    "CHOLMOD, NESDIS, tuned": ("cholmod-nesdis", True),
    "CHOLMOD, METIS, tuned": ("cholmod-metis", True),
    "CHOLMOD, AMD, tuned": ("cholmod-amd", True),
    "CHOLMOD, METIS": ("cholmod-metis", False),
    "CHOLMOD, AMD": ("cholmod-amd", False),
    "Eigen SimplicialLDLT, METIS": ("eigen-ldlt-metis", False),
    "Eigen SimplicialLDLT, AMD": ("eigen-ldlt-amd", False),
    "Eigen SimplicialLLT, AMD": ("eigen-llt-amd", False),
}
#: In three dimensions supernodes are large as they are, and Eigen takes minutes.
SOLID_METHODS = {
    "CHOLMOD, NESDIS": ("cholmod-nesdis", False),
    "CHOLMOD, METIS": ("cholmod-metis", False),
    "CHOLMOD, AMD": ("cholmod-amd", False),
}
#: OpenBLAS 0.3.21 (Debian 12) takes processors that are newer than itself for a Prescott: try what they can do.
KERNELS = (None, "SapphireRapids", "SkylakeX", "Haswell", "Zen")


@dataclass(frozen=True)
class Problem:
    """The Hessian of a glass on its rigid core, one particle held, and a right side."""

    glass: gp.Glass
    matrix: scipy.sparse.csc_matrix
    kept: np.ndarray
    held: int
    right: np.ndarray

    @staticmethod
    def of(glass: gp.Glass) -> Problem:
        analysis = gp.Analysis(glass)
        held, *kept = np.flatnonzero(~analysis.rattlers)
        size, dimension = glass.positions.size, glass.dimension
        freedoms = (dimension * np.array(kept)[:, None] + np.arange(dimension)).ravel()
        hessian = scipy.sparse.csc_matrix(_engine.hessian(analysis.load_bearing_pairs), shape=(size, size))
        matrix = hessian[freedoms][:, freedoms].tocsc()
        matrix.sort_indices()
        clusters, _ = scipy.sparse.csgraph.connected_components(matrix)
        assert clusters == 1, "one particle held is enough for one cluster only"
        right = np.random.default_rng(7).normal(size=len(freedoms))
        return Problem(glass, matrix, np.array(kept), int(held), right)

    def write(self, file: Path) -> None:
        """For the peer: its lower triangle and the right side."""
        lower = scipy.sparse.tril(self.matrix, format="csc")
        lower.sort_indices()
        with file.open("wb") as stream:
            for array, kind in (
                ([lower.shape[0], lower.nnz], np.int64),
                (lower.indptr, np.int32),
                (lower.indices, np.int32),
                (lower.data, np.float64),
                (self.right, np.float64),
            ):
                np.asarray(array, dtype=kind).tofile(stream)

    def displacements(self, solution: np.ndarray) -> np.ndarray:
        """(core particles kept, d) of the solution, as that of least norm over the core."""
        moved = solution.reshape(len(self.kept), -1)
        return moved - moved.sum(axis=0) / (len(self.kept) + 1)

    def forces(self) -> np.ndarray:
        """(N, d) the right side, balanced by the particle held."""
        forces = np.zeros(self.glass.positions.shape)
        forces[self.kept] = self.right.reshape(len(self.kept), -1)
        forces[self.held] = -forces.sum(axis=0)
        return forces


def _numeric_factorization(glass: gp.Glass) -> tuple[gp.response.analysis.Solver, Callable[[], object]]:
    """The solver, and what makes its numeric factorization anew."""
    solver = gp.Analysis(glass).solver
    return solver, solver.refactorize


class _Ours:
    def __init__(self, glass: gp.Glass) -> None:
        self.solver, self.factorize = _numeric_factorization(glass)

    def __call__(self) -> float:
        start = time.perf_counter()
        self.factorize()
        return time.perf_counter() - start


class _Peer:
    def __init__(self, program: Path, matrix: Path, method: str, relaxation: tuple[float, ...], kernel: str | None):
        self.solution_file = matrix.with_suffix(".solution")
        command = [str(program), str(matrix), method, str(self.solution_file), *map(str, relaxation)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_environment(kernel)
        )
        try:
            self.about = json.loads(self._answer())
        except RuntimeError:
            self.close()
            raise

    def __call__(self) -> float:
        return float(self._ask("time"))

    def solve(self) -> tuple[np.ndarray, float]:
        """The solution with the last factor, and its residual |b - A x| / |b|."""
        residual = float(self._ask("solve"))
        return np.fromfile(self.solution_file), residual

    def close(self) -> None:
        """Ends the process."""
        assert self.process.stdin is not None and self.process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def _ask(self, command: str) -> str:
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(command + "\n")
            self.process.stdin.flush()
        return self._answer()

    def _answer(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{' '.join(self.process.args[:3])} ended with {self.process.wait()}")
        return line


def _environment(kernel: str | None) -> dict[str, str]:
    """Of the peers: one thread, and OpenBLAS with these kernels, or those it takes itself."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENBLAS_")}
    environment |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    if kernel is not None:
        environment["OPENBLAS_CORETYPE"] = kernel
    return environment


def build_peer() -> Path:
    """Compiles the peers; ends the program with what is missing where that fails."""
    headers, program = BUILD / "third_party", BUILD / "factorization_peer"
    headers.mkdir(parents=True, exist_ok=True)
    fetch = [sys.executable, str(HERE.parent / "cmake" / "fetch_headers.py"), "eigen", "--destination", str(headers)]
    if subprocess.run(fetch, check=False).returncode != 0:
        sys.exit("bench_factorization: no headers of Eigen, see above")
    command = [os.environ.get("CXX", "c++"), "-std=c++17", "-O3", "-march=native", "-DNDEBUG"]
    command += ["-isystem", "/usr/include/suitesparse", "-isystem", str(headers / "eigen")]
    command += [str(HERE / "factorization_peer.cpp"), "-o", str(program), "-lcholmod", "-lopenblas", "-ldl"]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        said = (getattr(error, "stderr", None) or str(error)).strip().splitlines()
        wrong = [line for line in said if "error" in line or "cannot find" in line] or said
        sys.exit(
            "bench_factorization: CHOLMOD with OpenBLAS is needed to compare with; on Debian and Ubuntu: "
            f"apt install {PACKAGES}\n  {wrong[0]}"
        )
    return program


def fastest_kernel(program: Path, matrix: Path, relaxation: tuple[float, ...]) -> str | None:
    """Of OpenBLAS, for CHOLMOD on this processor; those it cannot run end the peer."""
    shortest = {}
    for kernel in KERNELS:
        try:
            peer = _Peer(program, matrix, "cholmod-metis", relaxation, kernel)
        except RuntimeError:
            continue
        with contextlib.closing(peer), contextlib.suppress(RuntimeError):
            shortest[kernel] = min(peer() for _ in range(3))
    if not shortest:
        sys.exit("bench_factorization: the peer runs with no kernels of OpenBLAS, see above")
    return min(shortest, key=shortest.__getitem__)


def compare(quick: bool) -> list[Comparison]:
    comparisons = []
    for name, file in SAMPLES.items():
        glass = gp.minimize(sample(file), tolerance=TOLERANCE)
        repetitions = 1 if quick else 15
        comparisons += _compare(f"{name}, N = {len(glass)}", glass, METHODS, RELAXATION[name], repetitions)
    return comparisons


def compare_long(quick: bool) -> list[Comparison]:
    comparisons = []
    for count in (500,) if quick else (4096, 30_000):
        glass = quenched(count, TOLERANCE)
        comparisons += _compare(named(count), glass, SOLID_METHODS, (), 1 if quick else 5)
    return comparisons


def _compare(
    case: str,
    glass: gp.Glass,
    methods: dict[str, tuple[str, bool]],
    relaxation: tuple[float, ...],
    repetitions: int,
) -> list[Comparison]:
    program = build_peer()
    problem = Problem.of(glass)
    ours = _Ours(glass)
    expected = ours.solver.solve(problem.forces())[problem.kept]
    comparisons = []
    with tempfile.TemporaryDirectory() as directory:
        matrix = Path(directory) / "matrix"
        problem.write(matrix)
        kernel = fastest_kernel(program, matrix, relaxation)
        peers = {
            title: _Peer(program, matrix, method, relaxation if tuned else (), kernel)
            for title, (method, tuned) in methods.items()
        }
        own_times, *peer_times = interleaved([ours, *peers.values()], repetitions, warm_up=repetitions > 1)
        for (title, peer), times in zip(peers.items(), peer_times, strict=True):
            solution, residual = peer.solve()
            difference = np.linalg.norm(problem.displacements(solution) - expected) / np.linalg.norm(expected)
            comparisons.append(
                Comparison(
                    "factorization",
                    f"numeric factorization, {case}",
                    title,
                    own_times,
                    times,
                    [
                        Check("residual of the peer's solution", residual, 1e-11),
                        Check("difference of solutions", float(difference), 1e-8),
                    ],
                    _remark(ours, peer),
                )
            )
            peer.close()
    return comparisons


def _remark(ours: _Ours, peer: _Peer) -> str:
    about = peer.about
    library = f"Eigen {about['eigen']}"
    if about["stored"] != about["entries"]:
        library = f"CHOLMOD {about['cholmod']} on {about['openblas'].split(' NO_')[0]}, kernels {about['kernel']}"
    return (
        f"entries of the factor: ours {ours.solver.factor_entries}, peer {about['entries']} and with those of merged "
        f"supernodes {about['stored']}; the peer's flops without them {about['flops']:.3g}; {library}"
    )


if __name__ == "__main__":
    main(compare, __doc__, compare_long)
