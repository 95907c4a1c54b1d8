"""Labels to learn from: particles that rearrange and particles that do not, found as local extrema of D2min."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from glassplast.errors import GeometryError
from glassplast.fields.nonaffine import d2min
from glassplast.fields.tessellation import Tessellation
from glassplast.glass import Configuration

__all__ = ["UNLABELLED", "extrema", "rearrangement_labels"]

#: Label of particles that are neither soft nor stiff.
UNLABELLED = -1


def extrema(values: ArrayLike, graph: sparse.csr_matrix) -> NDArray[np.int8]:
    """Find the strict local maxima and minima of a field on a graph.

    Parameters
    ----------
    values : array_like, shape (N,)
        Value of each particle. Particles with NaN are left out.
    graph : scipy.sparse matrix of bool, shape (N, N)
        Pairs of particles that are compared; symmetric with an empty diagonal, such as
        ``Tessellation(glass).delaunay_graph(2)``.

    Returns
    -------
    ndarray of int, shape (N,)
        1 for particles with a larger value than all particles that they are compared with, 0 for particles with a
        smaller value than all of them, and -1 for the others and for particles that are compared with none.
    """
    field = np.asarray(values, dtype=np.float64)
    pairs = sparse.csr_matrix(graph).tocoo()
    if field.ndim != 1 or pairs.shape != (field.size, field.size):
        raise GeometryError(f"a graph of shape {pairs.shape} does not fit a field of shape {field.shape}")
    known = np.isfinite(field)
    kept = known[pairs.row] & known[pairs.col]
    rows, others = pairs.row[kept], field[pairs.col[kept]]
    highest = np.full(field.size, -np.inf)
    lowest = np.full(field.size, np.inf)
    np.maximum.at(highest, rows, others)
    np.minimum.at(lowest, rows, others)
    compared = known & (highest > -np.inf)
    labels = np.full(field.size, UNLABELLED, dtype=np.int8)
    labels[compared & (field > highest)] = 1
    labels[compared & (field < lowest)] = 0
    return labels


def rearrangement_labels(
    glass: Configuration,
    displacement: ArrayLike,
    *,
    radius: float = 2.5,
    steps: int = 2,
    graph: sparse.csr_matrix | None = None,
) -> NDArray[np.int8]:
    """Label soft and stiff particles, which are strict local maxima and minima of D2min of a displacement field.

    Parameters
    ----------
    glass : Glass or Analysis
        The state before the displacement.
    displacement : array_like, shape (N, d)
        Critical mode of a plastic event, or displacements in an experiment or a thermal run; NaN if unknown.
    radius : float
        Distance within which particles count as neighbours in D2min (length).
    steps : int
        Number of steps on the radical Delaunay graph within which particles are compared.
    graph : scipy.sparse matrix of bool, shape (N, N), optional
        Pairs of particles that are compared, instead of those given by `steps`; needed in three dimensions.

    Returns
    -------
    ndarray of int, shape (N,)
        1 for soft particles, 0 for stiff particles, and -1 for the others.

    Raises
    ------
    GeometryError
        If the displacement has the wrong shape, or the glass is three-dimensional and there is no graph.

    Notes
    -----
    See Richard et al., Phys. Rev. Materials 4, 113609 (2020), appendix B.5.
    """
    field = d2min(glass, displacement, radius=radius)
    return extrema(field, Tessellation(glass).delaunay_graph(steps) if graph is None else graph)
