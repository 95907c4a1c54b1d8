"""Commands that write configurations with fields for other programs."""

import ase.io
import gsd.hoomd
import numpy as np
import pytest

import glassplast as gp
from glassplast import files
from glassplast.commands.entry import main
from samples import small_minimum

FIXED = ["--stepping", "fixed", "--increment", "1e-3", "--events", "2", "--to", "0.3"]


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    path = tmp_path_factory.mktemp("samples") / "poly.h5"
    gp.write(small_minimum("poly", 100, seed=1), path)
    return path


@pytest.mark.parametrize("ending", [".xyz.gz", ".dump", ".gsd", ".h5"])
def test_a_trajectory_shows_the_events(sample, tmp_path, ending):
    out = tmp_path / f"events{ending}"
    words = ["shear", str(sample), *FIXED, "-o", str(tmp_path / "run.h5"), "--trajectory", str(out), "-q"]
    assert main(words) == 0
    run = gp.Run.load(tmp_path / "run.h5")
    first, second = run.events
    frames = list(gp.read_frames(out))
    expected = [run.start, first.before, first.after, second.before, second.after]
    assert [frame.strain for frame in frames] == [state.strain for state in expected]
    for number, (frame, state) in enumerate(zip(frames, expected, strict=True)):
        np.testing.assert_array_equal(frame.positions, state.positions)
        columns = files.read_fields(out, frame=number)
        assert set(columns) == {"critical_mode", "displacement", "d2min"}
        if number == 0:
            assert all(np.isnan(values).all() for values in columns.values())
            continue
        event = run.events[(number - 1) // 2]
        np.testing.assert_array_equal(columns["critical_mode"], event.mode)
        np.testing.assert_array_equal(columns["displacement"], event.displacement)
        np.testing.assert_allclose(columns["d2min"], gp.d2min(event.before, event.displacement), rtol=1e-10)


def test_a_trajectory_without_events_is_the_start(sample, tmp_path, capsys):
    words = ["shear", str(sample), "--to", "1e-3", "--stepping", "fixed", "--increment", "1e-3", "-q"]
    assert main([*words, "--trajectory", "-"]) == 0
    (tmp_path / "start.xyz").write_text(capsys.readouterr().out)
    assert files.count_frames(tmp_path / "start.xyz") == 1
    assert files.read_fields(tmp_path / "start.xyz") == {}


@pytest.mark.parametrize("ending", [".xyz", ".dump", ".gsd"])
def test_indicators_become_columns(sample, tmp_path, ending):
    out = tmp_path / f"fields{ending}"
    assert main(["indicators", str(sample), "--names", "contacts,vibrality", "-o", str(out), "-q"]) == 0
    glass = gp.read(sample)
    np.testing.assert_array_equal(gp.read(out).positions, glass.positions)
    expected = gp.indicators.compute(glass, ["contacts", "vibrality"])
    found = files.read_fields(out)
    assert list(found) == ["contacts", "vibrality"]
    for key, values in found.items():
        np.testing.assert_allclose(values, expected[key], rtol=1e-10)
    if ending == ".xyz":
        np.testing.assert_array_equal(ase.io.read(out).arrays["vibrality"], found["vibrality"])
    if ending == ".gsd":
        with gsd.hoomd.open(out, "r") as trajectory:
            np.testing.assert_array_equal(trajectory[0].log["particles/vibrality"], found["vibrality"])


def test_files_that_hold_only_fields_stay_as_they_were(sample, tmp_path):
    for name in ("fields.h5", "fields"):
        assert main(["indicators", str(sample), "--names", "contacts", "-o", str(tmp_path / name), "-q"]) == 0
        assert list(gp.Results.load(tmp_path / name).fields) == ["contacts"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["shear", "SAMPLE", "--trajectory", "a.data"], "a LAMMPS data file holds no trajectory"),
        (["shear", "SAMPLE", "--trajectory", "a.png"], "does not show the format"),
        (["shear", "SAMPLE", "--trajectory", "-", "--end", "-"], "only one of --output, --end and --trajectory"),
        (["indicators", "SAMPLE", "-o", "a.data"], "a LAMMPS data file holds no fields"),
    ],
)
def test_what_cannot_be_written_is_said_before_anything_is_computed(sample, capsys, monkeypatch, words, message):
    def never(*arguments, **options):
        raise AssertionError("computed")

    monkeypatch.setattr("glassplast.quasistatic.shear", never)
    monkeypatch.setattr("glassplast.indicators.compute", never)
    assert main([str(sample) if word == "SAMPLE" else word for word in words]) == 2
    assert message in capsys.readouterr().err


def test_every_indicator_has_a_name_that_files_hold(sample, tmp_path):
    glass = gp.read(sample)
    fields = dict.fromkeys(gp.indicators.keys(), np.zeros(len(glass)))
    gp.write(glass, tmp_path / "all.dump", fields=fields)
    assert set(files.read_fields(tmp_path / "all.dump")) == set(fields)
