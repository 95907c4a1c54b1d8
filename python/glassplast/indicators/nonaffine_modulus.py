"""The nonaffine modulus, the contribution of each particle to the softening of the glass by nonaffine motion."""

from __future__ import annotations

import logging
from typing import Any, Literal

import numpy as np

from glassplast.errors import ArgumentError
from glassplast.foundation.arrays import FloatArray
from glassplast.indicators.registry import register
from glassplast.loading import Loading, loading_matrix
from glassplast.response.analysis import Analysis
from glassplast.response.dephasing import ACCURACY, ModeSums, mode_sums
from glassplast.response.nonaffine_sums import nonaffine_decomposition

__all__ = ["ALL_MODES_PARTICLES", "nonaffine_modulus"]

logger = logging.getLogger(__name__)

#: Up to so many particles all modes are found in less than a second.
ALL_MODES_PARTICLES = 512
#: Up to so many particles it is computed unasked, which takes some minutes.
UNASKED_PARTICLES = 200_000


def _note(analysis: Analysis, options: dict[str, Any]) -> str:
    """How accurate the field is."""
    modes, accuracy = options.get("modes"), options.get("accuracy")
    if not _dephases(analysis, modes, accuracy):
        return "sum over all modes" if modes in (None, "all") else f"sum over the {modes} lowest modes"
    sums = _sums(analysis, options.get("loading", 0.0), ACCURACY if accuracy is None else accuracy)
    return f"sum over all modes by dephasing, {sums.steps} steps: median error of a particle {100.0 * sums.error:.2g} %"


@register(
    "nonaffine_modulus",
    symbol="nafμ",
    typeset=r"$\mathrm{naf}\mu$",
    sentence="The contribution of the particle to the reduction of the shear modulus by nonaffine motion.",
    unit="E/L^d",
    family="response",
    softer="large",
    cost="to 1 %: 5 s (POLY), 20 s (LJ) at N = 10^4",
    loading_dependent=True,
    fits=lambda glass: len(glass) <= UNASKED_PARTICLES,
    note=_note,
)
def nonaffine_modulus(
    analysis: Analysis,
    *,
    loading: Loading = 0.0,
    modes: int | Literal["all"] | None = None,
    accuracy: float | None = None,
) -> FloatArray:
    r"""Contribution of each particle to the softening of the glass by nonaffine motion.

    .. math:: \mathrm{naf}\mu_i = \frac1V \sum_m \frac{(\Psi_m \cdot \Xi)^2}{\lambda_m} |\Psi_m|_i^2

    has the opposite sign of paper Eq. (B17). The sum over the particles is :math:`\Xi \cdot H^{-1} \cdot \Xi / V`. By
    default it is estimated without finding a mode, see `glassplast.response.mode_sums`, and for up to 512 particles
    from all modes, see `glassplast.response.nonaffine_decomposition`.

    Parameters
    ----------
    analysis : Analysis
        Analysis of a minimum.
    loading : float or (d, d) array_like
        Loading direction: an angle in degrees or a matrix, see `glassplast.loading.loading_matrix`.
    modes : int or "all", optional
        Number of lowest modes to find and sum over, or all of them. All modes take minutes at N = 10^4, and give the
        field for any loading at no further cost; an incomplete sum ranks particles differently.
    accuracy : float, optional
        Median relative error of the particles at which the estimate stops, 0.01 by default.

    Returns
    -------
    ndarray, shape (N,)
        Nonaffine modulus (energy / volume); NaN for rattlers.
    """
    if modes is not None and accuracy is not None:
        raise ArgumentError("accuracy belongs to the estimate without modes: give modes or accuracy")
    if not _dephases(analysis, modes, accuracy):
        return nonaffine_decomposition(analysis, "all" if modes is None else modes).field(loading)
    wanted = ACCURACY if accuracy is None else accuracy
    sums = _sums(analysis, loading, wanted)
    if not sums.converged:
        logger.warning(
            "the nonaffine modulus has a median error of %.2g %% after %d steps, not %.2g %%",
            100.0 * sums.error,
            sums.steps,
            100.0 * wanted,
        )
    return sums.field / analysis.glass.volume


def _dephases(analysis: Analysis, modes: int | str | None, accuracy: float | None) -> bool:
    return modes is None and (accuracy is not None or len(analysis.glass) > ALL_MODES_PARTICLES)


def _sums(analysis: Analysis, loading: Loading, accuracy: float) -> ModeSums:
    matrix = loading_matrix(loading, analysis.glass.dimension)

    def estimate() -> ModeSums:
        return mode_sums(
            analysis,
            np.nan_to_num(analysis.affine_gradient(matrix)),
            -np.nan_to_num(analysis.nonaffine_velocity(matrix)),
            accuracy=accuracy,
        )

    return analysis.remember(("nonaffine_modulus", matrix.tobytes(), accuracy), estimate)
