"""Studies: a plan says what is wrong with it; results depend neither on workers nor on what ended them before."""

import csv
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

import glassplast as gp
from glassplast.commands import main
from glassplast.errors import FileError, UnknownNameError
from glassplast.foundation.options import declared_options
from glassplast.study import Study, Tables, load_plan
from glassplast.study.plan import ShearPlan
from samples import small_minimum

PLAN = {
    "seed": 7,
    "protocols": {
        "hot": {"model": "poly", "size": 36, "temperature": 0.6, "annealing_sweeps": 100, "samples": 3},
        "mixture": {"model": "kob_andersen", "size": 160, "dimension": 2, "equilibration": 1.0, "samples": 2},
    },
    "shear": {"to": 0.08, "max_events": 2},
    "indicators": {"contacts": {}, "vibrality": {"samples": 2}, "hexatic": {"options": {"m": 5}}},
}


def contents(study):
    """All tables but the costs, which are never the same."""
    tables = study.tables()
    return tables.samples, tables.events, tables.ranks, tables.failures


def same(ours, theirs):
    return all(repr(one) == repr(other) for one, other in zip(ours, theirs, strict=True))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return gp.study.run(PLAN, tmp_path_factory.mktemp("study") / "whole", workers=2, progress=False)


# --- what a study is --------------------------------------------------------------------------------------------------


def test_everything_is_done_and_in_the_tables(whole):
    state = whole.standing()
    assert (len(state.done), len(state.failed), len(state.waiting)) == (15, 0, 0) and state.part == 1.0
    tables = whole.tables()
    assert [(row["protocol"], row["sample"]) for row in tables.samples] == [
        *(("hot", k) for k in range(3)),
        *(("mixture", k) for k in range(2)),
    ]
    ranks = [row for row in tables.ranks if row["indicator"] == "vibrality"]
    assert {(row["protocol"], row["sample"]) for row in ranks} <= {
        ("hot", 0),
        ("hot", 1),
        ("mixture", 0),
        ("mixture", 1),
    }
    assert all(0.0 < row["rank"] <= 1.0 for row in tables.ranks) and len(tables.costs) == 15
    assert all(row["seconds"] > 0.0 and row["memory"] > 0.0 for row in tables.costs)


def test_its_numbers_are_those_of_the_samples(whole):
    """Each number of the tables is what the package gives for the glass that lies beside it."""
    glass = gp.read(whole.out / "mixture" / "sample-0001" / "glass.h5")
    run = gp.shear(glass, glass.strain + 0.08, max_events=2)
    tables = whole.tables()
    rows = [row for row in tables.events if (row["protocol"], row["sample"]) == ("mixture", 1)]
    assert [row["strain"] for row in rows] == [event.strain for event in run.events]
    fields = gp.indicators.compute(glass, ["hexatic"], options={"hexatic": {"m": 5}})
    expected = [gp.score(fields, event)["hexatic"] for event in run.events]
    found = [
        row["rank"]
        for row in tables.ranks
        if (row["protocol"], row["sample"], row["indicator"]) == ("mixture", 1, "hexatic")
    ]
    assert found == expected
    c = whole.c_min(tables)["mixture"]
    place = c.keys.index("hexatic")
    firsts = [
        row["rank"]
        for row in tables.ranks
        if (row["protocol"], row["event"], row["indicator"]) == ("mixture", 1, "hexatic")
    ]
    assert c.value[place] == pytest.approx(2.0 * np.mean(firsts) - 1.0) and c.events[place] == len(firsts)


def test_samples_are_those_of_chains_and_of_liquids_of_their_own(whole):
    made = [gp.read(whole.out / "hot" / f"sample-{k:04d}" / "glass.h5").provenance["preparation"] for k in range(3)]
    assert [(about["chain"], about["place"]) for about in made] == [(0, 0), (1, 0), (0, 1)]
    assert len({row["energy_per_particle"] for row in whole.tables().samples}) == 5


# --- what changes nothing ---------------------------------------------------------------------------------------------


