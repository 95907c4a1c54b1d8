"""Grids of nodes along the vectors of a cell."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from glassplast.errors import GeometryError
from glassplast.foundation.arguments import finite_number
from glassplast.foundation.arrays import FloatArray

__all__ = ["node_counts", "nodes"]

#: Largest number of nodes along the vectors of an oblique cell, in units of that along those of a rectangular one.
_MOST_EXCESS = 100.0


def node_counts(cell: FloatArray, spacing: float) -> tuple[int, ...]:
    """The number of nodes along each vector of a cell (the columns) for a distance of at most `spacing`.

    Raises
    ------
    ArgumentError
        If the spacing is not positive and finite.
    GeometryError
        If the vectors are so oblique that a grid along them would have far more nodes than its spacing asks for.
    """
    finite_number("spacing", spacing, "distance", positive=True)
    sides = np.linalg.norm(cell, axis=0)
    excess = float(np.prod(sides) / abs(np.linalg.det(cell)))
    if excess > _MOST_EXCESS:
        raise GeometryError(
            f"the cell is so oblique that a grid along its vectors has {excess:.3g} times too many nodes: take the "
            "equivalent cell of a small strain (Glass.reduced, which takes whole sides off the tilt)"
        )
    return tuple(int(count) for count in np.ceil(sides / spacing * (1.0 - 1e-12)))


def nodes(cell: FloatArray, origin: ArrayLike, counts: tuple[int, ...]) -> FloatArray:
    """The nodes of a grid along the vectors of a cell, shape (n_1, ..., n_d, d), the first at its origin."""
    fractions = np.stack(np.meshgrid(*[np.arange(count) / count for count in counts], indexing="ij"), axis=-1)
    return np.asarray(np.asarray(origin) + fractions @ cell.T)
