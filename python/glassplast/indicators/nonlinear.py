"""Indicators from nonlinear and pseudo-harmonic quasilocalized modes."""

from __future__ import annotations

from glassplast.foundation.arrays import FloatArray
from glassplast.indicators.registry import register
from glassplast.loading import Loading
from glassplast.probes.quasilocalized import NEIGHBOURHOOD, OVERLAP, SPACING, TOLERANCE
from glassplast.probes.quasilocalized import nonlinear_modes as find_nonlinear_modes
from glassplast.probes.quasilocalized import pseudo_harmonic_modes as find_pseudo_harmonic_modes
from glassplast.response.analysis import Analysis

__all__ = ["nonlinear_modes", "pseudo_harmonic_modes"]

_COST = "one factorization and (L/4)^d searches of about ten solves; in large glasses most solves are of 2500 particles"


@register(
    "nonlinear_modes",
    symbol="π",
    typeset=r"$\pi$",
    sentence="The force response to the nonlinear plastic modes, weighted by their softness.",
    unit="E/L^4",
    family="nonlinear",
    softer="large",
    cost=_COST,
    loading_dependent=True,
)
def nonlinear_modes(
    analysis: Analysis,
    *,
    loading: Loading = 0.0,
    order: int | None = None,
    spacing: float = SPACING,
    tolerance: float = TOLERANCE,
    overlap: float = OVERLAP,
    neighbourhood: int = NEIGHBOURHOOD,
) -> FloatArray:
    r"""Quasilocalized part of the nonlinear modes π_k with stiffness κ_k.

    .. math:: \sum_k |U_3 : \pi_k \pi_k|_i^2 / \kappa_k

    See Gartner & Lerner, Phys. Rev. E 93, 011001 (2016); paper Eq. (B16). The function `glassplast.nonlinear_modes`
    returns the modes themselves.

    Parameters
    ----------
    analysis : Analysis
        Analysis of a minimum.
    loading : float or (d, d) array_like
        Loading whose nonaffine velocity selects the starts of the searches.
    order : {3, 4}, optional
        Order of the modes; by default 3 for attractive models, 4 for others.
    spacing, tolerance, overlap, neighbourhood
        See `glassplast.pseudo_harmonic_modes`.

    Returns
    -------
    ndarray, shape (N,)
        The field; NaN for rattlers.
    """
    modes = find_nonlinear_modes(
        analysis,
        order=order,
        loading=loading,
        spacing=spacing,
        tolerance=tolerance,
        overlap=overlap,
        neighbourhood=neighbourhood,
    )
    return modes.filtered_field(analysis)


@register(
    "pseudo_harmonic_modes",
    symbol="π_PH",
    typeset=r"$\pi_\mathrm{PH}$",
    sentence="The force response to the pseudo-harmonic modes, weighted by their softness.",
    unit="E/L^4",
    family="nonlinear",
    softer="large",
    cost=_COST,
    loading_dependent=True,
)
def pseudo_harmonic_modes(
    analysis: Analysis,
    *,
    loading: Loading = 0.0,
    spacing: float = SPACING,
    tolerance: float = TOLERANCE,
    overlap: float = OVERLAP,
    neighbourhood: int = NEIGHBOURHOOD,
) -> FloatArray:
    r"""Quasilocalized part of the pseudo-harmonic modes π_k with stiffness κ_k.

    .. math:: \sum_k |U_3 : \pi_k \pi_k|_i^2 / \kappa_k

    The modes are those of Richard et al., Phys. Rev. Lett. 126, 015501 (2021), which `glassplast.pseudo_harmonic_modes`
    returns; the field is defined like that of the nonlinear modes, paper Eq. (B16).

    Parameters
    ----------
    analysis : Analysis
        Analysis of a minimum.
    loading : float or (d, d) array_like
        Loading whose nonaffine velocity selects the starts of the searches.
    spacing, tolerance, overlap, neighbourhood
        See `glassplast.pseudo_harmonic_modes`.

    Returns
    -------
    ndarray, shape (N,)
        The field; NaN for rattlers.
    """
    modes = find_pseudo_harmonic_modes(
        analysis,
        loading=loading,
        spacing=spacing,
        tolerance=tolerance,
        overlap=overlap,
        neighbourhood=neighbourhood,
    )
    return modes.filtered_field(analysis)
