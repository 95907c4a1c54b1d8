"""Nonaffine motion: D2min of a displacement field, participation of a mode."""

from __future__ import annotations

from typing import Protocol, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassplast import _engine
from glassplast.errors import ArgumentError, GeometryError
from glassplast.foundation.arrays import FloatArray
from glassplast.glass import Configuration, glass_of

__all__ = ["d2min", "participation_ratio"]


def d2min(glass: Configuration, displacement: ArrayLike, *, radius: float = 2.5) -> FloatArray:
    r"""Departure of the surroundings of each particle from the best affine motion.

    .. math:: D^2_i = \min_J \frac{1}{n_i} \sum_{j: r_{ij} < r_c} |u_{ij} - J r_{ij}|^2

    Falk & Langer, Phys. Rev. E 57, 7192 (1998), divided by the number of neighbours.

    Parameters
    ----------
    glass : Glass or Analysis
        The state at which the field is taken; gives the separations.
    displacement : array_like, shape (N, d)
        Displacements or a mode; NaN on particles that have none, which then count as no neighbours.
    radius : float
        Neighbours are closer than this; all periodic images count.

    Returns
    -------
    ndarray, shape (N,)
        NaN where the displacement is missing or fewer than d neighbours that span the space are left.
    """
    glass = glass_of(glass)
    u = np.asarray(displacement, dtype=np.float64)
    if u.shape != glass.positions.shape:
        raise GeometryError(f"the displacement must have shape {glass.positions.shape}, not {u.shape}")
    if not radius > 0:
        raise ArgumentError(f"radius must be positive, not {radius}")
    first, second, _, separation, _ = _engine.find_pairs(glass.box, glass.positions, radius)
    known = np.asarray(np.isfinite(u).all(axis=1))
    kept = known[first] & known[second]
    first, second, r = first[kept], second[kept], separation[kept]
    du = u[second] - u[first]
    count, dimension = len(glass), glass.dimension

    def total(of_first: FloatArray, of_second: FloatArray) -> FloatArray:
        sums = np.bincount(first, weights=of_first, minlength=count)
        return np.asarray(sums + np.bincount(second, weights=of_second, minlength=count), dtype=np.float64)

    strain_sum = np.empty((count, dimension, dimension))
    shape_sum = np.empty((count, dimension, dimension))
    for a in range(dimension):
        for b in range(dimension):
            # Both members of a pair see the same products: the signs of r and du turn together.
            strain_sum[:, a, b] = total(du[:, a] * r[:, b], du[:, a] * r[:, b])
            shape_sum[:, a, b] = total(r[:, a] * r[:, b], r[:, a] * r[:, b])
    ones = np.ones(first.size)
    neighbors = total(ones, ones)
    scale = np.trace(shape_sum, axis1=1, axis2=2) / dimension
    spans = np.linalg.det(shape_sum) > 1e-9 * np.maximum(scale, 1e-300) ** dimension
    good = known & spans & (neighbors >= dimension)
    gradient = np.zeros_like(strain_sum)
    transposed = np.linalg.solve(shape_sum[good], np.swapaxes(strain_sum[good], 1, 2))
    gradient[good] = np.swapaxes(transposed, 1, 2)

    # From the residuals themselves: the difference of two sums of squares would cancel for nearly affine motion.
    def squares(particle: NDArray[np.int32]) -> FloatArray:
        residual = du - np.einsum("kab,kb->ka", gradient[particle], r)
        return np.asarray(np.sum(residual**2, axis=1))

    result = np.full(count, np.nan)
    result[good] = total(squares(first), squares(second))[good] / neighbors[good]
    return result


class HasVectors(Protocol):
    """Several modes, such as `glassplast.response.Modes`."""

    @property
    def vectors(self) -> FloatArray:
        """(n, N, d)."""


@overload
def participation_ratio(mode: HasVectors) -> FloatArray: ...
@overload
def participation_ratio(mode: ArrayLike) -> float: ...
def participation_ratio(mode: HasVectors | ArrayLike) -> FloatArray | float:
    r"""Part of the particles that take part in a mode.

    .. math:: (\sum_i u_i^2)^2 / (N \sum_i u_i^4), \qquad u_i = |\Psi_i|

    Parameters
    ----------
    mode : array_like, shape (N, d), or Modes
        Particles with NaN (rattlers) are left out of the sums but counted in N.

    Returns
    -------
    float or ndarray, shape (n,)
        Of each mode where several are given.

    Raises
    ------
    GeometryError
        If the mode has another shape or is zero everywhere.
    """
    vectors = getattr(mode, "vectors", None)
    if vectors is not None:
        return np.array([participation_ratio(vector) for vector in vectors])
    vector = np.nan_to_num(np.asarray(mode, dtype=np.float64))
    if vector.ndim != 2:
        raise GeometryError(f"a mode must have shape (N, d), not {vector.shape}")
    squares: FloatArray = np.sum(vector**2, axis=1)
    fourth = float(np.sum(squares**2))
    if fourth == 0.0:
        raise GeometryError("a mode that is zero everywhere has no participation ratio")
    return float(squares.sum() ** 2) / (squares.size * fourth)
