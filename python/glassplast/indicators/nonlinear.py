"""Quasilocalized modes as indicators: nonlinear and pseudo-harmonic ones."""

from __future__ import annotations

from glassplast.foundation.arrays import FloatArray
from glassplast.indicators.registry import register
from glassplast.loading import Loading
from glassplast.probes.quasilocalized import NEIGHBOURHOOD, OVERLAP, SPACING, TOLERANCE
from glassplast.probes.quasilocalized import nonlinear_modes as find_nonlinear_modes
from glassplast.probes.quasilocalized import pseudo_harmonic_modes as find_pseudo_harmonic_modes
from glassplast.response.analysis import Analysis

__all__ = ["nonlinear_modes", "pseudo_harmonic_modes"]

_COST = "one factorization, (L/4)^d searches of about ten solves, in large glasses most of them of 2500 particles"


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
    r"""Quasilocalized part of the nonlinear modes π_k of stiffness κ_k.

    .. math:: \sum_k |U_3 : \pi_k \pi_k|_i^2 / \kappa_k

    Gartner & Lerner, Phys. Rev. E 93, 011001 (2016); paper Eq. (B16). See `glassplast.nonlinear_modes`, which gives the
    modes themselves.

    Parameters
    ----------
    analysis : Analysis
        Of a minimum.
    loading : float or (d, d) array_like
        Whose nonaffine velocity chooses the starts.
    order : {3, 4}, optional
        Of the modes; by default 3 for models that attract, 4 for others.
    spacing, tolerance, overlap, neighbourhood
        As of `pseudo_harmonic_modes`.

    Returns
    -------
    ndarray, shape (N,)
        NaN on rattlers.
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
    r"""Quasilocalized part of the pseudo-harmonic modes π_k of stiffness κ_k.

    .. math:: \sum_k |U_3 : \pi_k \pi_k|_i^2 / \kappa_k

    Modes: Richard et al., Phys. Rev. Lett. 126, 015501 (2021), see `glassplast.pseudo_harmonic_modes`; field as that of
    the nonlinear modes, paper Eq. (B16).

    Parameters
    ----------
    analysis : Analysis
        Of a minimum.
    loading : float or (d, d) array_like
        Whose nonaffine velocity chooses the starts.
    spacing : float
        Side of the parts of the box, each of which gives one start.
    tolerance : float
        Residual of a mode of unit norm.
    overlap : float
        Modes that overlap more are one.
    neighbourhood : int
        Particles among which a search begins in a glass much larger; 0 for all.

    Returns
    -------
    ndarray, shape (N,)
        NaN on rattlers.
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
