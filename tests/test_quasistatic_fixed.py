"""Quasistatic shear in finite steps: the curve, its events, and their records."""

import pickle

import numpy as np
import pytest

from glassplast import Analysis, minimize, read, shear
from glassplast.errors import ConvergenceError, GlassplastError, InstabilityError, UnknownNameError
from glassplast.glass import simple_shear
from glassplast.quasistatic import FixedProtocol, ShearError, ShearInterrupted, fixed_stepping
from samples import DATA, random_glass, small_minimum


@pytest.fixture(scope="module")
def glass():
    return minimize(read(DATA / "poly_inf_1024.xyz", model="poly"))


@pytest.fixture(scope="module")
def run(glass):
    return shear(glass, to=0.05, max_events=2, stepping="fixed", increment=2e-5)


def test_the_curve_starts_with_the_linear_response(glass, run):
    modulus = Analysis(glass).shear_modulus()
    there, back = (shear(glass, to=to, stepping="fixed", increment=1e-7) for to in (1e-7, -1e-7))
    slope = (there.stress[-1] - back.stress[-1]) / 2e-7
    assert slope == pytest.approx(modulus, rel=1e-4)  # third derivatives jump at contact changes
    # dU = V sigma dgamma on the elastic branch; the trapezoid rule meets the square root of the fold.
    first = np.searchsorted(run.strain, run.events[0].onset_strain)
    work = glass.volume * np.trapezoid(run.stress[: first + 1], run.strain[: first + 1])
    assert run.energy[first] - run.energy[0] == pytest.approx(work, rel=1e-4)


def test_events_stop_the_run(run):
    assert len(run.events) == 2
    assert run.strain[-1] < 0.05
    assert run.events[0].strain < run.events[1].strain


def test_event_record(run):
    for event in run.events:
        assert event.irreversible and event.energy_drop > 0.0
        assert event.strain == pytest.approx(event.onset_strain + 1e-5, abs=1e-15)
        assert event.strain_uncertainty == pytest.approx(1e-5, abs=1e-15)
        assert event.before.strain == event.onset_strain
        mode = np.nan_to_num(event.mode)
        assert np.linalg.norm(mode) == pytest.approx(1.0, abs=1e-12)
        assert event.core == np.argmax(np.linalg.norm(mode, axis=1))
        assert 1.0 / len(event.before) < event.participation < 1.0
        before = Analysis(event.before)
        assert before.energy == pytest.approx(event.energy_before, rel=1e-13)
        assert before.stress[0, 1] == pytest.approx(event.stress_before, abs=1e-12)
        # An eigenvector of the state it is taken at, driven by the strain, and already soft.
        image = before.hessian @ mode.ravel()
        assert np.linalg.norm(image - event.eigenvalue * mode.ravel()) < 1e-8
        assert np.sum(mode * np.nan_to_num(before.nonaffine_velocity())) > 0.0
        assert 0.0 < event.eigenvalue < 0.3
        # The avalanche starts where the mode points to.
        field = event.d2min()
        assert field[event.core] > np.nanquantile(field, 0.99)


def test_the_mode_found_is_the_one_that_goes_unstable(run):
    """Closer to the fold its eigenvalue is smaller and the mode the same."""
    event = run.events[0]
    closer = shear(event.before, to=event.onset_strain + 2e-5, stepping="fixed", increment=1e-6).events[0]
    assert closer.core == event.core
    assert abs(np.nansum(closer.mode * event.mode)) > 0.95
    assert closer.eigenvalue < event.eigenvalue


@pytest.mark.parametrize("relaxer", ["cg", "fire"])
def test_every_relaxer_follows_the_same_branch(glass, run, relaxer):
    other = shear(glass, to=6e-5, stepping="fixed", increment=2e-5, method=relaxer)
    assert np.abs(other.stress - run.stress[:4]).max() < 1e-10
    assert np.abs(other.energy - run.energy[:4]).max() < 1e-9


def test_reverse_shear_returns_along_a_branch(glass, run):
    turning = run.strain[20]
    assert turning < run.events[0].onset_strain
    back = shear(run.glass_at(turning), to=0.0, stepping="fixed", increment=2e-5)
    assert back.strain[0] == turning and back.strain[-1] == 0.0
    assert not back.events
    assert back.energy[-1] == pytest.approx(run.energy[0], abs=1e-9)
    assert np.abs(back.end.positions - glass.positions).max() < 1e-7


def test_reverse_shear_finds_events_of_its_own(glass):
    back = shear(glass, to=-0.05, max_events=1, stepping="fixed", increment=5e-5)
    (event,) = back.events
    assert event.strain < 0.0 and event.irreversible
    assert np.nansum(event.mode * Analysis(event.before).nonaffine_velocity()) < 0.0


def test_glass_at_any_strain(run):
    for k in (7, len(run.strain) - 1):
        state = run.glass_at(run.strain[k])
        assert state.strain == run.strain[k]
        assert Analysis(state).energy == pytest.approx(run.energy[k], abs=1e-8)
    between = run.glass_at(0.5 * (run.strain[3] + run.strain[4]))
    assert run.stress[3] < Analysis(between).stress[0, 1] < run.stress[4]
    with pytest.raises(GlassplastError, match="covers strains"):
        run.glass_at(1.0)


def test_the_recorded_states_are_found_again_as_they_were(run):
    event = run.events[0]
    for recorded in (event.before, event.after):
        assert np.array_equal(run.glass_at(recorded.strain).positions, recorded.positions)


