"""Dense matrices to compare sparse ones with."""

from __future__ import annotations

import numpy as np
import scipy.sparse

from glassplast import _engine


def dense(analysis):
    """Hessian of the load-bearing particles as a dense matrix, and their degrees of freedom."""
    core = np.flatnonzero(~analysis.rattlers)
    d = analysis.glass.dimension
    rows = (d * core[:, None] + np.arange(d)).ravel()
    size = analysis.glass.positions.size
    H = scipy.sparse.csc_matrix(_engine.hessian(analysis.load_bearing_pairs), shape=(size, size)).toarray()
    return H[np.ix_(rows, rows)], core
