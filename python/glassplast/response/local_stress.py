"""The coarse-grained stress of the pair forces at any point.

The kernel and the literature are those of `glassplast.fields.coarse_graining`.
"""

from __future__ import annotations

from numpy.typing import ArrayLike

from glassplast import _engine
from glassplast.fields.coarse_graining import RADIUS, evaluation_points
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.dimension import overloaded
from glassplast.glass import Glass
from glassplast.response.analysis import Analysis, analysis_of

__all__ = ["coarse_grained_stress"]


def coarse_grained_stress(
    glass: Glass | Analysis, points: ArrayLike | None = None, *, radius: float = RADIUS
) -> FloatArray:
    r"""Compute the coarse-grained stress of the pair forces.

    .. math:: \sigma_{ab}(r) = \sum_{i<j} \phi'(r_{ij}) \frac{r_{ij}^a r_{ij}^b}{r_{ij}}
              \int_0^1 \phi(r - r_i - s\, r_{ij})\, ds

    Here φ under the integral is the kernel, and φ' in front of it is the derivative of the pair energy. The integral is
    exact, since the kernel is a polynomial along a bond.

    Parameters
    ----------
    glass : Glass or Analysis
        A configuration with a model.
    points : array_like, shape (P, d), optional
        Points at which the stress is computed; by default the positions of the particles.
    radius : float
        Coarse-graining length r_c of the kernel.

    Returns
    -------
    ndarray, shape (P, d, d)
        Stress (energy / volume), positive under tension; its mean over the box is the stress of the glass.

    Raises
    ------
    GeometryError
        If the points have another dimension.
    ArgumentError
        If the radius is not positive.
    ModelError
        If the glass has no model.

    Examples
    --------
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> gp.coarse_grained_stress(glass, points=[[0.0, 0.0], [1.0, 2.0]]).shape
    (2, 2, 2)
    """
    analysis = analysis_of(glass)
    known = analysis.glass
    at = evaluation_points(known, points)
    stress: FloatArray = overloaded(_engine.local_stress)(known.box, known.positions, analysis.pairs, at, radius)
    return stress
