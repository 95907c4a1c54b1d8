"""A plan that changes: what is known stays, what is asked anew is computed, and another study is refused."""

import numpy as np
import pytest

import glassplast as gp
from glassplast.errors import FileError
from glassplast.study import load_plan
from glassplast.study.tasks import sources
from samples import small_minimum


@pytest.fixture
def plan(tmp_path):
    for seed in (1, 2):
        gp.write(small_minimum("poly", 64, seed=seed), tmp_path / f"{seed}.h5")
    return {
        "seed": 1,
        "protocols": {"mine": {"files": str(tmp_path / "*.h5")}},
        "shear": {"to": 0.08, "max_events": 1},
        "indicators": {"contacts": {}, "hexatic": {"samples": 1}},
    }


def fields_of(study):
    return [study.results("mine", sample).fields for sample in study.samples("mine")]


def ran(plan, out):
    return gp.study.run(plan, out, workers=1, progress=False)


def test_an_indicator_that_is_added_is_computed_and_the_others_are_kept(plan, tmp_path):
    out = tmp_path / "out"
    ran(plan, out)
    # What marks the old fields shows that they are not computed again.
    path = out / "mine" / "sample-0000" / "fields.h5"
    results = gp.Results.load(path)
    results.fields["contacts"] = results.fields["contacts"] + 100.0
    results.save(path)
    study = ran({**plan, "indicators": {**plan["indicators"], "vibrality": {}}}, out)
    first, second = fields_of(study)
    assert set(first) == {"contacts", "hexatic", "vibrality"} and set(second) == {"contacts", "vibrality"}
    assert (first["contacts"] >= 100.0).all() and (second["contacts"] < 100.0).all()
    assert not list(out.rglob("*.earlier.h5"))
    fresh = ran({**plan, "indicators": {**plan["indicators"], "vibrality": {}}}, tmp_path / "fresh")
    assert np.array_equal(fields_of(fresh)[1]["vibrality"], second["vibrality"], equal_nan=True)
    rows = [row for row in study.tables().ranks if row["sample"] == 1]
    assert rows == [row for row in fresh.tables().ranks if row["sample"] == 1]


def test_an_option_that_changes_is_computed_anew(plan, tmp_path):
    ran(plan, tmp_path / "out")
    changed = {**plan, "indicators": {"contacts": {}, "hexatic": {"samples": 2, "options": {"m": 5}}}}
    study = ran(changed, tmp_path / "out")
    for sample, fields in enumerate(fields_of(study)):
        glass = study.results("mine", sample).start
        expected = gp.indicators.compute(glass, ["hexatic"], options={"hexatic": {"m": 5}})["hexatic"]
        assert np.array_equal(fields["hexatic"], expected, equal_nan=True)


def test_states_questions_and_protocols_are_added(plan, tmp_path):
    out = tmp_path / "out"
    ran(plan, out)
    wanted = {**plan, "states": {"along": {"strains": [0.004]}}, "questions": {"stability": {}}}
    study = ran(wanted, out)
    assert [state.strain for state in study.states("mine", 0)] == [0.004]
    wanted["states"] = {"along": {"strains": [0.004, 0.008], "samples": 1}}
    study = ran(wanted, out)
    assert [state.strain for state in study.states("mine", 0)] == [0.004, 0.008]
    assert study.answers("mine", 1).stability is not None
    wanted["protocols"] = {**plan["protocols"], "too": {"files": str(tmp_path / "1.h5")}}
    assert [row["protocol"] for row in ran(wanted, out).tables().samples] == ["mine", "mine", "too"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"shear": {"to": 0.09, "max_events": 1}}, "shear.to is 0.08 in it and 0.09 in this one"),
        ({"seed": 2}, "seed is 1 in it and 2 in this one"),
    ],
)
def test_other_glasses_and_runs_are_refused_and_nothing_is_touched(plan, tmp_path, change, words):
    study = ran(plan, tmp_path / "out")
    before = {path: path.read_bytes() for path in sorted(study.out.rglob("*.h5"))}
    with pytest.raises(FileError, match=words):
        ran({**plan, **change, "indicators": {"vibrality": {}}}, study.out)
    assert {path: path.read_bytes() for path in sorted(study.out.rglob("*.h5"))} == before
    assert ran(plan, study.out).samples("mine") == [0, 1]


def test_frames_of_trajectories(tmp_path):
    glass = small_minimum("poly", 64, seed=1)
    gp.write([glass.sheared(0.001 * k) for k in range(7)], tmp_path / "walk.xyz")
    for frames, expected in (("last", [-1]), ("all", [0, 1, 2, 3, 4, 5, 6]), ("1::3", [1, 4]), ("-2:", [5, 6])):
        given = {"files": str(tmp_path / "*.xyz"), "frames": frames, "model": "poly"}
        plan = load_plan({"seed": 1, "protocols": {"mine": given}})
        assert [frame for _, frame in sources(plan.protocols["mine"])] == expected
    with pytest.raises(FileError, match=r"protocols\.mine\.frames.*not 'first'"):
        load_plan({"seed": 1, "protocols": {"mine": {**given, "frames": "first"}}})
