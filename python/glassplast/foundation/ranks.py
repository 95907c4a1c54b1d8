"""Ranks of values, and the correlation of ranks."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from glassplast.errors import ArgumentError, GeometryError
from glassplast.foundation.arrays import FloatArray

__all__ = ["mean_ranks", "ranks", "spearman"]


def mean_ranks(values: FloatArray) -> FloatArray:
    """Ranks from 1 upwards; equal values share the mean of theirs."""
    _, group, size = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(size)
    mean: FloatArray = last - 0.5 * (size - 1)
    return mean[group]


def ranks(field: ArrayLike, softer: Literal["large", "small"] = "large") -> FloatArray:
    """Rank of each particle over the number of particles that have a value.

    Parameters
    ----------
    field : (N,) array_like
        NaN where a particle has no value. Infinite values are ranked as such.
    softer : {"large", "small"}
        Which values are soft.

    Returns
    -------
    (N,) float array
        In (0, 1], 1 the softest; particles with equal values share the mean of their ranks. NaN where the
        field is.

    Raises
    ------
    ArgumentError
        If `softer` is neither ``large`` nor ``small``.
    GeometryError
        If the field has more than one axis.
    """
    values = np.asarray(field, dtype=np.float64)
    if values.ndim != 1:
        raise GeometryError(f"a field must have shape (N,), not {values.shape}")
    if softer not in ("large", "small"):
        raise ArgumentError(f"softer must be 'large' or 'small', not {softer!r}")
    known = ~np.isnan(values)
    result = np.full(values.shape, np.nan)
    oriented = values[known] if softer == "large" else -values[known]
    result[known] = mean_ranks(oriented) / max(oriented.size, 1)
    return result


def spearman(a: ArrayLike, b: ArrayLike) -> float:
    """Rank correlation of two fields: the Pearson correlation of their mean ranks.

    Parameters
    ----------
    a, b : (N,) array_like
        Only particles where both have a value count.

    Returns
    -------
    float
        In [−1, 1]; NaN if fewer than two particles count or if a field is the same for all of them.

    Raises
    ------
    GeometryError
        If the two have different shapes or more than one axis.

    Notes
    -----
    Equation 1 of Richard et al. (2020) is its value where no two particles share a rank.
    """
    first, second = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if first.shape != second.shape or first.ndim != 1:
        raise GeometryError(f"two fields must have the same shape (N,), not {first.shape} and {second.shape}")
    known = ~(np.isnan(first) | np.isnan(second))
    if known.sum() < 2:
        return float("nan")
    x, y = mean_ranks(first[known]), mean_ranks(second[known])
    x -= x.mean()
    y -= y.mean()
    scale = np.sqrt(np.dot(x, x) * np.dot(y, y))
    return float(np.clip(np.dot(x, y) / scale, -1.0, 1.0)) if scale > 0.0 else float("nan")
