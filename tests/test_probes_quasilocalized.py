"""Pseudo-harmonic modes: their equation, and a minimizer that knows only the cost function."""

import numpy as np
import pytest
from scipy.optimize import minimize as scipy_minimize

from glassplast import Analysis, Glass, _engine, indicators, minimize, read
from glassplast.errors import ArgumentError, ConvergenceError
from glassplast.probes.quasilocalized import pseudo_harmonic_modes
from samples import DATA, small_minimum

CASES = [("lj", 100, 2, 0.0), ("poly", 100, 2, 0.3), ("poly", 125, 3, 0.2)]


@pytest.fixture(scope="module", params=CASES, ids=lambda p: f"{p[0]}-{p[2]}D")
def analysis(request):
    model, count, dimension, strain = request.param
    return Analysis(small_minimum(model, count, dimension, strain, seed=31))


@pytest.fixture(scope="module")
def modes(analysis):
    return pseudo_harmonic_modes(analysis)


def quartic(analysis, z):
    """Q and a quarter of its gradient."""
    pairs = analysis.load_bearing_pairs
    u = z[pairs.second] - z[pairs.first]
    squares = np.sum(u * u, axis=1)
    force = np.zeros_like(z)
    np.add.at(force, pairs.second, squares[:, None] * u)
    np.add.at(force, pairs.first, -squares[:, None] * u)
    return np.sum(squares**2), force


def cost(analysis, flat):
    z = flat.reshape(analysis.glass.positions.shape)
    image = _engine.hessian_times(analysis.load_bearing_pairs, z)
    stiffness = np.sum(z * image)
    total, force = quartic(analysis, z)
    return stiffness**2 / total, (4.0 * stiffness / total * (image - stiffness / total * force)).ravel()


def dipole_response(analysis, pair):
    pairs = analysis.load_bearing_pairs
    load = np.zeros_like(analysis.glass.positions)
    pull = pairs.phi1[pair] * pairs.direction[pair]
    load[pairs.second[pair]] += pull
    load[pairs.first[pair]] -= pull
    return np.nan_to_num(analysis.solve(load))


def assert_solved(analysis, modes):
    for k in range(len(modes)):
        z = np.nan_to_num(modes.vectors[k])
        image = _engine.hessian_times(analysis.load_bearing_pairs, z)
        total, force = quartic(analysis, z)
        assert np.sum(z * z) == pytest.approx(1.0, rel=1e-12)
        assert np.sum(z * image) == pytest.approx(modes.stiffnesses[k], rel=1e-10)
        assert modes.stiffnesses[k] ** 2 / total == pytest.approx(modes.costs[k], rel=1e-10)
        assert np.linalg.norm(image - modes.stiffnesses[k] / total * force) < 1.1e-8
    assert (modes.residuals <= 1e-8).all()


def test_each_solves_its_equation(analysis, modes):
    assert_solved(analysis, modes)


def test_each_is_a_minimum(analysis, modes):
    # Along random directions and towards the softest modes the cost rises.
    rng = np.random.default_rng(0)
    directions = [np.nan_to_num(mode) for mode in analysis.modes(3).vectors]
    directions += [rng.normal(size=analysis.glass.positions.shape) for _ in range(3)]
    for k in range(len(modes)):
        z = np.nan_to_num(modes.vectors[k])
        here, _ = cost(analysis, z.ravel())
        for p in directions:
            p = p - np.sum(p * z) * z
            for step in (1e-3, -1e-3):
                moved = z + step * p / np.linalg.norm(p)
                assert cost(analysis, moved.ravel())[0] > here * (1.0 - 1e-12)


def test_a_plain_minimizer_ends_in_the_same_modes(analysis, modes):
    for pair, found in list(zip(modes.pairs, modes.led_to, strict=True))[:2]:
        start = dipole_response(analysis, pair)
        start /= np.linalg.norm(start)
        before, _ = cost(analysis, start.ravel())
        result = scipy_minimize(
            lambda flat: cost(analysis, flat), start.ravel(), jac=True, method="L-BFGS-B",
            options={"maxiter": 20000, "maxfun": 40000, "ftol": 1e-15, "gtol": 1e-9, "maxcor": 50},
        )  # fmt: skip
        assert modes.costs[found] < before
        # From some starts the two paths part; then the other end is one of our modes as well.
        k = int(np.argmin(np.abs(modes.costs / result.fun - 1.0)))
        assert modes.costs[k] == pytest.approx(result.fun, rel=1e-6)
        end = result.x / np.linalg.norm(result.x)
        assert abs(np.sum(end * np.nan_to_num(modes.vectors[k]).ravel())) > 0.999


def test_no_mode_twice(modes):
    flat = np.nan_to_num(modes.vectors).reshape(len(modes), -1)
    overlap = np.abs(flat @ flat.T) - np.eye(len(modes))
    assert overlap.max() <= 0.99
    assert set(modes.led_to) <= set(range(-1, len(modes))) and (modes.led_to >= 0).any()


