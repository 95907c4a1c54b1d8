"""Round trips in all file formats, and files of glassplast read by other programs."""

import gzip
import io
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import ase.io
import gsd.hoomd
import h5py
import numpy as np
import pytest

from glassplast import files
from glassplast.errors import FileError
from glassplast.glass import Glass
from glassplast.models import Model
from sample_glasses import make_glass

ENDINGS = [".data", ".dump", ".xyz", ".gsd", ".h5", ".data.gz", ".dump.gz", ".xyz.gz"]
BY_ID = (".data", ".dump", ".xyz", ".data.gz", ".dump.gz", ".xyz.gz")
LAMMPS_LIKE = (".data", ".dump", ".data.gz", ".dump.gz")


def order_of(glass: Glass, ending: str) -> np.ndarray:
    return np.argsort(glass.ids) if ending in BY_ID else np.arange(len(glass))


def assert_same_lattice(cell: np.ndarray, other: np.ndarray) -> None:
    # 1e-14 times a dozen: rounding of the tilt where it is reduced.
    turns = np.linalg.solve(cell, other)
    np.testing.assert_allclose(turns, np.round(turns), atol=1e-13)
    assert abs(np.linalg.det(turns)) == pytest.approx(1.0, abs=1e-13)


@pytest.mark.parametrize("strain", [0.0, 0.3, 0.7, -1.2])
@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("model", ["lj", "poly"])
@pytest.mark.parametrize("ending", ENDINGS)
def test_round_trip_keeps_every_bit(tmp_path: Path, ending: str, model: str, dimension: int, strain: float) -> None:
    glass = make_glass(model, dimension, strain)
    files.write(glass, tmp_path / f"glass{ending}")
    back = files.read(tmp_path / f"glass{ending}")
    order = order_of(glass, ending)
    np.testing.assert_array_equal(back.positions, glass.positions[order])
    np.testing.assert_array_equal(back.ids, glass.ids[order])
    np.testing.assert_array_equal(back.diameters, glass.diameters[order])
    assert (back.dimension, back.strain, back.model) == (dimension, strain, Model(model))
    if glass.species is not None:
        np.testing.assert_array_equal(back.species, glass.species[order])
    np.testing.assert_array_equal(back.box.origin, glass.box.origin)
    if ending in LAMMPS_LIKE and abs(strain) > 0.5:
        # LAMMPS' tilt is at most half a side.
        assert abs(back.cell[0, 1]) <= back.cell[0, 0] / 2
        assert_same_lattice(back.cell, glass.cell)
    else:
        np.testing.assert_array_equal(back.cell, glass.cell)
    assert back.provenance["seed"] == [1, 2]
    assert back.provenance["protocol"] == glass.provenance["protocol"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_file_is_the_same_after_a_round_trip(tmp_path: Path, ending: str) -> None:
    files.write(make_glass("poly", 2, 0.3), tmp_path / f"a{ending}")
    files.write(files.read(tmp_path / f"a{ending}"), tmp_path / f"b{ending}")
    files.write(files.read(tmp_path / f"b{ending}"), tmp_path / f"c{ending}")
    assert (tmp_path / f"b{ending}").read_bytes() == (tmp_path / f"c{ending}").read_bytes()


@pytest.mark.parametrize("ending", [".xyz", ".gsd", ".h5", ".dump"])
def test_parameters_of_a_model_and_a_glass_without_one(tmp_path: Path, ending: str) -> None:
    rng = np.random.default_rng(3)
    for model in (Model("inverse_power", {"exponent": 12, "cutoff": 1.5}), None):
        glass = Glass(rng.random((20, 2)), 1.0, model, diameters=0.1 + rng.random(20), species=np.arange(20) % 3)
        files.write(glass, tmp_path / f"glass{ending}")
        back = files.read(tmp_path / f"glass{ending}")
        assert back.model == model
        np.testing.assert_array_equal(back.diameters, glass.diameters)
        np.testing.assert_array_equal(back.species, glass.species)


@pytest.mark.parametrize("ending", [".xyz", ".h5"])
def test_any_cell_goes_through_extended_xyz_and_hdf5(tmp_path: Path, ending: str) -> None:
    cell = np.array([[3.0, -0.4, 0.1], [0.7, 4.0, 0.3], [-0.2, 0.5, 5.0]])
    glass = Glass(np.random.default_rng(1).random((9, 3)), cell, diameters=np.ones(9), strain=0.25)
    files.write(glass, tmp_path / f"glass{ending}")
    np.testing.assert_array_equal(files.read(tmp_path / f"glass{ending}").cell, cell)


@pytest.mark.parametrize("ending", [".data", ".dump", ".gsd"])
def test_a_cell_that_lammps_cannot_have_is_refused(tmp_path: Path, ending: str) -> None:
    glass = Glass(np.zeros((1, 2)), np.array([[3.0, 0.0], [0.5, 3.0]]), diameters=[1.0])
    with pytest.raises(FileError, match="extended XYZ or HDF5"):
        files.write(glass, tmp_path / f"glass{ending}")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("ending", [".dump", ".xyz", ".gsd", ".h5", ".xyz.gz"])
def test_trajectories(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"glass{ending}"
    glasses = [make_glass("lj", 2, strain) for strain in (0.0, 0.1, 0.2, 0.3)]
    files.write(iter(glasses[:2]), path)
    files.write(glasses[2], path, append=True)
    files.write(glasses[3], path, append=True)
    assert files.count_frames(path) == 4
    assert [glass.strain for glass in files.read_frames(path)] == [0.0, 0.1, 0.2, 0.3]
    assert [files.read(path, frame=frame).strain for frame in (0, 1, -1, -4)] == [0.0, 0.1, 0.3, 0.0]
    assert files.read(path).strain == 0.3
    for frame in (4, -5, 1000):
        with pytest.raises(FileError, match=f"4 frames; there is no frame {frame}"):
            files.read(path, frame=frame)


def test_append_makes_a_file_and_refuses_another_format(tmp_path: Path) -> None:
    glass = make_glass("poly", 2, 0.0)
    files.write(glass, tmp_path / "a.xyz", append=True)
    assert files.count_frames(tmp_path / "a.xyz") == 1
    with pytest.raises(FileError, match=r"cannot append hdf5 to .*a.xyz, which is extxyz"):
        files.write(glass, tmp_path / "a.xyz", append=True, format="hdf5")
    files.write(glass, tmp_path / "a.data")
    with pytest.raises(FileError, match="holds one configuration"):
        files.write(glass, tmp_path / "a.data", append=True)


def test_arguments_override_the_file(tmp_path: Path) -> None:
    glass = make_glass("poly", 2, 0.3)
    files.write(glass, tmp_path / "glass.h5")
    other = files.read(tmp_path / "glass.h5", "harmonic", strain=0.05, diameters=1.5)
    assert other.strain == 0.05
    assert other.model == Model("harmonic")
    np.testing.assert_array_equal(other.diameters, np.full(len(glass), 1.5))
    files.write(glass, tmp_path / "glass.dump")
    assert files.read(tmp_path / "glass.dump", dimension=3).dimension == 3


def test_standard_streams_pipe_text(tmp_path: Path) -> None:
    # A process of its own: its standard input and output are pipes.
    glass = make_glass("lj", 2, 0.3)
    files.write(glass, tmp_path / "glass.data")
    program = "from glassplast import files; files.write(files.read('-').sheared(0.4), '-')"
    with (tmp_path / "glass.data").open("rb") as stream:
        piped = subprocess.run([sys.executable, "-c", program], stdin=stream, capture_output=True, check=True)
    (tmp_path / "out.xyz").write_bytes(piped.stdout)
    back = files.read(tmp_path / "out.xyz")
    assert back.strain == 0.4
    order = np.argsort(glass.ids)
    # Two shears differ from one by rounding.
    np.testing.assert_allclose(back.positions, glass.sheared(0.4).positions[order], rtol=1e-15, atol=1e-14)


def test_binary_is_not_read_from_a_pipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for ending in (".h5", ".gsd"):
        files.write(make_glass("lj", 2, 0.0), tmp_path / f"glass{ending}")
        data = (tmp_path / f"glass{ending}").read_bytes()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        with pytest.raises(FileError, match="standard input; a text format can"):
            files.read("-")
        with pytest.raises(FileError, match="standard output; a text format can"):
            files.write(make_glass("lj", 2, 0.0), "-", format={".h5": "hdf5", ".gsd": "gsd"}[ending])


# --- what others see -------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["lj", "poly"])
@pytest.mark.parametrize("dimension", [2, 3])
def test_ase_reads_our_extended_xyz(tmp_path: Path, model: str, dimension: int) -> None:
    glass = make_glass(model, dimension, 0.3)
    files.write(glass, tmp_path / "glass.xyz")
    atoms = ase.io.read(tmp_path / "glass.xyz")
    np.testing.assert_array_equal(atoms.positions[:, :dimension], glass.positions)
    np.testing.assert_array_equal(atoms.cell[:dimension, :dimension].T, glass.cell)
    np.testing.assert_array_equal(atoms.arrays["id"], glass.ids)
    assert atoms.pbc.tolist() == [True, True, dimension == 3]
    assert atoms.info["strain"] == 0.3
    assert atoms.info["provenance"] == {**glass.provenance}
    if model == "poly":
        np.testing.assert_array_equal(atoms.arrays["diameter"], glass.diameters)
    else:
        # Hydrogen and helium stand for types 1 and 2.
        np.testing.assert_array_equal(atoms.numbers, glass.species + 1)


def test_what_ase_writes_as_extended_xyz(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    cell = np.array([[5.0, 0, 0], [1.5, 6.0, 0], [0.5, -1.0, 7.0]])
    atoms = ase.Atoms("H7He5", positions=rng.random((12, 3)) * 5, cell=cell, pbc=True)
    atoms.info["comment"] = 'spaces, = and "quotes"'
    atoms.info["table"] = {"nested": [1, 2]}
    atoms.new_array("radius", 0.5 + rng.random(12))
    ase.io.write(tmp_path / "ase.xyz", [atoms, atoms], format="extxyz")
    glass = files.read(tmp_path / "ase.xyz", "poly", frame=0)
    # ASE writes 8 decimals.
    np.testing.assert_allclose(glass.positions, atoms.positions, atol=5.1e-9)
    np.testing.assert_array_equal(glass.cell, cell.T)
    np.testing.assert_allclose(glass.diameters, 2 * atoms.arrays["radius"], atol=1.1e-8)
    assert glass.species.tolist() == [0] * 7 + [1] * 5


@pytest.mark.parametrize("dimension", [2, 3])
def test_ase_reads_our_lammps_files(tmp_path: Path, dimension: int) -> None:
    glass = make_glass("lj", dimension, 0.3)
    order = np.argsort(glass.ids)
    files.write(glass, tmp_path / "glass.data")
    files.write([glass, glass.sheared(0.4).wrapped()], tmp_path / "glass.dump")
    data = ase.io.read(tmp_path / "glass.data", format="lammps-data", sort_by_id=True)
    dump = ase.io.read(tmp_path / "glass.dump", format="lammps-dump-text", index=0)
    for atoms in (data, dump):
        # ASE converts units and rotates, with a few roundings.
        close = {"rtol": 0.0, "atol": 1e-14}
        np.testing.assert_allclose(atoms.positions[:, :dimension], glass.positions[order], **close)
        np.testing.assert_allclose(atoms.cell[:dimension, :dimension].T, glass.cell, **close)
        assert (atoms.arrays["type"] == glass.species[order] + 1).all()
    # Of a data file ASE forgets the origin.
    np.testing.assert_allclose(dump.get_celldisp().ravel()[:dimension], glass.box.origin, **close)


@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("strain", [0.3, -1.2])
def test_gsd_reads_our_files_as_hoomd_would(tmp_path: Path, dimension: int, strain: float) -> None:
    glass = make_glass("poly", dimension, strain)
    files.write(glass, tmp_path / "glass.gsd")
    with gsd.hoomd.open(tmp_path / "glass.gsd", "r") as trajectory:
        (frame,) = trajectory
    lx, ly, lz, xy, xz, yz = frame.configuration.box.astype(float)
    assert frame.configuration.dimensions == dimension
    assert (lz == 0) == (dimension == 2)
    cell = np.array([[lx, xy * ly, xz * lz], [0, ly, yz * lz], [0, 0, lz]])[:dimension, :dimension]
    positions = frame.particles.position[:, :dimension].astype(float)
    fractions = np.linalg.solve(cell, positions.T)
    # HOOMD's boxes have their middle at 0; float32 has 7 digits.
    assert np.abs(fractions).max() <= 0.5 + 1e-6
    centre = glass.box.origin + cell.sum(axis=1) / 2
    unwrapped = positions + frame.particles.image[:, :dimension] @ cell.T + centre
    np.testing.assert_allclose(unwrapped, glass.positions, atol=2e-5)
    np.testing.assert_allclose(frame.particles.diameter, glass.diameters, rtol=1e-7)


def test_gsd_of_others_is_float32_and_says_so(tmp_path: Path) -> None:
    frame = gsd.hoomd.Frame()
    frame.configuration.box = [6.0, 5.0, 0.0, 0.5, 0.0, 0.0]
    frame.configuration.dimensions = 2
    frame.configuration.step = 70
    frame.particles.N = 3
    frame.particles.types = ["B", "A"]
    frame.particles.typeid = [1, 0, 1]
    frame.particles.position = [[0, 0, 0], [-2.1, 1.3, 0], [1.7, 2.2, 0]]
    frame.particles.image = [[0, 0, 0], [1, 0, 0], [0, -1, 0]]
    frame.particles.diameter = [0.8, 1.0, 1.2]
    with gsd.hoomd.open(tmp_path / "other.gsd", "w") as trajectory:
        trajectory.append(frame)
    with pytest.warns(files.PrecisionWarning, match=r"float32.*minimize before use"):
        glass = files.read(tmp_path / "other.gsd", "poly")
    assert glass.provenance["file"]["precision"] == "7 significant digits (float32)"
    assert glass.provenance["file"]["step"] == 70
    assert glass.species.tolist() == [0, 1, 0]
    np.testing.assert_array_equal(glass.cell, [[6.0, 2.5], [0.0, 5.0]])
    np.testing.assert_array_equal(glass.positions, np.float32([[0, 0], [-2.1, 1.3], [1.7, 2.2]]))
    np.testing.assert_array_equal(glass.box.origin, [-4.25, -2.5])
    with pytest.warns(files.PrecisionWarning):
        across = files.read(tmp_path / "other.gsd", "poly", unwrap=True)
    np.testing.assert_allclose(across.positions - glass.positions, [[0, 0], [6, 0], [-2.5, -5]], atol=1e-15)


def test_exact_values_in_gsd_do_not_outlive_a_change(tmp_path: Path) -> None:
    glass = make_glass("lj", 2, 0.3)
    files.write(glass, tmp_path / "ours.gsd")
    with gsd.hoomd.open(tmp_path / "ours.gsd", "r") as trajectory:
        (frame,) = trajectory
    moved = frame.particles.position.copy()
    moved[4, 0] += 0.01
    frame.particles.position = moved
    with gsd.hoomd.open(tmp_path / "moved.gsd", "w") as trajectory:
        trajectory.append(frame)
    with pytest.warns(files.PrecisionWarning, match="float32"):
        back = files.read(tmp_path / "moved.gsd")
    np.testing.assert_array_equal(back.positions, moved[:, :2])


def test_gsd_leaves_out_what_is_default(tmp_path: Path) -> None:
    positions = np.random.default_rng(4).random((5, 3))
    glasses = [Glass(positions, 1.0, "harmonic", diameters=sizes) for sizes in (np.ones(5), np.full(5, 0.5))]
    for frames in (glasses, glasses[::-1]):
        files.write(frames, tmp_path / "glass.gsd")
        for back, glass in zip(files.read_frames(tmp_path / "glass.gsd"), frames, strict=True):
            np.testing.assert_array_equal(back.diameters, glass.diameters)
            np.testing.assert_array_equal(back.cell, np.eye(3))


def test_double_precision_gsd_is_exact(tmp_path: Path) -> None:
    import gsd.fl

    positions = np.random.default_rng(5).random((8, 3)) - 0.5
    with gsd.fl.open(
        str(tmp_path / "double.gsd"), "w", application="test", schema="hoomd", schema_version=[1, 4]
    ) as file:
        file.write_chunk("configuration/box", np.array([1, 1, 1, 0, 0, 0], dtype=np.float32))
        file.write_chunk("particles/N", np.array([8], dtype=np.uint32))
        file.write_chunk("particles/position", positions)
        file.end_frame()
    glass = files.read(tmp_path / "double.gsd", diameters=0.1)
    np.testing.assert_array_equal(glass.positions, positions)


def test_hdf5_reads_without_glassplast_as_documented(tmp_path: Path) -> None:
    glass = make_glass("poly", 3, 0.3)
    files.write([glass, glass.sheared(0.4)], tmp_path / "glass.h5")
    with h5py.File(tmp_path / "glass.h5", "r") as file:
        assert file.attrs["schema"] == b"glassplast configurations"
        assert file.attrs["schema_version"] == 1
        assert list(file["frames"]) == ["000000", "000001"]
        group = file["frames/000000"]
        np.testing.assert_array_equal(group["positions"], glass.positions)
        np.testing.assert_array_equal(group["diameters"], glass.diameters)
        np.testing.assert_array_equal(group["ids"], glass.ids)
        np.testing.assert_array_equal(group.attrs["cell"], glass.cell)
        np.testing.assert_array_equal(group.attrs["origin"], glass.box.origin)
        assert (group.attrs["strain"], group.attrs["dimension"]) == (0.3, 3)
        assert group.attrs["model"] == b"poly"
        assert json.loads(group.attrs["parameters"]) == {"nonadditivity": 0.2, "energy": 1.0}
        assert json.loads(group.attrs["provenance"]) == {**glass.provenance}
        assert {group[name].dtype.str for name in ("positions", "diameters")} == {"<f8"}


def test_long_provenance_goes_into_hdf5_whole_and_into_a_title_abridged(tmp_path: Path) -> None:
    glass = make_glass("poly", 2, 0.3).replace(
        provenance={"parents": ["x" * 100] * 1000, "values": np.arange(3), "path": Path("a/b"), "last": 1}
    )
    for ending in (".h5", ".gsd", ".xyz"):
        files.write(glass, tmp_path / f"glass{ending}")
        back = files.read(tmp_path / f"glass{ending}").provenance
        assert back["parents"] == glass.provenance["parents"]
        assert (back["values"], back["path"]) == ([0, 1, 2], "a/b")
    for ending in (".data", ".dump"):
        files.write(glass, tmp_path / f"glass{ending}")
        lines = (tmp_path / f"glass{ending}").read_text().splitlines()
        assert max(map(len, lines)) < 255
        back = files.read(tmp_path / f"glass{ending}")
        assert back.provenance["abridged"] is True
        assert back.strain == 0.3


def test_compressed_files_are_gzip(tmp_path: Path) -> None:
    glass = make_glass("lj", 2, 0.0)
    files.write(glass, tmp_path / "a.xyz")
    files.write(glass, tmp_path / "a.xyz.gz")
    assert gzip.decompress((tmp_path / "a.xyz.gz").read_bytes()) == (tmp_path / "a.xyz").read_bytes()


@pytest.mark.parametrize("ending", [".xyz", ".xyz.gz", ".data", ".dump"])
def test_pipes_with_a_name_are_read(tmp_path, ending):
    """As process substitution makes them: they can be read only once, and not be rewound."""
    path, pipe = tmp_path / f"glass{ending}", tmp_path / "pipe"
    files.write(make_glass("lj", 2, 0.1), path)
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(path.read_bytes()), daemon=True)
    writer.start()
    known, glass = files.read(path, "lj"), files.read(pipe, "lj")
    writer.join(10.0)
    assert not writer.is_alive() and np.array_equal(glass.positions, known.positions) and glass.strain == known.strain


@pytest.mark.parametrize("ending", [".gsd", ".h5"])
def test_binary_formats_are_not_read_from_pipes(tmp_path, ending):
    path, pipe = tmp_path / f"glass{ending}", tmp_path / "pipe"
    files.write(make_glass("lj", 2, 0.1), path)
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(path.read_bytes()), daemon=True)
    writer.start()
    with pytest.raises(FileError, match=r"cannot be read from the pipe .*/pipe; a text format can"):
        files.read(pipe, "lj")
    writer.join(10.0)
