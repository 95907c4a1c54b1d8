"""Results in files: they are read as they were written, also without glassplast."""

import re
from pathlib import Path

import h5py
import numpy as np
import pytest

from glassplast import Analysis, Results, Run, minimize
from glassplast.errors import FileError
from glassplast.indicators import register, unregister
from glassplast.quasistatic import FixedProtocol
from samples import DATA
from small_jobs import small_results

SCHEMA = Path(__file__).parent.parent / "docs" / "results.md"


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "results.h5"
    small_results("rattler").save(path)
    return path


KINDS = [("poly", "exact"), ("lj", "exact"), ("poly", "fixed"), ("lj", "fixed"), ("rattler", "fixed")]


@pytest.mark.parametrize(("kind", "stepping"), KINDS)
def test_all_comes_back(kind, stepping, tmp_path):
    results = small_results(kind, stepping)
    results.save(tmp_path / "r.h5")
    loaded = Results.load(tmp_path / "r.h5")
    assert np.array_equal(loaded.start.positions, results.start.positions)
    assert np.array_equal(loaded.start.cell, results.start.cell)
    assert loaded.start.model == results.start.model and loaded.start.strain == results.start.strain
    assert dict(loaded.start.provenance) == dict(results.start.provenance)
    for name in ("strain", "stress", "energy", "slope", "residual"):
        ours, theirs = getattr(loaded.run, name), getattr(results.run, name)
        assert (ours is theirs is None) or np.array_equal(ours, theirs, equal_nan=True)
    assert loaded.run.effort == results.run.effort
    assert np.array_equal(loaded.run.end.positions, results.run.end.positions)
    assert loaded.run.drops == results.run.drops and loaded.run.protocol == results.run.protocol
    for ours, theirs in zip(loaded.events, results.events, strict=True):
        assert (ours.strain, ours.core, ours.irreversible) == (theirs.strain, theirs.core, theirs.irreversible)
        assert ours.energy_drop == theirs.energy_drop and ours.participation == theirs.participation
        assert np.array_equal(ours.mode, theirs.mode, equal_nan=True)
        for name in ("branch_start", "stress_maximum_strain", "overlap", "largest_residual", "method"):
            np.testing.assert_equal(getattr(ours, name), getattr(theirs, name))
        for ours_state, theirs_state in ((ours.before, theirs.before), (ours.after, theirs.after)):
            assert np.array_equal(ours_state.positions, theirs_state.positions)
            assert ours_state.box == theirs_state.box and ours_state.strain == theirs_state.strain
            assert dict(ours_state.provenance) == dict(theirs_state.provenance)
    assert list(loaded.fields) == list(results.fields)
    for key, values in results.fields.items():
        assert np.array_equal(loaded.fields[key], values, equal_nan=True)
    assert loaded.state == results.state and loaded.warnings == results.warnings
    assert loaded.configuration == results.configuration and loaded.interrupted == ""


def test_version_1_is_still_read():
    """A file written before there was exact stepping."""
    path = DATA / "results_version_1.h5"
    results = Results.load(path)
    run = results.run
    assert run.protocol == FixedProtocol(1e-3, "irreversible", "newton", 1e-10)
    with h5py.File(path) as file:
        assert file.attrs["schema_version"] == 1
        assert np.array_equal(run.stress, file["curve/stress"]) and run.slope is None
        for index, event in enumerate(run.events):
            assert event.strain == file["events/strain"][index] and event.core == file["events/core"][index]
            assert np.array_equal(event.after.positions, file["events/after_positions"][index])
    first, second = run.events
    assert first.method == "cg" and np.isnan([first.overlap, first.stress_maximum_strain, first.branch_start]).all()
    # The cells are right: the states are minima at their strains, and the run can be gone through again.
    for event in (first, second):
        analysis = Analysis(event.before)
        assert analysis.largest_force < 1e-8
        assert analysis.energy == pytest.approx(event.energy_before, rel=1e-12)
    assert Analysis(run.glass_at(0.1)).stress[0, 1] == pytest.approx(run.stress_at(0.1), abs=1e-6)
    assert set(results.fields) == {"contacts", "steric_order"} and results.ranks["contacts"][0] > 0.0


def test_states_of_a_loaded_run_are_states_of_the_run(tmp_path):
    results = small_results("poly", "exact")
    results.save(tmp_path / "r.h5")
    event = Results.load(tmp_path / "r.h5").events[0]
    # The state before the event is a minimum still: nothing moves.
    again = minimize(event.before, tolerance=1e-8)
    assert np.abs(again.positions - event.before.positions).max() < 1e-8


def test_rank_counts_the_particles_that_are_not_softer():
    results = small_results("rattler")
    event = results.events[1]
    for key, ranks in results.ranks.items():
        field = results.fields[key] * (
            -1.0
            if key in ("density", "contacts", "hexatic", "anisotropy_divergence", "shear_modulus", "plastic_strength")
            else 1
        )
        known = field[~np.isnan(field)]
        below, same = np.sum(known < field[event.core]), np.sum(known == field[event.core])
        assert ranks[1] == pytest.approx((below + (same + 1) / 2) / known.size, rel=1e-12)
        assert results.correlations[key].value == pytest.approx(sum(ranks) - 1.0, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("kind", "stepping"), [("poly", "exact"), ("rattler", "fixed")])
