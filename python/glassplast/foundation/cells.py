"""Equivalent cells of a periodic lattice."""

from __future__ import annotations

import numpy as np

from glassplast.errors import GeometryError
from glassplast.foundation.arrays import FloatArray

__all__ = ["least_tilted"]


def least_tilted(cell: FloatArray) -> tuple[FloatArray, float]:
    """The equivalent cell of the least tilt, and how often its second vector has lost the first.

    Parameters
    ----------
    cell : ndarray, shape (d, d)
        Matrix whose columns are the cell vectors, the first along x and in 3D the second in the xy plane.

    Returns
    -------
    ndarray, shape (d, d)
        Matrix of the new cell.
    float
        Whole number of first vectors that were taken off the second one.

    Raises
    ------
    GeometryError
        If the vectors are not along x and in the xy plane.
    """
    if np.tril(cell, -1).any():
        raise GeometryError(
            "the tilt is measured from a first cell vector along x (and in 3D a second one in the xy plane), which "
            "this cell does not have"
        )
    reduced = np.array(cell)
    taken = np.zeros_like(reduced)
    for later in range(1, len(cell)):
        for earlier in reversed(range(later)):
            taken[earlier, later] = np.round(reduced[earlier, later] / reduced[earlier, earlier])
            reduced[:, later] -= taken[earlier, later] * reduced[:, earlier]
    return reduced, float(taken[0, 1])
