"""Reversal, cyclic shear, dissipation, gamma_min, and convergence of critical modes."""

from dataclasses import replace

import numpy as np
import pytest

from glassplast import (
    Analysis,
    cyclic_shear,
    dissipation,
    first_events,
    minimize,
    mode_convergence,
    read,
    reversal,
    shear,
    size_scaling,
)
from glassplast.errors import GlassplastError
from glassplast.quasistatic import (
    CyclicShearError,
    CyclicShearInterrupted,
    FirstEvents,
    ShearError,
    ShearInterrupted,
    same_state,
)
from glassplast.quasistatic.questions import cyclic
from samples import DATA, small_minimum


@pytest.fixture(scope="module")
def glass():
    return small_minimum("poly", 100, seed=1)


@pytest.fixture(scope="module")
def run(glass):
    return shear(glass, 0.3)


@pytest.fixture(scope="module")
def sample():
    return minimize(read(DATA / "lj_gq_1024.data", model="lj"))


@pytest.fixture(scope="module")
def sample_run(sample):
    return shear(sample, 0.1, max_events=2)


# --- reversal ---------------------------------------------------------------------------------------------------------


def test_an_event_that_is_undone(sample_run):
    event = sample_run.events[0]
    back = reversal(event)
    assert back.returned and back.branch_end < back.strain < event.strain
    assert back.events[-1].strain == back.strain and back.events[-1].direction == -1.0
    # On the branch of old, and from there the system comes to the same event again.
    assert same_state(back.run.end, sample_run.glass_at(back.strain), tolerance=1e-5)
    again = shear(back.run.end, 0.1, max_events=1).events[0]
    assert again.strain == pytest.approx(event.strain, abs=1e-10) and again.core == event.core
    # Between the two there are two branches.
    middle = 0.5 * (back.strain + event.strain)
    assert not same_state(back.run.glass_at(middle), sample_run.glass_at(middle))


def test_finite_steps_return_at_the_same_strain(sample_run):
    event = sample_run.events[0]
    back = reversal(event)
    increment = 2e-6
    near = shear(event.after, back.strain + 5e-6, max_events=1)
    assert not near.events
    steps = shear(near.end, back.strain - 3 * increment, stepping="fixed", increment=increment)
    (returned,) = steps.events
    assert abs(returned.strain - back.strain) <= returned.strain_uncertainty
    there = sample_run.glass_at(steps.strain[-1])
    assert Analysis(steps.end).energy == pytest.approx(Analysis(there).energy, abs=1e-8)


def test_an_event_that_is_not_undone(run):
    event = run.events[0]
    back = reversal(event)
    assert not back.returned and np.isnan(back.strain)
    assert back.run.strain[-1] == back.branch_end < event.strain
    short = reversal(run.events[1], back_to=run.events[1].strain - 1e-6)
    assert not short.returned and not short.events and reversal(run.events[1]).returned
    assert len(reversal(event, max_events=1).events) == 1
    with pytest.raises(ValueError, match="must lie before"):
        reversal(event, back_to=0.3)


def test_reversal_of_reverse_shear(glass):
    """Mirrored, all is the same."""
    event = shear(glass, -0.3, max_events=1).events[0]
    mirrored = shear(glass, 0.3, loading=[[0.0, -1.0], [0.0, 0.0]], max_events=1).events[0]
    one, other = reversal(event), reversal(mirrored)
    assert one.returned == other.returned
    assert [-e.strain for e in one.events] == pytest.approx([e.strain for e in other.events], abs=1e-8)
    assert one.branch_end == pytest.approx(-other.branch_end, abs=1e-8)


# --- cycles -----------------------------------------------------------------------------------------------------------


def test_small_cycles_change_nothing(glass):
    found = cyclic_shear(glass, 0.005, 3)
    assert found.repeats_after == 1 and found.period == 1 and len(found.legs) == 3
    assert not any(leg.events for leg in found.legs)
    assert found.energies == pytest.approx([found.energies[0]] * 2, abs=1e-9)


def test_large_cycles_settle_down(glass):
    found = cyclic_shear(glass, 0.08, 12)
    last = found.repeats_after
    assert last is not None and last > 1 and len(found.states) == last + 1
    assert found.energies[last] == pytest.approx(found.energies[last - found.period], abs=1e-8)
    assert same_state(found.states[last], found.states[last - found.period])
    assert not any(same_state(found.states[k], found.states[k - 1]) for k in range(1, last - found.period + 1))
    assert [leg.strain[-1] for leg in found.legs[:3]] == pytest.approx([0.08, -0.08, 0.0])
    for leg, following in zip(found.legs[:-1], found.legs[1:], strict=True):
        assert following.start is leg.end
    # What repeats itself goes on repeating itself.
    more = cyclic_shear(found.states[-1], 0.08, 1)
    assert more.repeats_after == 1 or found.period > 1
    assert more.energies[1] == pytest.approx(found.energies[last - found.period + 1], abs=1e-8)
    longer = cyclic_shear(glass, 0.08, last + 1, until_repeated=False)
    assert longer.repeats_after == last and len(longer.states) == last + 2


