r"""Local shear modulus: how much coarse-grained shear stress answers to coarse-grained shear strain.

.. math:: \mu = \frac{d\sigma_{xy}/d\gamma}{2\, d\varepsilon_{xy}/d\gamma}

under quasistatic simple shear, from the linear response: no finite strain, no noise. Tsamados, Tanguy, Goldenberg &
Barrat, Phys. Rev. E 80, 026112 (2009); Richard et al., Phys. Rev. Materials 4, 113609 (2020), equation B21.

The strain is that of the affine flow, exactly, plus the gradient of the coarse-grained *nonaffine* displacement. To
coarse grain the affine part as well makes the density of the particles a part of the strain, and a homogeneous medium
look heterogeneous by a fifth; it is an option.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from glassplast import _engine
from glassplast.errors import ArgumentError, GeometryError
from glassplast.fields.coarse_graining import RADIUS, coarse_grained_strain, evaluation_points
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.dimension import overloaded
from glassplast.foundation.grid import node_counts, nodes
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


@dataclass(frozen=True)
class ModulusMap:
    """The local shear modulus on a grid.

    Attributes
    ----------
    positions : ndarray, shape (n_1, ..., n_d, d)
        Nodes, equally spaced along the cell vectors; the first is at the origin of the box.
    values : ndarray, shape (n_1, ..., n_d)
        mu; NaN where nothing that carries load is near.
    """

    positions: FloatArray
    values: FloatArray


def simple_shear_along(loading: Loading, dimension: int) -> FloatArray:
    r"""The matrix of *simple* shear of a loading.

    An angle α turns the frame: flow along n = (cos α, sin α), gradient along m = (-sin α, cos α), the matrix is
    :math:`n m^T`. Its symmetric part is that of `glassplast.loading.loading_matrix`; the rotation matters where stress
    is frozen in, which turns with the material. A matrix is taken as it is.

    Parameters
    ----------
    loading : float or (d, d) array_like
        Degrees, or a matrix.
    dimension : int
        2 or 3.

    Raises
    ------
    GeometryError
        If the matrix has another shape or entries that are not finite.
    """
    symmetric = loading_matrix(loading, dimension)
    if np.ndim(loading) != 0:
        return symmetric
    spin = np.zeros((dimension, dimension))
    spin[0, 1], spin[1, 0] = 0.5, -0.5
    return symmetric + spin


def _shear_component(matrix: FloatArray) -> FloatArray:
    """What stress and strain are measured along: the deviatoric, symmetric part of the loading."""
    symmetric = 0.5 * (matrix + matrix.T)
    shear: FloatArray = symmetric - np.trace(symmetric) / len(matrix) * np.eye(len(matrix))
    if not np.linalg.norm(shear) > 1e-12 * np.linalg.norm(matrix):
        raise GeometryError("this loading does not shear: it has no local shear modulus")
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
    r"""Local shear modulus at the particles, or at points.

    With x' = G x + xdot, H xdot = -Xi, stress and strain are differentiated with gamma exactly: the pair forces, the
    directions, and the kernel along moving bonds as seen from a moving point. A point that stayed where it is would
    see matter pass by, and the value would depend on the choice of the origin.

    Parameters
    ----------
    glass : Glass or Analysis
        A minimum.
    points : array_like, shape (P, d), optional
        Points that move with the affine flow; by default the particles, with which they move.
    loading : float or (d, d) array_like
        Direction of the *simple* shear, see `simple_shear_along`. For a matrix, stress and strain are compared along
        its deviatoric symmetric part E: mu = (dσ : E) / (2 dε : E).
    radius : float
        r_c of the kernel.
    coarse_grained_affine : bool
        Whether the affine part of the displacement is coarse grained as well, as equation B18 of the paper reads.

    Returns
    -------
    ndarray, shape (P,) or (N,)
        An energy per volume. NaN on rattlers, and where nothing that carries load is near.

    Raises
    ------
    GeometryError
        For a loading without shear, points of another dimension, or a radius that is not positive.
    InstabilityError
        If the configuration is no minimum.
    """
    analysis = analysis_of(glass)
    glass = analysis.glass
    matrix = simple_shear_along(loading, glass.dimension)
    shear = _shear_component(matrix)
    nonaffine = analysis.nonaffine_velocity(matrix)
    at = evaluation_points(glass, points)
    moving = nonaffine if points is None else np.zeros_like(at)
    stress: FloatArray = overloaded(_engine.local_stress_rate)(
        glass.box, glass.positions, analysis.load_bearing_pairs, matrix, nonaffine, at, moving, radius
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
    """The local shear modulus on a grid of points that move with the affine flow.

    Parameters
    ----------
    glass : Glass or Analysis
        A minimum.
    spacing : float
        Largest distance between nodes along a cell vector.
    grid : tuple of int, optional
        How many nodes along each cell vector, instead of `spacing`.
    loading, radius, coarse_grained_affine
        As for `local_shear_modulus`.

    Raises
    ------
    GeometryError
        For a spacing or numbers that are not positive; else as `local_shear_modulus`.
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
    """The same from two minima a small strain apart: the reference of `local_shear_modulus`, to O(strain) and noise.

    Parameters
    ----------
    glass : Glass or Analysis
        A minimum.
    strain : float
        How far to shear before minimizing again. If the glass yields on the way, the value means nothing.
    loading, radius, coarse_grained_affine
        As for `local_shear_modulus`.

    Returns
    -------
    ndarray, shape (N,)
        At the particles; NaN on rattlers.
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
