"""Anharmonic responses from selected blocks of the pseudo-inverse, against dense linear algebra."""

import numpy as np
import pytest

import glassplast as gp
from glassplast import Analysis, _engine
from glassplast.errors import InstabilityError, ModelError, UnknownNameError
from glassplast.response.anharmonicity import (
    anharmonic_response,
    harmonic_thermal_displacement,
    pair_heat_capacity,
    pair_heat_capacity_rate,
    relative_covariance,
    sum_over_pairs,
)
from minima import CASES, close, dense_pseudo_inverse, ends
from samples import small_minimum


@pytest.fixture(scope="module", params=CASES)
def analysis(request):
    return Analysis(CASES[request.param](), threads=1)


@pytest.fixture(scope="module")
def pseudo_inverse(analysis):
    return dense_pseudo_inverse(analysis)


# --- third derivatives ------------------------------------------------------------------------------------------------


def third_derivatives(analysis, inverse):
    """U3 : H^-1 as derivative of trace(H H^-1) with positions, by central differences of the dense Hessian."""
    glass = analysis.glass
    flat = inverse.reshape(glass.positions.size, -1)
    step = 1e-5
    field = np.zeros(glass.positions.shape)
    sample = np.random.default_rng(0).permutation(np.flatnonzero(~analysis.rattlers))[:12]
    for i in sample:
        for a in range(glass.dimension):
            moved = []
            for sign in (1.0, -1.0):
                positions = glass.positions.copy()
                positions[i, a] += sign * step
                moved.append(Analysis(glass.replace(positions=positions)).hessian.toarray())
            field[i, a] = np.sum((moved[0] - moved[1]) * flat) / (2.0 * step)
    return sample, field[sample]


def test_the_anharmonic_force_is_the_derivative_of_the_harmonic_free_energy(analysis, pseudo_inverse):
    """T/2 ln det H has the gradient T/2 U3 : H^-1. Differences err by 1e-5 where a pair nears its cutoff."""
    force = _engine.third_covariance_contraction(analysis.load_bearing_pairs, relative_covariance(analysis))
    sample, expected = third_derivatives(analysis, pseudo_inverse)
    error = np.abs(force[sample] - expected).max(axis=1) / np.abs(expected).max()
    assert np.median(error) < 1e-6 and error.max() < 1e-2


def test_responses_are_those_of_dense_matrices(analysis, pseudo_inverse):
    first, second = ends(analysis)
    network = analysis.load_bearing_pairs
    count = np.arange(len(analysis.glass))
    covariance = (
        pseudo_inverse[count, :, count, :][first]
        + pseudo_inverse[count, :, count, :][second]
        - pseudo_inverse[first, :, second, :]
        - pseudo_inverse[second, :, first, :]
    )
    n, r = np.asarray(network.direction), np.asarray(network.distance)
    phi1, phi2, phi3 = (np.asarray(getattr(network, name)) for name in ("phi1", "phi2", "phi3"))
    b = (phi2 - phi1 / r) / r
    a = phi3 - 3.0 * b
    along = np.einsum("kab,kb->ka", covariance, n)
    pull = (a * np.sum(n * along, axis=1) + b * np.trace(covariance, axis1=1, axis2=2))[:, None] * n
    pull += 2.0 * b[:, None] * along
    force = np.zeros(analysis.glass.positions.shape)
    np.add.at(force, second, pull)
    np.add.at(force, first, -pull)
    response = np.einsum("iajb,jb->ia", pseudo_inverse, force)
    assert close(anharmonic_response(analysis), response)
    displacement = harmonic_thermal_displacement(analysis)
    assert close(np.nan_to_num(displacement), -0.5 * response)
    capacity = -phi1 * np.sum(n * (response[second] - response[first]), axis=1)
    assert close(pair_heat_capacity(analysis), capacity)
    field = gp.indicators.compute(analysis, ["heat_capacity"])["heat_capacity"]
    expected = np.zeros(len(analysis.glass))
    np.add.at(expected, first, np.abs(capacity))
    np.add.at(expected, second, np.abs(capacity))
    assert close(np.nan_to_num(field), expected)
    assert np.array_equal(np.isnan(field), analysis.rattlers)


def test_pair_energies_rise_by_equipartition(analysis, pseudo_inverse):
    """Sum over pairs of <phi> - phi_0: T/2 for each degree of freedom; the anharmonic parts cancel, forces balance."""
    network = analysis.load_bearing_pairs
    n, tangential = np.asarray(network.direction), np.asarray(network.phi1) / np.asarray(network.distance)
    stiffness = (np.asarray(network.phi2) - tangential)[:, None, None] * n[:, :, None] * n[:, None, :]
    stiffness += tangential[:, None, None] * np.eye(n.shape[1])
    harmonic = np.sum(stiffness * relative_covariance(analysis))
    core = np.count_nonzero(~analysis.rattlers)
    freedom = analysis.glass.dimension * core - analysis.solver.translations
    assert harmonic == pytest.approx(freedom, rel=1e-9)
    capacity = pair_heat_capacity(analysis)
    # Forces of the minimum are zero to 1e-12 of a pair's.
    assert abs(capacity.sum()) < 1e-8 * np.abs(capacity).sum()


