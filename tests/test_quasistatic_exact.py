"""Exact stepping: the run, its events and its states, against fixed steps, minimizers and energy balances."""

import pickle
from itertools import pairwise

import numpy as np
import pytest

from glassplast import Analysis, Branches, Glass, minimize, read, shear
from glassplast.errors import ArgumentError, ConvergenceError, GlassplastError, InstabilityError, UnknownNameError
from glassplast.loading import loading_matrix, stress_along
from glassplast.quasistatic import ExactProtocol, ShearError, ShearInterrupted, same_state, spans
from samples import DATA, random_glass, small_minimum

MATRICES = {
    "angle": 30.0,
    "pure": [[1.0, 0.0], [0.0, -1.0]],
    "dilating": [[0.5, 0.2], [0.0, 0.5]],
    "reverse": [[0.0, -1.0], [0.0, 0.0]],
}


@pytest.fixture(scope="module")
def glass():
    return small_minimum("poly", 100, seed=1)


@pytest.fixture(scope="module")
def run(glass):
    return shear(glass, 0.3)


def inside(run):
    """Strains within each branch, some of them close to its end."""
    ends = [run.strain[0], *(event.strain for event in run.events), run.strain[-1]]
    parts = np.array([0.1, 0.5, 0.97, 0.9999])
    return [a + (b - a) * part for a, b in pairwise(ends) for part in parts]


def test_an_event_is_the_end_of_a_branch(run, glass):
    assert len(run.events) > 5
    start = glass.strain
    for event in run.events:
        assert event.irreversible and event.energy_drop > 0.0
        assert event.strain_uncertainty < 1e-9
        assert event.branch_start == start and event.method == "cg"
        assert event.mode_distance == pytest.approx(1e-9, rel=1e-6)
        assert event.before.strain == event.onset_strain and event.after.strain == event.strain
        assert event.stress_maximum_strain <= event.strain
        assert np.isnan(event.overlap) or event.overlap > 0.999
        start = event.strain
        before, after = Analysis(event.before), Analysis(event.after)
        for state in (before, after):
            state.minimum  # noqa: B018 - raises unless it is one
        # On a fold the stress is steep: sqrt(1e-9) from it.
        assert before.energy == pytest.approx(event.energy_before, abs=1e-6)
        assert before.stress[0, 1] == pytest.approx(event.stress_before, abs=1e-3)
        assert after.energy == pytest.approx(event.energy_after, abs=1e-10)
        assert after.stress[0, 1] == pytest.approx(event.stress_after, abs=1e-10)
        mode = np.nan_to_num(event.mode)
        assert np.linalg.norm(mode) == pytest.approx(1.0, abs=1e-12)
        assert event.core == np.argmax(np.linalg.norm(mode, axis=1))
        image = before.hessian @ mode.ravel()
        assert np.linalg.norm(image - event.eigenvalue * mode.ravel()) < 1e-4
        assert 0.0 < event.eigenvalue < 0.05
        assert np.sum(mode * np.nan_to_num(before.nonaffine_velocity([[0.0, 1.0], [0.0, 0.0]]))) > 0.0
        # The avalanche leads away from where the branch ended, which is close to the last stable state.
        moved = event.after.positions - event.before.positions
        assert np.abs(moved - moved.mean(axis=0) - event.displacement).max() < 1e-2
        assert np.abs(event.displacement.mean(axis=0)).max() < 1e-12


def test_fixed_steps_find_each_event_where_it_is(run):
    for event in run.events[:4]:
        increment = 1e-6
        # Over a step before the fold and a few past it.
        near = run.glass_at(event.strain - 2.3 * increment)
        (found,) = shear(near, event.strain + 3 * increment, stepping="fixed", increment=increment, max_events=1).events
        assert abs(found.strain - event.strain) <= found.strain_uncertainty
        assert found.core == event.core
        assert abs(np.nansum(found.mode * event.mode)) > 0.99


def test_energies_and_work_balance(run, glass):
    """Work along branches = change of energy + losses in events, the work from the stress alone."""
    work = run.work(0.0, 0.3)
    balance = run.energy[-1] - run.energy[0] + sum(event.energy_drop for event in run.events)
    assert balance == pytest.approx(work, rel=2e-5)
    # In parts it is the same.
    strains = np.linspace(0.0, 0.3, 8)
    parts = [run.work(a, b) for a, b in pairwise(strains)]
    assert sum(parts) == pytest.approx(work, rel=1e-12)


