"""Indicators from the lowest vibrational modes."""

from __future__ import annotations

import numpy as np

from glassplast.foundation.arrays import FloatArray
from glassplast.indicators.registry import register
from glassplast.response.analysis import Analysis

__all__ = ["default_mode_count", "soft_modes"]


def default_mode_count(particles: int, available: int) -> int:
    """The default number of modes, round(512 N / 10^4) and at least 1; the paper uses 512 modes for 10^4 particles."""
    return min(max(1, round(512 * particles / 10_000)), available)


@register(
    "soft_modes",
    symbol="M",
    typeset="$M$",
    sentence="The force response of the third derivatives of the energy to the softest modes, weighted by 1/ω².",
    unit="E/L^4",
    family="modes",
    softer="large",
    cost="n modes: 512 at N = 10^4",
)
def soft_modes(analysis: Analysis, *, count: int | None = None) -> FloatArray:
    r"""Quasilocalized part of the lowest modes.

    .. math:: M_i = \sum_{k \le n} |U_3 : \Psi_k \Psi_k|_i^2 / \omega_k^2

    The contraction with the third derivatives suppresses plane waves. See paper Eq. (B10); Gartner & Lerner, Phys. Rev.
    E 93, 011001 (2016).

    Parameters
    ----------
    analysis : Analysis
        Analysis of a minimum.
    count : int, optional
        Number of modes n; by default round(512 N / 10^4).

    Returns
    -------
    ndarray, shape (N,)
        The field; NaN for rattlers.
    """
    solver = analysis.minimum
    if count is None:
        freedom = analysis.glass.dimension * int(np.count_nonzero(~analysis.rattlers))
        count = default_mode_count(len(analysis.glass), freedom - solver.translations)
    modes = analysis.modes(count)
    return analysis.third_contraction_squares(modes.vectors, 1.0 / modes.eigenvalues)
