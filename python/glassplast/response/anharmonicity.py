r"""First anharmonic corrections to the motion in one minimum at low temperature.

With the third derivatives :math:`U_3` of the energy and the pseudo-inverse :math:`H^{-1}` of the Hessian, positions and
pair energies in the minimum have the means

.. math::
    \langle \delta x \rangle = -\tfrac{T}{2} H^{-1} (U_3 : H^{-1}), \qquad
    \langle \phi \rangle = \phi_0 + \tfrac{T}{2} (\partial^2 \phi : H^{-1} + c),

in the limit of small T. Only the d x d blocks of :math:`H^{-1}` on interacting pairs are needed, which selected
inversion gives. See Zylberg, Lerner, Bar-Sinai & Bouchbinder, PNAS 114, 7289 (2017); paper Secs. B 8 and B 11.
"""

from __future__ import annotations

import numpy as np

from glassplast import _engine
from glassplast.errors import ArgumentError
from glassplast.foundation.arrays import FloatArray
from glassplast.glass import Glass
from glassplast.loading import Loading, loading_matrix
from glassplast.response.analysis import Analysis, analysis_of

__all__ = [
    "anharmonic_response",
    "harmonic_thermal_displacement",
    "pair_heat_capacity",
    "pair_heat_capacity_rate",
    "relative_covariance",
    "sum_over_pairs",
]

#: Strain by which the state is moved forward and backward along its branch for derivatives.
STRAIN_STEP = 1e-5


def relative_covariance(glass: Glass | Analysis) -> FloatArray:
    r"""Covariance of the relative displacement of each load-bearing pair in harmonic vibration, divided by T.

    .. math:: C = G_{ii} + G_{jj} - G_{ij} - G_{ji}, \qquad G = H^{-1}

    Parameters
    ----------
    glass : Glass or Analysis
        A minimum.

    Returns
    -------
    ndarray, shape (P, d, d)
        Covariance over T (length^2 / energy), in the order of ``analysis.load_bearing_pairs``.
    """
    analysis = analysis_of(glass)
    diagonal, pairs = analysis.inverse_blocks
    return analysis.remember(
        "relative_covariance",
        lambda: _engine.relative_covariance(analysis.load_bearing_pairs, np.nan_to_num(diagonal), pairs),
    )


def anharmonic_response(glass: Glass | Analysis) -> FloatArray:
    r"""The field :math:`H^{-1} (U_3 : H^{-1})`, shape (N, d); zero for rattlers."""
    analysis = analysis_of(glass)

    def respond() -> FloatArray:
        pull = _engine.third_covariance_contraction(analysis.load_bearing_pairs, relative_covariance(analysis))
        return np.nan_to_num(analysis.solver.solve(pull))

    return analysis.remember("anharmonic_response", respond)


def harmonic_thermal_displacement(glass: Glass | Analysis) -> FloatArray:
    r"""Mean displacement of the particles per unit of temperature, in the limit T -> 0.

    .. math:: \langle \delta x \rangle / T = -\tfrac12 H^{-1} (U_3 : H^{-1})

    Parameters
    ----------
    glass : Glass or Analysis
        A minimum.

    Returns
    -------
    ndarray, shape (N, d)
        Mean displacement over T (length / energy), with the centre of mass of each cluster at rest; NaN for rattlers.

    Raises
    ------
    InstabilityError
        If the glass is not a minimum.
    """
    analysis = analysis_of(glass)
    analysis.minimum  # noqa: B018 - raises unless the glass is a minimum
    displacement = -0.5 * anharmonic_response(analysis)
    displacement[analysis.rattlers] = np.nan
    return displacement


def pair_heat_capacity(glass: Glass | Analysis) -> FloatArray:
    r"""Anharmonic part of the heat capacity of each load-bearing pair.

    .. math:: c = -\frac{\partial \phi}{\partial x} \cdot H^{-1} \cdot (U_3 : H^{-1})

    Parameters
    ----------
    glass : Glass or Analysis
        A minimum.

    Returns
    -------
    ndarray, shape (P,)
        Heat capacity (in units of k_B), in the order of ``analysis.load_bearing_pairs``.
    """
    analysis = analysis_of(glass)
    network = analysis.load_bearing_pairs
    capacity: FloatArray = -network.phi1 * _engine.pair_elongations(network, anharmonic_response(analysis))
    return capacity


def pair_heat_capacity_rate(
    glass: Glass | Analysis, loading: Loading = 0.0, *, strain_step: float = STRAIN_STEP
) -> FloatArray:
    """Derivative of `pair_heat_capacity` with respect to strain along the elastic branch.

    It is the central difference between two states, `strain_step` forward and backward along the tangent of the branch
    (the affine flow plus the nonaffine velocity). These states lie on the branch to second order in the step, so that
    the error is of second order. Where the step opens or closes a contact, the derivative jumps, and the result is its
    mean; a pair that interacts on one side only gets 0.

    Parameters
    ----------
    glass : Glass or Analysis
        A minimum.
    loading : float or (d, d) array_like
        Angle in degrees or loading matrix, see `glassplast.loading.loading_matrix`.
    strain_step : float
        Strain of the step in each direction.

    Returns
    -------
    ndarray, shape (P,)
        Derivative, in the order of ``analysis.load_bearing_pairs``.

    Raises
    ------
    InstabilityError
        If the glass is not a minimum, or no longer one after the step.
    ArgumentError
        If the step is not positive and finite.
    """
    if not (np.isfinite(strain_step) and strain_step > 0.0):
        raise ArgumentError(f"strain_step must be positive and finite, not {strain_step}")
    analysis = analysis_of(glass)
    glass = analysis.glass
    matrix = loading_matrix(loading, glass.dimension)
    velocity = np.nan_to_num(analysis.nonaffine_velocity(matrix))
    network = analysis.load_bearing_pairs
    keys = np.stack([np.asarray(network.first), np.asarray(network.second)], axis=1)
    values = []
    for step in (strain_step, -strain_step):
        deformation = np.eye(glass.dimension) + step * matrix + 0.5 * step**2 * matrix @ matrix
        moved = glass.replace(
            positions=(glass.positions - glass.box.origin + step * velocity) @ deformation.T + glass.box.origin,
            box=deformation @ glass.cell,
        )
        beside = Analysis(moved, threads=analysis.threads)
        there = beside.load_bearing_pairs
        pairs = zip(np.asarray(there.first).tolist(), np.asarray(there.second).tolist(), strict=True)
        known = dict(zip(pairs, pair_heat_capacity(beside).tolist(), strict=True))
        values.append(np.array([known.get((i, j), np.nan) for i, j in keys.tolist()]))
    rate: FloatArray = np.nan_to_num((values[0] - values[1]) / (2.0 * strain_step))
    return rate


def sum_over_pairs(glass: Glass | Analysis, values: FloatArray) -> FloatArray:
    """The sum of a quantity over the load-bearing pairs of each particle, shape (N,); NaN for rattlers."""
    analysis = analysis_of(glass)
    network, count = analysis.load_bearing_pairs, len(analysis.glass)
    sums: FloatArray = np.bincount(np.asarray(network.first), values, count).astype(np.float64)
    sums += np.bincount(np.asarray(network.second), values, count)
    sums[analysis.rattlers] = np.nan
    return sums