def test_the_curve_between_its_points(run):
    for strain in inside(run):
        state = Analysis(run.glass_at(strain))
        # Kinks of the slope, where contacts change, lie between the points too.
        assert run.stress_at(strain) == pytest.approx(state.stress[0, 1], abs=2e-4)
        assert run.energy_at(strain) == pytest.approx(state.energy, abs=1e-5)
    # The points themselves come out as they are, after the event where there are two of one strain.
    last = np.append(np.diff(run.strain) != 0.0, True)
    assert np.allclose(run.stress_at(run.strain[last]), run.stress[last], rtol=0, atol=1e-12)
    strain, stress = run.smooth_curve(4)
    assert strain.size == stress.size > 3 * run.strain.size and (np.diff(strain) > -1e-14).all()
    assert np.allclose(run.stress_at(strain[1:4]), stress[1:4])
    with pytest.raises(GlassplastError, match="covers strains"):
        run.stress_at([0.1, 0.31])


def test_states_at_events_and_at_the_end(run):
    event = run.events[1]
    assert run.glass_at(event.strain) is event.after and run.glass_at(event.onset_strain) is event.before
    assert run.end is run.last and run.end.strain == 0.3
    assert run.stress_at(event.strain) == event.stress_after
    assert run.events[-1].strain < 0.3
    again = shear(run.events[-1].after, 0.3)
    assert np.array_equal(again.end.positions, run.end.positions)
    with pytest.raises(GlassplastError, match="covers strains"):
        run.glass_at(-0.1)


def test_no_number_of_threads_changes_a_bit(glass, run):
    other = shear(glass, run.events[1].strain + 1e-3, threads=2)
    one = shear(glass, run.events[1].strain + 1e-3, threads=1)
    assert np.array_equal(other.stress, one.stress) and np.array_equal(other.end.positions, one.end.positions)


def test_iteration_gives_the_run_event_by_event(glass, run):
    events = Branches(glass, 0.3)
    assert events.run.strain.tolist() == [0.0] and events.run.stress[0] == pytest.approx(run.stress[0], abs=1e-12)
    assert events.run.end is glass
    first = next(events)
    assert np.array_equal(first.mode, run.events[0].mode, equal_nan=True)
    so_far = events.run
    assert so_far.strain[-1] == so_far.strain[-2] == first.strain and so_far.stress[-1] == first.stress_after
    assert so_far.end is first.after and np.isnan(so_far.slope[-1])
    assert so_far.stress_at(first.strain) == first.stress_after
    rest = list(events)
    assert len(rest) == len(run.events) - 1 and list(events) == []
    assert np.array_equal(events.run.energy, run.energy)
    assert events.run.effort == run.effort and run.effort.factorizations > 0


def test_without_a_target_there_is_no_end(glass, run):
    strains = []
    for event in Branches(glass):
        strains.append(event.strain)
        if len(strains) == 2:
            break
    assert strains == [event.strain for event in run.events[:2]]


def test_reverse_shear(run, glass):
    turning = 0.5 * run.events[0].strain
    back = shear(run.glass_at(turning), -0.3, max_events=2)
    assert len(back.events) == 2 and back.direction == -1.0
    for event in back.events:
        assert event.strain < event.onset_strain and event.direction == -1.0
        velocity = Analysis(event.before).nonaffine_velocity([[0.0, 1.0], [0.0, 0.0]])
        assert np.nansum(event.mode * velocity) < 0.0
    # Through the start, on the branch it is on.
    assert same_state(back.glass_at(0.0), glass, tolerance=1e-7)
    work = back.work(back.strain[0], back.strain[-1])
    balance = back.energy[-1] - back.energy[0] + sum(event.energy_drop for event in back.events)
    assert balance == pytest.approx(work, abs=1e-4)
    middle = 0.5 * (back.strain[0] + back.events[0].strain)
    assert back.stress_at(middle) == pytest.approx(Analysis(back.glass_at(middle)).stress[0, 1], abs=1e-6)
    # Reverse shear is forward shear of the mirrored loading.
    mirrored = shear(run.glass_at(turning), turning + turning + 0.3, loading=MATRICES["reverse"], max_events=2)
    assert mirrored.events[0].strain - turning == pytest.approx(turning - back.events[0].strain, abs=1e-10)
    assert mirrored.events[0].core == back.events[0].core


