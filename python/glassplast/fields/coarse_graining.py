r"""Continuum fields of particles: density, displacement and strain at any point.

The kernel is

.. math:: \phi(r) = \frac{1}{A} \left[1 - 2 (r/r_c)^4 + (r/r_c)^8\right], \qquad r < r_c,

with :math:`\int \phi = 1`: A = 8 π r_c²/15 in two dimensions, 128 π r_c³/231 in three. Goldhirsch & Goldenberg,
Eur. Phys. J. E 9, 245 (2002); Tsamados, Tanguy, Goldenberg & Barrat, Phys. Rev. E 80, 026112 (2009); Richard et al.,
Phys. Rev. Materials 4, 113609 (2020), equations B18 to B20. All sums run over all periodic images, so that r_c may
exceed half the box.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from glassplast import _engine
from glassplast.errors import GeometryError
from glassplast.foundation.arrays import FloatArray
from glassplast.glass import Configuration, Glass, glass_of

__all__ = [
    "coarse_grained_density",
    "coarse_grained_displacement",
    "coarse_grained_divergence",
    "coarse_grained_gradient",
    "coarse_grained_strain",
    "evaluation_points",
]


#: r_c of Richard et al. 2020 and Tsamados et al. 2009, in particle diameters.
RADIUS = 5.0


def evaluation_points(glass: Glass, points: ArrayLike | None) -> FloatArray:
    """The points as an array (P, d); by default the particles.

    Raises
    ------
    GeometryError
        If they are no points of this space.
    """
    if points is None:
        return glass.positions
    array = np.asarray(points, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != glass.dimension:
        raise GeometryError(f"points must have shape (P, {glass.dimension}), not {array.shape}")
    return array


def _vectors(
    configuration: Configuration,
    displacement: ArrayLike,
    points: ArrayLike | None,
    radius: float,
    affine: ArrayLike | None,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    glass = glass_of(configuration)
    vectors = np.asarray(displacement, dtype=np.float64)
    if vectors.shape != glass.positions.shape:
        raise GeometryError(f"the displacement must have shape {glass.positions.shape}, not {vectors.shape}")
    flow = np.zeros((glass.dimension, glass.dimension)) if affine is None else np.asarray(affine, dtype=np.float64)
    at = evaluation_points(glass, points)
    density, value, gradient = _engine.coarse_grained_vectors(glass.box, glass.positions, vectors, flow, at, radius)
    return density, value, gradient


def coarse_grained_density(
    glass: Configuration, points: ArrayLike | None = None, *, radius: float = RADIUS
) -> FloatArray:
    r"""Number density, :math:`\sum_j \phi(r - r_j)`.

    Parameters
    ----------
    glass : Glass or Analysis
    points : array_like, shape (P, d), optional
        Where; by default at the particles.
    radius : float
        r_c, a length.

    Returns
    -------
    ndarray, shape (P,)
        Particles per volume; its mean over the box is N/V.

    Raises
    ------
    GeometryError
        For points of another dimension, or a radius that is not positive.
    """
    density, _, _ = _vectors(glass, np.zeros_like(glass_of(glass).positions), points, radius, None)
    return density


def coarse_grained_displacement(
    glass: Configuration, displacement: ArrayLike, points: ArrayLike | None = None, *, radius: float = RADIUS
) -> FloatArray:
    r"""Displacement of the continuum, momentum over mass at equal masses.

    .. math:: U(r) = \frac{\sum_j u_j \phi(r - r_j)}{\sum_j \phi(r - r_j)}

    Parameters
    ----------
    glass : Glass or Analysis
        The state from which the particles move.
    displacement : array_like, shape (N, d)
        Any vector field of the particles; those with NaN take no part.
    points : array_like, shape (P, d), optional
        Where; by default at the particles.
    radius : float
        r_c, a length.

    Returns
    -------
    ndarray, shape (P, d)
        NaN at points without a particle in their range.

    Raises
    ------
    GeometryError
        For arrays of other shapes, or a radius that is not positive.
    """
    _, value, _ = _vectors(glass, displacement, points, radius, None)
    return value


def coarse_grained_gradient(
    glass: Configuration,
    displacement: ArrayLike,
    points: ArrayLike | None = None,
    *,
    radius: float = RADIUS,
    affine: ArrayLike | None = None,
) -> FloatArray:
    r"""Gradient of the coarse-grained displacement, differentiated exactly.

    Parameters
    ----------
    glass : Glass or Analysis
        The state from which the particles move.
    displacement : array_like, shape (N, d)
        Those with NaN take no part.
    points : array_like, shape (P, d), optional
        Where; by default at the particles.
    radius : float
        r_c, a length.
    affine : array_like, shape (d, d), optional
        A homogeneous deformation A that is coarse grained too: that of :math:`u_j + A r_j`, which has no place in a
        periodic field of displacements.

    Returns
    -------
    ndarray, shape (P, d, d)
        Entry (a, b) is :math:`\partial U_a / \partial r_b`; NaN at points without a particle in their range.

    Raises
    ------
    GeometryError
        For arrays of other shapes, or a radius that is not positive.
    """
    _, _, gradient = _vectors(glass, displacement, points, radius, affine)
    return gradient


def coarse_grained_strain(
    glass: Configuration,
    displacement: ArrayLike,
    points: ArrayLike | None = None,
    *,
    radius: float = RADIUS,
    affine: ArrayLike | None = None,
) -> FloatArray:
    """Symmetric part of `coarse_grained_gradient`: (P, d, d)."""
    gradient = coarse_grained_gradient(glass, displacement, points, radius=radius, affine=affine)
    return 0.5 * (gradient + np.swapaxes(gradient, 1, 2))


def coarse_grained_divergence(
    glass: Configuration, displacement: ArrayLike, points: ArrayLike | None = None, *, radius: float = RADIUS
) -> FloatArray:
    """Volumetric strain: trace of `coarse_grained_gradient`, (P,)."""
    gradient = coarse_grained_gradient(glass, displacement, points, radius=radius)
    divergence: FloatArray = np.einsum("paa->p", gradient)
    return divergence
