"""Nonlinear plastic modes: their equation, their minimum property, and their limit at an instability."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import glassplast as gp
from glassplast.errors import ArgumentError, ModelError
from samples import DATA, lattice_with_a_rattler, small_minimum

CASES = [("lj", 144, 2, 0.0), ("poly", 144, 2, 0.3), ("poly", 125, 3, 0.2)]


@pytest.fixture(scope="module", params=CASES, ids=lambda p: f"{p[0]}-{p[2]}D")
def analysis(request):
    model, count, dimension, strain = request.param
    return gp.Analysis(small_minimum(model, count, dimension, strain, seed=31))


@pytest.fixture(scope="module", params=[3, 4])
def modes(analysis, request):
    return gp.nonlinear_modes(analysis, order=request.param)


def form(analysis, z, order):
    """T = U^(n) . z^n and its gradient over n, from contractions that are tested against arithmetic elsewhere."""
    force = analysis.third_contraction(z, z) if order == 3 else analysis.fourth_contraction(z, z, z)
    return np.nansum(z * force), np.nan_to_num(force)


def cost(analysis, z, order):
    stiffness = z.ravel() @ (analysis.hessian @ z.ravel())
    return stiffness**order / form(analysis, z, order)[0] ** 2


def assert_solved(analysis, modes):
    for k in range(len(modes)):
        z = np.nan_to_num(modes.vectors[k])
        image = (analysis.hessian @ z.ravel()).reshape(z.shape)
        total, force = form(analysis, z, modes.order)
        assert np.sum(z * z) == pytest.approx(1.0, rel=1e-12)
        assert np.sum(z * image) == pytest.approx(modes.stiffnesses[k], rel=1e-9)
        residual = np.linalg.norm(image - modes.stiffnesses[k] / total * force)
        # The search measures it on its own sums: they differ by round-off of the stiffest contacts.
        assert residual < 1.1e-8
        assert modes.costs[k] == pytest.approx(cost(analysis, z, modes.order), rel=1e-9)


def test_each_solves_its_equation(analysis, modes):
    assert_solved(analysis, modes)


@pytest.mark.parametrize(("name", "model", "order"), [("lj_gq_1024.data", "lj", 3), ("poly_t012_1024.xyz", "poly", 4)])
def test_searches_that_begin_in_neighbourhoods(name, model, order):
    analysis = gp.Analysis(gp.minimize(gp.read(DATA / name, model=model)))
    whole = gp.nonlinear_modes(analysis, order=order, neighbourhood=0)
    near = gp.nonlinear_modes(analysis, order=order, neighbourhood=250)
    ends = [
        abs(np.nansum(near.vectors[k] * whole.vectors[j])) > 0.999
        for k, j in zip(near.led_to, whole.led_to, strict=True)
    ]
    assert np.mean(ends) > 0.85
    assert_solved(analysis, near)


def test_each_is_a_minimum(analysis, modes):
    rng = np.random.default_rng(0)
    directions = [np.nan_to_num(mode) for mode in analysis.modes(3).vectors]
    directions += [rng.normal(size=analysis.glass.positions.shape) for _ in range(3)]
    for k in range(len(modes)):
        z = np.nan_to_num(modes.vectors[k])
        here = cost(analysis, z, modes.order)
        for p in directions:
            p = np.where(analysis.rattlers[:, None], 0.0, p)
            p = p - p.mean(axis=0) - np.sum(p * z) * z
            for step in (1e-3, -1e-3):
                assert cost(analysis, z + step * p / np.linalg.norm(p), modes.order) > here * (1.0 - 1e-9)


def test_no_mode_twice(modes):
    flat = np.nan_to_num(modes.vectors).reshape(len(modes), -1)
    overlap = np.abs(flat @ flat.T) - np.eye(len(modes))
    assert overlap.max() <= 0.99
    assert set(modes.led_to) <= set(range(-1, len(modes))) and (modes.led_to >= 0).any()


def test_coefficients_are_derivatives_of_the_energy_along_a_mode(analysis, modes):
    """By central differences of U: of steps h their errors are of order h^2, and of U's round-off over h^n."""
    glass = analysis.glass
    k = int(np.argmin(modes.stiffnesses))
    z = np.nan_to_num(modes.vectors[k])

    def energy(s):
        return gp.Analysis(glass.replace(positions=glass.positions + s * z)).energy

    h = 1e-3 / np.abs(z).max()
    sampled = {n: energy(n * h) for n in range(-2, 3)}
    second = (sampled[1] - 2.0 * sampled[0] + sampled[-1]) / h**2
    third = (sampled[2] - 2.0 * sampled[1] + 2.0 * sampled[-1] - sampled[-2]) / (2.0 * h**3)
    assert modes.stiffnesses[k] == pytest.approx(second, rel=1e-2)
    # Contacts that open within the step cost more.
    assert modes.third[k] == pytest.approx(third, rel=0.1, abs=0.02 * np.abs(modes.fourth[k]))
    assert (modes.third <= 0.0).all()
    for order, coefficients in ((3, modes.third), (4, modes.fourth)):
        assert coefficients[k] == pytest.approx(form(analysis, z, order)[0], rel=1e-10)


