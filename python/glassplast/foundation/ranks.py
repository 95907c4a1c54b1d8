"""Ranks of values, and the rank correlation of fields."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from glassplast.errors import ArgumentError, GeometryError
from glassplast.foundation.arrays import FloatArray

__all__ = ["mean_ranks", "ranks", "spearman"]


def mean_ranks(values: FloatArray) -> FloatArray:
    """The ranks of values from 1 upwards; equal values share the mean of their ranks."""
    _, group, size = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(size)
    mean: FloatArray = last - 0.5 * (size - 1)
    return mean[group]


def ranks(field: ArrayLike, softer: Literal["large", "small"] = "large") -> FloatArray:
    """The rank of each particle, divided by the number of particles that have a value.

    Parameters
    ----------
    field : array_like, shape (N,)
        Value of each particle; NaN if a particle has none. Infinite values are ranked like others.
    softer : {"large", "small"}
        Whether large or small values are soft.

    Returns
    -------
    ndarray, shape (N,)
        Ranks in (0, 1], where 1 is the softest; particles with equal values share the mean of their ranks. NaN for
        particles without a value.

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
    """Spearman's rank correlation of two fields, which is the Pearson correlation of their mean ranks.

    Parameters
    ----------
    a, b : array_like, shape (N,)
        Values of each particle; only particles with a value in both fields count.

    Returns
    -------
    float
        Correlation in [−1, 1]; NaN if fewer than two particles count, or if a field has the same value for all of them.

    Raises
    ------
    GeometryError
        If the two have different shapes or more than one axis.

    Notes
    -----
    If no two particles share a rank, this is equation 1 of Richard et al. (2020).
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