@pytest.mark.parametrize("kind", MATRICES)
def test_any_loading(glass, kind):
    loading = MATRICES[kind]
    run = shear(glass, 0.1, loading=loading)
    matrix = loading_matrix(loading, 2)
    assert np.array_equal(run.loading, matrix)
    assert run.stress[0] == pytest.approx(stress_along(Analysis(glass).stress, matrix), abs=1e-12)
    assert run.stress[-1] == pytest.approx(stress_along(Analysis(run.end).stress, matrix), abs=1e-9)
    assert run.energy[-1] == pytest.approx(Analysis(run.end).energy, abs=1e-9)
    assert run.end.volume == pytest.approx(glass.volume * np.exp(0.1 * np.trace(matrix)), rel=1e-12)
    balance = run.energy[-1] - run.energy[0] + sum(event.energy_drop for event in run.events)
    assert balance == pytest.approx(run.work(0.0, 0.1), abs=1e-4)
    middle = 0.05
    state = Analysis(run.glass_at(middle))
    assert run.stress_at(middle) == pytest.approx(stress_along(state.stress, matrix), abs=1e-5)
    for event in run.events:
        assert Analysis(event.before).largest_force < 1e-8 and Analysis(event.after).largest_force < 1e-8
        assert event.stress_after == pytest.approx(stress_along(Analysis(event.after).stress, matrix), abs=1e-9)


def test_three_dimensions():
    glass = small_minimum("lj", 343, 3, seed=1)
    loading = np.array([[0.3, 0.5, 0.0], [0.2, -0.1, 0.4], [0.0, 0.0, -0.2]])
    run = shear(glass, 0.1, loading=loading, max_events=1)
    (event,) = run.events
    assert event.mode.shape == (343, 3)
    assert Analysis(event.before).largest_force < 1e-8
    near = run.glass_at(event.strain - 1e-6)
    assert Analysis(near).modes(1).eigenvalues[0] < 0.1


def test_the_minimizer_decides_only_what_follows(glass):
    one, other = (shear(glass, 0.2, max_events=1, method=name).events[0] for name in ("cg", "fire"))
    assert one.strain == other.strain and np.array_equal(one.mode, other.mode, equal_nan=True)
    assert (one.method, other.method) == ("cg", "fire")
    assert other.after.provenance["shear"]["minimizer"] == "fire"


def test_stop_conditions(glass, run):
    spanning = [spans(event) for event in run.events]
    stopped = shear(glass, 0.3, stop="first_spanning_drop")
    assert len(stopped.events) == spanning.index(True) + 1
    large = shear(glass, 0.3, stop=lambda event: event.energy_drop < 1e-3)
    assert large.events[-1].energy_drop < 1e-3 <= min(event.energy_drop for event in large.events[:-1])
    assert large.strain[-1] == large.events[-1].strain
    fixed = shear(glass, 0.3, stepping="fixed", increment=1e-3, stop=lambda event: event.strain > 0.1)
    assert fixed.events[-1].strain > 0.1 >= max(event.strain for event in fixed.events[:-1])


def test_a_sample_is_sheared_to_the_same_event_as_in_fixed_steps():
    glass = minimize(read(DATA / "lj_htl_1024.data", model="lj"))
    event = shear(glass, 0.1, max_events=1).events[0]
    onset = np.load(DATA / "aqs_lj_htl_1024.npz")
    step = onset["event_step"][0]
    assert onset["strain"][step] <= event.strain <= onset["strain"][step + 1]
    assert event.stress_before == pytest.approx(onset["stress_xy"][step], abs=2e-3)


def test_a_run_survives_pickling(run):
    run.stress_at(0.1)
    copy = pickle.loads(pickle.dumps(run))
    assert np.array_equal(copy.slope, run.slope, equal_nan=True) and copy.stress_at(0.1) == run.stress_at(0.1)
    assert np.array_equal(copy.glass_at(0.01).positions, run.glass_at(0.01).positions)


def test_no_way_is_a_run_of_one_point(glass):
    run = shear(glass, 0.0)
    assert run.strain.tolist() == [0.0] and not run.events and run.work(0.0, 0.0) == 0.0
    assert run.stress_at(0.0) == run.stress[0]


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        ({"stepping": "exat"}, UnknownNameError, "did you mean 'exact'"),
        ({"method": "fires"}, UnknownNameError, "did you mean 'fire'"),
        ({"stop": "first_spaning_drop"}, UnknownNameError, "first_spanning_drop"),
        ({"increment": 1e-5}, ValueError, "increment belongs to fixed stepping"),
        ({"criterion": "stress_drop"}, ValueError, "criterion belongs to fixed"),
        ({"stepping": "fixed", "loading": 30.0}, ValueError, "loading belongs to exact"),
        ({"stepping": "fixed", "checkpoint": "x"}, ValueError, "checkpoint belongs to exact"),
        ({"method": "newton"}, UnknownNameError, "known: cg, fire"),
        ({"loading": np.zeros((2, 2))}, ValueError, "zero"),
        ({"loading": np.eye(3)}, GlassplastError, "shape"),
        ({"max_events": 0}, ValueError, "max_events"),
        ({"to": np.nan}, ValueError, "finite"),
        ({"tolerance": 0.1}, ValueError, "no equilibrium"),
        ({"tolerance": 0.0}, ValueError, "tolerance"),
        ({"threads": 0}, ValueError, "thread"),
    ],
)
def test_bad_arguments(glass, arguments, error, match):
    with pytest.raises(error, match=match):
        shear(glass, **{"to": 0.01, **arguments})


