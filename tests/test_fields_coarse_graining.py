"""Coarse-grained density, displacement, strain and stress, against plain sums and quadrature over all images.

The plain sums are rounded like the engine's: 1e-12 of the scale of each field.
"""

import numpy as np
import pytest

import glassplast as gp
from glassplast import Analysis, _engine
from glassplast.errors import ArgumentError, GeometryError, ModelError
from samples import random_glass

RADIUS = {2: 5.0, 3: 2.5}


def kernel(r, radius, dimension):
    amplitude = {2: 8.0 * np.pi / 15.0 * radius**2, 3: 128.0 * np.pi / 231.0 * radius**3}[dimension]
    s = r / radius
    return np.where(s < 1.0, (1.0 - 2.0 * s**4 + s**8) / amplitude, 0.0)


def shifts(glass, reach):
    """Lattice vectors of all images that may matter to a point of the cell."""
    inverse = np.linalg.inv(glass.cell)
    spans = [int(np.ceil(reach * np.linalg.norm(row))) + 1 for row in inverse]
    numbers = np.stack(np.meshgrid(*[np.arange(-s, s + 1) for s in spans], indexing="ij"), axis=-1)
    return numbers.reshape(-1, glass.dimension) @ glass.cell.T


def plain_mean(glass, u, point, radius):
    """(sum of phi u) / (sum of phi) and the density."""
    weights = np.zeros(len(glass))
    for shift in shifts(glass, radius + 2.0):
        weights += kernel(np.linalg.norm(point - glass.positions - shift, axis=1), radius, glass.dimension)
    return weights @ u / weights.sum(), weights.sum()


def plain_stress(glass, point, radius):
    """The midpoint rule on 60 pieces of each bond, with errors of (piece/radius)^2.

    The ends of the range add none: there the kernel vanishes with its slope.
    """
    pairs = Analysis(glass).pairs
    s = (np.arange(60) + 0.5) / 60
    tensor = np.einsum("k,ka,kb->kab", pairs.phi1, pairs.direction, pairs.separation)
    weight = np.zeros(len(pairs))
    start = glass.positions[pairs.first]
    for shift in shifts(glass, radius + 4.0):
        along = point - shift - start[:, None, :] - s[None, :, None] * pairs.separation[:, None, :]
        weight += kernel(np.linalg.norm(along, axis=2), radius, glass.dimension).mean(axis=1)
    return np.einsum("k,kab->ab", weight, tensor)


@pytest.fixture(
    scope="module", params=[("lj", 2, 0.0), ("poly", 2, 0.7), ("poly", 3, -0.4)], ids=lambda p: f"{p[0]}-{p[1]}D-{p[2]}"
)
def glass(request):
    # The range of the kernel exceeds half of each box.
    model, dimension, strain = request.param
    return random_glass(model, 64, dimension, strain, seed=2)


@pytest.fixture(scope="module")
def points(glass):
    # Inside the box and outside.
    rng = np.random.default_rng(4)
    return rng.uniform(-1.5, 2.5, (4, glass.dimension)) @ glass.cell.T


def test_density_and_displacement(glass, points):
    u = np.random.default_rng(1).normal(size=glass.positions.shape)
    radius = RADIUS[glass.dimension]
    value = gp.coarse_grained_displacement(glass, u, points, radius=radius)
    density = gp.coarse_grained_density(glass, points, radius=radius)
    for k, point in enumerate(points):
        mean, total = plain_mean(glass, u, point, radius)
        assert np.abs(value[k] - mean).max() < 1e-12
        assert density[k] == pytest.approx(total, rel=1e-12)


def test_gradient_is_the_derivative_of_the_displacement(glass, points):
    # Central differences in steps of 1e-4 of a field of order one: 1e-8.
    u = np.random.default_rng(1).normal(size=glass.positions.shape)
    radius = RADIUS[glass.dimension]
    gradient = gp.coarse_grained_gradient(glass, u, points, radius=radius)
    for b in range(glass.dimension):
        step = 1e-4 * np.eye(glass.dimension)[b]
        ahead, behind = (gp.coarse_grained_displacement(glass, u, points + s * step, radius=radius) for s in (1, -1))
        assert np.abs((ahead - behind) / 2e-4 - gradient[:, :, b]).max() < 1e-7
    strain = gp.coarse_grained_strain(glass, u, points, radius=radius)
    assert np.allclose(strain, 0.5 * (gradient + gradient.transpose(0, 2, 1)), atol=1e-15)
    divergence = gp.coarse_grained_divergence(glass, u, points, radius=radius)
    assert np.allclose(divergence, np.trace(gradient, axis1=1, axis2=2), atol=1e-15)


