"""Runs that were interrupted, killed or damaged continue as if they had never stopped."""

import os
import shutil
import subprocess
import sys
import time

import h5py
import numpy as np
import pytest

from glassplast import Run, resume, shear, write
from glassplast.errors import ArgumentError, FileError
from glassplast.files.run_states import event_name
from glassplast.quasistatic import ShearError, ShearInterrupted
from glassplast.quasistatic.checkpoints import read_checkpoints
from samples import small_minimum

TO = 0.25


@pytest.fixture(scope="module")
def glass():
    return small_minimum("poly", 100, seed=1)


@pytest.fixture(scope="module")
def kept(glass, tmp_path_factory):
    """A complete run and its directory, which is not to be changed."""
    path = tmp_path_factory.mktemp("kept") / "run"
    return shear(glass, TO, checkpoint=path), path


@pytest.fixture
def directory(kept, tmp_path):
    """A copy to work on."""
    return shutil.copytree(kept[1], tmp_path / "run")


def same(one, other):
    """Whether two runs are the same to the last bit."""
    for name in ("strain", "stress", "energy", "slope", "residual"):
        assert np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True), name
    assert one.protocol == other.protocol and one.effort == other.effort and len(one.events) == len(other.events)
    for ours, theirs in zip(one.events, other.events, strict=True):
        for name, value in vars(ours).items():
            if name in ("before", "after"):
                state = getattr(theirs, name)
                assert np.array_equal(value.positions, state.positions) and value.box == state.box
                assert value.strain == state.strain and dict(value.provenance) == dict(state.provenance)
            else:
                np.testing.assert_array_equal(value, getattr(theirs, name), name)
    assert np.array_equal(one.end.positions, other.end.positions) and one.end.box == other.end.box
    return True


def forget(directory, events):
    """Remove all that came after so many events."""
    for file in directory.iterdir():
        if file.name == "end.h5" or (file.name.startswith("event") and file.name > event_name(events)):
            file.unlink()


def test_what_is_kept_is_the_run(kept):
    run, path = kept
    assert len(run.events) >= 4
    assert sorted(file.name for file in path.iterdir()) == [
        "end.h5",
        *(event_name(number) for number in range(1, len(run.events) + 1)),
        "start.h5",
    ]
    assert same(Run.load(path), run)
    assert same(resume(path), run)


@pytest.mark.parametrize("events", [0, 1, 3])
def test_the_continuation_is_the_same_to_the_last_bit(kept, directory, events):
    forget(directory, events)
    so_far = Run.load(directory)
    assert len(so_far.events) == events and so_far.strain[-1] == ([0.0] + [e.strain for e in kept[0].events])[events]
    assert same(resume(directory), kept[0])
    assert same(Run.load(directory), kept[0])


def test_a_new_target(kept, directory, glass):
    further = resume(directory, 0.27)
    assert further.strain[-1] == 0.27 and same(further, shear(glass, 0.27))
    # What was at the old target is out of date and overwritten.
    assert same(Run.load(directory), further)
    with pytest.raises(ValueError, match=r"beyond 0\.01"):
        resume(directory, 0.01)
    # As of a run that begins.
    with pytest.raises(ArgumentError, match=r"to is a strain of 1e\+06.*Glass.reduced"):
        resume(directory, 1e6)


def test_more_events(glass, directory, tmp_path):
    two = shear(glass, TO, max_events=2, checkpoint=tmp_path / "two")
    assert len(two.events) == 2 and same(resume(tmp_path / "two"), two)
    assert same(resume(tmp_path / "two", max_events=3), shear(glass, TO, max_events=3))
    assert same(resume(tmp_path / "two", max_events=None), resume(directory))
    # What it was asked for last is what it is asked for next.
    assert read_checkpoints(tmp_path / "two").target.max_events is None


def test_a_stop_condition_that_is_a_function_is_asked_for_again(glass, tmp_path):
    def enough(event):
        return event.strain > 0.16

    run = shear(glass, TO, stop=enough, checkpoint=tmp_path / "run")
    with pytest.raises(ValueError, match="give stop= again"):
        resume(tmp_path / "run")
    assert same(resume(tmp_path / "run", stop=enough), run)
    assert len(resume(tmp_path / "run", stop=None).events) > len(run.events)


def test_a_named_stop_condition_is_kept(glass, tmp_path):
    run = shear(glass, TO, stop="first_spanning_drop", checkpoint=tmp_path / "run")
    assert same(resume(tmp_path / "run"), run)


def test_a_directory_with_a_run_takes_no_other(directory, glass):
    before = {file.name: file.read_bytes() for file in directory.iterdir()}
    with pytest.raises(FileError, match=r"holds a run already.*resume"):
        shear(glass, TO, checkpoint=directory)
    assert {file.name: file.read_bytes() for file in directory.iterdir()} == before


