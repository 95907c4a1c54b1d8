"""Indicators from the motion in one minimum at low temperature: vibrations, and first anharmonic corrections."""

from __future__ import annotations

import warnings
from typing import Literal

import numpy as np

from glassplast.errors import ModelError, UnknownNameError, suggestion
from glassplast.fields.coarse_graining import RADIUS, coarse_grained_divergence
from glassplast.foundation.arrays import FloatArray
from glassplast.indicators.registry import register
from glassplast.loading import Loading
from glassplast.response.analysis import Analysis
from glassplast.response.anharmonicity import (
    STRAIN_STEP,
    harmonic_thermal_displacement,
    pair_heat_capacity,
    pair_heat_capacity_rate,
    sum_over_pairs,
)
from glassplast.sampling.thermal_motion import thermal_displacement

__all__ = ["anisotropic_heat_capacity", "heat_capacity", "thermal_expansion", "vibrality"]

_COST = "one factorization and a selected inverse"


@register(
    "vibrality",
    symbol="ψ",
    typeset=r"$\psi$",
    sentence="The mean square displacement of the particle in harmonic vibration, divided by the temperature.",
    unit="L^2/E",
    family="response",
    softer="large",
    cost=_COST,
)
def vibrality(analysis: Analysis) -> FloatArray:
    r"""Mean square displacement in harmonic vibration, divided by the temperature.

    .. math:: \psi_i = \mathrm{tr}\, (H^{-1})_{ii}

    is the trace of the i-th d x d block of the pseudo-inverse. See Tong & Xu, Phys. Rev. E 90, 010401 (2014); paper
    Sec. B 9.

    Parameters
    ----------
    analysis : Analysis
        Analysis of a minimum.

    Returns
    -------
    ndarray, shape (N,)
        Vibrality (length^2 / energy); NaN for rattlers.
    """
    analysis.minimum  # noqa: B018 - raises unless the glass is a minimum
    field: FloatArray = np.trace(analysis.inverse_blocks.diagonal, axis1=1, axis2=2)
    return field


@register(
    "thermal_expansion",
    symbol="α",
    typeset=r"$\alpha$",
    sentence="The local thermal expansion, divided by the temperature, in the limit of low temperature.",
    unit="1/E",
    family="response",
    softer="large",
    cost=f"{_COST}, one solve; or molecular dynamics",
)
def thermal_expansion(
    analysis: Analysis,
    *,
    approach: Literal["harmonic", "md"] = "harmonic",
    radius: float = RADIUS,
    temperature: float | None = None,
    duration: float = 2000.0,
    seed: int = 1,
) -> FloatArray:
    r"""Local thermal expansion, the divergence of the coarse-grained mean displacement divided by the temperature.

    .. math:: \alpha(r) = \nabla \cdot U(r), \qquad
        u / T = -\tfrac12 H^{-1} (U_3 : H^{-1}) \quad \text{or} \quad \langle x \rangle_T - x_0

    The first form of the displacement is the limit of low temperatures, the second the mean over a trajectory of
    molecular dynamics. The kernel is that of `glassplast.coarse_grained_divergence`. See paper Sec. B 11.

    Parameters
    ----------
    analysis : Analysis
        Analysis of a minimum.
    approach : {"harmonic", "md"}
        ``"harmonic"`` uses third derivatives, and is exact for T -> 0 and free of noise. ``"md"`` uses molecular
        dynamics as in the paper (`glassplast.thermal_displacement`), with a warning if the trajectory leaves its
        minimum.
    radius : float
        Coarse-graining length r_c of the kernel.
    temperature : float, optional
        Temperature of the dynamics (energy); by default 0.01 of the mode-coupling temperature of the model.
    duration : float
        Time of the average over the dynamics.
    seed : int
        Seed of the dynamics.

    Returns
    -------
    ndarray, shape (N,)
        Thermal expansion (1 / energy); NaN for rattlers.

    Raises
    ------
    UnknownNameError
        If the approach is not known.
    ModelError
        If no temperature is given for the dynamics, and none is known for the model.
    """
    if approach == "harmonic":
        displacement = harmonic_thermal_displacement(analysis)
    elif approach == "md":
        displacement = _displacement_by_dynamics(analysis, temperature, duration, seed)
    else:
        raise UnknownNameError(f"unknown approach {approach!r}; {suggestion(approach, ('harmonic', 'md'))}")
    field = coarse_grained_divergence(analysis.glass, displacement, radius=radius)
    return np.where(analysis.rattlers, np.nan, field)


