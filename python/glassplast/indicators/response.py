"""Indicators from the linear response to an imposed deformation."""

from __future__ import annotations

import numpy as np

from glassplast.foundation.arrays import FloatArray
from glassplast.indicators.registry import register
from glassplast.loading import Loading
from glassplast.response.analysis import Analysis

__all__ = ["nonaffine_velocity"]


@register(
    "nonaffine_velocity",
    symbol="ẋ",
    typeset=r"$\dot{x}$",
    sentence="The force response of the third derivatives of the energy to the nonaffine motion under shear.",
    unit="E/L",
    family="response",
    softer="large",
    cost="one factorization and one solve",
    loading_dependent=True,
)
def nonaffine_velocity(analysis: Analysis, *, loading: Loading = 0.0) -> FloatArray:
    r"""Quasilocalized part of the nonaffine velocity.

    .. math:: H \dot x = -\Xi, \qquad |U_3 : \dot x \dot x|_i

    See paper Eq. (B23) and the filter described after it.

    Parameters
    ----------
    analysis : Analysis
        Analysis of a minimum.
    loading : float or (d, d) array_like
        Loading direction: an angle in degrees or a matrix, see `glassplast.loading.loading_matrix`.

    Returns
    -------
    ndarray, shape (N,)
        The field; NaN for rattlers.
    """
    velocity = analysis.nonaffine_velocity(loading)
    field: FloatArray = np.linalg.norm(analysis.third_contraction(velocity, velocity), axis=1)
    return field
