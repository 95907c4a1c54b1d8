"""Configurations from the results and the checkpoints of shear runs."""

import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

import glassplast as gp
from glassplast import files
from glassplast.commands.entry import main
from glassplast.errors import FileError
from glassplast.files.json_text import json_text
from glassplast.files.run_states import event_name
from samples import small_minimum

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="module", params=[2, 3])
def stored(request, tmp_path_factory):
    """A run with its results and its checkpoints."""
    glass = small_minimum("lj" if request.param == 2 else "poly", 64, seed=2, dimension=request.param)
    folder = tmp_path_factory.mktemp("run")
    run = gp.shear(glass, glass.strain + 0.5, max_events=2, checkpoint=folder / "kept")
    gp.Results(glass, run, fields=gp.indicators.compute(glass, ["contacts"])).save(folder / "results.h5")
    return run, folder


def states_of(run):
    states = {"start": run.start, "end": run.end}
    for number, event in enumerate(run.events, start=1):
        states |= {f"before:{number}": event.before, f"after:{number}": event.after}
    return states


def assert_same(found, expected):
    assert found.digest == expected.digest
    np.testing.assert_array_equal(found.positions, expected.positions)
    np.testing.assert_array_equal(found.ids, expected.ids)
    np.testing.assert_array_equal(found.box.origin, expected.box.origin)
    assert (found.strain, found.model) == (expected.strain, expected.model)
    assert json_text(dict(found.provenance)) == json_text(dict(expected.provenance))


@pytest.mark.parametrize("name", ["results.h5", "kept"])
def test_states_are_those_of_the_run(stored, name):
    run, folder = stored
    assert len(run.events) == 2
    for state, expected in states_of(gp.Run.load(folder / name)).items():
        assert_same(gp.read(folder / name, state=state), expected)
    assert_same(gp.read(folder / name), run.start)
    # In the order of loading.
    frames = list(gp.read_frames(folder / name))
    assert files.count_frames(folder / name) == len(frames) == 6
    first, second = run.events
    order = [run.start, first.before, first.after, second.before, second.after, run.end]
    for frame, expected in zip(frames, order, strict=True):
        assert frame.digest == expected.digest


@pytest.mark.parametrize("name", ["results_version_1.h5", "written_by_0_1/results.h5"])
def test_states_of_older_files(name):
    run = gp.Run.load(DATA / name)
    assert run.events
    for state, expected in states_of(run).items():
        if state != "end":
            found = gp.read(DATA / name, state=state)
            assert (found.digest, found.strain) == (expected.digest, expected.strain)


def test_checkpoints_of_a_run_that_was_stopped_end_after_its_last_event(stored, tmp_path):
    run, folder = stored
    shutil.copytree(folder / "kept", tmp_path / "kept")
    (tmp_path / "kept" / "end.h5").unlink(missing_ok=True)
    assert gp.read(tmp_path / "kept", state="end").digest == run.events[1].after.digest
    (tmp_path / "kept" / event_name(2)).unlink()
    assert gp.read(tmp_path / "kept", state="end").digest == run.events[0].after.digest
    with pytest.raises(FileError, match="it holds start and end, and before:K and after:K for K from 1 to 1"):
        gp.read(tmp_path / "kept", state="after:2")


def test_an_end_of_an_earlier_target_is_out_of_date(tmp_path):
    glass = small_minimum("poly", 64, seed=2)
    gp.shear(glass, glass.strain + 1e-3, checkpoint=tmp_path / "kept")
    assert gp.read(tmp_path / "kept", state="end").strain == glass.strain + 1e-3
    run = gp.resume(tmp_path / "kept", to=glass.strain + 0.5, max_events=1)
    assert gp.read(tmp_path / "kept", state="end").digest == run.events[0].after.digest


@pytest.mark.parametrize("state", ["after:3", "before:0", "middle", "after:one", ""])
def test_states_that_there_are_not(stored, state):
    _, folder = stored
    expected = "it holds start and end, and before:K and after:K for K from 1 to 2"
    for name in ("results.h5", "kept"):
        with pytest.raises(FileError, match=f"{name} holds no state {state!r}; {expected}"):
            gp.read(folder / name, state=state)


def test_states_and_frames_are_not_mixed_up(stored, tmp_path):
    run, folder = stored
    with pytest.raises(FileError, match="pass state="):
        gp.read(folder / "results.h5", frame=2)
    for ending in (".h5", ".xyz"):
        gp.write(run.start, tmp_path / f"glass{ending}")
        with pytest.raises(FileError, match="holds no shear run, so that there is no state 'end'"):
            gp.read(tmp_path / f"glass{ending}", state="end")
    with pytest.raises(FileError, match="is a directory"):
        gp.read(tmp_path)


def test_damaged_results_are_an_error(stored, tmp_path):
    _, folder = stored
    shutil.copy(folder / "results.h5", tmp_path / "results.h5")
    with h5py.File(tmp_path / "results.h5", "r+") as file:
        del file["events/after_positions"]
    assert len(gp.read(tmp_path / "results.h5", state="before:1")) == 64
    with pytest.raises(FileError, match="holds no state after:1"):
        gp.read(tmp_path / "results.h5", state="after:1")


def test_fields_and_options_of_results(stored):
    run, folder = stored
    fields = files.read_fields(folder / "results.h5")
    assert list(fields) == ["contacts"]
    np.testing.assert_array_equal(fields["contacts"], gp.indicators.compute(run.start, ["contacts"])["contacts"])
    assert files.read_fields(folder / "kept") == {}
    assert gp.read(folder / "results.h5", strain=3.0, state="end").strain == 3.0


def test_commands_take_a_state(stored, tmp_path, capsys):
    run, folder = stored
    after = run.events[0].after
    for name in ("results.h5", "kept"):
        assert main(["info", str(folder / name), "--state", "after:1"]) == 0
        assert f"{after.strain:.8g}" in capsys.readouterr().out
    out = str(tmp_path / "glass.h5")
    assert main(["minimize", str(folder / "results.h5"), "--state", "after:1", "-o", out]) == 0
    np.testing.assert_allclose(gp.read(out).positions, after.positions, atol=1e-8)
    assert main(["indicators", str(folder / "kept"), "--names", "contacts", "-o", str(tmp_path / "a.csv")]) == 0
    assert main(["shear", str(folder / "results.h5"), "--state", "end", "--to", str(run.strain[-1] + 1e-4), "-q"]) == 0
    words = ["--events", "1", "--stepping", "fixed", "--increment", "1e-3", "--indicators", "contacts", "--no-pictures"]
    begun = ["run", str(folder / "results.h5"), "--state", "after:1", "--out", str(tmp_path / "job"), *words]
    assert main([*begun, "--to", str(after.strain + 2e-3)]) == 0
    assert gp.Results.load(tmp_path / "job" / "results.h5").start.strain == after.strain
    capsys.readouterr()
    assert main(["info", str(folder / "results.h5"), "--state", "after:9"]) == 2
    assert "holds no state 'after:9'" in capsys.readouterr().err
