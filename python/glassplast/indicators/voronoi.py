"""Indicators from the radical Voronoi tessellation: the area of the cell of a particle, and its place in the cell.

They exist in two dimensions only. Hidden particles, whose cell is empty, have NaN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glassplast.fields.tessellation import Tessellation
from glassplast.foundation.arrays import FloatArray
from glassplast.indicators.registry import register

if TYPE_CHECKING:
    from glassplast.response.analysis import Analysis

__all__ = [
    "anisotropy_divergence",
    "density",
    "free_volume",
    "triangle_divergence",
    "voronoi_anisotropy",
]


def _cell_areas(analysis: Analysis) -> FloatArray:
    tessellation = analysis.tessellation
    return np.where(tessellation.hidden, np.nan, tessellation.areas)


def _disk_areas(analysis: Analysis) -> FloatArray:
    areas: FloatArray = 0.25 * np.pi * analysis.glass.diameters**2
    return areas


@register(
    "density",
    symbol="ρ",
    typeset=r"$\rho$",
    sentence="The local packing fraction: the area of the particle over that of its radical Voronoi cell.",
    family="structure",
    softer="small",
    needs="diameters",
    cost="O(N)",
    planar=True,
)
def density(analysis: Analysis) -> FloatArray:
    r"""Local packing fraction :math:`\rho_i = \pi d_i^2 / (4 A_i)`, where A_i is the area of the radical cell.

    Parameters
    ----------
    analysis : Analysis
        Analysis of a configuration in two dimensions.

    Returns
    -------
    ndarray, shape (N,)
        Dimensionless packing fraction, which can exceed 1 if particles overlap; small values are soft.

    Notes
    -----
    See D. Richard et al., Phys. Rev. Materials 4, 113609 (2020), appendix B.3.
    """
    return _disk_areas(analysis) / _cell_areas(analysis)


@register(
    "free_volume",
    symbol="φ",
    typeset=r"$\phi$",
    sentence="The area of the radical Voronoi cell that the particle itself does not fill.",
    unit="L^d",
    family="structure",
    softer="large",
    needs="diameters",
    cost="O(N)",
    planar=True,
)
def free_volume(analysis: Analysis) -> FloatArray:
    r"""Free area :math:`\phi_i = A_i - \pi d_i^2 / 4` of the radical cell, which can be negative.

    Parameters
    ----------
    analysis : Analysis
        Analysis of a configuration in two dimensions.

    Returns
    -------
    ndarray, shape (N,)
        Free area (length^2); large values are soft.

    Notes
    -----
    See D. Richard et al., Phys. Rev. Materials 4, 113609 (2020), appendix B.3.
    """
    return _cell_areas(analysis) - _disk_areas(analysis)


@register(
    "voronoi_anisotropy",
    symbol="P",
    typeset="$P$",
    sentence="The distance of the particle from the centroid of its radical Voronoi cell.",
    unit="L",
    family="structure",
    softer="large",
    needs="diameters",
    cost="O(N)",
    planar=True,
)
def voronoi_anisotropy(analysis: Analysis) -> FloatArray:
    r"""Length :math:`P_i = |p_i|` of the vector from a particle to the centroid of its radical cell.

    Parameters
    ----------
    analysis : Analysis
        Analysis of a configuration in two dimensions.

    Returns
    -------
    ndarray, shape (N,)
        Length of the vector (length); large values are soft.

    Notes
    -----
    See J. M. Rieser et al., Phys. Rev. Lett. 116, 088001 (2016). The vectors are ``tessellation.centroids``.
    """
    to_centroid = analysis.tessellation.centroids
    length: FloatArray = np.hypot(to_centroid[:, 0], to_centroid[:, 1])
    return length


def triangle_divergence(tessellation: Tessellation) -> FloatArray:
    r"""Divergence :math:`Q_k` of the anisotropy vectors p on each triangle k of the dual triangulation.

    .. math:: Q_k = (\nabla \cdot p)_k A_k / \langle A \rangle

    The vectors p are interpolated linearly between the corners, so that their divergence is constant on a triangle.
    :math:`(\nabla \cdot p)_k A_k` is the flux of p through the boundary of the triangle; therefore the sum of all Q_k
    vanishes.

    Parameters
    ----------
    tessellation : Tessellation
        Tessellation of the configuration.

    Returns
    -------
    ndarray, shape (T,)
        Dimensionless divergence in the order of ``tessellation.triangles``; negative where the packing is loose.

    Notes
    -----
    In Rieser et al., Phys. Rev. Lett. 116, 088001 (2016), Q is a product with the relative area, as here. Equation B3
    of Richard et al. (2020) has a quotient instead, whose sum would not vanish.
    """
    p = tessellation.centroids[tessellation.triangles]
    second, third = p[:, 1] - p[:, 0], p[:, 2] - p[:, 0]
    sides = tessellation.triangle_sides
    to_second, to_third = sides[:, 0], sides[:, 1]
    # The division by the area in the gradients cancels, so that nothing diverges on very thin triangles.
    flux: FloatArray = 0.5 * (
        second[:, 0] * to_third[:, 1]
        - third[:, 0] * to_second[:, 1]
        + third[:, 1] * to_second[:, 0]
        - second[:, 1] * to_third[:, 0]
    )
    return flux / np.mean(tessellation.triangle_areas)


@register(
    "anisotropy_divergence",
    symbol="Q",
    typeset="$Q$",
    sentence="The divergence of the vectors from particles to the centroids of their cells; negative in loose packing.",
    family="structure",
    softer="small",
    needs="diameters",
    cost="O(N)",
    planar=True,
)
def anisotropy_divergence(analysis: Analysis) -> FloatArray:
    r"""Mean :math:`Q_i` of :func:`triangle_divergence` over the triangles that have a corner at particle i.

    Parameters
    ----------
    analysis : Analysis
        Analysis of a configuration in two dimensions.

    Returns
    -------
    ndarray, shape (N,)
        Dimensionless divergence; negative where the packing is loose. Small values are soft.

    Notes
    -----
    See Rieser et al., Phys. Rev. Lett. 116, 088001 (2016).
    """
    tessellation = analysis.tessellation
    at_triangles = np.repeat(triangle_divergence(tessellation), 3)
    corners = tessellation.triangles.ravel()
    total = np.bincount(corners, at_triangles, minlength=len(tessellation))
    count = np.bincount(corners, minlength=len(tessellation))
    mean: FloatArray = np.full(len(tessellation), np.nan)
    np.divide(total, count, out=mean, where=count > 0)
    return mean
