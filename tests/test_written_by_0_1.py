"""Files that version 0.1.0 wrote: they are read as they were meant, and what was interrupted goes on.

`data/written_by_0_1/make.py` made them under that version, and `expected.json` with the numbers. What comes from a file
must have the same bits. What is computed anew from it (the rest of a run that was interrupted, states of a curve) must
agree to 1e-9: on the machine that wrote the files it has the same bits as well, but on another processor sums are taken
in another order, and the last digits of what follows from them may differ.
"""

import hashlib
import json
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

import glassplast as gp
from glassplast import softness
from glassplast.commands import main
from glassplast.errors import FileError
from glassplast.quasistatic import mode_convergence, reversal
from glassplast.relax import relaxation
from glassplast.sampling import resume_dynamics
from names_since_0_1 import (
    COLUMNS,
    ENSEMBLES,
    PREPARATIONS,
    SYMBOLS,
    asked_of_catalogue,
    go_on_with_the_function,
    load_catalogue,
    load_configurations,
    load_map,
    load_plane,
    load_results,
    load_run,
    of_catalogue,
    of_finished,
    of_glass,
    of_map,
    of_plane,
    of_prepared,
    of_results,
    of_run,
    of_trajectory,
    resume_catalogue,
    resume_fixed_map,
    resume_map,
    resume_shear,
    strengths,
)

WRITTEN = Path(__file__).parent / "data" / "written_by_0_1"
EXPECTED = json.loads((WRITTEN / "expected.json").read_text())
RESUMED = EXPECTED["resumed"]
NOT_FINITE = ("nan", "inf", "-inf")


# --- comparing --------------------------------------------------------------------------------------------------------


