"""The local shear modulus against finite strain, and in cases where its value is known."""

import numpy as np
import pytest

import glassplast as gp
from glassplast import Analysis, Glass, indicators
from glassplast.errors import ArgumentError, InstabilityError
from glassplast.response.local_modulus import (
    finite_strain_shear_modulus,
    local_shear_modulus,
    shear_modulus_map,
    simple_shear_along,
)
from samples import random_glass, small_minimum

SIMPLE = np.array([[0.0, 1.0], [0.0, 0.0]])


@pytest.fixture(scope="module", params=[("lj", 0.0), ("poly", 0.3)], ids=lambda p: p[0])
def analysis(request):
    # Far smaller than twice the kernel: all images count.
    return Analysis(small_minimum(request.param[0], 100, strain=request.param[1], seed=31))


@pytest.mark.parametrize("loading", [0.0, 30.0, [[0.2, 0.7], [-0.1, 0.3]]])
@pytest.mark.parametrize("affine", [False, True])
def test_finite_strain_converges_to_it(analysis, loading, affine):
    options = {"loading": loading, "radius": 3.0, "coarse_grained_affine": affine}
    exact = local_shear_modulus(analysis, **options)
    far, near = (
        np.abs(finite_strain_shear_modulus(analysis.glass, strain=strain, **options) - exact) for strain in (1e-4, 1e-6)
    )
    # The difference is proportional to the strain. It is largest where the strain of the denominator almost vanishes.
    assert np.nanmax(near) < np.nanmax(far) / 30.0
    assert np.nanmedian(near) < 1e-4 * np.nanmedian(np.abs(exact))


def test_a_kernel_far_longer_than_the_box_sees_the_whole_glass(analysis):
    for angle in (0.0, 25.0, 90.0):
        matrix = simple_shear_along(angle, 2)
        value = local_shear_modulus(analysis, loading=angle, radius=60.0)
        elastic = gp.elasticity(analysis)
        # The Cauchy stress in a frame that does not turn along: a rotation turns what is frozen in.
        symmetric = 0.5 * (matrix + matrix.T)
        spin = 0.5 * (matrix - matrix.T)
        rate = (
            np.einsum("abcd,cd->ab", elastic.stress_strain, symmetric) + spin @ elastic.stress - elastic.stress @ spin
        )
        expected = np.sum(rate * symmetric) / (2.0 * np.sum(symmetric * symmetric))
        assert np.allclose(value[~analysis.rattlers], expected, rtol=1e-3)


def test_translating_the_sample_changes_nothing(analysis):
    glass = analysis.glass
    moved = glass.replace(positions=glass.positions + np.array([3.3, -41.7]))
    one, two = local_shear_modulus(analysis), local_shear_modulus(Analysis(moved))
    assert np.allclose(one, two, rtol=1e-8, equal_nan=True)


def test_turning_sample_and_loading_together_changes_nothing(analysis):
    glass = analysis.glass
    angle = np.deg2rad(35.0)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turned = Glass(
        glass.positions @ turn.T, turn @ glass.cell, glass.model, species=glass.species,
        diameters=None if glass.species is not None else glass.diameters, strain=0.0,
    )  # fmt: skip
    one = local_shear_modulus(analysis, loading=10.0)
    two = local_shear_modulus(Analysis(turned), loading=45.0)
    assert np.allclose(one, two, rtol=1e-7, equal_nan=True)


def test_an_angle_is_simple_shear_in_a_turned_frame():
    assert np.allclose(simple_shear_along(0.0, 2), SIMPLE)
    assert np.allclose(simple_shear_along(90.0, 2), -SIMPLE.T)
    assert np.allclose(simple_shear_along(180.0, 2), SIMPLE)
    assert np.allclose(simple_shear_along(SIMPLE, 2), SIMPLE)


@pytest.mark.parametrize("dimension", [2, 3])
def test_a_crystal_has_its_modulus_everywhere(dimension):
    # Close-packed equal springs under pressure: no nonaffine motion, and the same at every particle. The density of the
    # bonds that the kernel sees, hence the tolerance, is that of a lattice.
    analysis = Analysis(crystal(dimension))
    matrix = np.zeros((dimension, dimension))
    matrix[0, 1] = 1.0
    value = local_shear_modulus(analysis, radius=5.0)
    assert np.ptp(value) < 1e-10 * np.abs(value).max()
    assert value.mean() == pytest.approx(analysis.shear_modulus(matrix), rel=2e-3)
    # What coarse graining the affine part does even here: the strain is that of the lattice as the kernel sees it.
    literal = local_shear_modulus(analysis, radius=5.0, coarse_grained_affine=True)
    assert np.ptp(literal) < 1e-10 * np.abs(literal).max()


def crystal(dimension):
    if dimension == 2:
        cell, basis = np.array([1.0, np.sqrt(3.0)]), [[0.0, 0.0], [0.5, 0.5]]
        counts = (6, 4)
    else:
        cell, basis = np.full(3, np.sqrt(2.0)), [[0.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.5, 0.0, 0.5], [0.0, 0.5, 0.5]]
        counts = (3, 3, 3)
    corners = np.stack(np.meshgrid(*map(np.arange, counts), indexing="ij"), axis=-1).reshape(-1, dimension)
    sites = (corners[:, None, :] + np.array(basis)).reshape(-1, dimension) * cell
    return Glass(sites, cell * counts, "harmonic", diameters=np.full(len(sites), 1.05))


def test_map(analysis):
    found = shear_modulus_map(analysis, 2.0)
    n, m = found.values.shape
    lengths = np.linalg.norm(analysis.glass.cell, axis=0)
    assert (n, m) == tuple(np.ceil(lengths / 2.0)) and found.positions.shape == (n, m, 2)
    assert np.allclose(found.positions[0, 0], analysis.glass.box.origin)
    assert np.allclose(found.positions[1, 0] - found.positions[0, 0], analysis.glass.cell[:, 0] / n)
    # A node moves with the affine flow: it is a particle without nonaffine motion, wherever it is.
    shifted = local_shear_modulus(analysis, found.positions[2, 1][None] + analysis.glass.cell @ [3.0, -2.0])
    assert shifted[0] == pytest.approx(found.values[2, 1], rel=1e-9)
    assert shear_modulus_map(analysis, grid=(2, 3)).values.shape == (2, 3)
    assert gp.shear_modulus_map is shear_modulus_map


def test_indicator(analysis):
    field = indicators.compute(analysis, ["shear_modulus"], loading=20.0)["shear_modulus"]
    assert np.array_equal(field, local_shear_modulus(analysis, loading=20.0), equal_nan=True)
    assert np.array_equal(np.isnan(field), analysis.rattlers)
    assert indicators.find("shear_modulus").softer == "small"


def test_threads_change_no_bit():
    # Particles and pairs are far more than the 1024 of a block.
    glass = small_minimum("poly", 500, strain=0.0, seed=4)
    alone, together = (local_shear_modulus(Analysis(glass, threads=threads), radius=2.0) for threads in (1, 3))
    np.testing.assert_array_equal(alone, together)


def test_bad_input(analysis):
    with pytest.raises(ArgumentError, match="must shear"):
        local_shear_modulus(analysis, loading=np.eye(2))
    with pytest.raises(ArgumentError, match="spacing"):
        shear_modulus_map(analysis, -1.0)
    with pytest.raises(ArgumentError, match="grid"):
        shear_modulus_map(analysis, grid=(3,))
    with pytest.raises(InstabilityError):
        local_shear_modulus(Analysis(random_glass("lj", 49)))
