"""Pseudo-harmonic modes as an indicator."""

from __future__ import annotations

from glassplast.analysis import Analysis
from glassplast.indicators.registry import Field, register
from glassplast.loading import Loading
from glassplast.quasilocalized import pseudo_harmonic_modes as find_modes


@register(
    "pseudo_harmonic_modes",
    symbol="pi_PH",
    family="nonlinear",
    softer="large",
    cost="one factorization, (L/4)^d searches of about ten solves",
    loading_dependent=True,
)
def pseudo_harmonic_modes(
    analysis: Analysis, *, loading: Loading = 0.0, spacing: float = 4.0, tolerance: float = 1e-8, overlap: float = 0.99
) -> Field:
    r"""Quasilocalized part of the pseudo-harmonic modes π_k of stiffness κ_k.

    .. math:: \sum_k |U_3 : \pi_k \pi_k|_i^2 / \kappa_k

    Modes: Richard et al., Phys. Rev. Lett. 126, 015501 (2021), see `glassplast.quasilocalized`; field as that of the
    nonlinear modes, paper Eq. (B16).

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

    Returns
    -------
    ndarray, shape (N,)
        NaN on rattlers.
    """
    modes = find_modes(analysis, loading=loading, spacing=spacing, tolerance=tolerance, overlap=overlap)
    return modes.filtered_field(analysis)
