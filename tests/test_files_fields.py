"""Fields and modes in files of configurations: round trips, and their reading by other programs."""

from pathlib import Path

import ase.io
import gsd.hoomd
import h5py
import numpy as np
import pytest

import glassplast as gp
from glassplast import files
from glassplast.errors import ArgumentError, FileError
from sample_glasses import make_glass

ENDINGS = [".xyz", ".xyz.gz", ".dump", ".gsd", ".h5"]
SORTED = (".xyz", ".xyz.gz", ".dump")
LABELS = {1: "number", 2: "vector", 3: "tensor"}


def made_up(glass, seed=0):
    """A field of each shape, with NaN for a particle that has none and numbers that need all digits."""
    rng = np.random.default_rng(seed)
    count, dimension = glass.positions.shape
    fields = {
        "D2min": np.exp(10.0 * rng.standard_normal(count)),
        "displacement": rng.standard_normal((count, dimension)) / 3.0,
        "strain_tensor": rng.standard_normal((count, dimension, dimension)) / 7.0,
        "rattler": rng.random(count) < 0.5,
    }
    for name in ("D2min", "displacement", "strain_tensor"):
        fields[name][3] = np.nan
    return fields


def assert_equal(found, expected, order):
    assert set(found) == set(expected)
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], np.asarray(values, dtype=float)[order])


def order_of(glass, ending):
    return np.argsort(glass.ids) if ending in SORTED else np.arange(len(glass))


@pytest.mark.parametrize("strain", [0.3, -0.7])
@pytest.mark.parametrize(("model", "dimension"), [("lj", 2), ("poly", 2), ("lj", 3), ("poly", 3)])
@pytest.mark.parametrize("ending", ENDINGS)
def test_fields_and_modes_come_back_to_the_last_bit(tmp_path, ending, model, dimension, strain):
    glass = make_glass(model, dimension, strain)
    fields = made_up(glass)
    modes = np.random.default_rng(1).standard_normal((2, *glass.positions.shape))
    path = tmp_path / f"glass{ending}"
    gp.write(glass, path, fields=fields, modes=modes)
    order = order_of(glass, ending)
    assert_equal(files.read_fields(path), fields | {"mode_1": modes[0], "mode_2": modes[1]}, order)
    # The configuration is what it is without them.
    bare = tmp_path / f"bare{ending}"
    gp.write(glass, bare)
    assert files.read(path).digest == files.read(bare).digest
    assert files.read_fields(bare) == {}


@pytest.mark.parametrize("ending", ENDINGS)
def test_each_frame_has_its_own_fields(tmp_path, ending):
    glass = make_glass("poly", 2, 0.1)
    order = order_of(glass, ending)
    fields = [made_up(glass, 1), None, made_up(glass, 2)]
    modes = [None, {"critical_mode": np.ones_like(glass.positions)}, None]
    path = tmp_path / f"glass{ending}"
    files.write((glass for _ in range(3)), path, fields=fields, modes=modes)
    files.write(glass, path, append=True, fields={"D2min": np.arange(len(glass))})
    assert files.count_frames(path) == 4
    found = [files.read_fields(path, frame=frame) for frame in range(4)]
    expected = [fields[0], modes[1], fields[2], {"D2min": np.arange(len(glass))}]
    if ending == ".gsd":
        # GSD would give a frame without a field that of the first frame, so that what is missing is NaN.
        names = {*fields[0], "critical_mode"}
        blank = {name: np.full_like({**fields[0], **modes[1]}[name], np.nan, dtype=float) for name in names}
        expected = [{**blank, **frame} for frame in expected]
    for frame, wanted in zip(found, expected, strict=True):
        assert_equal(frame, wanted, order)


def test_a_field_that_the_first_frame_lacks_is_not_appended_to_gsd(tmp_path):
    glass = make_glass("lj", 2, 0.0)
    files.write(glass, tmp_path / "glass.gsd")
    before = (tmp_path / "glass.gsd").read_bytes()
    with pytest.raises(FileError, match="'late' cannot be appended"):
        files.write(glass, tmp_path / "glass.gsd", append=True, fields={"late": np.zeros(len(glass))})
    assert (tmp_path / "glass.gsd").read_bytes() == before


def test_a_lammps_data_file_says_which_formats_hold_fields(tmp_path):
    glass = make_glass("lj", 2, 0.0)
    with pytest.raises(FileError, match=r"holds no fields \(D2min\); extended XYZ, a LAMMPS dump, GSD and HDF5 do"):
        files.write(glass, tmp_path / "glass.data", fields={"D2min": np.zeros(len(glass))})
    assert not (tmp_path / "glass.data").exists()
    files.write(glass, tmp_path / "glass.data")
    assert files.read_fields(tmp_path / "glass.data") == {}


