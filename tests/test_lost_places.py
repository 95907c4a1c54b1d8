"""A place that cannot be written, or that goes during a computation, is named, and nothing that was found is lost."""

import errno
import shutil
from pathlib import Path

import numpy as np
import pytest

import glassplast as gp
from glassplast.commands import main
from glassplast.errors import FileError
from glassplast.quasistatic import ShearError
from samples import small_minimum


@pytest.fixture(scope="module")
def glass():
    return small_minimum("poly", 100, seed=1)


def test_shear_whose_directory_goes_keeps_its_events(glass, tmp_path):
    place = tmp_path / "run"
    branches = gp.Branches(glass, 0.3, checkpoint=place)
    first = next(branches)
    shutil.rmtree(place)
    with pytest.raises((ShearError, FileError), match="run") as caught:
        list(branches)
    # The event that could not be stored was found nevertheless.
    assert branches.run.events[0].strain == first.strain
    assert isinstance(caught.value, ShearError) and len(caught.value.run.events) == 2


def test_a_map_whose_directory_goes_says_so(glass, tmp_path):
    place = tmp_path / "deep"
    place.mkdir()

    def remove(stage, part, note):
        shutil.rmtree(place, ignore_errors=True)

    asked = {"radius": 3.0, "spacing": 5.0, "angles": [0.0], "threads": 1}
    with pytest.raises(FileError, match=r"there is no directory .*deep"):
        gp.local_yield_stress(glass, checkpoint=place / "map.h5", progress=remove, **asked)


def test_a_file_that_goes_between_two_reads_is_missed(glass, tmp_path):
    path = tmp_path / "pair.xyz"
    gp.write([glass, glass], path)
    frames = gp.read_frames(path)
    first = next(frames)
    path.unlink()
    # What is open stays readable.
    assert np.array_equal(first.positions, glass.positions)
    assert len(list(frames)) == 1
    with pytest.raises(FileNotFoundError, match=r"pair\.xyz"):
        gp.read(path)


WRITERS = {
    "minimize": ["minimize", "GLASS", "-o", "OUT/again.h5"],
    "shear": ["shear", "GLASS", "--to", "0.001", "-o", "OUT/run.h5"],
    "shear with checkpoints": ["shear", "GLASS", "--to", "0.001", "--checkpoint", "OUT/kept"],
    "indicators": ["indicators", "GLASS", "--names", "contacts", "-o", "OUT/fields.csv"],
    "run": ["run", "GLASS", "--to", "0.001", "--indicators", "contacts", "--out", "OUT/job"],
}


@pytest.mark.parametrize("command", WRITERS)
def test_a_directory_that_is_read_only_is_named(command, glass, tmp_path, monkeypatch, capsys):
    path = tmp_path / "glass.h5"
    gp.write(glass, path)
    before = sorted(tmp_path.rglob("*"))

    def refuse(*_, **__):
        raise OSError(errno.EROFS, "Read-only file system")

    for name in ("touch", "mkdir"):
        monkeypatch.setattr(Path, name, refuse)
    words = [word.replace("GLASS", str(path)).replace("OUT", str(tmp_path)) for word in WRITERS[command]]
    assert main(words) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "error: cannot" in said and str(tmp_path) in said and "Read-only file system" in said
    assert sorted(tmp_path.rglob("*")) == before
