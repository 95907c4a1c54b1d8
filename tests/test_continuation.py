"""Elastic branches up to their folds, against linear response, the square-root law and fixed steps."""

import numpy as np
import pytest

from glassplast import Analysis, _engine, minimize, read
from glassplast.errors import GeometryError, InstabilityError
from glassplast.glass import simple_shear
from glassplast.loading import loading_matrix
from glassplast.relax import relax_options
from samples import DATA, random_glass, small_minimum


def follow(glass, to, loading=None, threads=1, callback=None, **options):
    matrix = simple_shear(glass.dimension) if loading is None else loading_matrix(loading, glass.dimension)
    chosen = _engine.BranchOptions(**{"tolerance": 1e-10, **options})
    return _engine.follow_branch(
        glass.interaction, glass.box, glass.strain, glass.positions, matrix, to, chosen, threads, callback
    )


def state(glass, branch):
    return glass.replace(positions=branch.positions, box=branch.box, strain=branch.end_strain)


@pytest.fixture(scope="module", params=["lj_htl_1024.data", "poly_inf_1024.xyz", "poly_t012_1024.xyz"])
def glass(request):
    return minimize(read(DATA / request.param, model="poly" if request.param.startswith("poly") else "lj"))


@pytest.fixture(scope="module")
def branch(glass):
    return follow(glass, 0.1)


CASES = [("lj", 100, 2, None), ("poly", 100, 2, 30.0), ("lj", 343, 3, None)]


@pytest.mark.parametrize(("model", "count", "dimension", "loading"), CASES)
def test_a_branch_starts_with_the_linear_response(model, count, dimension, loading):
    glass = small_minimum(model, count, dimension, seed=2)
    matrix = simple_shear(dimension) if loading is None else loading_matrix(loading, dimension)
    branch = follow(glass, 1e-5, matrix)
    analysis = Analysis(glass)
    assert branch.stress[0] == pytest.approx(np.sum(analysis.stress * matrix), abs=1e-12)
    # d2U/dgamma2 along exp(gamma G) has the stress along G^2 beside the Born term of a fixed G.
    assert branch.slope[0] == pytest.approx(
        analysis.shear_modulus(matrix) + np.sum(analysis.stress * (matrix @ matrix)), rel=1e-8
    )
    slope = (branch.stress[-1] - branch.stress[0]) / (branch.strain[-1] - branch.strain[0])
    assert slope == pytest.approx(branch.slope[0], rel=2e-2)  # over the curvature of 1e-5
    work = glass.volume * np.trapezoid(branch.stress, branch.strain)
    assert branch.energy[-1] - branch.energy[0] == pytest.approx(work, rel=1e-4)
    assert Analysis(state(glass, branch)).largest_force < 1e-9


def test_a_general_traceless_strain_in_three_dimensions():
    glass = small_minimum("lj", 343, 3, seed=1)
    matrix = np.array([[0.5, 0.2, 0.0], [0.1, -0.2, 0.3], [0.0, 0.0, -0.3]])
    branch = follow(glass, 2e-3, matrix)
    assert np.linalg.det(branch.box.cell) == pytest.approx(glass.volume, rel=1e-12)
    assert branch.largest_residual < 1e-7
    back = follow(state(glass, branch), 0.0, matrix)
    if not branch.ended and not back.ended:
        assert np.abs(back.positions - glass.positions).max() < 1e-6


def test_a_branch_ends_where_fixed_steps_find_an_instability(glass, branch):
    from glassplast import shear

    assert branch.ended and branch.critical_strain_uncertainty < 1e-9
    near = follow(glass, branch.critical_strain - 2e-5)
    start = state(glass, near)
    fixed = shear(start, to=branch.critical_strain + 5e-6, stepping="fixed", increment=1e-6, max_events=1)
    (event,) = fixed.events
    assert event.onset_strain <= branch.critical_strain <= event.onset_strain + 1.001e-6
    core = int(np.nanargmax(np.linalg.norm(branch.mode, axis=1)))
    assert core == event.core
    assert abs(np.nansum(branch.mode * event.mode)) > 0.99


