"""Indicators from the motion in one minimum at low temperature: vibrations, and first anharmonic corrections."""

from __future__ import annotations

import numpy as np

from glassplast.analysis import Analysis
from glassplast.anharmonicity import STRAIN_STEP, pair_heat_capacity, pair_heat_capacity_rate, sum_over_pairs
from glassplast.indicators.registry import Field, register
from glassplast.loading import Loading

_COST = "one factorization and a selected inverse"


@register("vibrality", symbol="ψ", family="response", softer="large", cost=_COST)
def vibrality(analysis: Analysis) -> Field:
    r"""Mean square displacement in harmonic vibration, per temperature.

    .. math:: \psi_i = \mathrm{tr}\, (H^{-1})_{ii}

    The trace of the i-th d x d block of the pseudo-inverse. Tong & Xu, Phys. Rev. E 90, 010401 (2014); paper Sec. B 9.

    Parameters
    ----------
    analysis : Analysis
        Of a minimum.

    Returns
    -------
    ndarray, shape (N,)
        Squared length per energy; NaN on rattlers.
    """
    analysis.minimum  # noqa: B018 - refuses what is no minimum
    field: Field = np.trace(analysis.inverse_blocks.diagonal, axis1=1, axis2=2)
    return field


@register("heat_capacity", symbol="c_α", family="response", softer="large", cost=_COST)
def heat_capacity(analysis: Analysis) -> Field:
    r"""Anharmonic part of the heat capacities of the pairs of a particle.

    .. math:: c = -\frac{\partial \phi}{\partial x} \cdot H^{-1} \cdot (U_3 : H^{-1})

    of each pair; the field is the sum of |c| over the pairs of i. Zylberg et al., PNAS 114, 7289 (2017); paper Sec.
    B 8.

    Parameters
    ----------
    analysis : Analysis
        Of a minimum.

    Returns
    -------
    ndarray, shape (N,)
        Pure numbers; NaN on rattlers.
    """
    analysis.minimum  # noqa: B018 - refuses what is no minimum
    return sum_over_pairs(analysis, np.abs(pair_heat_capacity(analysis)))


@register(
    "anisotropic_heat_capacity",
    symbol="c_α dc_α/dγ",
    family="response",
    softer="large",
    cost="three factorizations and selected inverses",
    loading_dependent=True,
)
def anisotropic_heat_capacity(
    analysis: Analysis, *, loading: Loading = 0.0, product: bool = True, strain_step: float = STRAIN_STEP
) -> Field:
    r"""How the heat capacities of the pairs of a particle grow under shear in one direction.

    .. math:: \sum_j c_{ij} \frac{\mathrm{d} c_{ij}}{\mathrm{d}\gamma}
        = \frac12 \frac{\mathrm{d}}{\mathrm{d}\gamma} \sum_j c_{ij}^2

    with c as in `heat_capacity` and the derivative along the elastic branch. Large where it is soft, and softens, in
    the direction of the loading. Schwartzman-Nowik, Lerner & Bouchbinder, Phys. Rev. E 99, 060601 (2019).

    Parameters
    ----------
    analysis : Analysis
        Of a minimum.
    loading : float or (d, d) array_like
        Direction: an angle in degrees or a matrix.
    product : bool
        False: the derivative alone, of the sum of |c|.
    strain_step : float
        See `glassplast.anharmonicity.pair_heat_capacity_rate`.

    Returns
    -------
    ndarray, shape (N,)
        NaN on rattlers.
    """
    capacity = pair_heat_capacity(analysis)
    rate = pair_heat_capacity_rate(analysis, loading, strain_step=strain_step)
    return sum_over_pairs(analysis, (capacity if product else np.sign(capacity)) * rate)
