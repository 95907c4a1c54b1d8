"""States of a study beside the start, and its questions: what is in the tables is what the package gives by hand."""

from dataclasses import replace

import numpy as np
import pytest

import glassplast as gp
from glassplast.errors import ArgumentError, FileError, UnknownNameError
from glassplast.quasistatic import spans
from glassplast.study import load_plan
from glassplast.study.states import made_states, yielding_event
from samples import small_minimum

DISTANCES = [1e-5, 1e-3]


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    folder = tmp_path_factory.mktemp("glasses")
    for seed in (1, 2):
        gp.write(small_minimum("poly", 100, seed=seed), folder / f"{seed}.h5")
    return {
        "seed": 1,
        "protocols": {"mine": {"files": str(folder / "*.h5")}},
        "shear": {"to": 0.16},
        "indicators": {"contacts": {}, "vibrality": {}, "hexatic": {"options": {"m": 5}, "samples": 1}},
        "states": {
            "before_events": {"distances": DISTANCES, "events": 2},
            "along": {"strains": [0.02, 0.06], "samples": 1},
            "yielding": {"drop": "largest", "indicators": ["vibrality"]},
            "moved": {"indicators": ["vibrality", "steric_order"]},
        },
        "questions": {
            "stability": {},
            "reversals": {"events": 2, "samples": 1},
            "mode_convergence": {"samples": 1},
        },
    }


@pytest.fixture(scope="module")
def study(plan, tmp_path_factory):
    return gp.study.run(plan, tmp_path_factory.mktemp("study") / "out", workers=2, progress=False)


@pytest.fixture(scope="module")
def tables(study):
    return study.tables()


def difference(one, other):
    """How far each particle of one glass is from where it is in the other, whose cell is the same."""
    cells = np.linalg.solve(one.cell, (other.positions - one.positions).T)
    return np.linalg.norm(one.cell @ (cells - np.round(cells)), axis=0)


# --- states -----------------------------------------------------------------------------------------------------------


def test_ranks_before_events_are_those_of_the_state_there(study, tables):
    run = study.sheared("mine", 0)
    rows = [row for row in tables.ranks if row["state"] == "before_event" and row["sample"] == 0]
    assert {row["distance"] for row in rows} == set(DISTANCES) and {row["event"] for row in rows} == {1, 2}
    for row in rows:
        event = run.events[row["event"] - 1]
        glass = run.glass_at(event.strain - row["distance"])
        fields = gp.indicators.compute(glass, [row["indicator"]], options={"hexatic": {"m": 5}})
        assert row["rank"] == gp.score(fields, event)[row["indicator"]]


def test_states_along_the_run(study, tables):
    run = study.sheared("mine", 0)
    along = [state for state in study.states("mine", 0) if state.kind == "along"]
    assert [state.strain for state in along] == [0.02, 0.06]
    for state in along:
        assert np.array_equal(state.glass.positions, run.glass_at(state.strain).positions)
        assert np.array_equal(
            state.fields["vibrality"], gp.indicators.compute(state.glass, ["vibrality"])["vibrality"], equal_nan=True
        )
        rows = [
            row
            for row in tables.ranks
            if (row["state"], row["state_strain"], row["indicator"]) == ("along", state.strain, "vibrality")
        ]
        later = [number for number, event in enumerate(run.events, start=1) if event.strain > state.strain]
        assert [row["event"] for row in rows] == later
        assert [row["distance"] for row in rows] == [run.events[n - 1].strain - state.strain for n in later]
    assert not [state for state in study.states("mine", 1) if state.kind == "along"]


def test_around_yielding(study):
    run = study.sheared("mine", 1)
    states = {state.kind: state for state in study.states("mine", 1)}
    largest = max(run.events, key=lambda event: event.stress_drop)
    assert states["before_yielding"].event == run.events.index(largest) + 1
    assert np.array_equal(states["before_yielding"].glass.positions, largest.before.positions)
    assert np.array_equal(states["after_yielding"].glass.positions, largest.after.positions)
    assert states["end"].strain == pytest.approx(0.16) and set(states["end"].fields) == {"vibrality"}


def test_the_first_spanning_drop(study, plan):
    run = study.sheared("mine", 0)
    wanted = load_plan({**plan, "states": {"yielding": {"drop": "spanning"}}}).states.yielding
    place = yielding_event(run, wanted)
    assert place >= 1 and spans(run.events[place - 1])
    assert not any(spans(event) for event in run.events[: place - 1])


def test_the_start_moved_to_the_first_event(study):
    for sample in (0, 1):
        run = study.sheared("mine", sample)
        states = {state.kind: state for state in study.states("mine", sample)}
        onset, affine, moved = (states[kind] for kind in ("onset", "moved_affinely", "moved_nonaffinely"))
        first = run.events[0]
        assert np.array_equal(onset.glass.positions, first.before.positions)
        assert np.allclose(affine.glass.positions, run.start.sheared(first.onset_strain).positions, rtol=0, atol=1e-12)
        assert np.allclose(affine.glass.cell, onset.glass.cell, rtol=0, atol=1e-12)
        assert set(moved.fields) == {"steric_order"} and "vibrality" in moved.failures


def test_the_nonaffine_velocity_moves_the_start_to_first_order(study, plan):
    """At half the strain, what it misses falls to a quarter, and what affine motion misses to a half."""
    run, asked = study.sheared("mine", 0), load_plan(plan).states
    misses = []
    for strain in (2e-4, 1e-4):
        first = replace(run.events[0], onset_strain=strain, before=run.glass_at(strain))
        made = {state.kind: state.make() for state in made_states(asked, replace(run, events=[first]), 1)}
        kinds = ("moved_affinely", "moved_nonaffinely")
        misses.append([difference(made[kind], made["onset"]).max() for kind in kinds])
    affine, moved = np.array(misses[0]) / misses[1]
    assert affine == pytest.approx(2.0, rel=0.01) and moved == pytest.approx(4.0, rel=0.1)


