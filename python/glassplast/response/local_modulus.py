r"""Local shear modulus, the ratio of coarse-grained shear stress to coarse-grained shear strain.

.. math:: \mu = \frac{d\sigma_{xy}/d\gamma}{2\, d\varepsilon_{xy}/d\gamma}

under quasistatic simple shear. It is computed from the linear response, without a finite strain and its noise. See
Tsamados, Tanguy, Goldenberg & Barrat, Phys. Rev. E 80, 026112 (2009); Richard et al., Phys. Rev. Materials 4, 113609
(2020), equation B21.

The strain is the exact strain of the affine flow plus the gradient of the coarse-grained *nonaffine* displacement. If
the affine part is coarse-grained as well, which is an option, density fluctuations of the particles enter the strain,
and a homogeneous medium appears heterogeneous by a fifth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from glassplast import _engine
from glassplast.errors import ArgumentError
from glassplast.fields.coarse_graining import RADIUS, coarse_grained_strain, evaluation_points
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.dimension import overloaded
from glassplast.foundation.grid import node_counts, nodes
from glassplast.foundation.one_line import constructor_like, span
from glassplast.glass import Configuration, Glass, glass_of, make_box
from glassplast.loading import Loading, loading_matrix
from glassplast.relax import minimize
from glassplast.response.analysis import Analysis, analysis_of
from glassplast.response.local_stress import coarse_grained_stress

__all__ = [
    "ModulusMap",
    "finite_strain_shear_modulus",
    "local_shear_modulus",
    "shear_modulus_map",
    "simple_shear_along",
]


@dataclass(frozen=True, repr=False)
class ModulusMap:
    """The local shear modulus on a grid.

    Attributes
    ----------
    positions : ndarray, shape (n_1, ..., n_d, d)
        Positions of the nodes, equally spaced along the cell vectors; the first is at the origin of the box (length).
    values : ndarray, shape (n_1, ..., n_d)
        Local shear modulus mu at the nodes (energy / volume); NaN where no load-bearing particle is near.
    """

    positions: FloatArray
    values: FloatArray

    def __repr__(self) -> str:
        known = self.values[np.isfinite(self.values)]
        return constructor_like(
            "ModulusMap",
            nodes=" × ".join(map(str, self.values.shape)),
            mean=known.mean() if known.size else None,
            values=span(known.min(), known.max()) if known.size else None,
        )


def simple_shear_along(loading: Loading, dimension: int) -> FloatArray:
    r"""The matrix of *simple* shear along a loading.

    An angle α rotates the frame, so that the flow is along n = (cos α, sin α) and the gradient along
    m = (-sin α, cos α); the matrix is :math:`n m^T`. Its symmetric part is that of
    `glassplast.loading.loading_matrix`. The rotational part matters where there is frozen-in stress, which rotates with
    the material. A matrix is returned as it is.

    Parameters
    ----------
    loading : float or (d, d) array_like
        Angle in degrees, or a matrix.
    dimension : int
        Number of dimensions d, 2 or 3.

    Returns
    -------
    ndarray, shape (d, d)

    Raises
    ------
    GeometryError
        If the matrix has another shape.
    ArgumentError
        If it has entries that are not finite.
    """
    symmetric = loading_matrix(loading, dimension)
    if np.ndim(loading) != 0:
        return symmetric
    spin = np.zeros((dimension, dimension))
    spin[0, 1], spin[1, 0] = 0.5, -0.5
    return symmetric + spin


def _shear_component(matrix: FloatArray) -> FloatArray:
    """The deviatoric, symmetric part of the loading, along which stress and strain are measured."""
    symmetric = 0.5 * (matrix + matrix.T)
    shear: FloatArray = symmetric - np.trace(symmetric) / len(matrix) * np.eye(len(matrix))
    if not np.linalg.norm(shear) > 1e-12 * np.linalg.norm(matrix):
        raise ArgumentError("loading must shear: without shear there is no local shear modulus")
    return shear


def _ratio(stress: FloatArray, strain: FloatArray, shear: FloatArray) -> FloatArray:
    value: FloatArray = np.einsum("pab,ab->p", stress, shear) / (2.0 * np.einsum("pab,ab->p", strain, shear))
    return value


def local_shear_modulus(
    glass: Glass | Analysis,
    points: ArrayLike | None = None,
    *,
    loading: Loading = 0.0,
    radius: float = RADIUS,
    coarse_grained_affine: bool = False,
) -> FloatArray:
    r"""Compute the local shear modulus at the particles, or at given points.

    The particles move with the velocity x' = G x + xdot, where H xdot = -Xi. Stress and strain are differentiated
    exactly with respect to gamma: the pair forces, their directions, and the kernel along the moving bonds as seen from
    a moving point. At a fixed point, through which matter flows, the value would depend on the choice of the origin.

    Parameters
    ----------
    glass : Glass or Analysis
        A minimum.
    points : array_like, shape (P, d), optional
        Points that move with the affine flow; by default the positions of the particles, which move with the particles.
    loading : float or (d, d) array_like
        Direction of the *simple* shear, see `simple_shear_along`. For a matrix, stress and strain are compared along
        its deviatoric symmetric part E: mu = (dσ : E) / (2 dε : E).
    radius : float
        Coarse-graining length r_c of the kernel.
    coarse_grained_affine : bool
        Whether the affine part of the displacement is coarse-grained as well, as in equation B18 of the paper.

    Returns
    -------
    ndarray, shape (P,) or (N,)
        Modulus (energy / volume); NaN for rattlers, and where no load-bearing particle is near.

    Raises
    ------
    ArgumentError
        If the loading contains no shear, or the radius is not positive.
    GeometryError
        If the points have another dimension.
    InstabilityError
        If the configuration is not a minimum.
    """
    analysis = analysis_of(glass)
    glass = analysis.glass
    matrix = simple_shear_along(loading, glass.dimension)
    shear = _shear_component(matrix)
    nonaffine = analysis.nonaffine_velocity(matrix)
    at = evaluation_points(glass, points)
    moving = nonaffine if points is None else np.zeros_like(at)
    stress: FloatArray = overloaded(_engine.local_stress_rate)(
        glass.box, glass.positions, analysis.load_bearing_pairs, matrix, nonaffine, at, moving, radius, analysis.threads
    )
    strain = _strain(glass, nonaffine, at, matrix, radius, coarse_grained_affine)
    return _ratio(stress, strain, shear)


def _strain(
    glass: Glass, nonaffine: FloatArray, at: FloatArray, matrix: FloatArray, radius: float, coarse_grained_affine: bool
) -> FloatArray:
    if coarse_grained_affine:
        return coarse_grained_strain(glass, nonaffine, at, radius=radius, affine=matrix)
    return 0.5 * (matrix + matrix.T) + coarse_grained_strain(glass, nonaffine, at, radius=radius)


def shear_modulus_map(
    glass: Glass | Analysis,
    spacing: float = 1.0,
    *,
    grid: tuple[int, ...] | None = None,
    loading: Loading = 0.0,
    radius: float = RADIUS,
    coarse_grained_affine: bool = False,
) -> ModulusMap:
    """Compute the local shear modulus on a grid of points that move with the affine flow.

    Parameters
    ----------
    glass : Glass or Analysis
        A minimum, for example from `glassplast.minimize`.
    spacing : float
        Largest distance between neighbouring nodes along a cell vector (length).
    grid : tuple of int, optional
        Number of nodes along each cell vector, instead of `spacing`.
    loading : float or (d, d) array_like
        Direction of the simple shear: an angle in degrees or a matrix, see
        `glassplast.response.local_modulus.simple_shear_along`.
    radius : float
        Coarse-graining length r_c of the kernel.
    coarse_grained_affine : bool
        Whether the affine part of the displacement is coarse-grained as well, as in equation B18 of the paper.

    Returns
    -------
    ModulusMap
        Positions of the nodes and the modulus there.

    Raises
    ------
    ArgumentError
        If the spacing, the numbers of nodes or the radius are not positive, or the loading contains no shear.
    InstabilityError
        If the configuration is not a minimum.

    Examples
    --------
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> modulus = gp.shear_modulus_map(glass, grid=(4, 4))
    >>> modulus.values.shape
    (4, 4)
    """
    analysis = analysis_of(glass)
    glass = analysis.glass
    if grid is None:
        grid = node_counts(glass.cell, spacing)
    if len(grid) != glass.dimension or min(grid) < 1:
        raise ArgumentError(f"grid must have {glass.dimension} positive numbers of nodes, not {grid}")
    positions = nodes(glass.cell, glass.box.origin, grid)
    values = local_shear_modulus(
        analysis,
        positions.reshape(-1, glass.dimension),
        loading=loading,
        radius=radius,
        coarse_grained_affine=coarse_grained_affine,
    )
    return ModulusMap(positions, values.reshape(grid))


def finite_strain_shear_modulus(
    glass: Configuration,
    *,
    strain: float = 1e-6,
    loading: Loading = 0.0,
    radius: float = RADIUS,
    coarse_grained_affine: bool = False,
) -> FloatArray:
    """Compute the local shear modulus from two minima that differ by a small strain.

    The result agrees with that of `local_shear_modulus` to first order in the strain and to the accuracy of the minima;
    it serves as a reference.

    Parameters
    ----------
    glass : Glass or Analysis
        A minimum.
    strain : float
        Strain between the two minima. If a plastic event lies between them, the result is meaningless.
    loading, radius, coarse_grained_affine
        See `local_shear_modulus`.

    Returns
    -------
    ndarray, shape (N,)
        Modulus at the particles (energy / volume); NaN for rattlers.
    """
    glass = glass_of(glass)
    matrix = simple_shear_along(loading, glass.dimension)
    shear = _shear_component(matrix)
    deformation = np.eye(glass.dimension) + strain * matrix
    affine = glass.positions @ deformation.T
    box = make_box(deformation @ glass.cell, deformation @ glass.box.origin)
    after = minimize(glass.replace(positions=affine, box=box))
    nonaffine = (after.positions - affine) / strain
    nonaffine[Analysis(glass).rattlers] = np.nan
    stress = (coarse_grained_stress(after, radius=radius) - coarse_grained_stress(glass, radius=radius)) / strain
    stress[np.isnan(nonaffine[:, 0])] = np.nan
    return _ratio(stress, _strain(glass, nonaffine, glass.positions, matrix, radius, coarse_grained_affine), shear)
