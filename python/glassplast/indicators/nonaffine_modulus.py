"""The nonaffine modulus, the contribution of each particle to the softening of the glass by nonaffine motion."""

from __future__ import annotations

from typing import Literal

from glassplast.foundation.arrays import FloatArray
from glassplast.indicators.registry import register
from glassplast.loading import Loading
from glassplast.response.analysis import Analysis
from glassplast.response.nonaffine_sums import UNASKED_PARTICLES, nonaffine_decomposition

__all__ = ["nonaffine_modulus"]


@register(
    "nonaffine_modulus",
    symbol="nafμ",
    typeset=r"$\mathrm{naf}\mu$",
    sentence="The contribution of the particle to the reduction of the shear modulus by nonaffine motion.",
    unit="E/L^d",
    family="response",
    softer="large",
    cost="all modes: minutes at N = 10^4",
    loading_dependent=True,
    fits=lambda glass: len(glass) <= UNASKED_PARTICLES,
)
def nonaffine_modulus(
    analysis: Analysis, *, loading: Loading = 0.0, modes: int | Literal["all"] | None = None
) -> FloatArray:
    r"""Contribution of each particle to the softening of the glass by nonaffine motion.

    .. math:: \mathrm{naf}\mu_i = \frac1V \sum_m \frac{(\Psi_m \cdot \Xi)^2}{\lambda_m} |\Psi_m|_i^2

    has the opposite sign of paper Eq. (B17). The sum over the particles is :math:`\Xi \cdot H^{-1} \cdot \Xi / V`. The
    computation for further loadings of the same analysis takes no time, see `glassplast.response.nonaffine_sums`.

    Parameters
    ----------
    analysis : Analysis
        Analysis of a minimum.
    loading : float or (d, d) array_like
        Loading direction: an angle in degrees or a matrix, see `glassplast.loading.loading_matrix`.
    modes : int or "all", optional
        Number of lowest modes in the sum, or all of them. By default all modes, up to 20 000 particles; an incomplete
        sum ranks particles differently.

    Returns
    -------
    ndarray, shape (N,)
        Nonaffine modulus (energy / volume); NaN for rattlers.
    """
    return nonaffine_decomposition(analysis, modes).field(loading)
