"""Loading directions, given by the d x d matrix G along which box and particles deform, x -> (1 + gamma G) x."""

from __future__ import annotations

from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import ArrayLike

from glassplast.errors import ArgumentError, GeometryError
from glassplast.foundation.arrays import FloatArray

__all__ = ["Loading", "loading_angle", "loading_matrix", "stress_along", "symmetric_components", "unit_strain"]

Loading = float | ArrayLike


def loading_matrix(loading: Loading, dimension: int) -> FloatArray:
    """The matrix of a loading given as an angle or as a matrix.

    Parameters
    ----------
    loading : float or (d, d) array_like
        An angle a in *degrees* stands for E(a) = 1/2 [[-sin 2a, cos 2a], [cos 2a, sin 2a]] in the x-y plane; 0 is the
        symmetric part of forward simple shear, 90 of reverse shear. A matrix is returned as it is.
    dimension : int
        Number of dimensions d, 2 or 3.

    Returns
    -------
    ndarray, shape (d, d)
        Loading matrix G.

    Raises
    ------
    GeometryError
        If the matrix has another shape.
    ArgumentError
        If it has entries that are not finite.
    """
    given = np.asarray(loading, dtype=np.float64)
    if not np.isfinite(given).all():
        raise ArgumentError(f"loading must be finite, not {given.tolist()}")
    if given.ndim == 0:
        double = 2.0 * np.deg2rad(float(given))
        matrix = np.zeros((dimension, dimension))
        matrix[:2, :2] = 0.5 * np.array([[-np.sin(double), np.cos(double)], [np.cos(double), np.sin(double)]])
        return matrix
    if given.shape != (dimension, dimension):
        raise GeometryError(f"a loading matrix must have shape ({dimension}, {dimension}), not {given.shape}")
    return given


def loading_angle(loading: Loading) -> float:
    """The angle in degrees of the pure shear that a loading in the plane is equivalent to at equilibrium.

    Parameters
    ----------
    loading : float or (2, 2) array_like
        Angle in degrees, which is returned as it is, or loading matrix.

    Returns
    -------
    float

    Raises
    ------
    ArgumentError
        If the loading changes the area, or deforms nothing.
    """
    matrix = loading_matrix(loading, 2)
    if np.ndim(loading) == 0:
        return float(np.asarray(loading, dtype=np.float64))
    along, across = 0.5 * (matrix[0, 1] + matrix[1, 0]), 0.5 * (matrix[1, 1] - matrix[0, 0])
    if abs(np.trace(matrix)) > 1e-12 * np.abs(matrix).max() or along == across == 0.0:
        raise ArgumentError(f"loading must be a shear in the plane, or an angle in degrees, not {matrix.tolist()}")
    return float(0.5 * np.rad2deg(np.arctan2(across, along)))


def symmetric_components(dimension: int) -> list[tuple[int, int]]:
    """The independent components of a symmetric matrix: xx, yy, ..., then those off the diagonal.

    Parameters
    ----------
    dimension : int
        Number of dimensions d, 2 or 3.

    Returns
    -------
    list of (int, int)
        Row and column of each component.
    """
    pairs = combinations_with_replacement(range(dimension), 2)
    return [(a, a) for a in range(dimension)] + [(a, b) for a, b in pairs if a != b]


def unit_strain(a: int, b: int, dimension: int) -> FloatArray:
    """The symmetric matrix with components ab and ba equal to 1/2 (or 1 on the diagonal), and all others 0.

    Parameters
    ----------
    a, b : int
        Row and column of the component.
    dimension : int
        Number of dimensions d, 2 or 3.

    Returns
    -------
    ndarray, shape (d, d)
    """
    strain = np.zeros((dimension, dimension))
    strain[a, b] += 0.5
    strain[b, a] += 0.5
    return strain


def stress_along(stress: FloatArray, loading: Loading) -> float:
    """The stress component conjugate to a loading, sigma : G, which for an angle alpha is tau(alpha).

    Parameters
    ----------
    stress : ndarray, shape (d, d)
        Stress sigma, positive under tension.
    loading : float or (d, d) array_like
        Angle in degrees or loading matrix, see `loading_matrix`.

    Returns
    -------
    float
    """
    return float(np.sum(stress * loading_matrix(loading, stress.shape[0])))


def __dir__() -> list[str]:
    return __all__
