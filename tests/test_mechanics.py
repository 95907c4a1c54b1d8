"""Forces, stress, Hessian, Xi and higher contractions against automatic differentiation of an image sum.

Tolerance 1e-11 of the scale of each quantity: both sides are sums of a few hundred terms in double precision.
"""

import numpy as np
import pytest

from brute_force import derivative, energy
from glassplast import Analysis, _engine
from glassplast.loading import loading_matrix
from samples import MODELS, random_glass

TOLERANCE = 1e-11
CASES = [(model, 2, strain) for model in MODELS for strain in (0.0, 0.37)] + [
    ("lj", 3, -0.6),
    ("poly", 3, 0.37),
    ("kob_andersen", 3, 0.0),
    ("hertzian", 3, 0.8),
]
#: For ranges that are long.
COUNTS = {("lj", 2): 49, ("kob_andersen", 2): 49, ("lj", 3): 343, ("kob_andersen", 3): 216}


@pytest.fixture(params=CASES, ids=lambda case: f"{case[0]}-{case[1]}D-strain{case[2]}")
def glass(request):
    model, dimension, strain = request.param
    return random_glass(model, COUNTS.get((model, dimension), {2: 36, 3: 64}[dimension]), dimension, strain, seed=11)


def fields(glass, count, seed=5):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=glass.positions.shape) for _ in range(count)]


def close(value, reference, scale):
    return abs(value - reference) <= TOLERANCE * scale


def test_energy(glass):
    assert Analysis(glass).energy == pytest.approx(energy(glass).parts[0], rel=1e-12)


def test_forces(glass):
    forces = Analysis(glass).forces
    (u,) = fields(glass, 1)
    assert close(-np.sum(forces * u), derivative(glass, [u]), np.abs(forces * u).sum())
    for i in (0, 7, len(glass) - 1):
        for a in range(glass.dimension):
            unit = np.zeros_like(u)
            unit[i, a] = 1.0
            assert close(-forces[i, a], derivative(glass, [unit]), np.abs(forces).max())


def test_kernel_and_network_agree(glass):
    analysis = Analysis(glass)
    value, forces, stress = glass.potential_energy().evaluate(glass.positions)
    assert value == pytest.approx(analysis.energy, rel=1e-12)
    assert np.abs(forces - analysis.forces).max() <= 1e-12 * np.abs(forces).max()
    assert np.abs(stress - analysis.stress).max() <= 1e-12 * np.abs(stress).max()


def test_stress_is_the_strain_derivative_of_the_energy(glass):
    stress = Analysis(glass).stress
    for a in range(glass.dimension):
        for b in range(glass.dimension):
            G = np.zeros((glass.dimension, glass.dimension))
            G[a, b] = 1.0
            reference = derivative(glass, strains=[G]) / glass.volume
            assert close(stress[a, b], reference, np.abs(stress).max())


def test_hessian(glass):
    analysis = Analysis(glass)
    u, v = fields(glass, 2)
    H = analysis.hessian
    assert abs(H - H.T).max() <= 1e-13 * abs(H).max()
    image = (H @ u.ravel()).reshape(u.shape)
    assert close(np.sum(v * image), derivative(glass, [u, v]), np.abs(v * image).sum())
    assert np.allclose(_engine.hessian_times(analysis.pairs, u), image, rtol=0, atol=1e-12 * np.abs(image).max())
    translation = np.ones_like(u)
    assert np.abs(H @ translation.ravel()).max() <= 1e-12 * abs(H).max()


def test_single_blocks_of_the_hessian(glass):
    H = Analysis(glass).hessian.toarray().reshape(len(glass), glass.dimension, len(glass), glass.dimension)
    pairs = Analysis(glass).pairs
    blocks = [(3, 3), (pairs.second[9], pairs.first[9]), (0, 0), (pairs.first[5], pairs.second[5])]
    # Every entry costs an image sum, long in three dimensions.
    for i, j in blocks if glass.dimension == 2 else blocks[:2]:
        for a in range(glass.dimension):
            for b in range(glass.dimension):
                u, v = np.zeros_like(glass.positions), np.zeros_like(glass.positions)
                u[i, a], v[j, b] = 1.0, 1.0
                assert close(H[i, a, j, b], derivative(glass, [u, v]), np.abs(H).max())


@pytest.mark.parametrize("loading", [0.0, 35.0, "simple", "dilation"])
def test_affine_gradient_and_born_modulus(glass, loading):
    d = glass.dimension
    matrix = {"simple": np.eye(d, k=1) * (np.arange(d)[:, None] == 0), "dilation": np.eye(d)}.get(loading)
    matrix = loading_matrix(loading, d) if matrix is None else matrix
    analysis = Analysis(glass)
    (u,) = fields(glass, 1)
    Xi = _engine.affine_gradient(analysis.pairs, matrix)
    # Xi differentiates the gradient with respect to the current positions: the displacement field itself does not
    # turn with the box, so the mixed derivative of U at fixed field is exactly u . Xi.
    assert close(np.sum(u * Xi), derivative(glass, [u], [matrix]), np.abs(u * Xi).sum())
    born = _engine.born_curvature(analysis.pairs, matrix)
    assert close(born, derivative(glass, strains=[matrix, matrix]), abs(born))


def test_third_and_fourth_contractions(glass):
    pairs = Analysis(glass).pairs
    a, b, c, w = fields(glass, 4)
    third = _engine.third_contraction(pairs, a, b)
    assert close(np.sum(c * third), derivative(glass, [a, b, c]), np.abs(c * third).sum())
    fourth = _engine.fourth_contraction(pairs, a, b, c)
    assert close(np.sum(w * fourth), derivative(glass, [a, b, c, w]), np.abs(w * fourth).sum())


def test_contractions_are_symmetric(glass):
    pairs = Analysis(glass).pairs
    a, b, c, w = fields(glass, 4)
    scale = np.abs(w * _engine.fourth_contraction(pairs, a, b, c)).sum()
    assert close(
        np.sum(w * _engine.fourth_contraction(pairs, a, b, c)),
        np.sum(a * _engine.fourth_contraction(pairs, w, c, b)),
        scale,
    )


def test_a_wrong_force_would_be_seen(glass):
    """The check itself can fail: leaving the prestress out of the Hessian breaks it."""
    analysis = Analysis(glass)
    u, v = fields(glass, 2)
    pairs = analysis.pairs
    du, dv = u[pairs.second] - u[pairs.first], v[pairs.second] - v[pairs.first]
    n = pairs.direction
    unstressed = np.sum(pairs.phi2 * np.sum(n * du, axis=1) * np.sum(n * dv, axis=1))
    exact = derivative(glass, [u, v])
    assert abs(unstressed - exact) > 1e-6 * abs(exact)


def test_elongations_and_the_typical_force(glass):
    pairs = Analysis(glass).pairs
    u = np.random.default_rng(4).normal(size=glass.positions.shape)
    expected = np.sum(pairs.direction * (u[pairs.second] - u[pairs.first]), axis=1)
    assert np.abs(_engine.pair_elongations(pairs, u) - expected).max() < 1e-14 * np.abs(u).max() * 10.0
    assert _engine.typical_force(pairs) == pytest.approx(np.median(np.abs(pairs.phi1)), rel=1e-15)