# --- under shear ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["lj", "poly"])
def test_the_rate_of_the_heat_capacity_is_that_along_the_branch(model):
    """From relaxed states at +-h, simple shear; a few pairs change contacts."""
    glass = small_minimum(model, 256, seed=2)
    analysis = Analysis(glass)
    rate = pair_heat_capacity_rate(analysis, [[0.0, 1.0], [0.0, 0.0]])
    step = 2e-5
    values = []
    for strain in (step, -step):
        there = Analysis(gp.shear(glass, glass.strain + strain).end)
        keys = zip(*(end.tolist() for end in ends(there)), strict=True)
        values.append(dict(zip(keys, pair_heat_capacity(there), strict=True)))
    keys = list(zip(*(end.tolist() for end in ends(analysis)), strict=True))
    expected = np.array([(values[0].get(k, np.nan) - values[1].get(k, np.nan)) / (2.0 * step) for k in keys])
    known = np.isfinite(expected)
    error = np.abs(rate[known] - expected[known]) / np.abs(expected[known]).max()
    assert known.mean() > 0.98 and np.quantile(error, 0.95) < 1e-3
    # Two steps agree where no contact changes.
    finer = pair_heat_capacity_rate(analysis, [[0.0, 1.0], [0.0, 0.0]], strain_step=5e-6)
    assert np.median(np.abs(finer - rate)) < 1e-4 * np.abs(rate).max()


def test_the_anisotropic_field_is_odd_in_the_loading():
    analysis = Analysis(small_minimum("poly", 256, seed=1))
    options = {"anisotropic_heat_capacity": {"product": False}}
    forward, reverse = (
        gp.indicators.compute(analysis, ["anisotropic_heat_capacity"], loading=angle)["anisotropic_heat_capacity"]
        for angle in (0.0, 90.0)
    )
    assert forward == pytest.approx(-reverse, rel=1e-6, abs=1e-6 * np.abs(forward).max())
    derivative = gp.indicators.compute(analysis, ["anisotropic_heat_capacity"], options=options)
    capacity, rate = pair_heat_capacity(analysis), pair_heat_capacity_rate(analysis)
    assert np.array_equal(derivative["anisotropic_heat_capacity"], sum_over_pairs(analysis, np.sign(capacity) * rate))
    assert np.array_equal(forward, sum_over_pairs(analysis, capacity * rate))
    with pytest.raises(ValueError, match="strain_step"):
        pair_heat_capacity_rate(analysis, strain_step=0.0)


# --- thermal expansion ------------------------------------------------------------------------------------------------


def test_thermal_expansion_is_the_divergence_of_the_coarse_displacement(analysis):
    field = gp.indicators.compute(analysis, ["thermal_expansion"])["thermal_expansion"]
    displacement = harmonic_thermal_displacement(analysis)
    expected = gp.coarse_grained_divergence(analysis.glass, displacement)
    kept = ~analysis.rattlers
    assert np.array_equal(field[kept], expected[kept]) and np.isnan(field[~kept]).all()


def test_thermal_expansion_of_dynamics_is_the_harmonic_one_when_it_is_cold():
    analysis = Analysis(small_minimum("poly", 100, seed=3))
    options = {"approach": "md", "temperature": 1e-6, "duration": 400.0}
    harmonic = gp.indicators.compute(analysis, ["thermal_expansion"])["thermal_expansion"]
    dynamic = gp.indicators.compute(analysis, ["thermal_expansion"], options={"thermal_expansion": options})
    assert np.corrcoef(harmonic, dynamic["thermal_expansion"])[0, 1] > 0.99
    with pytest.raises(UnknownNameError, match="harmonic"):
        gp.indicators.compute(analysis, ["thermal_expansion"], options={"thermal_expansion": {"approach": "mc"}})
    hertzian = Analysis(small_minimum("hertzian", 100))
    with pytest.raises(ModelError, match="give a temperature"):
        gp.indicators.compute(hertzian, ["thermal_expansion"], options={"thermal_expansion": {"approach": "md"}})


def test_what_is_no_minimum_is_refused():
    glass = small_minimum("lj", 100)
    moved = Analysis(glass.replace(positions=glass.positions + 0.02 * np.sin(glass.positions[:, ::-1])))
    for compute in (harmonic_thermal_displacement, lambda it: gp.indicators.compute(it, ["heat_capacity"])):
        with pytest.raises(InstabilityError, match="minimize first"):
            compute(moved)