def test_the_eigenvalue_vanishes_with_the_square_root(glass, branch):
    distances = np.logspace(-8, -6, 5)
    values = []
    for distance in distances:
        here = follow(glass, branch.critical_strain - distance)
        assert not here.ended
        modes = Analysis(state(glass, here)).modes(4)
        overlaps = np.abs(np.nansum(modes.vectors * branch.mode, axis=(1, 2)))
        assert overlaps.max() > 0.99
        values.append(modes.eigenvalues[overlaps.argmax()])
    exponent = np.polyfit(np.log(distances), np.log(values), 1)[0]
    assert exponent == pytest.approx(0.5, abs=0.01)


def test_what_is_recorded_of_the_fold(glass, branch):
    before = glass.replace(
        positions=branch.before_positions,
        box=glass.box.sheared(branch.before_strain - glass.strain),
        strain=branch.before_strain,
    )
    analysis = Analysis(before)
    assert branch.critical_strain - branch.before_strain == pytest.approx(1e-9, rel=1e-3)
    image = (analysis.hessian @ np.nan_to_num(branch.mode).ravel()).reshape(-1, 2)
    assert np.linalg.norm(image - branch.eigenvalue * np.nan_to_num(branch.mode)) < 1e-7
    assert 0.0 < branch.eigenvalue < 1e-2
    assert np.nansum(branch.mode**2) == pytest.approx(1.0)
    assert np.nansum(branch.mode * analysis.nonaffine_velocity()) > 0.0
    assert abs(np.nansum(branch.mode * branch.critical_mode)) > 0.99999
    assert branch.overlap > 0.99
    # The stress passes its maximum before the fold.
    assert branch.before_strain - 1e-4 < branch.stress_maximum < branch.critical_strain
    assert branch.largest_residual < 1e-7


def test_release_leads_downhill_at_fixed_strain(glass, branch):
    for method in ("cg", "fire"):
        after = _engine.release_branch(glass.interaction, branch, relax_options(method, 1e-10, 10**6, True))
        assert after.energy < branch.end_energy - 1e-5
        end = state(glass, branch).replace(positions=after.positions)
        assert Analysis(end).solver.negative == 0 and Analysis(end).largest_force < 1e-9
    near = follow(glass, 0.5 * (glass.strain + branch.critical_strain))
    with pytest.raises(InstabilityError, match="did not end"):
        _engine.release_branch(glass.interaction, near, relax_options("cg", None, 10**6, True))


def test_no_number_of_threads_changes_anything(glass, branch):
    other = follow(glass, 0.1, threads=3)
    assert np.array_equal(other.energy, branch.energy) and other.critical_strain == branch.critical_strain
    assert np.array_equal(other.positions, branch.positions)


def test_reverse_shear_comes_back(glass, branch):
    there = follow(glass, glass.strain + 0.7 * (branch.critical_strain - glass.strain))
    back = follow(state(glass, there), glass.strain)
    assert not back.ended and back.end_strain == glass.strain
    assert back.end_energy == pytest.approx(branch.energy[0], abs=1e-8)
    assert np.abs(back.positions - glass.positions).max() < 1e-6


def test_a_branch_can_be_interrupted(glass):
    def stop(strain, force):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        follow(glass, 0.1, callback=stop)


def test_what_cannot_be_followed_is_refused():
    with pytest.raises(InstabilityError, match="no minimum"):
        follow(random_glass("lj", 100), 0.1)
    glass = small_minimum("lj", 100)
    with pytest.raises(GeometryError):
        _engine.follow_branch(
            glass.interaction, glass.box, 0.0, glass.positions[:-1], simple_shear(2), 0.1, _engine.BranchOptions()
        )
