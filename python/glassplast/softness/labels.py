"""Which particles rearrange and which do not: local extrema of D2min, labels to learn from."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from glassplast.errors import GeometryError
from glassplast.fields.nonaffine import d2min
from glassplast.fields.tessellation import Tessellation
from glassplast.glass import Configuration

__all__ = ["UNLABELLED", "extrema", "rearrangement_labels"]

#: Label of particles that are neither.
UNLABELLED = -1


def extrema(values: ArrayLike, graph: sparse.csr_matrix) -> NDArray[np.int8]:
    """Strict local maxima and minima of a field on a graph.

    Parameters
    ----------
    values : (N,) array_like
        NaN where there is none; such particles are neither labelled nor compared with.
    graph : (N, N) scipy.sparse matrix of bool
        Who is compared with whom, symmetric and without the particles themselves, such as
        ``Tessellation(glass).delaunay_graph(2)``.

    Returns
    -------
    (N,) int array
        1 for particles whose value is larger than that of all others they are compared with, 0 where it is smaller, -1
        for the rest, and for those who have nobody to be compared with.
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
    """Soft (1) and stiff (0) particles: strict local extrema of D2min of a displacement field.

    Parameters
    ----------
    glass : Glass or Analysis
        The state before: that of the separations in D2min, of the graph, and of the features.
    displacement : (N, d) array_like
        The critical mode of a plastic event, or displacements of an experiment or a thermal run; NaN where unknown.
    radius : float
        Neighbours in D2min are closer than this, a length.
    steps : int
        Extrema among all particles within so many steps on the radical Delaunay graph.
    graph : (N, N) scipy.sparse matrix, optional
        Compare along this graph instead, as one must in three dimensions.

    Returns
    -------
    (N,) int array
        1, 0, or -1 for particles that are neither.

    Raises
    ------
    GeometryError
        For a displacement of the wrong shape, and for glasses in three dimensions without a graph.

    Notes
    -----
    Richard et al., Phys. Rev. Materials 4, 113609 (2020), appendix B.5.
    """
    field = d2min(glass, displacement, radius=radius)
    return extrema(field, Tessellation(glass).delaunay_graph(steps) if graph is None else graph)
