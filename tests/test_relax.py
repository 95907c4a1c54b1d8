"""Minimizers: the minima that they reach, the reasons why they stop, and errors for invalid input."""

import numpy as np
import pytest

from glassplast import Analysis, Glass, minimize, read
from glassplast.errors import ConvergenceError, GeometryError, UnknownNameError
from glassplast.relax import ModelMismatchWarning, relaxation, warn_of_mismatch
from samples import DATA, random_glass


@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("method", ["cg", "fire"])
@pytest.mark.parametrize("model", ["lj", "poly", "harmonic"])
def test_ends_in_a_minimum_at_round_off(model, method, dimension):
    count = {("lj", 3): 343}.get((model, dimension), 100)
    glass = minimize(random_glass(model, count, dimension, 0.1, seed=6), method=method)
    report = relaxation(glass)
    analysis = Analysis(glass)
    assert report.stop in ("converged", "round_off") and report.method == method
    # Round-off of positions (a few 1e-15) times the stiffness (a few hundred).
    assert analysis.largest_force < 1e-11
    assert analysis.minimum.negative == 0
    assert report.first_force > 0.1 and report.largest_displacement > 0.0


@pytest.mark.parametrize("polish", [True, False])
@pytest.mark.parametrize("method", ["cg", "fire"])
def test_stops_at_the_tolerance(method, polish):
    start = random_glass("lj", 100, seed=2)
    glass = minimize(start, method=method, tolerance=1e-6, polish=polish)
    assert relaxation(glass).stop == "converged"
    assert Analysis(glass).largest_force <= 1e-6
    exact = minimize(start, method=method)
    # With and without Newton's method at the end: the same minimum.
    assert Analysis(glass).energy == pytest.approx(Analysis(exact).energy, abs=1e-9)


def test_centre_of_mass_stays():
    start = random_glass("lj", 100, seed=3)
    glass = minimize(start)
    assert np.abs((glass.positions - start.positions).mean(axis=0)).max() < 1e-12


def test_a_minimum_is_left_where_it_is():
    glass = minimize(random_glass("poly", 100, seed=3))
    again = minimize(glass)
    assert np.abs(again.positions - glass.positions).max() < 1e-12


def test_budget_is_an_error_that_says_so():
    with pytest.raises(ConvergenceError, match="7 evaluations"):
        minimize(random_glass("lj", 100, seed=2), evaluations=7)


def test_particles_on_one_spot_are_named():
    glass = random_glass("lj", 100, seed=2)
    positions = glass.positions.copy()
    positions[41] = positions[17] + glass.cell @ [1, -2]
    with pytest.raises(GeometryError, match="particles 17 and 41"):
        minimize(glass.replace(positions=positions))


def test_unknown_minimizer_suggests():
    with pytest.raises(UnknownNameError, match="fire"):
        minimize(random_glass("poly", 36), method="fires")


def test_progress_can_interrupt():
    def stop(stage, part, note):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        minimize(random_glass("lj", 900, seed=1), progress=stop)


def test_an_unjammed_packing_relaxes_to_no_force_at_all():
    glass = Glass([[1.0, 1.0], [1.8, 1.0], [6.0, 6.0]], 10.0, "harmonic", diameters=[1.0, 1.0, 1.0])
    relaxed = minimize(glass, tolerance=1e-12)
    assert Analysis(relaxed).largest_force <= 1e-12


def test_a_file_of_another_model_is_noticed():
    liquid = random_glass("lj", 100, seed=2)
    wrong = Glass(liquid.positions, liquid.box, "poly", diameters=liquid.diameters, strain=0.0)
    glass = minimize(wrong)
    with pytest.warns(ModelMismatchWarning, match="poly"):
        assert warn_of_mismatch(glass, relaxation(glass))
    assert not warn_of_mismatch(minimize(glass), relaxation(minimize(glass)))


@pytest.mark.parametrize("polish", [True, False])
@pytest.mark.parametrize(("name", "model"), [("lj_gq_1024.data", "lj"), ("poly_t012_1024.xyz", "poly")])
def test_a_minimum_from_elsewhere_is_at_the_round_off_floor_already(name, model, polish):
    """Its forces are a few 1e-12 and no iteration lowers them for sure: that must not cost the whole budget."""
    report = relaxation(minimize(read(DATA / name, model=model), polish=polish))
    assert report.stop == "round_off" and report.evaluations < 500
    assert report.largest_force < 1e-11 and report.largest_displacement < 1e-9


def test_a_hot_start_is_not_held_to_its_own_floor():
    """Without Newton's method too: the floor is that of the minimum, not of the stiff contacts of the liquid."""
    glass = minimize(read(DATA / "lj_htl_1024_liquid.data", model="lj"), polish=False)
    assert relaxation(glass).largest_force < 2e-11


@pytest.mark.parametrize("shift", [(0.3, 0.0), (0.25, 0.1), (0.0, 0.35)])
def test_a_rattler_is_pushed_out_of_its_contacts_in_a_few_steps(shift):
    """A POLY contact pushes with the square of its overlap: first-order steps and an old stiffness creep."""
    rows = [(i + 0.5 * (j % 2), j * np.sqrt(0.75)) for j in range(8) for i in range(8)]
    positions = np.array(rows)
    diameters = np.ones(64)
    diameters[27] = 0.5
    positions[27] += shift
    glass = Glass(positions, (8.0, 8 * np.sqrt(0.75)), "poly", diameters=diameters)
    assert np.linalg.norm(Analysis(glass).forces[27]) > 1e-3
    relaxed = minimize(glass, tolerance=1e-11)
    assert relaxation(relaxed).evaluations < 150
    assert np.flatnonzero(Analysis(relaxed).rattlers).tolist() == [27]