def test_cycles_that_are_stopped(glass, monkeypatch):
    def stop(stage, part, note):
        if not note.endswith(" 0 events"):
            raise KeyboardInterrupt

    with pytest.raises(CyclicShearInterrupted) as caught:
        cyclic_shear(glass, 0.08, 3, progress=stop)
    assert isinstance(caught.value, ShearInterrupted) and caught.value.cycles.legs == []
    assert len(caught.value.run.events) == 1
    calls = []

    def fail(state, *arguments, **options):
        calls.append(state)
        if len(calls) == 5:
            raise ShearError("lost", shear(state, state.strain))
        return shear(state, *arguments, **options)

    monkeypatch.setattr(cyclic, "shear", fail)
    with pytest.raises(CyclicShearError, match="lost") as caught:
        cyclic_shear(glass, 0.08, 3)
    assert len(caught.value.cycles.legs) == 4 and len(caught.value.cycles.states) == 2


@pytest.mark.parametrize(("amplitude", "cycles"), [(0.0, 1), (np.nan, 1), (0.1, 0)])
def test_cycles_that_are_none(glass, amplitude, cycles):
    with pytest.raises(ValueError, match="must be"):
        cyclic_shear(glass, amplitude, cycles)


def test_same_state_knows_translations_and_periods(glass):
    rng = np.random.default_rng(1)
    periods = rng.integers(-2, 3, glass.positions.shape) @ glass.cell.T
    moved = glass.replace(positions=glass.positions + np.array([0.3, -7.1]) + periods)
    assert same_state(glass, moved, tolerance=1e-10)
    assert not same_state(glass, moved.replace(strain=0.1), tolerance=1e-10)
    shaken = minimize(glass.replace(positions=glass.positions + rng.normal(0.0, 0.3, glass.positions.shape)))
    assert not same_state(glass, shaken)


# --- dissipation ------------------------------------------------------------------------------------------------------


def test_dissipation_from_events_and_from_work(run):
    edges = np.linspace(0.0, 0.3, 7)
    found = dissipation(run, edges)
    assert np.allclose(found.rate, found.balance, rtol=0, atol=1e-5) and found.rate.max() > 0.1
    lost = found.rate * run.start.volume * np.diff(edges)
    assert lost.sum() == pytest.approx(sum(event.energy_drop for event in run.events), rel=1e-12)
    assert found.events.sum() == len(run.events)
    sizes = found.mean_event_size[found.events > 0]
    assert sizes == pytest.approx(lost[found.events > 0] / found.events[found.events > 0])
    assert np.isnan(found.mean_event_size[found.events == 0]).all() and np.isnan(found.error).all()


def test_an_event_on_an_edge_counts_before_it(run):
    first, second = run.events[0].strain, run.events[1].strain
    found = dissipation(run, [0.0, first, second])
    assert found.events.tolist() == [1.0, 1.0]
    assert np.allclose(found.rate, found.balance, rtol=1e-4, atol=1e-6)


def test_dissipation_of_an_ensemble_and_in_reverse(glass, run):
    other = shear(small_minimum("poly", 100, seed=2), 0.3)
    edges = [0.0, 0.15, 0.3]
    one, two, both = dissipation(run, edges), dissipation(other, edges), dissipation([run, other], edges)
    assert both.rate == pytest.approx(0.5 * (one.rate + two.rate))
    assert both.error == pytest.approx(0.5 * np.abs(one.rate - two.rate))
    back = shear(glass, -0.3)
    found = dissipation(back, [0.0, -0.15, -0.3])
    assert np.allclose(found.rate, found.balance, rtol=0, atol=1e-5) and found.events.sum() == len(back.events)
    for runs, bounds in (([run, back], edges), (run, edges[::-1]), (run, [0.1]), ([], edges)):
        with pytest.raises(ValueError, match=r"run|edges"):
            dissipation(runs, bounds)
    with pytest.raises(GlassplastError, match="covers"):
        dissipation(run, [0.0, 0.4])


def test_dissipation_in_fixed_steps(run, glass):
    steps = shear(glass, 0.3, stepping="fixed", increment=1e-4)
    found, exact = dissipation(steps, [0.0, 0.06, 0.15]), dissipation(run, [0.0, 0.06, 0.15])
    assert found.rate == pytest.approx(exact.rate, rel=2e-2)
    assert np.allclose(found.rate, found.balance, rtol=2e-2, atol=1e-4)


