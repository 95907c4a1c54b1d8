"""The stress of the pair forces at any point, coarse-grained as the other continuum fields are.

Kernel and sources are those of `glassplast.fields.coarse_graining`.
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
    r"""Stress of the pair forces.

    .. math:: \sigma_{ab}(r) = \sum_{i<j} \phi'(r_{ij}) \frac{r_{ij}^a r_{ij}^b}{r_{ij}}
              \int_0^1 \phi(r - r_i - s\, r_{ij})\, ds

    (under the integral the kernel, before it the slope of the pair energy). The integral is exact: along a bond the
    kernel is a polynomial.

    Parameters
    ----------
    glass : Glass or Analysis
        With a model.
    points : array_like, shape (P, d), optional
        Where; by default at the particles.
    radius : float
        r_c, a length.

    Returns
    -------
    ndarray, shape (P, d, d)
        Positive under tension; its mean over the box is the stress of the glass.

    Raises
    ------
    GeometryError
        For points of another dimension, or a radius that is not positive.
    ModelError
        If the glass has no model.
    """
    analysis = analysis_of(glass)
    known = analysis.glass
    at = evaluation_points(known, points)
    stress: FloatArray = overloaded(_engine.local_stress)(known.box, known.positions, analysis.pairs, at, radius)
    return stress