def test_only_so_many_samples(study, tables):
    assert {row["sample"] for row in tables.ranks if row["indicator"] == "hexatic"} == {0}
    assert {row["sample"] for row in tables.reversals} == {0} == {row["sample"] for row in tables.mode_convergence}
    assert {row["sample"] for row in tables.stability} == {0, 1}


# --- questions --------------------------------------------------------------------------------------------------------


def test_answers_are_those_of_the_functions(study, tables):
    run, answers = study.sheared("mine", 0), study.answers("mine", 0)
    assert sorted(answers.reversals) == [1, 2]
    for number, back in answers.reversals.items():
        again = gp.reversal(run.events[number - 1])
        assert np.array_equal([back.strain, back.branch_end], [again.strain, again.branch_end], equal_nan=True)
        assert np.array_equal(back.run.strain, again.run.strain) and np.array_equal(back.run.stress, again.run.stress)
    approach, again = answers.mode_convergence[1], gp.mode_convergence(run.events[0])
    assert np.array_equal(approach.overlap_deficit, again.overlap_deficit, equal_nan=True)
    measured = gp.stability.measure(run.start, to=0.0)
    assert answers.stability.soft_modes == measured.soft_modes
    assert answers.stability.shear_modulus == measured.shear_modulus
    assert answers.stability.gamma_min == run.events[0].strain
    row = next(row for row in tables.mode_convergence if row["distance"] == approach.distance[3])
    assert row["eigenvalue"] == approach.eigenvalue[3]


# --- tables -----------------------------------------------------------------------------------------------------------


def test_a_rank_table_of_states(study, tables):
    table = tables.rank_table("mine", event=None, state="before_event", distance=1e-3)
    rows = [
        row
        for row in tables.ranks
        if (row["state"], row["distance"], row["indicator"]) == ("before_event", 1e-3, "contacts")
    ]
    assert table.ranks["contacts"].tolist() == [row["rank"] for row in rows]
    assert table.samples.tolist() == [row["sample"] for row in rows]
    first = tables.rank_table("mine")
    assert first.samples.tolist() == [0, 1] and np.isnan(first.ranks["hexatic"]).tolist() == [False, True]


def test_quantiles_and_similarities(study, tables):
    results = study.results("mine", 1)
    row = next(
        row for row in tables.quantiles if (row["sample"], row["state"], row["indicator"]) == (1, "start", "vibrality")
    )
    field = results.fields["vibrality"]
    known = field[~np.isnan(field)]
    assert row["values"] == known.size and row["q0.1"] == np.quantile(known, 0.1, method="inverted_cdf")
    row = next(row for row in tables.spearman if row["sample"] == 1 and row["other"] == "vibrality")
    assert row["spearman"] == gp.scores.spearman(-results.fields["contacts"], field)


def test_tables_become_data_frames(tables):
    array = tables.array("ranks")
    assert array.size == len(tables.ranks) and set(array["state"]) >= {"start", "along", "before_event"}
    assert array["rank"].dtype == np.float64 and array["event"].dtype == np.int64
    assert tables.array("chains").size == 0
    with pytest.raises(ArgumentError, match="did you mean 'ranks'"):
        tables.array("rank")


def test_reading_what_is_not_there(study):
    with pytest.raises(UnknownNameError, match="did you mean 'mine'"):
        study.results("mone", 0)
    with pytest.raises(FileNotFoundError):
        study.results("mine", 7)
    assert study.states("mine", 7) == [] and study.answers("mine", 7).stability is None
    assert study.samples("mine") == [0, 1]


def test_loading_in_another_direction(plan, tmp_path):
    wanted = {**plan, "shear": {"to": -0.08}, "questions": {}}
    wanted["states"] = {"along": {"strains": [0.03]}, "moved": {"indicators": ["steric_order"]}}
    wanted["indicators"] = {"contacts": {}}
    wanted["protocols"] = {"mine": {**plan["protocols"]["mine"], "samples": 1}}
    study = gp.study.run(wanted, tmp_path / "back", workers=1, progress=False)
    states = {state.kind: state for state in study.states("mine", 0)}
    assert states["along"].strain == -0.03
    assert np.allclose(states["moved_affinely"].glass.cell, states["onset"].glass.cell, rtol=0, atol=1e-12)


# --- what a plan cannot mean ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"states": {"along": {"strains": [0.2]}}}, ("states.along.strains", "0.2", "shear.to")),
        ({"states": {"along": {"strains": []}}}, ("states.along.strains", "at least 1")),
        ({"states": {"before_events": {"distances": [-1e-3]}}}, ("states.before_events.distances.0", "not -0.001")),
        ({"states": {"moved": {"indicators": ["vibralty"]}}}, ("states.moved.indicators", "did you mean 'vibrality'")),
        ({"states": {"yielding": {"drop": "big"}}}, ("states.yielding.drop", "'spanning'", "not 'big'")),
        ({"questions": {"reversal": {}}}, ("questions.reversal", "no such key")),
        ({"shear": {"stepping": "fixed", "to": 0.1}}, ("mode_convergence", "exact")),
    ],
)
def test_states_and_questions_that_cannot_be_meant(plan, change, words):
    with pytest.raises(FileError) as caught:
        load_plan({**plan, **change})
    assert all(word in str(caught.value) for word in words), str(caught.value)