# --- gamma_min --------------------------------------------------------------------------------------------------------


def test_gamma_min(glass, run):
    runs = [shear(small_minimum("poly", 100, seed=seed), 0.3, max_events=1) for seed in range(1, 6)]
    strains = [r.events[0].strain for r in runs]
    found = first_events(runs)
    assert found.mean == pytest.approx(np.mean(strains)) and found.median == pytest.approx(np.median(strains))
    assert found.error == pytest.approx(np.std(strains, ddof=1) / np.sqrt(5)) and (found.runs, found.without) == (5, 0)
    # It counts from where a run starts, whichever way it goes.
    later = shear(run.glass_at(0.02), 0.3, max_events=1)
    assert first_events([later]).mean == pytest.approx(strains[0] - 0.02, abs=1e-9)
    back = shear(run.glass_at(0.02), -0.3, max_events=1)
    assert first_events([back]).mean == pytest.approx(0.02 - back.events[0].strain)
    quiet = shear(glass, 1e-4)
    with_quiet = first_events([*runs, quiet])
    assert with_quiet.without == 1 and with_quiet.mean == found.mean and with_quiet.median > found.median
    assert first_events([runs[0], quiet]).median == np.inf
    with pytest.raises(ValueError, match="no run"):
        first_events([quiet])


def test_the_exponent_is_found_again():
    theta = 2.0 / 3.0
    exact = {n: FirstEvents(3.0 * n ** (-1 / (1 + theta)), 0.01 * n**-0.6, 0.0, 50, 0) for n in (100, 400, 1600)}
    fit = size_scaling(exact)
    assert fit.theta == pytest.approx(theta, abs=1e-9) and fit.prefactor == pytest.approx(3.0)
    assert fit.exponent == pytest.approx(-0.6)
    # Its error is that of repeated noisy fits.
    rng = np.random.default_rng(0)
    noisy = [
        size_scaling({n: value._replace(mean=rng.normal(value.mean, value.error)) for n, value in exact.items()})
        for _ in range(2000)
    ]
    assert np.std([one.theta for one in noisy]) == pytest.approx(fit.theta_error, rel=0.1)
    assert np.std([one.exponent for one in noisy]) == pytest.approx(fit.exponent_error, rel=0.1)
    with pytest.raises(ValueError, match="two"):
        size_scaling({100: exact[100]})
    with pytest.raises(ValueError, match="error"):
        size_scaling({100: exact[100], 400: exact[400]._replace(error=np.nan)})


# --- convergence of the mode ------------------------------------------------------------------------------------------


def test_the_mode_turns_into_the_critical_one(sample_run):
    event = sample_run.events[0]
    found = mode_convergence(event)
    assert (np.diff(found.distance) > 0).all() and (np.diff(found.overlap_deficit) > 0).all()
    assert found.overlap_deficit[found.distance < 1.1e-6].max() < 2e-4
    assert (found.rank_difference[found.distance < 2e-5] == 0.0).all() and found.rank_difference[-1] > 0.1
    close = found.distance < 1.1e-6
    slope = np.polyfit(np.log(found.distance[close]), np.log(found.eigenvalue[close]), 1)[0]
    assert slope == pytest.approx(0.5, abs=0.01)
    # Towards the fold the stress goes as the root of the distance as well: it falls from its maximum.
    assert found.normalized_stress[0] == pytest.approx(1.0, abs=1e-4) and found.normalized_stress[-1] < 0.9
    at = sample_run.glass_at(event.strain - found.distance[-1])
    assert found.normalized_stress[-1] == pytest.approx(Analysis(at).stress[0, 1] / event.stress_before, rel=1e-6)


def test_beyond_the_start_of_the_branch_there_is_nothing(run):
    event = run.events[2]
    length = event.strain - event.branch_start
    found = mode_convergence(event, [2.0 * length, 1e-7, 0.5 * length])
    assert np.isnan(found.eigenvalue).tolist() == [True, False, False]
    assert found.distance[0] == 2.0 * length


def test_the_event_must_be_known_well(run, glass):
    steps = shear(glass, 0.3, stepping="fixed", increment=1e-4, max_events=1)
    with pytest.raises(ValueError, match="exact stepping"):
        mode_convergence(steps.events[0])
    with pytest.raises(ValueError, match="larger than"):
        mode_convergence(run.events[0], [1e-10])
    with pytest.raises(ValueError, match="exact stepping"):
        mode_convergence(replace(run.events[0], strain_uncertainty=1e-9))