@pytest.mark.parametrize(
    ("fields", "modes", "message"),
    [
        ({"short": np.zeros(3)}, None, r"field 'short' must have shape \(56,\), \(56, 2\) or \(56, 2, 2\), not \(3,\)"),
        ({"space": np.zeros((56, 3))}, None, r"field 'space' must have shape .*, not \(56, 3\)"),
        ({"ragged": [[1.0], [1.0, 2.0]]}, None, "field 'ragged'"),
        ({"words": ["a"] * 56}, None, "field 'words' must hold real numbers, not <U1"),
        ({"wave": np.zeros(56, dtype=complex)}, None, "field 'wave' must hold real numbers, not complex128"),
        ({"two words": np.zeros(56)}, None, "field 'two words': a name has letters, digits and underscores"),
        ({"a:b": np.zeros(56)}, None, "field 'a:b': a name"),
        ({"µ": np.zeros(56)}, None, "field 'µ': a name"),
        ({"x" * 49: np.zeros(56)}, None, "not longer than 48"),
        ({3: np.zeros(56)}, None, "field 3: a name"),
        ({"radius": np.zeros(56)}, None, "field 'radius': readers take"),
        ({"u": np.zeros((56, 2)), "u_x": np.zeros(56)}, None, "the fields 'u' and 'u_x' both have a column u_x"),
        ({"D2min": np.zeros(56), "d2min": np.zeros(56)}, None, "the fields 'D2min' and 'd2min' both have a column"),
        (None, {"flat": np.zeros(56)}, r"mode 'flat' must have shape \(56, 2\), not \(56,\)"),
        (None, np.zeros((56, 2)), r"mode 'mode_1' must have shape \(56, 2\), not \(2,\)"),
        ({"mode_1": np.zeros(56)}, [np.zeros((56, 2))], "'mode_1' is the name of a field and of a mode"),
        ([{}], None, "fields must be a mapping from names to arrays, not list"),
    ],
)
@pytest.mark.parametrize("ending", [".xyz", ".data"])
def test_what_is_no_field_is_named(tmp_path, ending, fields, modes, message):
    glass = make_glass("lj", 2, 0.0)
    assert len(glass) == 56
    with pytest.raises(ArgumentError, match=message):
        files.write(glass, tmp_path / f"glass{ending}", fields=fields, modes=modes)
    assert not list(tmp_path.iterdir())


def test_fields_of_a_trajectory_are_as_many_as_its_frames(tmp_path):
    glass = make_glass("lj", 2, 0.0)
    with pytest.raises(ArgumentError, match=r"fields of several configurations .* of them: 2, not one mapping"):
        files.write([glass, glass], tmp_path / "a.xyz", fields={"a": np.zeros(len(glass))})
    with pytest.raises(ArgumentError, match=r"modes of several configurations .* of them: 2, not 1"):
        files.write([glass, glass], tmp_path / "a.xyz", modes=[None])


# --- what others see --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dimension", [2, 3])
def test_ase_reads_fields_as_arrays(tmp_path, dimension):
    glass = make_glass("poly", dimension, 0.3)
    fields = made_up(glass)
    modes = np.random.default_rng(1).standard_normal((1, *glass.positions.shape))
    files.write([glass, glass], tmp_path / "glass.xyz", fields=[fields, None], modes=[modes, None])
    arrays = ase.io.read(tmp_path / "glass.xyz", index=0).arrays
    np.testing.assert_array_equal(arrays["D2min"], fields["D2min"])
    np.testing.assert_array_equal(arrays["rattler"], fields["rattler"])
    for name, vectors in {"displacement": fields["displacement"], "mode_1": modes[0]}.items():
        assert arrays[name].shape == (len(glass), 3)
        np.testing.assert_array_equal(arrays[name][:, :dimension], vectors)
        assert not arrays[name][:, dimension:].any()
    np.testing.assert_array_equal(arrays["strain_tensor"], fields["strain_tensor"].reshape(len(glass), -1))
    assert "D2min" not in ase.io.read(tmp_path / "glass.xyz", index=1).arrays