def exact(value):
    """As in expected.json: JSON that loses nothing, arrays of more than 24 numbers as the hash of their bytes."""
    if isinstance(value, dict) or type(value).__name__ == "mappingproxy":
        return {str(key): exact(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [exact(entry) for entry in value]
    if isinstance(value, np.ndarray):
        kind = np.float64 if value.dtype.kind == "f" else np.int64
        array = np.ascontiguousarray(value, dtype=kind)
        if array.size <= 24:
            return exact(array.tolist())
        if kind is np.float64:
            array = np.where(np.isnan(array), np.nan, array)
        return {"shape": list(array.shape), "sha256": hashlib.sha256(array.tobytes()).hexdigest()}
    if isinstance(value, np.generic):
        return exact(value.item())
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)
    return value


def assert_exact(found, expected, where=""):
    """The same numbers to the last bit, and the same words; whatever differs is named."""
    found = exact(found)
    if isinstance(expected, dict) and isinstance(found, dict) and "sha256" not in expected:
        assert found.keys() == expected.keys(), where
        for key in expected:
            assert_exact(found[key], expected[key], f"{where}/{key}")
    elif isinstance(expected, list) and isinstance(found, list):
        assert len(found) == len(expected), where
        for place, (ours, theirs) in enumerate(zip(found, expected, strict=True)):
            assert_exact(ours, theirs, f"{where}/{place}")
    else:
        assert type(found) is type(expected) and found == expected, where


def assert_close(found, expected, where=""):
    """The same to 1e-9 of the largest number of each array; words, whole numbers and what is missing are the same."""
    if isinstance(expected, dict) and "sha256" not in expected:
        assert found.keys() == expected.keys(), where
        for key in expected:
            assert_close(found[key], expected[key], f"{where}/{key}")
    elif is_numbers(expected):
        ours, theirs = np.asarray(found, dtype=np.float64), np.array(expected, dtype=np.float64)
        assert ours.shape == theirs.shape, where
        known = np.isfinite(theirs)
        assert np.array_equal(ours[~known], theirs[~known], equal_nan=True), where
        scale = max(np.abs(theirs[known]).max(initial=0.0), 1e-300)
        assert np.abs(ours - theirs)[known].max(initial=0.0) <= 1e-9 * scale, where
    elif isinstance(expected, list):
        assert len(found) == len(expected), where
        for place, (ours, theirs) in enumerate(zip(found, expected, strict=True)):
            assert_close(ours, theirs, f"{where}/{place}")
    else:
        assert exact(found) == expected, where


def is_numbers(value):
    """A number that is no whole one, or an array of them as lists in lists."""
    if isinstance(value, list) and value and isinstance(value[0], list):
        return all(is_numbers(entry) for entry in value)
    if isinstance(value, list):
        return bool(value) and all(type(entry) is float or entry in NOT_FINITE for entry in value)
    return type(value) is float


def same_machine(positions, expected):
    """Whether positions have the bits of the machine that wrote the files; only told, not asked for."""
    if exact(np.asarray(positions))["sha256"] != expected["sha256"]:
        print("the last bits are not those of the machine that wrote the files")


def copied(name, tmp_path):
    """A copy to go on with."""
    source, target = WRITTEN / name, tmp_path / Path(name).name
    return shutil.copytree(source, target) if source.is_dir() else Path(shutil.copy(source, target))


@pytest.fixture(scope="module")
def probed():
    """The glass of the yield maps and the saddle points."""
    return gp.read(WRITTEN / "probed.h5")


@pytest.fixture(scope="module")
def described():
    """A POLY and an LJ glass of which there are values of softness."""
    return load_configurations(WRITTEN / "described.h5")


# --- configurations ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXPECTED["configurations"])
def test_configurations(name):
    expected = EXPECTED["configurations"][name]
    frames = load_configurations(WRITTEN / name)
    assert len(frames) == len(expected)
    for number, (glass, theirs) in enumerate(zip(frames, expected, strict=True)):
        found = of_glass(glass)
        if not name.endswith(".h5"):
            # Only HDF5 can be without species. Of the digest these are a part.
            del found["digest"]
            theirs = {key: value for key, value in theirs.items() if key != "digest"}
            theirs["species"] = theirs["species"] or exact(np.zeros(len(glass), dtype=np.int32))
        assert_exact(found, theirs, f"frame {number}")


def test_what_later_work_takes_from_the_provenance():
    """Reports of minimizations, and the protocol that chooses a model of softness."""
    prepared, cooled = load_configurations(WRITTEN / "configurations.h5")[-2:]
    expected = EXPECTED["told by the provenance"]
    report = relaxation(prepared)
    assert_exact({name: getattr(report, name) for name in expected["relaxation"]}, expected["relaxation"])
    assert [softness.protocol_of(glass) for glass in (prepared, cooled)] == expected["protocols"]
    assert [softness.matching(glass) for glass in (prepared, cooled)] == expected["matching"]
    assert_close(softness.plane_for(prepared).softness(prepared), expected["softness"])


# --- results ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXPECTED["results"])
def test_results(name):
    assert_exact(of_results(load_results(WRITTEN / name)), EXPECTED["results"][name])


@pytest.mark.parametrize("name", [name for name, found in EXPECTED["results"].items() if found["run"] is not None])
def test_results_as_runs(name):
    assert_exact(of_run(load_run(WRITTEN / name)), EXPECTED["results"][name]["run"])


def test_results_without_a_run_hold_none():
    with pytest.raises(FileError, match="no shear run"):
        load_run(WRITTEN / "fields.h5")


def test_the_command_scores_what_it_wrote(capsys):
    assert main(["score", str(WRITTEN / "results.h5"), "-o", "-"]) == 0
    written = (WRITTEN / "scores.csv").read_text()
    for old, new in SYMBOLS.items():
        written = written.replace(f",{old},", f",{new},")
    assert capsys.readouterr().out.split() == written.split()
    assert main(["score", str(WRITTEN / "shear_exact.h5"), str(WRITTEN / "fields.csv"), "-o", "-"]) == 0
    rows = [line.split(",") for line in capsys.readouterr().out.splitlines()]
    assert main(["score", str(WRITTEN / "shear_exact.h5"), str(WRITTEN / "fields.h5"), "-o", "-"]) == 0
    assert rows == [line.split(",") for line in capsys.readouterr().out.splitlines()]
    ranks = EXPECTED["results"]["results.h5"]["ranks"]
    assert {row[0]: [float(word) for word in row[3:5]] for row in rows[1:]} == {
        key: ranks[key] for key in ("contacts", "steric_order", "vibrality")
    }


def test_runs_that_were_read_go_on():
    """Their protocol says how: states between the points, the way back, the approach to an instability."""
    expected = EXPECTED["asked of runs that were read"]
    run, fixed, angle = (load_run(WRITTEN / f"shear_{name}.h5") for name in ("exact", "fixed", "at_an_angle"))
    found = [gp.Analysis(run.glass_at(expected["strain"])).energy, float(run.stress_at(expected["strain"]))]
    assert_close(found, expected["exact"], "exact")
    found = [gp.Analysis(fixed.glass_at(0.0405)).energy, float(fixed.stress_at(0.0405))]
    assert_close(found, expected["fixed"], "fixed")
    middle = expected["angle"][0]
    found = [middle, gp.Analysis(angle.glass_at(middle)).energy, float(angle.stress_at(middle))]
    assert_close(found, expected["angle"], "angle")
    assert_close(run.work(0.0, 0.04), expected["work"], "work")
    back = reversal(run.events[0], max_events=3)
    returned, strain, branch_end, events = expected["reversal"]
    assert back.returned is returned and len(back.events) == events
    assert_close([back.strain, back.branch_end], [strain, branch_end], "reversal")
    near = mode_convergence(run.events[0], [1e-6, 1e-5, 1e-4])
    # These are small differences, or follow from a state 1e-6 before an instability.
    for ours, theirs in zip(
        (near.eigenvalue, near.overlap_deficit, near.normalized_stress), expected["mode_convergence"], strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-9)
    assert_close(run.events[0].d2min(), expected["d2min"])


# --- checkpoints of shear ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["shear_complete", "shear_stopped", "shear_stopped_by_a_function"])
def test_what_a_directory_of_checkpoints_holds(name):
    assert_exact(of_run(load_run(WRITTEN / name)), EXPECTED["shear checkpoints"][name])


def test_a_complete_run_is_complete(tmp_path):
    run = resume_shear(copied("shear_complete", tmp_path))
    assert run.strain[-1] == EXPECTED["shear checkpoints"]["to"]
    assert_exact(of_run(run), EXPECTED["shear checkpoints"]["shear_complete"])


def test_a_run_that_was_interrupted_ends_as_the_undisturbed_one(tmp_path):
    run = resume_shear(copied("shear_stopped", tmp_path))
    assert_close(of_finished(run), without_hash(RESUMED["shear_stopped"]))


def test_a_run_that_stopped_on_a_function_asks_for_it_and_goes_on(tmp_path):
    path = copied("shear_stopped_by_a_function", tmp_path)
    with pytest.raises(ValueError, match="was a function, which no file can hold"):
        resume_shear(path)
    assert_close(of_finished(go_on_with_the_function(path)), without_hash(RESUMED["shear_stopped_by_a_function"]))


def without_hash(expected):
    return {key: value for key, value in expected.items() if key != "sha256"}


# --- yield maps and saddle points -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXPECTED["yield maps"])
def test_yield_maps(name):
    found, expected = load_map(WRITTEN / name), dict(EXPECTED["yield maps"][name])
    asked = {key: expected.pop(key) for key in ("strength", "instability_strength") if key in expected}
    assert_exact(of_map(found), expected)
    if asked:
        assert_close(strengths(found, name), asked)


@pytest.mark.parametrize(
    ("name", "go_on"), [("yield_map_stopped.h5", resume_map), ("yield_map_fixed_stopped.h5", resume_fixed_map)]
)
def test_a_yield_map_goes_on(name, go_on, probed, tmp_path):
    before = load_map(WRITTEN / name)
    found = go_on(probed, copied(name, tmp_path))
    done = np.isfinite(before.stress[:, 0])
    assert done.sum() == 8 and len(done) == 16 and np.array_equal(found.threshold[done], before.threshold[done])
    for key, expected in RESUMED[name].items():
        assert_close(getattr(found, key), expected, key)


@pytest.mark.parametrize("name", EXPECTED["saddle points"])
def test_saddle_points(name, probed):
    found, expected = load_catalogue(WRITTEN / name), dict(EXPECTED["saddle points"][name])
    asked = {key: expected.pop(key) for key in ("triggering_strain", "distinct", "table", "field") if key in expected}
    assert_exact(of_catalogue(found), expected)
    if asked:
        ours = asked_of_catalogue(found, probed)
        assert_close(ours.pop("field"), asked.pop("field"))
        assert_close(ours, asked)


def test_a_catalogue_goes_on(probed, tmp_path):
    found = resume_catalogue(probed, copied("saddles_stopped.h5", tmp_path))
    for key, expected in RESUMED["saddles_stopped.h5"].items():
        # Saddles are polished until the largest force is 1e-8.
        np.testing.assert_allclose(getattr(found, COLUMNS.get(key, key)), expected, rtol=1e-6, atol=1e-9, err_msg=key)


# --- preparations -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PREPARATIONS)
def test_a_preparation_goes_on(name, tmp_path):
    glass = PREPARATIONS[name](copied(f"preparations/{name}", tmp_path))
    same_machine(glass.positions, RESUMED[name])
    assert_prepared(glass, RESUMED[name])


def assert_prepared(glass, expected):
    found, expected = of_prepared(glass), without_hash(expected)
    ours, theirs = dict(found.pop("preparation")), dict(expected.pop("preparation"))
    assert_close(found, expected)
    # Round-off, which no two machines share.
    ours.pop("energy_drift", None), theirs.pop("energy_drift", None)
    assert_close(json.loads(json.dumps(ours)), theirs)


@pytest.mark.parametrize("name", ENSEMBLES)
def test_an_ensemble_goes_on(name, tmp_path):
    stages = []
    path = copied(f"preparations/{name}", tmp_path)
    made = list(ENSEMBLES[name](path, threads=1, progress=lambda stage, *_: stages.append(stage)))
    assert len(made) == 2
    for glass, expected in zip(made, RESUMED[name], strict=True):
        assert_prepared(glass, expected)
    # What was done is not done again.
    assert not any("sample 1" in stage and "equilibrating" in stage for stage in stages)


@pytest.mark.parametrize("name", EXPECTED["dynamics"])
def test_dynamics_go_on(name, tmp_path):
    run = resume_dynamics(copied(f"preparations/{name}", tmp_path))
    same_machine(run.glass.positions, RESUMED[name])
    assert_exact(of_glass(run.start), EXPECTED["dynamics"][name]["start"])
    found, expected = of_trajectory(run), without_hash(RESUMED[name])
    samples = EXPECTED["dynamics"][name]["samples"]
    # What was measured before the interruption is in the file.
    for key in ("time", "temperature", "potential", "kinetic", "stress"):
        assert np.array_equal(found[key][:samples], np.array(expected[key])[:samples]), key
    assert_close(found, expected)


# --- softness ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXPECTED["softness"])
def test_softness(name, described):
    plane, expected = load_plane(WRITTEN / name), dict(EXPECTED["softness"][name])
    asked = {key: expected.pop(key) for key in ("softness", "probability") if key in expected}
    assert_exact(of_plane(plane), expected)
    glass = described[1 if plane.features.kind != "triangles" else 0]
    assert_close(plane.softness(glass), asked["softness"])


# --- all of them ------------------------------------------------------------------------------------------------------


def test_every_schema_is_there():
    """One file at least of each kind that version 0.1 wrote."""
    found = set()
    for path in WRITTEN.rglob("*.h5"):
        with h5py.File(path) as file:
            schema = file.attrs["schema"]
            name = schema.decode() if isinstance(schema, bytes) else str(schema)
            found.add((name.rstrip("\0"), int(file.attrs["schema_version"])))
    assert found == {
        ("glassplast configurations", 1),
        ("glassplast dynamics checkpoint", 1),
        ("glassplast equilibration", 2),
        ("glassplast results", 2),
        ("glassplast saddle points", 1),
        ("glassplast shear checkpoint", 1),
        ("glassplast yield map", 1),
    }
    for path in WRITTEN.glob("softness_*.json"):
        record = json.loads(path.read_text())
        assert (record["schema"], record["schema_version"]) == ("glassplast softness", 1)