def test_where_there_is_no_run(tmp_path):
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(FileNotFoundError, match=r"no shear run.*start\.h5"):
            resume(path)


def test_a_directory_that_cannot_be_made(glass, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot make the directory"):
        shear(glass, TO, checkpoint=tmp_path / "file")


@pytest.mark.parametrize("part", [0.0, 0.4, 0.95])
@pytest.mark.parametrize("name", ["start.h5", "event-000002.h5", "end.h5"])
def test_damage_is_named(directory, name, part):
    data = (directory / name).read_bytes()
    (directory / name).write_bytes(data[: int(part * len(data))])
    remedy = {"start.h5": "", "end.h5": "delete it", "event-000002.h5": "delete it and all later files"}[name]
    for go_on in (resume, Run.load):
        with pytest.raises(FileError, match=rf"{name}.*{remedy}"):
            go_on(directory)


def test_a_flipped_bit_is_noticed(directory):
    path = directory / "event-000001.h5"
    with h5py.File(path) as file:
        place = file["events/mode"].id.get_chunk_info(0).byte_offset
    data = bytearray(path.read_bytes())
    data[place + 12] ^= 0x10
    path.write_bytes(data)
    with pytest.raises(FileError, match=r"event-000001\.h5"):
        resume(directory)


def test_what_the_message_says_helps(kept, directory):
    (directory / "event-000002.h5").write_bytes(b"")
    for file in directory.glob("event-*.h5"):
        if file.name >= "event-000002.h5":
            file.unlink()
    assert same(resume(directory), kept[0])


def test_a_missing_event_is_named(directory):
    (directory / "event-000002.h5").unlink()
    with pytest.raises(FileError, match=r"event-000002\.h5 is missing"):
        resume(directory)


def test_an_event_of_another_run_is_refused(directory, tmp_path):
    shear(small_minimum("poly", 100, seed=2), TO, max_events=3, checkpoint=tmp_path / "other")
    shutil.copy(tmp_path / "other" / "event-000002.h5", directory)
    with pytest.raises(FileError, match=r"event-000002\.h5 does not follow"):
        resume(directory)


def test_left_over_parts_are_ignored_and_removed(kept, directory):
    forget(directory, 2)
    left = directory / ".event-000003.h5.0123abcd.part"
    left.write_bytes((directory / "event-000002.h5").read_bytes()[:1000])
    assert len(Run.load(directory).events) == 2 and left.exists()
    assert same(resume(directory), kept[0]) and not left.exists()


def test_ctrl_c_leaves_a_directory_to_go_on_from(kept, glass, tmp_path):
    def stop(stage, part, note):
        if note.endswith("2 events"):
            raise KeyboardInterrupt

    with pytest.raises(ShearInterrupted) as caught:
        shear(glass, TO, checkpoint=tmp_path / "run", progress=stop)
    assert len(caught.value.run.events) == 2 and same(Run.load(tmp_path / "run"), caught.value.run)
    assert same(resume(tmp_path / "run"), kept[0])


def test_a_full_disk_loses_no_event(kept, glass, tmp_path, monkeypatch):
    replace = os.replace

    def full(source, target):
        if str(target).endswith("event-000003.h5"):
            raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(ShearError, match="No space left") as caught:
        shear(glass, TO, checkpoint=tmp_path / "run")
    assert len(caught.value.run.events) == 3
    monkeypatch.undo()
    assert same(resume(tmp_path / "run"), kept[0])


KILLED = """
import sys
import glassplast as gp
glass = gp.read(sys.argv[1])
print("ready", flush=True)
gp.shear(glass, float(sys.argv[3]), checkpoint=sys.argv[2])
"""


def test_kill_at_any_moment(glass, tmp_path):
    """Whenever the process is killed, what is there can be read, and goes on to the same run."""
    write(glass, tmp_path / "glass.h5")
    expected = shear(glass, TO)
    for trial, (awaited, delay) in enumerate(
        (("start", 0.02), ("start", 0.1), ("event-000001", 0.0), ("event-000003", 0.01))
    ):
        path = tmp_path / f"run{trial}"
        words = [sys.executable, "-c", KILLED, tmp_path / "glass.h5", path, str(TO)]
        with subprocess.Popen(list(map(str, words)), stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout.readline() == "ready\n"
                while not (path / f"{awaited}.h5").exists():
                    assert process.poll() is None
                    time.sleep(0.001)
                time.sleep(delay)
            finally:
                process.kill()
        so_far = Run.load(path)
        count = len(so_far.events)
        assert count >= (0 if awaited == "start" else int(awaited[-1]))
        assert [event.strain for event in so_far.events] == [e.strain for e in expected.events[:count]]
        run = resume(path)
        assert np.array_equal(run.stress, expected.stress) and np.array_equal(run.energy, expected.energy)
        assert np.array_equal(run.end.positions, expected.end.positions)