def test_starts(analysis, modes):
    # In each part of the cell the pair of largest |d phi/d x . xdot|.
    glass, pairs = analysis.glass, analysis.load_bearing_pairs
    parts = np.ceil(np.linalg.norm(glass.cell, axis=0) / 4.0).astype(int)
    middle = glass.positions[pairs.first] + 0.5 * pairs.separation
    fraction = np.linalg.solve(glass.cell, (middle - glass.box.origin).T).T % 1.0
    place = np.ravel_multi_index(tuple((fraction * parts).astype(int).T), parts)
    velocity = np.nan_to_num(analysis.nonaffine_velocity(0.0))
    change = velocity[pairs.second] - velocity[pairs.first]
    rate = np.abs(pairs.phi1 * np.sum(pairs.direction * change, axis=1))
    expected = [np.flatnonzero(place == p)[np.argmax(rate[place == p])] for p in np.unique(place)]
    assert sorted(expected) == modes.pairs.tolist()


def test_nothing_depends_on_threads(analysis, modes):
    other = pseudo_harmonic_modes(Analysis(analysis.glass, threads=3))
    assert np.array_equal(other.stiffnesses, modes.stiffnesses)
    assert np.array_equal(other.vectors, modes.vectors, equal_nan=True)


def test_indicator(analysis, modes):
    field = indicators.compute(analysis, ["pseudo_harmonic_modes"])["pseudo_harmonic_modes"]
    expected = np.zeros(len(analysis.glass))
    for stiffness, mode in zip(modes.stiffnesses, modes.vectors, strict=True):
        expected += np.sum(analysis.third_contraction(mode, mode) ** 2, axis=1) / stiffness
    assert np.allclose(field, expected, rtol=1e-12, equal_nan=True)
    assert np.array_equal(np.isnan(field), analysis.rattlers)


@pytest.mark.parametrize(("name", "model"), [("lj_gq_1024.data", "lj"), ("poly_t012_1024.xyz", "poly")])
def test_searches_that_begin_in_neighbourhoods(name, model):
    # They end in modes of the same equation, and nearly all of them in the same modes as those of all particles.
    analysis = Analysis(minimize(read(DATA / name, model=model)))
    whole = pseudo_harmonic_modes(analysis, neighbourhood=0)
    seen = []
    near = pseudo_harmonic_modes(analysis, neighbourhood=250, progress=lambda *words: seen.append(words))
    parts = [part for _, part, _ in seen]
    assert parts == sorted(parts) and all(note.endswith(f"of {len(whole.pairs)} searches") for _, _, note in seen)
    assert not np.array_equal(near.stiffnesses, whole.stiffnesses)
    assert np.array_equal(near.pairs, whole.pairs)
    assert (near.led_to >= 0).all()
    assert_solved(analysis, near)
    ends = [
        abs(np.nansum(near.vectors[k] * whole.vectors[j])) > 0.999
        for k, j in zip(near.led_to, whole.led_to, strict=True)
    ]
    # A neighbourhood is a tenth of the default here.
    assert np.mean(ends) > 0.85
    again = pseudo_harmonic_modes(Analysis(analysis.glass, threads=2), neighbourhood=250)
    assert np.array_equal(again.vectors, near.vectors, equal_nan=True)
    assert np.array_equal(again.led_to, near.led_to)


def test_neighbourhoods_in_three_dimensions(analysis):
    count = len(analysis.glass) // (16 if analysis.glass.dimension == 3 else 4)
    modes = pseudo_harmonic_modes(analysis, neighbourhood=count)
    assert (modes.led_to >= 0).all()
    assert_solved(analysis, modes)


def test_neighbourhoods_that_hold_a_whole_cluster():
    # Five crystals of 60 that touch nothing: nothing is at rest in a neighbourhood of 70.
    spacing = 0.69
    rows = [
        (spacing * (i + 0.5 * j), 8.0 * slab + spacing * j * np.sqrt(0.75))
        for slab in range(5)
        for j in range(5)
        for i in range(12)
    ]
    positions = np.array(rows) + np.random.default_rng(3).normal(scale=0.01, size=(300, 2))
    analysis = Analysis(minimize(Glass(positions, (12 * spacing, 40.0), "lj", species=np.zeros(300, int))))
    assert analysis.solver.translations == 10
    modes = pseudo_harmonic_modes(analysis, neighbourhood=70)
    assert (modes.led_to >= 0).all()
    assert_solved(analysis, modes)


def test_bad_input(analysis):
    with pytest.raises(ArgumentError, match="spacing must be a positive and finite distance"):
        pseudo_harmonic_modes(analysis, spacing=0.0)
    with pytest.raises(ArgumentError, match="parts"):
        pseudo_harmonic_modes(analysis, spacing=1e-5)
    with pytest.raises(ConvergenceError, match="allow more iterations"):
        pseudo_harmonic_modes(analysis, max_iterations=1)
    for count in (-1, 2.5, True):
        with pytest.raises(ValueError, match="neighbourhood"):
            pseudo_harmonic_modes(analysis, neighbourhood=count)
    seen = []
    pseudo_harmonic_modes(analysis, progress=lambda *words: seen.append(words))
    assert all(0.0 <= part <= 1.0 for _, part, _ in seen)