def test_barriers_are_maxima_of_the_expansion(modes):
    assert_allclose(modes.cubic_barriers, 2.0 * modes.stiffnesses**3 / (3.0 * modes.third**2), rtol=1e-12)
    for kappa, tau, chi, barrier in zip(modes.stiffnesses, modes.third, modes.fourth, modes.barriers, strict=True):
        roots = np.roots([chi / 6.0, tau / 2.0, kappa])
        real = roots[np.abs(roots.imag) < 1e-9 * np.abs(roots)].real
        ahead = real[real > 0.0]
        if len(ahead):
            s = ahead.min()
            assert barrier == pytest.approx(kappa * s**2 / 2 + tau * s**3 / 6 + chi * s**4 / 24, rel=1e-6)
        else:
            assert np.isnan(barrier)


def test_cores_move_most(analysis, modes):
    moved = np.nan_to_num(np.linalg.norm(modes.vectors, axis=2))
    assert np.array_equal(modes.cores, moved.argmax(axis=1))
    assert np.array_equal(modes.core_positions, analysis.glass.positions[modes.cores])


def test_nothing_depends_on_threads(analysis, modes):
    other = gp.nonlinear_modes(gp.Analysis(analysis.glass, threads=3), order=modes.order)
    assert np.array_equal(other.stiffnesses, modes.stiffnesses)
    assert np.array_equal(other.vectors, modes.vectors, equal_nan=True)


def test_close_to_an_instability_the_softest_is_the_harmonic_mode():
    """The stiffness of the critical mode vanishes while its third derivative does not: no other has a part in it."""
    glass = gp.minimize(gp.read(DATA / "poly_t012_1024.xyz", model="poly"))
    event = gp.shear(glass, 0.2, max_events=1).events[0]
    overlaps = []
    for ahead in (1e-5, 1e-7):
        analysis = gp.Analysis(gp.shear(glass, event.strain - ahead).end)
        modes = gp.nonlinear_modes(analysis, order=3)
        softest = np.nan_to_num(modes.vectors[modes.stiffnesses.argmin()])
        overlaps.append(abs(np.sum(softest * np.nan_to_num(analysis.modes(1).vectors[0]))))
        assert modes.cores[modes.stiffnesses.argmin()] == event.core
    assert overlaps[0] < overlaps[1] and overlaps[1] > 0.999


@pytest.mark.parametrize("order", [3, 4])
def test_close_to_an_instability_the_barrier_is_that_of_the_saddle(order):
    """The next order of the expansion is smaller by the square root of the distance: 1 % at 1e-4."""
    glass = gp.minimize(gp.read(DATA / "poly_t012_1024.xyz", model="poly"))
    event = gp.shear(glass, 0.2, max_events=1).events[0]
    for ahead, allowed in ((1e-4, 0.02), (1e-5, 0.004)):
        before = gp.shear(glass, event.strain - ahead).end
        saddle = gp.saddle_points(before, centres=[event.core], saddles=3, attempts=20, seed=0).barrier.min()
        modes = gp.nonlinear_modes(before, order=order)
        softest = modes.stiffnesses.argmin()
        assert modes.barriers[softest] == pytest.approx(saddle, rel=allowed)
        assert modes.cubic_barriers[softest] == pytest.approx(saddle, rel=0.06)


def test_the_order_is_that_of_the_model_unless_given(analysis):
    expected = 4 if analysis.glass.model.name == "poly" else 3
    assert gp.nonlinear_modes(analysis.glass).order == expected
    assert gp.nonlinear_modes(small_minimum("kob_andersen", 216, 3)).order == 3


def test_the_indicator_is_the_filtered_field(analysis):
    modes = gp.nonlinear_modes(analysis)
    field = gp.indicators.compute(analysis, ["nonlinear_modes"])["nonlinear_modes"]
    expected = np.zeros(len(analysis.glass))
    for stiffness, mode in zip(modes.stiffnesses, modes.vectors, strict=True):
        expected += np.sum(analysis.third_contraction(mode, mode) ** 2, axis=1) / stiffness
    assert_allclose(field, expected, rtol=1e-12)


def test_rattlers_have_no_value():
    glass = lattice_with_a_rattler()
    modes = gp.nonlinear_modes(glass)
    assert np.isnan(modes.vectors[:, 27]).all() and np.isfinite(np.delete(modes.vectors, 27, axis=1)).all()


def test_wrong_arguments_are_named(analysis):
    with pytest.raises(ArgumentError, match="3 or 4, not 5"):
        gp.nonlinear_modes(analysis, order=5)
    with pytest.raises(ArgumentError, match="3 or 4, not '3'"):
        gp.nonlinear_modes(analysis, order="3")
    with pytest.raises(TypeError, match="not str"):
        gp.nonlinear_modes("glass.xyz")
    for options, words in (
        ({"tolerance": 0.0}, "tolerance"),
        ({"tolerance": np.nan}, "tolerance"),
        ({"max_iterations": 0}, "max_iterations"),
        ({"overlap": np.nan}, "overlap"),
        ({"overlap": 1.5}, "overlap"),
    ):
        with pytest.raises(ValueError, match=words):
            gp.nonlinear_modes(analysis, **options)
    with pytest.raises(ArgumentError, match="spacing"):
        gp.nonlinear_modes(analysis, spacing=-1.0)
    count = len(analysis.glass)
    with pytest.raises(ModelError, match="potential"):
        gp.nonlinear_modes(analysis.glass.replace(model=None, diameters=np.ones(count)))