def test_fields_that_ase_writes_are_read(tmp_path):
    rng = np.random.default_rng(2)
    atoms = ase.Atoms("H7He5", positions=rng.random((12, 3)) * 5, cell=np.eye(3) * 6.0, pbc=True)
    given = {"charge_like": rng.random(12), "vector": rng.random((12, 3)), "six": rng.random((12, 6))}
    given["tensor"] = rng.random((12, 9))
    for name, values in given.items():
        atoms.new_array(name, values)
    atoms.new_array("count", np.arange(12))
    atoms.new_array("names", np.array(["a"] * 12))
    ase.io.write(tmp_path / "ase.xyz", atoms, format="extxyz")
    found = files.read_fields(tmp_path / "ase.xyz")
    assert set(found) == {*given, "count"}
    given["tensor"] = given["tensor"].reshape(12, 3, 3)
    for name, values in given.items():
        # ASE writes 8 decimals.
        np.testing.assert_allclose(found[name], values, atol=5.1e-9)
    np.testing.assert_array_equal(found["count"], np.arange(12))


@pytest.mark.parametrize("dimension", [2, 3])
def test_gsd_reads_fields_as_hoomd_logs_them(tmp_path, dimension):
    glass = make_glass("lj", dimension, -0.3)
    fields = made_up(glass)
    files.write([glass, glass, glass], tmp_path / "glass.gsd", fields=[None, fields, None])
    with gsd.hoomd.open(tmp_path / "glass.gsd", "r") as trajectory:
        frames = [trajectory[index].log for index in range(3)]
    first, log, last = ({name: frame[f"particles/{name}"] for name in fields} for frame in frames)
    for frame in (first, last):
        assert all(np.isnan(values.reshape(len(glass), -1)[:, :dimension]).all() for values in frame.values())
    assert log["displacement"].shape == (len(glass), 3)
    np.testing.assert_array_equal(log["D2min"], fields["D2min"])
    np.testing.assert_array_equal(log["displacement"][:, :dimension], fields["displacement"])
    np.testing.assert_array_equal(log["strain_tensor"], fields["strain_tensor"].reshape(len(glass), -1))


@pytest.mark.parametrize("dimension", [2, 3])
def test_dumps_have_a_column_for_each_component(tmp_path, dimension):
    glass = make_glass("lj", dimension, 0.3)
    fields = made_up(glass)
    files.write(glass, tmp_path / "glass.dump", fields=fields)
    (atoms,) = (line for line in (tmp_path / "glass.dump").read_text().splitlines() if line.startswith("ITEM: ATOMS"))
    axes = "xyz"[:dimension]
    components = [f"displacement_{a}" for a in axes] + [f"strain_tensor_{a}{b}" for a in axes for b in axes]
    assert atoms.split()[2:] == ["id", "type", "xu", "yu", "zu", "D2min", *components, "rattler"]
    dumped = ase.io.read(tmp_path / "glass.dump", format="lammps-dump-text")
    np.testing.assert_allclose(dumped.positions[:, :dimension], glass.positions[np.argsort(glass.ids)], atol=1e-14)


def test_hdf5_says_what_its_fields_are(tmp_path):
    glass = make_glass("poly", 3, 0.3)
    fields = made_up(glass)
    files.write(glass, tmp_path / "glass.h5", fields=fields)
    with h5py.File(tmp_path / "glass.h5", "r") as file:
        stored = file["frames/000000/fields"]
        for name, values in fields.items():
            assert stored[name].dtype.str == "<f8" and stored[name].fletcher32
            np.testing.assert_array_equal(stored[name], np.asarray(values, dtype=float))
            assert stored[name].attrs["description"].decode().startswith(LABELS[values.ndim])


def test_damaged_fields_are_an_error(tmp_path):
    glass = make_glass("poly", 2, 0.0)
    files.write(glass, tmp_path / "glass.h5", fields={"a": np.zeros(len(glass))})
    with h5py.File(tmp_path / "glass.h5", "r+") as file:
        del file["frames/000000/fields/a"]
        file["frames/000000/fields/a"] = np.zeros(3)
    assert len(files.read(tmp_path / "glass.h5")) == len(glass)
    with pytest.raises(FileError, match="fields/a: expected one entry for each of 56 particles"):
        files.read_fields(tmp_path / "glass.h5")
    files.write(glass, tmp_path / "glass.xyz", fields={"a": np.zeros(len(glass))})
    text = (tmp_path / "glass.xyz").read_text()
    (tmp_path / "glass.xyz").write_text(text[:-4] + "no\n")
    with pytest.raises(FileError, match="a must be a number, not 'no'"):
        files.read_fields(tmp_path / "glass.xyz")


def test_indicators_are_fields(tmp_path):
    glass = make_glass("poly", 2, 0.0)
    fields = gp.indicators.compute(glass, ["contacts", "hexatic"])
    gp.write(glass, Path(tmp_path / "glass.xyz"), fields=fields)
    assert_equal(files.read_fields(tmp_path / "glass.xyz"), fields, order_of(glass, ".xyz"))
