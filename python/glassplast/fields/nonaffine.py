"""Measures of nonaffine motion: D2min of a displacement field, and the participation ratio of a mode."""

from __future__ import annotations

from typing import Protocol, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassplast import _engine
from glassplast.errors import ArgumentError, GeometryError
from glassplast.foundation.arrays import FloatArray
from glassplast.glass import Configuration, glass_of

__all__ = ["d2min", "nonaffine_displacement", "participation_ratio"]


def d2min(glass: Configuration, displacement: ArrayLike, *, radius: float = 2.5) -> FloatArray:
    r"""Compute D2min, the mean squared deviation of the neighbours of each particle from the best affine motion.

    .. math:: D^2_i = \min_J \frac{1}{n_i} \sum_{j: r_{ij} < r_c} |u_{ij} - J r_{ij}|^2

    This is the definition of Falk & Langer, Phys. Rev. E 57, 7192 (1998), divided by the number of neighbours.

    Parameters
    ----------
    glass : Glass or Analysis
        The configuration before the displacement, from which the separations are computed.
    displacement : array_like, shape (N, d)
        Displacement of each particle (length), or a mode. Particles with NaN do not count as neighbours.
    radius : float
        Distance r_c within which particles count as neighbours (length); all periodic images count.

    Returns
    -------
    ndarray, shape (N,)
        D2min (unit of `displacement` squared); NaN for particles without a displacement, or with too few neighbours to
        determine the affine motion.

    Raises
    ------
    GeometryError
        If the displacement has the wrong shape.
    ArgumentError
        If the radius is not positive.

    Examples
    --------
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> gp.d2min(glass, gp.Analysis(glass).nonaffine_velocity()).shape
    (64,)
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
            # Both particles of a pair have the same products, since the signs of r and du change together.
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

    # The residuals themselves are summed, because a difference of two sums of squares would lose its digits for nearly
    # affine motion.
    def squares(particle: NDArray[np.int32]) -> FloatArray:
        residual = du - np.einsum("kab,kb->ka", gradient[particle], r)
        return np.asarray(np.sum(residual**2, axis=1))

    result = np.full(count, np.nan)
    result[good] = total(squares(first), squares(second))[good] / neighbors[good]
    return result


def nonaffine_displacement(before: Configuration, after: Configuration) -> FloatArray:
    r"""Compute how far the particles move in addition to the deformation of the cell.

    .. math:: u_i = H_b \, w(s_i^b - s_i^a), \qquad s = H^{-1} x

    Here H are the cells of the two states, and w takes the nearest periodic image. A homogeneous deformation has none.

    Parameters
    ----------
    before, after : Glass or Analysis
        Two states of a sample, with the particles in the same order. Their cells may differ, but the cell vectors must
        correspond to each other, as they do in a shear run.

    Returns
    -------
    ndarray, shape (N, d)
        Displacements in the cell of `after`, relative to their mean (length). Particles are taken to have moved by less
        than half a cell.

    Raises
    ------
    GeometryError
        If the states have different numbers of particles or dimensions.

    Examples
    --------
    >>> import numpy as np
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> moved = gp.fields.nonaffine_displacement(glass, glass.sheared(0.1))
    >>> bool(np.abs(moved).max() < 1e-12)
    True
    """
    one, other = glass_of(before), glass_of(after)
    if one.positions.shape != other.positions.shape:
        raise GeometryError(
            f"the two states must have the same particles: their positions have the shapes {one.positions.shape} and "
            f"{other.positions.shape}"
        )
    moved = other.box.fractional(other.positions) - one.box.fractional(one.positions)
    # Nearest images are only unique relative to a motion of the whole sample.
    moved -= np.median(moved, axis=0)
    moved -= np.rint(moved)
    moved -= moved.mean(axis=0)
    return np.asarray(moved @ other.cell.T)


class HasVectors(Protocol):
    """An object with several modes, such as `glassplast.response.Modes`."""

    @property
    def vectors(self) -> FloatArray:
        """The modes, shape (n, N, d)."""


@overload
def participation_ratio(mode: HasVectors) -> FloatArray: ...
@overload
def participation_ratio(mode: ArrayLike) -> float: ...
def participation_ratio(mode: HasVectors | ArrayLike) -> FloatArray | float:
    r"""Compute the participation ratio, which estimates the fraction of particles that take part in a mode.

    .. math:: (\sum_i u_i^2)^2 / (N \sum_i u_i^4), \qquad u_i = |\Psi_i|

    Parameters
    ----------
    mode : array_like, shape (N, d), or Modes
        One mode, or several. Particles with NaN (rattlers) are left out of the sums but counted in N.

    Returns
    -------
    float or ndarray, shape (n,)
        Participation ratio of the mode, or of each of several modes.

    Raises
    ------
    GeometryError
        If the mode has another shape.
    ArgumentError
        If it is zero everywhere.

    Examples
    --------
    >>> import numpy as np
    >>> import glassplast as gp
    >>> gp.participation_ratio(np.ones((64, 2)))
    1.0
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
        raise ArgumentError("mode must not be zero everywhere: it has no participation ratio then")
    return float(squares.sum() ** 2) / (squares.size * fourth)