def test_the_number_of_workers_changes_nothing(whole, tmp_path):
    alone = gp.study.run(PLAN, tmp_path / "alone", workers=1, progress=False)
    assert same(contents(alone), contents(whole))


def test_a_study_that_was_killed_goes_on(whole, tmp_path):
    """SIGKILL of the whole process group, at a moment that depends on the machine."""
    program = (
        "import sys, json, glassplast as gp; "
        "gp.study.run(json.loads(sys.argv[1]), sys.argv[2], workers=2, progress=False)"
    )
    words = [sys.executable, "-c", program, json.dumps(PLAN), str(tmp_path / "killed")]
    child = subprocess.Popen(words, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    ends = time.monotonic() + 120.0
    while child.poll() is None and time.monotonic() < ends:
        if len(list((tmp_path / "killed").rglob("*/sample-*/*.h5"))) >= 5:
            break
        time.sleep(0.02)
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    resumed = gp.study.run(PLAN, tmp_path / "killed", workers=2, progress=False)
    assert same(contents(resumed), contents(whole))


def test_a_worker_that_is_killed_costs_no_result(whole, tmp_path):
    killed = []

    def kill_one(stage, part, note):
        if not killed and part > 0.2:
            victim = multiprocessing.active_children()[0]
            killed.append(victim.pid)
            os.kill(victim.pid, signal.SIGKILL)

    study = gp.study.run(PLAN, tmp_path / "lost", workers=2, progress=kill_one)
    assert killed and not study.standing().failed
    assert same(contents(study), contents(whole))


def test_an_interrupted_study_goes_on(whole, tmp_path):
    def stop(stage, part, note):
        if part > 0.4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gp.study.run(PLAN, tmp_path / "stopped", workers=2, progress=stop)
    study = Study.of(PLAN, tmp_path / "stopped")
    assert study.standing().waiting
    study.run(workers=2, progress=False)
    assert same(contents(study), contents(whole))


# --- what fails -------------------------------------------------------------------------------------------------------


def test_a_sample_that_fails_is_on_record_and_the_rest_goes_on(tmp_path):
    gp.write(small_minimum("poly", 64, seed=1), tmp_path / "a.h5")
    (tmp_path / "b.xyz").write_text("1\nno lattice\nA 0 0 0\n")
    gp.write(small_minimum("poly", 64, seed=2), tmp_path / "c.h5")
    plan = {"seed": 1, "protocols": {"mine": {"files": str(tmp_path / "?.*")}}, "indicators": {"contacts": {}}}
    plan["shear"] = {"max_events": 1}
    study = gp.study.run(plan, tmp_path / "out", workers=2, progress=False)
    state = study.standing()
    assert [(task.sample, task.stage) for task in state.failed] == [(1, "glass")] and len(state.done) == 6
    assert "FileError" in state.failed[0].failure(study.out).read_text()
    (row,) = study.tables().failures
    assert row["sample"] == 1 and "Lattice" in row["reason"]
    # What was mended is tried when that is asked for.
    gp.write(small_minimum("poly", 64, seed=3), tmp_path / "b.xyz")
    assert study.run(workers=1, progress=False).failed == state.failed
    assert not study.run(workers=1, again=True, progress=False).failed
    assert len(study.tables().samples) == 3 and not study.tables().failures


def test_the_directory_of_another_study_is_refused(whole):
    with pytest.raises(FileError, match="belongs to another study: shear"):
        gp.study.run({**PLAN, "shear": {"to": 0.5}}, whole.out, progress=False)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"seed": -1}, ("seed", "greater than or equal to 0", "not -1")),
        ({"sede": 1}, ("sede", "no such key")),
        ({"protocols": {"a": {"model": "poly"}}}, ("protocols.a.temperature", "required")),
        ({"protocols": {"a": {"model": "poly", "temperature": -1.0}}}, ("protocols.a.temperature", "not -1.0")),
        ({"protocols": {"a": {"model": "lj", "protocol": "HTT"}}}, ("protocols.a.protocol", "'HTL'", "not 'HTT'")),
        ({"protocols": {"a": {"model": "water"}}}, ("'a'", "'poly'", "files")),
        *(
            ({"protocols": {name: {"files": "x"}}}, (repr(name), "folder"))
            for name in ("a/b", "..", "a\0b", ".hidden", "", "a" * 300)
        ),
        # Found by fuzzing.
        ({"protocols": {"a": {"model": ["poly"]}}}, ("'a'", "'poly'", "files")),
        ({"protocols": {}}, ("protocols", "at least 1")),
        ({"indicators": {"hexatik": {}}}, ("hexatik", "did you mean 'hexatic'")),
        ({"indicators": {"hexatic": {"options": {"n": 4}}}}, ("no option 'n'",)),
        ({"shear": {"too": 0.1}}, ("shear.too", "no such key")),
        ({"shear": {"increment": 1e-4}}, ("shear", "increment belongs to fixed stepping")),
        ({"shear": {"method": "bfgs"}}, ("shear.method", "'cg'", "not 'bfgs'")),
    ],
)
def test_a_plan_that_cannot_be_meant_says_which_key_is_wrong(change, words):
    with pytest.raises(FileError) as caught:
        load_plan({**PLAN, **change})
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_a_plan_takes_every_option_of_shear_that_a_file_can_hold():
    options = set(declared_options(gp.shear)) - {"checkpoint"}
    assert options == set(ShearPlan.model_fields)