def test_an_unrelaxed_glass_is_refused():
    with pytest.raises(InstabilityError, match=r"glassplast\.minimize"):
        shear(random_glass("poly", 100), 0.1)


def test_interruption_keeps_the_events_so_far(glass, run):
    def stop(stage, part, note):
        if note.endswith("2 events"):
            raise KeyboardInterrupt

    with pytest.raises(ShearInterrupted, match="2 events") as caught:
        shear(glass, 0.3, progress=stop)
    kept = caught.value.run
    assert [event.strain for event in kept.events] == [event.strain for event in run.events[:2]]
    assert kept.end is kept.events[-1].after
    assert kept.stress_at(0.05) == run.stress_at(0.05)


def test_a_bar_does_not_run_back(glass):
    told = []
    shear(glass, 0.3, max_events=3, progress=lambda stage, part, note: told.append(part))
    falls = [before - after for before, after in pairwise(told)]
    # Only at an event, whose strain is found between two trial strains, and by less than a step.
    assert sum(fall > 0.0 for fall in falls) <= 3 and max(falls) < 0.01


def test_a_failure_keeps_the_events_so_far(glass, run, monkeypatch):
    calls = []

    def fail(*arguments, **options):
        calls.append(arguments)
        if len(calls) == 3:
            raise ConvergenceError("no way")
        return release(*arguments, **options)

    release = ExactProtocol.release
    monkeypatch.setattr(ExactProtocol, "release", fail)
    with pytest.raises(ShearError, match="after 2 events: no way") as caught:
        shear(glass, 0.3)
    assert len(caught.value.run.events) == 2 and isinstance(caught.value.__cause__, ConvergenceError)


def bidisperse_discs(seed):
    """Harmonic discs of two sizes, 100 of them, compressed beyond contact: phi'' jumps where contacts open."""
    diameters = np.where(np.arange(100) < 50, 1.0, 1.4)
    side = np.sqrt(np.pi / 4.0 * np.sum(diameters**2) / 0.95)
    positions = np.random.default_rng(seed).uniform(size=(100, 2)) * side
    return minimize(Glass(positions, side, "harmonic", diameters=diameters))


@pytest.mark.parametrize("seed", [0, 3])
def test_branches_of_harmonic_discs_end_at_corners(seed):
    state = bidisperse_discs(seed)
    events = shear(state, 0.03).events
    assert len(events) >= 3
    for event in events:
        # The stiffness does not vanish as the square root of 1e-9: it jumps at the end.
        assert event.eigenvalue > 3e-4 and event.strain_uncertainty < 1e-9
        assert event.energy_drop > 0.0
        to = event.strain + 5e-6
        (fixed,) = shear(state, to, stepping="fixed", increment=1e-6, max_events=1).events
        assert abs(fixed.strain - event.strain) <= 0.5e-6 + 1e-12
        state = event.after


def test_strains_beyond_resolution_are_refused(glass):
    with pytest.raises(ArgumentError, match=r"to is a strain of 1e\+06.*Glass.reduced"):
        shear(glass, 1e6)
    far = glass.replace(box=glass.box.sheared(1e6), strain=1e6)
    with pytest.raises(ArgumentError, match="strain of the glass"):
        shear(far, 1e3)
    near = shear(far.reduced(), 0.001)
    assert near.strain[0] == 0.0 and near.stress[-1] == pytest.approx(shear(glass, 0.001).stress[-1], abs=1e-6)


def test_a_perfect_lattice_is_sheared_until_its_symmetry_breaks():
    rows, rise = 8, np.sqrt(0.75)
    sites = np.array([[i + 0.5 * (j % 2), j * rise] for j in range(rows) for i in range(rows)])
    lattice = minimize(Glass(sites, (rows, rows * rise), "poly", diameters=np.ones(rows * rows)))
    run = shear(lattice, 0.005)
    fixed = shear(lattice, 0.005, stepping="fixed", increment=1e-3)
    assert run.strain[-1] == 0.005 and not run.events
    assert run.stress[-1] == pytest.approx(fixed.stress[-1], rel=1e-9)
    with pytest.raises(ShearError, match="displace the particles by 1e-6"):
        shear(lattice, 0.5)
    moved = 1e-6 * np.random.default_rng(0).normal(size=sites.shape)
    event = next(Branches(minimize(lattice.replace(positions=lattice.positions + moved)), 0.5))
    assert 0.1 < event.strain < 0.3 and event.energy_drop > 0.0
