"""A job into the directory of an earlier one, on a disk that fills up: nothing of one job lies beside the other's."""

import errno
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

import glassplast as gp
from glassplast.errors import FileError
from glassplast.job import Task, job, main_job
from samples import small_minimum

OPTIONS = {"stepping": "fixed", "increment": 1e-3, "events": 1, "to": 0.3, "indicators": ["contacts"]}


@pytest.fixture(scope="module")
def glasses():
    return [small_minimum("poly", 100, seed=seed) for seed in (1, 2)]


@pytest.fixture(scope="module")
def done(glasses, tmp_path_factory):
    """The directory of a job that is done."""
    out = tmp_path_factory.mktemp("job") / "out"
    main_job(glasses[0], out, Task(**OPTIONS), progress=False)
    return out


@pytest.fixture
def old(done, tmp_path):
    return Path(shutil.copytree(done, tmp_path / "out"))


def fill(monkeypatch, is_full):
    """Let writing of files fail for which `is_full` holds."""
    replace = os.replace

    def full(source, target):
        if is_full(Path(target)):
            raise OSError(errno.ENOSPC, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(os, "replace", full)


def content(directory):
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def test_without_room_for_results_all_goes_elsewhere(old, glasses, tmp_path, monkeypatch):
    before = content(old)
    elsewhere = tmp_path / "elsewhere"
    monkeypatch.setattr(job.tempfile, "mkdtemp", lambda prefix: str(elsewhere.mkdir() or elsewhere))
    fill(monkeypatch, lambda target: target.parent == old and target.name == "results.h5")
    with pytest.raises(FileError, match=r"No space left.*elsewhere/results\.h5 instead, with all that belongs to them"):
        main_job(glasses[1], old, Task(**OPTIONS), progress=False)
    assert content(old) == before and content(elsewhere).keys() == before.keys()
    assert np.allclose(gp.Results.load(elsewhere / "results.h5").start.positions, glasses[1].positions, atol=1e-6)


def test_without_room_anywhere_the_earlier_job_stays_as_it_was(old, glasses, tmp_path, monkeypatch):
    before = content(old)
    monkeypatch.setattr(job.tempfile, "mkdtemp", lambda prefix: str((tmp_path / "b").mkdir() or tmp_path / "b"))
    fill(monkeypatch, lambda target: target.name == "results.h5")
    with pytest.raises(FileError, match=r"nor can they be kept elsewhere.*nothing else was written"):
        main_job(glasses[1], old, Task(**OPTIONS), progress=False)
    assert content(old) == before


def test_without_room_for_the_rest_nothing_of_the_earlier_job_stays(old, glasses, monkeypatch):
    fill(monkeypatch, lambda target: target.parent == old and target.name != "results.h5")
    with pytest.raises(FileError, match="No space left"):
        main_job(glasses[1], old, Task(**OPTIONS), progress=False)
    assert content(old).keys() == {"results.h5"}
    assert np.allclose(gp.Results.load(old / "results.h5").start.positions, glasses[1].positions, atol=1e-6)