def _displacement_by_dynamics(analysis: Analysis, temperature: float | None, duration: float, seed: int) -> FloatArray:
    glass = analysis.glass
    if temperature is None:
        singularity = glass.model.kind.mode_coupling if glass.model is not None else None
        if singularity is None:
            name = glass.model.name if glass.model is not None else ""
            raise ModelError(f"no mode-coupling temperature is known for the model {name!r}: give a temperature")
        temperature = 0.01 * singularity
    found = thermal_displacement(analysis, temperature, duration=duration, seed=seed, progress=analysis.progress)
    if not found.stayed:
        warnings.warn(
            f"the trajectory at temperature {temperature:g} left its minimum, so that this is no thermal expansion; "
            "choose a lower temperature",
            stacklevel=2,
        )
    return found.displacement / temperature


@register(
    "heat_capacity",
    symbol="c_α",
    typeset=r"$c_\alpha$",
    sentence="The anharmonic part of the local heat capacity, summed over the bonds of the particle.",
    unit="k_B",
    family="response",
    softer="large",
    cost=_COST,
)
def heat_capacity(analysis: Analysis) -> FloatArray:
    r"""Anharmonic part of the heat capacities of the pairs of a particle.

    .. math:: c = -\frac{\partial \phi}{\partial x} \cdot H^{-1} \cdot (U_3 : H^{-1})

    is the anharmonic heat capacity of a pair; the field is the sum of |c| over the pairs of particle i. See Zylberg et
    al., PNAS 114, 7289 (2017); paper Sec. B 8.

    Parameters
    ----------
    analysis : Analysis
        Analysis of a minimum.

    Returns
    -------
    ndarray, shape (N,)
        Heat capacity (in units of k_B); NaN for rattlers.
    """
    analysis.minimum  # noqa: B018 - raises unless the glass is a minimum
    return sum_over_pairs(analysis, np.abs(pair_heat_capacity(analysis)))


@register(
    "anisotropic_heat_capacity",
    symbol="c_α dc_α/dγ",
    typeset=r"$c_\alpha\,dc_\alpha/d\gamma$",
    sentence="The growth of the anharmonic heat capacities of the bonds of the particle under shear in one direction.",
    unit="k_B^2",
    family="response",
    softer="large",
    cost="three factorizations and selected inverses",
    loading_dependent=True,
)
def anisotropic_heat_capacity(
    analysis: Analysis, *, loading: Loading = 0.0, product: bool = True, strain_step: float = STRAIN_STEP
) -> FloatArray:
    r"""Growth of the heat capacities of the pairs of a particle under shear in one direction.

    .. math:: \sum_j c_{ij} \frac{\mathrm{d} c_{ij}}{\mathrm{d}\gamma}
        = \frac12 \frac{\mathrm{d}}{\mathrm{d}\gamma} \sum_j c_{ij}^2

    with c as in `heat_capacity` and the derivative along the elastic branch. It is large where the glass is soft and
    becomes softer along the loading. See Schwartzman-Nowik, Lerner & Bouchbinder, Phys. Rev. E 99, 060601 (2019).

    Parameters
    ----------
    analysis : Analysis
        Analysis of a minimum.
    loading : float or (d, d) array_like
        Loading direction: an angle in degrees or a matrix, see `glassplast.loading.loading_matrix`.
    product : bool
        Whether to compute this sum of products; otherwise the field is the derivative of the sum of |c|.
    strain_step : float
        Strain of the finite difference, see `glassplast.response.anharmonicity.pair_heat_capacity_rate`.

    Returns
    -------
    ndarray, shape (N,)
        Dimensionless rate; NaN for rattlers.
    """
    capacity = pair_heat_capacity(analysis)
    rate = pair_heat_capacity_rate(analysis, loading, strain_step=strain_step)
    return sum_over_pairs(analysis, (capacity if product else np.sign(capacity)) * rate)
