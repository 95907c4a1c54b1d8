"""Minima of many kinds, and their dense pseudo-inverses."""

from __future__ import annotations

import numpy as np

import glassplast as gp
from dense import dense
from samples import lattice_with_a_rattler, small_minimum, two_slabs

CASES = {
    "lj": lambda: small_minimum("lj", 256),
    "poly": lambda: small_minimum("poly", 256),
    "sheared lj": lambda: gp.minimize(small_minimum("lj", 144).sheared(0.3)),
    "sheared poly": lambda: gp.minimize(small_minimum("poly", 144).sheared(-0.7)),
    "3D": lambda: small_minimum("kob_andersen", 216, dimension=3),
    "two clusters": lambda: two_slabs(mixed=True),
    "a rattler": lattice_with_a_rattler,
}


def dense_pseudo_inverse(analysis):
    """(N, d, N, d), zero on rattlers; eigenvalues that are zero to round-off are those of translations."""
    hessian, core = dense(analysis)
    values, vectors = np.linalg.eigh(hessian)
    kept = values > 1e-9 * values[-1]
    assert np.count_nonzero(~kept) == analysis.solver.translations
    inverse = (vectors[:, kept] / values[kept]) @ vectors[:, kept].T
    count, d = analysis.glass.positions.shape
    whole = np.zeros((count, d, count, d))
    whole[np.ix_(core, range(d), core, range(d))] = inverse.reshape(len(core), d, len(core), d)
    return whole


def ends(analysis):
    """First and second particles of the load-bearing pairs."""
    network = analysis.load_bearing_pairs
    return np.asarray(network.first), np.asarray(network.second)


def close(found, expected, relative=1e-10):
    """To round-off times the condition of H: the largest of these is 1e6."""
    return np.abs(found - expected).max() <= relative * np.abs(expected).max()
