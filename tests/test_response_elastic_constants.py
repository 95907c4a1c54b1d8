"""Elastic constants against slopes of the relaxed stress, and the relations between their kinds."""

import numpy as np
import pytest

import glassplast as gp
from brute_force import derivative
from glassplast import Analysis, Glass
from glassplast.errors import InstabilityError
from glassplast.glass import make_box
from glassplast.response.elastic_constants import born_constants, voigt_pairs
from samples import random_glass, small_minimum

CASES = [("lj", 100, 2, 0.0), ("lj", 100, 2, 0.23), ("poly", 100, 2, 0.3), ("poly", 125, 3, 0.2)]


@pytest.fixture(scope="module", params=CASES, ids=lambda p: f"{p[0]}-{p[2]}D-{p[3]}")
def glass(request):
    model, count, dimension, strain = request.param
    return small_minimum(model, count, dimension, strain, seed=7)


@pytest.fixture(scope="module")
def elastic(glass):
    return gp.elasticity(glass)


def deformed(glass, matrix):
    """Deformed by 1 + matrix and minimized."""
    F = np.eye(glass.dimension) + matrix
    box = make_box(F @ glass.cell, F @ glass.box.origin)
    return gp.minimize(glass.replace(positions=glass.positions @ F.T, box=box))


def slope(glass, matrix, step=1e-6):
    """Of the relaxed stress along a loading, between +-step: errors of 1e-6 from step^2 and from forces of 1e-13."""
    ahead, behind = (Analysis(deformed(glass, sign * step * matrix)).stress for sign in (1.0, -1.0))
    return (ahead - behind) / (2.0 * step)


def test_all_slopes_of_the_relaxed_stress(glass, elastic):
    scale = np.abs(elastic.stress_strain).max()
    for c, d in voigt_pairs(glass.dimension):
        strain = np.zeros((glass.dimension, glass.dimension))
        strain[c, d] += 0.5
        strain[d, c] += 0.5
        assert np.abs(slope(glass, strain) - elastic.stress_strain[:, :, c, d]).max() < 1e-5 * scale


def test_modulus_of_simple_shear_is_the_slope_of_the_shear_stress(glass, elastic):
    simple = np.zeros((glass.dimension, glass.dimension))
    simple[0, 1] = 1.0
    analysis = Analysis(glass)
    assert elastic.modulus(simple) == pytest.approx(slope(glass, simple)[0, 1], rel=1e-5)
    for loading in (simple, 0.0, 35.0):
        assert elastic.modulus(loading) == pytest.approx(analysis.shear_modulus(loading), rel=1e-10)
        assert elastic.born_modulus(loading) == pytest.approx(analysis.born_modulus(loading), rel=1e-10)


def test_bulk_modulus_is_that_of_the_pressure(glass, elastic):
    d = glass.dimension
    # Volume changes by d times the linear strain.
    pressure_slope = -np.trace(slope(glass, np.eye(d))) / d
    assert elastic.bulk_modulus == pytest.approx(-pressure_slope / d, rel=1e-5)


def test_symmetries(glass, elastic):
    C, B, born = elastic.constants, elastic.stress_strain, elastic.born
    tolerance = 1e-10 * np.abs(C).max()
    for permutation in ("bacd", "abdc", "cdab"):
        assert np.abs(C - np.einsum(f"abcd->{permutation}", C)).max() < tolerance
    assert np.abs(B - B.transpose(1, 0, 2, 3)).max() < tolerance
    assert np.abs(B - B.transpose(0, 1, 3, 2)).max() < tolerance
    # Cauchy's relation: the Born term of a pair potential is the same under every permutation.
    assert np.abs(born - born.transpose(0, 2, 1, 3)).max() < tolerance
    # B lacks the exchange of its pairs by as much as the stress is anisotropic (Barron & Klein).
    one = np.eye(glass.dimension)
    expected = np.einsum("cd,ab->abcd", elastic.stress, one) - np.einsum("ab,cd->abcd", elastic.stress, one)
    assert np.abs(B - B.transpose(2, 3, 0, 1) - expected).max() < tolerance
    # Relaxation softens.
    assert np.linalg.eigvalsh(elastic.voigt(elastic.nonaffine)).max() < tolerance


def test_born_constants_are_derivatives_of_the_energy(glass):
    # Two mixed strain derivatives at F = 1 + G1 e1 + G2 e2: C_abcd G1 G2 + sigma_bd G1_ab G2_ad.
    analysis = Analysis(glass)
    rng = np.random.default_rng(5)
    one, two = rng.normal(size=(2, glass.dimension, glass.dimension))
    if analysis.rattlers.any():
        pytest.skip("rattlers carry a Born term of their own")
    expected = derivative(glass, strains=[one, two]) / glass.volume
    found = np.einsum("ab,abcd,cd", one, born_constants(analysis), two) + np.sum(analysis.stress * (one.T @ two))
    assert found == pytest.approx(expected, rel=1e-10, abs=1e-9)


def test_isotropic_average(elastic):
    # The mean over turned frames of the slope of the shear stress under a shear strain without rotation.
    d = len(elastic.stress)
    rng = np.random.default_rng(3)
    total = []
    for _ in range(3000 if d == 3 else 200):
        q, _ = np.linalg.qr(rng.normal(size=(d, d)))
        n, m = q[:, 0], q[:, 1]
        strain = 0.5 * (np.outer(n, m) + np.outer(m, n))
        total.append(np.einsum("ab,abcd,cd", strain, elastic.stress_strain, strain))
    error = np.std(total) / np.sqrt(len(total))
    assert abs(np.mean(total) - elastic.isotropic_shear_modulus) < 4.0 * error + 1e-12


def test_crystal():
    # Triangular lattice of springs (k/2)(1 - r/d)^2 at a spacing a < d. With t = phi'/r, s = phi'' - t and two
    # springs of each of three directions per two particles: C_xxxx = 3 C_xyxy = 9 s a^2 / (8 cell area), cell area
    # a^2 sqrt(3)/2, isotropic; the stress is 3 t a^2 / (2 cell area).
    a, d = 0.95, 1.0
    columns, rows = 8, 8
    k, row = np.meshgrid(np.arange(columns), np.arange(rows), indexing="ij")
    positions = np.stack([a * (k + 0.5 * (row % 2)), a * np.sqrt(3.0) / 2.0 * row], axis=-1).reshape(-1, 2)
    glass = Glass(positions, (a * columns, a * np.sqrt(3.0) / 2.0 * rows), "harmonic", diameters=np.full(64, d))
    found = gp.elasticity(glass)
    t = -(1.0 - a / d) / d / a
    s = 1.0 / d**2 - t
    area = a * a * np.sqrt(3.0) / 2.0
    assert np.allclose(found.stress, 1.5 * t * a**2 / area * np.eye(2), atol=1e-13)
    assert np.abs(found.nonaffine).max() < 1e-12
    C = found.voigt(found.constants)
    unit = s * a * a / (8.0 * area)
    assert np.allclose(C, unit * np.array([[9.0, 3.0, 0.0], [3.0, 9.0, 0.0], [0.0, 0.0, 3.0]]), atol=1e-12)
    pressure = -found.stress[0, 0]
    assert found.isotropic_shear_modulus == pytest.approx(3.0 * unit - pressure, rel=1e-12)
    assert found.bulk_modulus == pytest.approx(6.0 * unit, rel=1e-12)


def test_no_minimum():
    with pytest.raises(InstabilityError):
        gp.elasticity(random_glass("lj", 49))
