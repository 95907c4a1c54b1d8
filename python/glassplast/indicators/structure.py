"""Indicators from positions alone or from pairs in contact: entropy, coordination, bond order and energy."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from glassplast import _engine
from glassplast.errors import GeometryError
from glassplast.fields.radial_functions import first_minimum
from glassplast.foundation.arrays import FloatArray
from glassplast.glass import Glass
from glassplast.indicators.registry import register

if TYPE_CHECKING:
    from glassplast.response.analysis import Analysis

__all__ = ["contacts", "excess_entropy", "hexatic", "potential_energy", "steric_order"]

# The first minimum of g(r / d_ij), for glasses of which only the diameters are known.
_NEIGHBOR_FACTOR = 1.4


@register(
    "excess_entropy",
    symbol="s2",
    typeset="$s_2$",
    sentence="The two-body excess entropy of the surroundings: 0 for an ideal gas, lower for more structure.",
    unit="k_B",
    family="structure",
    softer="large",
    needs="positions",
    cost="O(N)",
)
def excess_entropy(analysis: Analysis, r_max: float | None = None, delta: float = 0.12) -> FloatArray:
    r"""Pair excess entropy of each particle.

    .. math:: s_{2,i} = -\frac{\rho}{2} \int_0^{r_m} [g_i \ln g_i - g_i + 1] \, S_d r^{d-1} dr

    in units of k_B, with the g_i(r) of `glassplast.fields.radial_functions.local_radial_distribution`.

    Parameters
    ----------
    analysis : Analysis
        Analysis of the configuration, which need not be a minimum.
    r_max : float, optional
        Upper limit r_m of the integral (length); by default the first minimum of the radial distribution of this
        configuration (`glassplast.fields.radial_functions.first_minimum`). To compare samples of an ensemble, give the
        same value for all of them.
    delta : float
        Standard deviation of the Gaussians that smooth g_i (length).

    Returns
    -------
    ndarray, shape (N,)
        Entropy (in units of k_B), which is never positive; large values are soft. The quadrature is accurate to 1e-11.

    Notes
    -----
    See P. M. Piaggi, O. Valsson, M. Parrinello, Phys. Rev. Lett. 119, 015701 (2017). Equation B5 of Richard et al.,
    Phys. Rev. Materials 4, 113609 (2020), lacks a factor r and has the prefactor of three dimensions.
    """
    glass = analysis.glass
    end = first_minimum(glass, delta=delta, threads=analysis.threads) if r_max is None else r_max
    return _engine.excess_entropy(glass.box, glass.positions, end, delta, analysis.threads)


@register(
    "contacts",
    symbol="z",
    typeset="$z$",
    sentence="The number of neighbours that repel the particle.",
    family="structure",
    softer="small",
    cost="O(N)",
)
def contacts(analysis: Analysis) -> FloatArray:
    """The number of particles that repel particle i, which are those with phi'(r_ij) < 0.

    Parameters
    ----------
    analysis : Analysis
        Analysis of the configuration, which need not be a minimum.

    Returns
    -------
    ndarray, shape (N,)
        Whole numbers; small values are soft.

    Notes
    -----
    In a repulsive model these are all pairs inside the cutoff, in a Lennard-Jones glass those with r < 2^(1/6) s_ij.
    """
    pairs = analysis.pairs
    repelling = pairs.phi1 < 0.0
    ends = np.concatenate([pairs.first[repelling], pairs.second[repelling]])
    return np.bincount(ends, minlength=len(analysis.glass)).astype(np.float64)


class _Neighborhood(NamedTuple):
    """The properties of a planar glass that the bond-orientational orders need."""

    box: _engine.Box2D
    # The model or the diameters, from which the contact distance of any two particles follows.
    particles: _engine.Interaction2D | FloatArray
    factor: float


def _neighborhood(glass: Glass, factor: float | None) -> _Neighborhood:
    if not isinstance(glass.box, _engine.Box2D):
        raise GeometryError("bond order is defined in two dimensions only")
    if glass.model is None:
        return _Neighborhood(glass.box, glass.diameters, _NEIGHBOR_FACTOR if factor is None else factor)
    assert isinstance(glass.interaction, _engine.Interaction2D)
    known = glass.model.kind.neighbor_factor
    return _Neighborhood(glass.box, glass.interaction, known if factor is None else factor)


@register(
    "hexatic",
    symbol="Ψ6",
    typeset=r"$\Psi_6$",
    sentence="The sixfold bond-orientational order: 1 for a perfect hexagon of neighbours.",
    family="structure",
    softer="small",
    needs="diameters",
    cost="O(N)",
    planar=True,
)
def hexatic(analysis: Analysis, m: int = 6, factor: float | None = None) -> FloatArray:
    r"""Bond-orientational order :math:`\Psi_{m,j} = \frac{1}{n_j} |\sum_k e^{i m \theta_{jk}}|`.

    Parameters
    ----------
    analysis : Analysis
        Analysis of a configuration in two dimensions.
    m : int
        Order of the rotational symmetry.
    factor : float, optional
        Distance within which particles count as neighbours, in units of their contact distance d_jk. By default it is
        that of the model (1.33 for ``poly``, 1.5 for ``lj``), or 1.4 without a model, where d_jk is the mean of the
        diameters.

    Returns
    -------
    ndarray, shape (N,)
        Order in [0, 1]; NaN for particles without neighbours. Small values are soft.

    Notes
    -----
    See D. R. Nelson, B. I. Halperin, Phys. Rev. B 19, 2457 (1979); Richard et al., Phys. Rev. Materials 4, 113609
    (2020), equation B1.
    """
    glass = analysis.glass
    near = _neighborhood(glass, factor)
    return _engine.bond_orientational_order(near.box, glass.positions, near.particles, near.factor, m)


@register(
    "steric_order",
    symbol="Θ",
    typeset=r"$\Theta$",
    sentence="The mean difference between angles of neighbouring bonds and their angles if the particles just touched.",
    unit="rad",
    family="structure",
    softer="large",
    needs="diameters",
    cost="O(N)",
    planar=True,
)
def steric_order(analysis: Analysis, factor: float | None = None) -> FloatArray:
    r"""Mean deviation of the angles between neighbours from the angles between particles that just touch.

    .. math:: \Theta_j = \frac{1}{n_j} \sum_{\langle kl \rangle} |\theta^1_{kl} - \theta^2_{kl}|

    The sum runs over pairs of neighbours k, l that follow each other around j. Here θ¹ in [0, π] is the actual angle at
    j, and θ² is the angle in the triangle with the contact distances d_jk, d_jl, d_kl as sides.

    Parameters
    ----------
    analysis : Analysis
        Analysis of a configuration in two dimensions.
    factor : float, optional
        Distance within which particles count as neighbours, in units of their contact distance, see `hexatic`.

    Returns
    -------
    ndarray, shape (N,)
        Deviation (radians); NaN for particles with fewer than three neighbours. Large values are soft.

    Notes
    -----
    See H. Tong, H. Tanaka, Phys. Rev. X 8, 011041 (2018); Richard et al., Phys. Rev. Materials 4, 113609 (2020),
    equation B2.
    """
    glass = analysis.glass
    near = _neighborhood(glass, factor)
    return _engine.steric_order(near.box, glass.positions, near.particles, near.factor)


@register(
    "potential_energy",
    symbol="ϕ",
    typeset=r"$\varphi$",
    sentence="Half the sum of the pair energies of the particle.",
    unit="E",
    family="other",
    softer="large",
    cost="O(N)",
)
def potential_energy(analysis: Analysis) -> FloatArray:
    """Half the sum of the pair energies of each particle.

    Parameters
    ----------
    analysis : Analysis
        Analysis of the configuration, which need not be a minimum.

    Returns
    -------
    ndarray, shape (N,)
        Energies, whose sum over all particles is U; large values are soft.

    Notes
    -----
    See Richard et al., Phys. Rev. Materials 4, 113609 (2020), appendix B.7.
    """
    return _engine.particle_energies(analysis.pairs)