def test_particles_without_a_displacement_take_no_part(glass, points):
    u = np.random.default_rng(1).normal(size=glass.positions.shape)
    u[7] = np.nan
    kept = np.delete(np.arange(len(glass)), 7)
    less = gp.Glass(glass.positions[kept], glass.cell, diameters=glass.diameters[kept])
    assert np.allclose(
        gp.coarse_grained_displacement(glass, u, points),
        gp.coarse_grained_displacement(less, u[kept], points),
        atol=1e-13,
    )


def test_stress_against_quadrature(glass, points):
    radius = RADIUS[glass.dimension]
    stress = gp.coarse_grained_stress(glass, points, radius=radius)
    for k, point in enumerate(points[:2]):
        assert np.abs(stress[k] - plain_stress(glass, point, radius)).max() < 1e-4 * np.abs(stress[k]).max()


@pytest.mark.parametrize("dimension", [2, 3])
def test_the_kernel_integrates_to_one(dimension):
    # Gauss-Legendre in the radius, exact for the polynomial that the kernel is.
    radius = 2.0
    box = (_engine.Box2D if dimension == 2 else _engine.Box3D)(20.0 * np.eye(dimension))
    centre = np.full(dimension, 10.0)
    nodes, weights = np.polynomial.legendre.leggauss(24)
    r = 0.5 * radius * (nodes + 1.0)
    points = centre + r[:, None] * np.eye(dimension)[0]
    density, _, _ = _engine.coarse_grained_vectors(
        box, centre[None, :], np.zeros((1, dimension)), np.zeros((dimension, dimension)), points, radius
    )
    shell = 2.0 * np.pi * r if dimension == 2 else 4.0 * np.pi * r**2
    assert 0.5 * radius * np.sum(weights * shell * density) == pytest.approx(1.0, rel=1e-13)


@pytest.mark.parametrize(("model", "strain"), [("lj", 0.0), ("poly", 0.7)])
def test_mean_over_the_box_is_the_stress_of_the_glass(model, strain):
    # On a grid of n x n points what is left is the Fourier transform of the kernel at 2 pi n / L, which falls as the
    # power 3.5 of n.
    glass = random_glass(model, 36, strain=strain, seed=2)
    expected = Analysis(glass).stress
    errors = []
    for n in (16, 64):
        fractions = np.stack(np.meshgrid(np.arange(n) / n, np.arange(n) / n, indexing="ij"), axis=-1).reshape(-1, 2)
        mean = gp.coarse_grained_stress(glass, fractions @ glass.cell.T, radius=2.5).mean(axis=0)
        errors.append(np.abs(mean - expected).max() / np.abs(expected).max())
    assert errors[1] < 1e-6 and errors[1] < errors[0] / 30.0


def test_rigid_translation_of_the_sample_changes_nothing(glass):
    shift = np.full(glass.dimension, 0.37)
    moved = glass.replace(positions=glass.positions + shift)
    one, two = gp.coarse_grained_stress(glass), gp.coarse_grained_stress(moved)
    assert np.abs(one - two).max() < 1e-12 * np.abs(one).max()


def test_bonds_that_leave_the_range():
    # A kernel shorter than the bonds: most lie partly outside.
    glass = random_glass("lj", 36, seed=3)
    points = np.random.default_rng(0).uniform(0.0, 6.0, (3, 2))
    stress = gp.coarse_grained_stress(glass, points, radius=0.6)
    for k, point in enumerate(points):
        assert np.abs(stress[k] - plain_stress(glass, point, 0.6)).max() < 5e-3 * np.abs(stress).max()


def test_bad_input(glass):
    u = np.zeros_like(glass.positions)
    with pytest.raises(ArgumentError, match="radius must be positive"):
        gp.coarse_grained_density(glass, radius=0.0)
    with pytest.raises(GeometryError, match="displacement must have shape"):
        gp.coarse_grained_displacement(glass, u[1:])
    with pytest.raises(GeometryError, match="points must have shape"):
        gp.coarse_grained_stress(glass, np.zeros((3, 5)))
    with pytest.raises(ModelError):
        gp.coarse_grained_stress(gp.Glass(glass.positions, glass.cell, diameters=glass.diameters))
    lonely = gp.Glass(np.zeros((1, 2)), 20.0, diameters=[1.0])
    assert np.isnan(gp.coarse_grained_displacement(lonely, np.ones((1, 2)), [[10.0, 10.0]])).all()