def test_the_file_is_as_documented(kind, stepping, tmp_path):
    saved = tmp_path / "results.h5"
    small_results(kind, stepping).save(saved)
    text = SCHEMA.read_text()
    documented = set(re.findall(r"`((?:glass|curve|drops|events|end|scores)/\w+)`", text))
    results = small_results(kind, stepping)
    found = set()
    with h5py.File(saved) as file:
        file.visititems(lambda name, node: found.add(name) if isinstance(node, h5py.Dataset) else None)
        for name in file.attrs:
            assert f"attribute `{name}`" in text, name
        assert file.attrs["schema"].decode() == "glassplast results"
        assert file["events/mode"].shape == (2, len(results.start), 2)
        assert np.isnan(file["events/mode"][0, -1]).all() == (kind == "rattler")
        assert file["fields/contacts"].attrs["softer"].decode() == "small"
        keys = [key.decode() for key in file["scores/keys"]]
        row = keys.index("steric_order")
        assert file["scores/ranks"][row].tolist() == results.ranks["steric_order"]
        assert all(file[name].attrs["description"] for name in found - {"scores/keys"})
        assert all(text.count(f"`{name}`") for group in ("curve", "end") if group in file for name in file[group].attrs)
    only_exact = {"curve/slope", "curve/residual", "end/positions"} if stepping == "fixed" else set()
    assert {name for name in found if not name.startswith("fields/")} == documented - {"glass/species"} - only_exact


@pytest.mark.parametrize("part", [0.0, 0.3, 0.9])
def test_a_truncated_file_is_an_error(saved, part):
    data = saved.read_bytes()
    saved.write_bytes(data[: int(part * len(data))])
    with pytest.raises(FileError, match=r"results\.h5"):
        Results.load(saved)


def test_other_files_are_refused(tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = 1
    with pytest.raises(FileError, match="no glassplast results"):
        Results.load(tmp_path / "other.h5")
    with pytest.raises(FileNotFoundError, match=r"nowhere\.h5"):
        Results.load(tmp_path / "nowhere.h5")


def test_a_newer_schema_is_refused(saved):
    with h5py.File(saved, "r+") as file:
        file.attrs["schema_version"] = 99
    with pytest.raises(FileError, match="99"):
        Results.load(saved)


def test_what_cannot_be_written_leaves_the_old_file(saved, monkeypatch):
    before = saved.read_bytes()

    def full(self, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(FileError, match="No space left"):
        small_results("rattler").save(saved)
    assert saved.read_bytes() == before and list(saved.parent.iterdir()) == [saved]


def test_only_fields_or_only_a_run(tmp_path):
    whole = small_results()
    Results(whole.start, fields=dict(whole.fields)).save(tmp_path / "fields.h5")
    loaded = Results.load(tmp_path / "fields.h5")
    assert loaded.run is None and loaded.events == [] and set(loaded.fields) == set(whole.fields)
    assert loaded.ranks["contacts"] == []
    Results(whole.start, whole.run).save(tmp_path / "run.h5")
    loaded = Results.load(tmp_path / "run.h5")
    assert loaded.fields == {} and len(loaded.events) == 2


def test_fields_of_an_indicator_that_is_not_known_any_more_are_kept(tmp_path):
    whole = small_results()
    register("passing", symbol="?", family="other", softer="large")(lambda analysis: np.ones(100))
    try:
        Results(whole.start, whole.run, {"passing": np.arange(100.0)}).save(tmp_path / "r.h5")
    finally:
        unregister("passing")
    loaded = Results.load(tmp_path / "r.h5")
    assert loaded.fields["passing"].tolist() == list(range(100)) and loaded.ranks == {}


@pytest.mark.parametrize("stepping", ["exact", "fixed"])
def test_a_run_alone(stepping, tmp_path):
    run = small_results("poly", stepping).run
    run.save(tmp_path / "run.h5")
    results = Results.load(tmp_path / "run.h5")
    assert results.fields == {} and results.warnings == [] and results.interrupted == ""
    assert results.provenance["versions"] and np.array_equal(results.start.positions, run.start.positions)
    for loaded in (Run.load(tmp_path / "run.h5"), results.run):
        assert loaded.protocol == run.protocol and loaded.effort == run.effort and loaded.drops == run.drops
        for ours, theirs in ((loaded.table(), run.table()), (loaded.events_table(), run.events_table())):
            assert ours.dtype == theirs.dtype
            for name in ours.dtype.names:
                np.testing.assert_array_equal(ours[name], theirs[name])
        for ours, theirs in zip(loaded.events, run.events, strict=True):
            assert np.array_equal(ours.mode, theirs.mode, equal_nan=True)
            assert np.array_equal(ours.after.positions, theirs.after.positions)
        assert np.array_equal(loaded.end.positions, run.end.positions)


def test_a_run_that_cannot_be_saved(tmp_path):
    run = small_results("poly", "exact").run
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError):
        run.save(tmp_path / "file" / "run.h5")