def test_fixed_increments(tmp_path):
    protocols = {"a": {"model": "lj", "size": 64, "protocol": "HTL", "samples": 1, "equilibration": 1.0}}
    shear = {"stepping": "fixed", "increment": 1e-3, "to": 0.1, "max_events": 1}
    plan = {"seed": 1, "protocols": protocols, "shear": shear, "indicators": {"hexatic": {}}}
    study = gp.study.run(plan, tmp_path / "fixed", workers=1, progress=False)
    (event,) = study.tables().events
    run = gp.Run.load(tmp_path / "fixed" / "a" / "sample-0000" / "run.h5")
    assert run.protocol.increment == 1e-3 and run.events[0].strain == event["strain"]


def test_files_that_are_no_plans(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no file"):
        load_plan(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("seed = = 1")
    with pytest.raises(FileError, match="is not valid TOML"):
        load_plan(tmp_path / "bad.toml")
    with pytest.raises(UnknownNameError, match="quick"):
        gp.study.shipped("quik")
    assert load_plan(gp.study.shipped("quick")).name == "quick"
    with pytest.raises(FileError, match="cannot read"):
        load_plan(tmp_path)


def test_results_may_be_called_like_the_plan(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("quick").mkdir()
    assert Study.of("quick", "quick").plan.name == "quick"


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command(whole, tmp_path, capsys):
    plan, out = tmp_path / "plan.toml", tmp_path / "out"
    plan.write_text(
        'seed = 7\n[protocols.mixture]\nmodel = "kob_andersen"\nsize = 160\ndimension = 2\nequilibration = 1.0\n'
        "samples = 2\n[shear]\nto = 0.08\nmax_events = 2\n"
        "[indicators.contacts]\n[indicators.hexatic]\noptions = {m = 5}\n"
    )
    assert main(["study", "run", str(plan), "--out", str(out), "--workers", "2"]) == 0
    assert "hexatic" in capsys.readouterr().out
    with (out / "ranks.csv").open(newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["indicator"] == "hexatic"]
    expected = [
        row["rank"] for row in whole.tables().ranks if (row["protocol"], row["indicator"]) == ("mixture", "hexatic")
    ]
    assert [float(row["rank"]) for row in rows] == expected
    assert main(["study", "status", str(plan), "--out", str(out)]) == 0
    assert "mixture" in capsys.readouterr().out
    assert main(["study", "report", str(plan), "--out", str(out)]) == 0
    written = {path.stem for path in Path(out).glob("*.csv")}
    assert written == {table.name for table in fields(Tables)}
    assert main(["study", "run", str(tmp_path / "none.toml"), "--out", str(out)]) == 2
