"""Full diagonalization by LAPACK, through SciPy.

In a process of its own: how many threads a BLAS has is settled when it is loaded.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import scipy.sparse

import glassplast as gp
from bench.measure import cores_for
from glassplast import _engine

#: Divide and conquer is the fastest of the drivers. What is wanted of the eigenvectors is computed there, untimed.
_PROGRAM = """
import sys, time
import numpy as np, scipy.linalg
hessian = np.load(sys.argv[1])
start = time.perf_counter()
values, vectors = scipy.linalg.eigh(hessian, driver="evd", overwrite_a=True, check_finite=False)
print(time.perf_counter() - start)
load = np.load(sys.argv[2])
squares = np.sum(vectors[:, 2:].reshape(-1, 2, values.size - 2) ** 2, axis=1)
response = squares @ ((load @ vectors[:, 2:]) ** 2 / values[2:])
np.savez(sys.argv[3], values=values, vibrality=squares @ (1.0 / values[2:]), response=response)
"""


class Lapack:
    """`scipy.linalg.eigh` of the Hessian of a planar glass without its rattlers.

    Attributes
    ----------
    values : (n,) array
        Eigenvalues, the two translations first.
    vibrality, response : (M,) array
        Of the particles that carry load: sums over the modes of |Psi|_i^2 / lambda, without and with (Psi.Xi)^2.
    """

    def __init__(self, glass: gp.Glass, threads: int) -> None:
        self.threads = threads
        analysis = gp.Analysis(glass)
        core = np.repeat(~analysis.rattlers, 2)
        size = core.size
        hessian = scipy.sparse.csc_matrix(_engine.hessian(analysis.load_bearing_pairs), shape=(size, size))
        self.hessian = hessian[core][:, core].toarray(order="F")
        self.load = analysis.affine_gradient(0.0).ravel()[core]
        self.values = self.vibrality = self.response = np.empty(0)

    def __call__(self) -> float:
        """Seconds that `eigh` took."""
        with tempfile.TemporaryDirectory() as directory:
            files = [Path(directory) / name for name in ("hessian.npy", "load.npy", "found.npz")]
            np.save(files[0], self.hessian)
            np.save(files[1], self.load)
            with cores_for(self.threads):
                ended = subprocess.run(
                    [sys.executable, "-c", _PROGRAM, *map(str, files)],
                    env={**os.environ, "OPENBLAS_NUM_THREADS": str(self.threads)},
                    check=True,
                    capture_output=True,
                    text=True,
                )
            with np.load(files[2]) as found:
                self.values, self.vibrality, self.response = (
                    found[name] for name in ("values", "vibrality", "response")
                )
        return float(ended.stdout)
