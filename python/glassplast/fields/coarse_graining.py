r"""Continuum fields of particles: density, displacement and strain at any point.

The kernel is

.. math:: \phi(r) = \frac{1}{A} \left[1 - 2 (r/r_c)^4 + (r/r_c)^8\right], \qquad r < r_c,

with :math:`\int \phi = 1`, so that A = 8 π r_c²/15 in two dimensions and 128 π r_c³/231 in three. See Goldhirsch &
Goldenberg, Eur. Phys. J. E 9, 245 (2002); Tsamados, Tanguy, Goldenberg & Barrat, Phys. Rev. E 80, 026112 (2009);
Richard et al., Phys. Rev. Materials 4, 113609 (2020), equations B18 to B20. All sums run over all periodic images, so
that r_c may exceed half the box.
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


#: The coarse-graining length r_c of Richard et al. 2020 and Tsamados et al. 2009, in particle diameters.
RADIUS = 5.0


def evaluation_points(glass: Glass, points: ArrayLike | None) -> FloatArray:
    """The points as an array (P, d); by default the positions of the particles.

    Raises
    ------
    GeometryError
        If the points have another dimension than the glass.
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
    r"""Compute the coarse-grained number density, :math:`\sum_j \phi(r - r_j)`.

    Parameters
    ----------
    glass : Glass or Analysis
        The configuration.
    points : array_like, shape (P, d), optional
        Points at which the density is computed; by default the positions of the particles.
    radius : float
        Coarse-graining length r_c of the kernel.

    Returns
    -------
    ndarray, shape (P,)
        Number of particles per volume; its mean over the box is N/V.

    Raises
    ------
    GeometryError
        If the points have another dimension.
    ArgumentError
        If the radius is not positive.

    Examples
    --------
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> gp.coarse_grained_density(glass, points=[[0.0, 0.0], [1.0, 2.0]])
    array([...])
    """
    density, _, _ = _vectors(glass, np.zeros_like(glass_of(glass).positions), points, radius, None)
    return density


def coarse_grained_displacement(
    glass: Configuration, displacement: ArrayLike, points: ArrayLike | None = None, *, radius: float = RADIUS
) -> FloatArray:
    r"""Compute the coarse-grained displacement, the ratio of momentum to mass at equal masses.

    .. math:: U(r) = \frac{\sum_j u_j \phi(r - r_j)}{\sum_j \phi(r - r_j)}

    Parameters
    ----------
    glass : Glass or Analysis
        The configuration before the displacement.
    displacement : array_like, shape (N, d)
        Displacement or another vector of each particle; particles with NaN are left out.
    points : array_like, shape (P, d), optional
        Points at which the field is computed; by default the positions of the particles.
    radius : float
        Coarse-graining length r_c of the kernel.

    Returns
    -------
    ndarray, shape (P, d)
        Displacement of the continuum, in the unit of `displacement`; NaN if no particle is within r_c.

    Raises
    ------
    GeometryError
        If an array has the wrong shape.
    ArgumentError
        If the radius is not positive.

    Examples
    --------
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> velocity = gp.Analysis(glass).nonaffine_velocity()
    >>> gp.coarse_grained_displacement(glass, velocity, points=[[0.0, 0.0]]).shape
    (1, 2)
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
    r"""Compute the exact gradient of the coarse-grained displacement.

    Parameters
    ----------
    glass : Glass or Analysis
        The configuration before the displacement.
    displacement : array_like, shape (N, d)
        Displacement of each particle (length); particles with NaN are left out.
    points : array_like, shape (P, d), optional
        Points at which the gradient is computed; by default the positions of the particles.
    radius : float
        Coarse-graining length r_c of the kernel.
    affine : array_like, shape (d, d), optional
        Homogeneous deformation A that is coarse-grained as well, so that the displacement of a particle is
        :math:`u_j + A r_j`. It is given separately because it is not periodic.

    Returns
    -------
    ndarray, shape (P, d, d)
        Entry (a, b) is :math:`\partial U_a / \partial r_b`; NaN if no particle is within r_c.

    Raises
    ------
    GeometryError
        If an array has the wrong shape.
    ArgumentError
        If the radius is not positive.

    Examples
    --------
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> velocity = gp.Analysis(glass).nonaffine_velocity()
    >>> gp.coarse_grained_gradient(glass, velocity).shape
    (64, 2, 2)
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
    """Compute the coarse-grained strain, which is the symmetric part of `coarse_grained_gradient`.

    Parameters
    ----------
    glass, displacement, points, radius, affine
        See `coarse_grained_gradient`.

    Returns
    -------
    ndarray, shape (P, d, d)
        Strain tensors; NaN if no particle is within r_c.

    Raises
    ------
    GeometryError
        If an array has the wrong shape.
    ArgumentError
        If the radius is not positive.

    Examples
    --------
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> velocity = gp.Analysis(glass).nonaffine_velocity()
    >>> gp.coarse_grained_strain(glass, velocity).shape
    (64, 2, 2)
    """
    gradient = coarse_grained_gradient(glass, displacement, points, radius=radius, affine=affine)
    return 0.5 * (gradient + np.swapaxes(gradient, 1, 2))


def coarse_grained_divergence(
    glass: Configuration, displacement: ArrayLike, points: ArrayLike | None = None, *, radius: float = RADIUS
) -> FloatArray:
    """Compute the coarse-grained volumetric strain, which is the trace of `coarse_grained_gradient`.

    Parameters
    ----------
    glass, displacement, points, radius
        See `coarse_grained_gradient`.

    Returns
    -------
    ndarray, shape (P,)
        Volumetric strain; NaN if no particle is within r_c.

    Raises
    ------
    GeometryError
        If an array has the wrong shape.
    ArgumentError
        If the radius is not positive.

    Examples
    --------
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> velocity = gp.Analysis(glass).nonaffine_velocity()
    >>> gp.coarse_grained_divergence(glass, velocity).shape
    (64,)
    """
    gradient = coarse_grained_gradient(glass, displacement, points, radius=radius)
    divergence: FloatArray = np.einsum("paa->p", gradient)
    return divergence
