"""Grids of nodes in the coordinates of a cell."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from glassplast.errors import ArgumentError
from glassplast.foundation.arrays import FloatArray

__all__ = ["node_counts", "nodes"]


def node_counts(cell: FloatArray, spacing: float) -> tuple[int, ...]:
    """How many nodes along each vector of a cell, its columns, lie at most `spacing` apart.

    Raises
    ------
    ArgumentError
        If the spacing is not positive and finite.
    """
    if not (np.isfinite(spacing) and spacing > 0.0):
        raise ArgumentError(f"spacing must be positive and finite, not {spacing}")
    sides = np.linalg.norm(cell, axis=0)
    return tuple(int(count) for count in np.ceil(sides / spacing * (1.0 - 1e-12)))


def nodes(cell: FloatArray, origin: ArrayLike, counts: tuple[int, ...]) -> FloatArray:
    """(n_1, ..., n_d, d): so many nodes along each vector of a cell, equally spaced, the first at its origin."""
    fractions = np.stack(np.meshgrid(*[np.arange(count) / count for count in counts], indexing="ij"), axis=-1)
    return np.asarray(np.asarray(origin) + fractions @ cell.T)
