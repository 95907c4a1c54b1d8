"""Grids of nodes in the coordinates of a cell."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from glassplast.errors import GeometryError
from glassplast.glass import Glass

Field = NDArray[np.float64]


def node_counts(glass: Glass, spacing: float) -> tuple[int, ...]:
    """How many nodes along each cell vector lie at most `spacing` apart.

    Raises
    ------
    GeometryError
        If the spacing is not positive and finite.
    """
    if not (np.isfinite(spacing) and spacing > 0.0):
        raise GeometryError(f"the spacing of a grid must be positive and finite, not {spacing}")
    sides = np.linalg.norm(glass.cell, axis=0)
    return tuple(int(count) for count in np.ceil(sides / spacing * (1.0 - 1e-12)))


def nodes(glass: Glass, counts: tuple[int, ...]) -> Field:
    """(n_1, ..., n_d, d): so many nodes along each cell vector, equally spaced, the first at the origin of the box."""
    fractions = np.stack(np.meshgrid(*[np.arange(count) / count for count in counts], indexing="ij"), axis=-1)
    return np.asarray(glass.box.origin + fractions @ glass.cell.T)