def test_a_last_increment_cut_short_locates_the_event_as_closely():
    glass = small_minimum("lj", 100, seed=12)
    coarse = shear(glass, to=0.05, stepping="fixed", increment=1e-3, max_events=1).events[0]
    # One increment of 2e-3, cut to the 1e-3 that hold the event, which the run ends with.
    run = shear(coarse.before, to=coarse.onset_strain + 1e-3, stepping="fixed", increment=2e-3)
    (event,) = run.events
    assert event.onset_strain == coarse.onset_strain and event.after.strain == run.strain[-1]
    assert event.strain == pytest.approx(coarse.strain) and event.strain_uncertainty == pytest.approx(0.5e-3)


def test_a_step_that_fails_leaves_the_state_before_it(glass):
    stepper = FixedProtocol(tolerance=1e-10).stepper(glass)
    stepper.step_to(1e-4, True)
    here = stepper.state

    def stop(evaluations, force):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stepper.step_to(0.05, True, stop)
    assert stepper.state.strain == here.strain and np.array_equal(stepper.state.positions, here.positions)
    assert stepper.box == glass.box.sheared(1e-4)
    stepper.restore(here)
    stepper.step_to(2e-4, True)
    assert stepper.state.energy == pytest.approx(
        shear(glass, to=2e-4, stepping="fixed", increment=1e-4).energy[-1], abs=1e-9
    )


def test_a_run_survives_pickling(run):
    copy = pickle.loads(pickle.dumps(run))
    assert np.array_equal(copy.stress, run.stress) and copy.events[1].core == run.events[1].core
    assert np.array_equal(copy.events[0].before.positions, run.events[0].before.positions)


def test_no_event_hides_behind_another():
    """Between two instabilities the stress may fall throughout; the events make up for all energy that is lost."""
    glass = small_minimum("lj", 100, seed=3)
    run = shear(glass, to=0.1, stepping="fixed", increment=1e-4)
    assert len(run.events) > len(run.drops)
    assert any(sum(drop.start <= e.onset_strain < drop.end for e in run.events) == 2 for drop in run.drops)
    work = glass.volume * np.trapezoid(run.stress, run.strain)
    lost = run.energy[0] - run.energy[-1] + work
    # The trapezoid rule meets jumps of the stress: V dsigma dgamma / 2 for each, 2e-3 in all.
    assert sum(e.energy_drop for e in run.events) == pytest.approx(lost, abs=1e-2)
    assert lost > 1.0


def test_stress_drop_criterion_takes_smooth_maxima_too():
    glass = small_minimum("lj", 100, seed=12)
    literal = shear(glass, to=0.05, stepping="fixed", increment=1e-4, criterion="stress_drop")
    strict = shear(glass, to=0.05, stepping="fixed", increment=1e-4)
    assert len(literal.events) == len(literal.drops) >= len(strict.events) > 0
    assert [d.irreversible for d in literal.drops] == [d.irreversible for d in strict.drops]
    for drop in literal.drops:
        first = np.searchsorted(literal.strain, drop.start)
        last = np.searchsorted(literal.strain, drop.end)
        if drop.irreversible is None:
            assert (np.diff(literal.stress[first : last + 1]) < 0).all()


def test_shear_in_three_dimensions():
    glass = small_minimum("lj", 343, 3, seed=1)
    run = shear(glass, to=0.02, stepping="fixed", increment=1e-4)
    velocity = Analysis(glass).nonaffine_velocity(simple_shear(3))
    moved = run.glass_at(1e-4).positions - glass.positions
    moved[:, 0] -= 1e-4 * glass.positions[:, 1]
    assert np.nansum(moved * velocity) / np.nansum(velocity**2) == pytest.approx(1e-4, rel=0.05)


def test_same_start_same_run(glass):
    one, two = (shear(glass, to=2e-3, stepping="fixed", increment=1e-4) for _ in range(2))
    assert np.array_equal(one.stress, two.stress) and np.array_equal(one.energy, two.energy)


def test_an_unrelaxed_glass_is_refused():
    with pytest.raises(InstabilityError, match=r"glassplast\.minimize"):
        shear(random_glass("lj", 100), to=0.1, stepping="fixed")


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        ({"stepping": "fixd"}, UnknownNameError, "did you mean 'fixed'"),
        ({"criterion": "stressdrop"}, UnknownNameError, "stress_drop"),
        ({"method": "newtons"}, UnknownNameError, "newton"),
        ({"increment": 0.0}, ValueError, "increment"),
        ({"increment": float("nan")}, ValueError, "increment"),
        ({"increment": 1e-20}, ValueError, "lost to rounding"),
        ({"to": 1e300}, ValueError, "strains up to 1000"),
        ({"max_events": 0}, ValueError, "max_events"),
        ({"tolerance": -1.0}, ValueError, "tolerance"),
        ({"tolerance": 0.1}, ValueError, "no equilibrium"),
        ({"to": float("inf")}, ValueError, "finite"),
    ],
)
def test_bad_arguments(glass, arguments, error, match):
    with pytest.raises(error, match=match):
        shear(glass, **{"to": 0.01, "stepping": "fixed", **arguments})


def test_interruption_keeps_what_was_computed(glass):
    def stop(stage, part, note):
        if part > 0.05:
            raise KeyboardInterrupt

    with pytest.raises(ShearInterrupted) as caught:
        shear(glass, to=0.01, stepping="fixed", increment=1e-4, progress=stop)
    assert caught.value.run.strain[-1] == pytest.approx(6e-4)


def test_a_failure_keeps_what_was_computed(glass, monkeypatch):
    def fail(*_):
        raise ConvergenceError("no mode")

    monkeypatch.setattr(fixed_stepping, "critical_mode", fail)
    with pytest.raises(ShearError, match="no mode") as caught:
        shear(glass, to=0.05, stepping="fixed", increment=2e-5)
    assert caught.value.run.strain[-1] == pytest.approx(4.6e-4)
    assert isinstance(caught.value.__cause__, ConvergenceError)
