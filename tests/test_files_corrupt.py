"""Corrupt files: each raises an error of glassplast that names the place in the file."""

import gzip
import resource
import warnings
from collections.abc import Callable
from pathlib import Path

import gsd.fl
import h5py
import numpy as np
import pytest

from glassplast import files
from glassplast.errors import ArgumentError, FileError, GeometryError, GlassplastError, MissingExtraError, ModelError
from glassplast.files import text
from glassplast.glass import Glass
from sample_glasses import make_glass

DATA = """made by hand

3 atoms
2 atom types

0 5 xlo xhi
0 6 ylo yhi
-0.5 0.5 zlo zhi

Masses

1 1.0
2 1.0

Atoms # atomic

1 1 1.123456789 2.0 0.0
2 2 3.123456789 1.0 0.0
3 1 4.123456789 5.0 0.0

Velocities

1 0 0 0
"""
DUMP = """ITEM: TIMESTEP
100
ITEM: NUMBER OF ATOMS
2
ITEM: BOX BOUNDS pp pp pp
0 5
0 6
-0.5 0.5
ITEM: ATOMS id type x y
1 1 1.123456789 2.0
2 2 3.123456789 1.0
"""
XYZ = """2
Lattice="5 0 0 0 6 0 0 0 1" Properties=species:S:1:pos:R:3:diameter:R:1 pbc="T T F"
A 1.123456789 2.0 0.0 1.0
A 3.123456789 1.0 0.0 1.2
"""


def read_text(tmp_path: Path, text: str, model: str | None = "lj", **options: object) -> Glass:
    path = tmp_path / "some file"
    path.write_bytes(text.encode())
    return files.read(path, model, **options)


def test_the_texts_above_are_fine(tmp_path: Path) -> None:
    assert read_text(tmp_path, DATA).species.tolist() == [0, 1, 0]
    assert read_text(tmp_path, DUMP).positions.tolist() == [[1.123456789, 2.0], [3.123456789, 1.0]]
    assert read_text(tmp_path, XYZ, "poly").diameters.tolist() == [1.0, 1.2]
    assert read_text(tmp_path, DUMP.replace("\n", "\r\n")).positions[1, 1] == 1.0


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("3 atoms", "4 atoms", r"line 20: the header says 4 atoms, but there are 3"),
        ("3 atoms", "2 atoms", r"line 19: the header says 2 atoms, but there are more: '3 1 4.12"),
        ("3 atoms", "0 atoms", "holds no atoms"),
        ("3 atoms", "-3 atoms", "line 3: expected the number of atoms, not '-3 atoms'"),
        ("3 atoms", "99999999999999999 atoms", r"expected 99999999999999999 lines of atoms, found 7"),
        ("0 5 xlo xhi", "0 5.5.5 xlo xhi", "line 6: expected bounds before xlo xhi, finite numbers"),
        ("0 5 xlo xhi", "0 nan xlo xhi", "line 6: expected bounds before xlo xhi, finite numbers"),
        ("0 5 xlo xhi", "0 xlo xhi", "line 6: expected 2 numbers before xlo xhi"),
        ("0 5 xlo xhi", "bounds are 0 5", "line 6: expected a line of the header or a section"),
        ("0 5 xlo xhi", "0 1e999 xlo xhi", "line 6: expected bounds before xlo xhi, finite numbers"),
        ("0 5 xlo xhi\n", "", "the header has no box: no line '... ... xlo xhi'"),
        ("0 5 xlo xhi", "5 5 xlo xhi", "the box has no extent in x: it goes from 5 to 5"),
        ("0 5 xlo xhi", "5 0 xlo xhi", "the box has no extent in x: it goes from 5 to 0"),
        ("Atoms # atomic", "Atom # atomic", "ends without a section Atoms"),
        ("Atoms # atomic", "Atoms # atomci", r"line 17: unknown atom style 'atomci'; did you mean 'atomic'"),
        ("Atoms # atomic\n", "Atoms # atomic\n1 1 1 1 1", "line 16: expected a blank line after Atoms"),
        ("2 2 3.123456789", "2 2 3.1234x6789", "line 18: x must be a number, not '3.1234x6789'"),
        ("2 2 3.123456789", "2 2 3.123456789 7", r"line 18: expected 5 columns \(id type x y z\), found 6"),
        ("2 2 3.123456789", "2 2.5 3.123456789", "line 18: type must be an integer, not '2.5'"),
        ("2 2 3.123456789", "2 0 3.123456789", "line 18: types start at 1, not at 0"),
        ("2 2 3.123456789", "1 2 3.123456789", "line 18: id 1 is already that of line 17"),
        ("2 2 3.123456789", f"2 2 {'9' * 5000}e", "line 18: x must be a number, not '99999"),
        ("2 2 3.123456789", "99999999999999999999 2 3.1", "line 18: id must be an integer"),
    ],
)
def test_data(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises((FileError, GeometryError), match=message):
        read_text(tmp_path, DATA.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("ATOMS\n2", "ATOMS\n3", r"ends after line 11; expected 3 lines of atoms, found 2"),
        ("ATOMS\n2", "ATOMS\n1", r"line 11: expected 'ITEM: ...', not '2 2 3.123456789 1.0'"),
        ("ATOMS\n2", "ATOMS\ntwo", "line 4: expected the number of atoms, an integer, not 'two'"),
        ("ITEM: NUMBER OF ATOMS\n2\n", "", "line 7: expected the number of atoms before ITEM: ATOMS"),
        ("ITEM: BOX BOUNDS pp pp pp\n0 5\n0 6\n-0.5 0.5\n", "", "line 5: expected the box before ITEM: ATOMS"),
        ("0 5\n", "0 5 1\n", "line 6: expected 2 numbers for the box in x, not '0 5 1'"),
        ("pp pp pp", "ff pp pp", "not periodic in x; only periodic boxes"),
        ("pp pp pp", "pp fs pp", "not periodic in y; only periodic boxes"),
        ("id type x y", "id type vx vy", "no positions among the columns id type vx vy"),
        ("id type x y", "id type y z", "no positions among the columns id type y z"),
        ("id type x y", "id id x y", "line 9: a column is named twice"),
        ("id type x y", "id mol x y", "has no types, which model 'lj' needs; its columns are id mol x y"),
    ],
)
def test_dump(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(FileError, match=message):
        read_text(tmp_path, DUMP.replace(old, new))


def test_a_planar_dump_need_not_be_periodic_in_z(tmp_path: Path) -> None:
    assert read_text(tmp_path, DUMP.replace("pp pp pp", "pp pp ff")).dimension == 2


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2\n", "3\n", r"ends after line 4; expected 3 lines of particles, found 2"),
        ("2\n", "1\n", r"line 4: expected the number of particles, not 'A 3.123"),
        ("Lattice", "Latice", r"line 2: there is no Lattice=...: XYZ without a box cannot be read"),
        ("5 0 0 0 6 0 0 0 1", "5 0 0 0 6 0 0 0", "line 2: expected 9 numbers in Lattice, found 8"),
        ("5 0 0 0 6 0 0 0 1", "5 0 0 0 nan 0 0 0 1", "line 2: expected Lattice=, finite numbers"),
        ("5 0 0 0 6 0 0 0 1", "0 0 0 0 6 0 0 0 1", "some file: "),
        ("T T F", "F T F", "not periodic in x"),
        ("T T F", "T F", 'line 2: expected pbc="T T F"'),
        ("diameter:R:1", "diameter:R", "line 2: Properties come in threes"),
        ("diameter:R:1", "diameter:Q:1", r"line 2: expected Properties=name:S\|R\|I\|L:columns"),
        ("diameter:R:1", "size:R:1", "no diameters, which model 'poly' needs; its columns are species pos_x"),
        ("pos:R:3", "pos:R:4", "line 2: positions have 2 or 3 columns, not 4"),
        ("pos:R:3", "force:R:3", r"line 2: no positions \(pos:R:3\)"),
        ("diameter:R:1", "diameter:R:2", r"line 3: expected 6 columns .* found 5"),
        (' pbc="T T F"', ' pbc="T T F', r"line 2: expected key=value pairs, not 'pbc=\"T T F"),
        ("pbc", 'provenance="_JSON {" pbc', "provenance: the record of glassplast is not valid JSON"),
        ("pbc", 'provenance="_JSON [1]" pbc', "expected a JSON object"),
        ("pbc", "strain=much pbc", "line 2: expected strain=, finite numbers, not 'much'"),
        ("1.2\n", "-1.2\n", "diameters must be positive"),
    ],
)
def test_extended_xyz(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(GlassplastError, match=message):
        read_text(tmp_path, XYZ.replace(old, new, 1), "poly")


def test_errors_of_the_glass_name_the_file(tmp_path: Path) -> None:
    with pytest.raises(GeometryError, match=r"some file: particle 1 has a position that is NaN"):
        read_text(tmp_path, DATA.replace("3.123456789", "nan"))
    with pytest.raises(ModelError, match=r"some file: particle 1 has species 4; model 'lj' knows 0 to 1"):
        read_text(tmp_path, DATA.replace("2 2 3.", "2 5 3."))
    with pytest.raises(FileError, match=r"no diameters, which a glass without a model needs; .* model='lj'"):
        read_text(tmp_path, DATA, None)
    with pytest.raises(ModelError, match="unknown model 'lk'"):
        read_text(tmp_path, DATA, "lk")
    with pytest.raises(GeometryError, match=r"some file: diameters must have shape \(3,\)"):
        read_text(tmp_path, DATA, "poly", diameters=[1.0, 2.0])


def test_dimension(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be read as 3D: it has no z"):
        read_text(tmp_path, DUMP, dimension=3)
    spatial = DATA.replace("1.0 0.0", "1.0 0.25")
    assert read_text(tmp_path, spatial).dimension == 3
    with pytest.raises(FileError, match="cannot be read as 2D: its particles differ in z"):
        read_text(tmp_path, spatial, dimension=2)
    with pytest.raises(ArgumentError, match="dimension must be 2 or 3, not 4"):
        read_text(tmp_path, DATA, dimension=4)


def test_species_named_otherwise_are_said(tmp_path: Path) -> None:
    text = XYZ.replace("A 1.1", "Zr 1.1").replace("A 3.1", "Cu 3.1")
    with pytest.warns(files.FileWarning, match="the species Cu, Zr are read as 0 to 1, in this order"):
        assert read_text(tmp_path, text, "lj").species.tolist() == [1, 0]
    for first, second, species in (("L", "S", [1, 0]), ("A", "B", [0, 1]), ("2", "1", [1, 0]), ("0", "1", [0, 1])):
        named = XYZ.replace("A 1.1", f"{first} 1.1").replace("A 3.1", f"{second} 3.1")
        assert read_text(tmp_path, named, "kob_andersen").species.tolist() == species


def test_few_digits_are_said(tmp_path: Path) -> None:
    with pytest.warns(files.PrecisionWarning, match="only 6 significant digits; minimize before use"):
        glass = read_text(tmp_path, DUMP.replace("123456789", "12345"))
    assert glass.provenance["file"]["precision"] == "6 significant digits"


def test_a_last_line_without_end_is_said(tmp_path: Path) -> None:
    with pytest.warns(files.FileWarning, match="ends without the end of a line; is it whole"):
        read_text(tmp_path, DUMP.removesuffix("\n"))


def test_a_truncated_trajectory_can_be_read_up_to_there(tmp_path: Path) -> None:
    text = DUMP + DUMP + DUMP[:-30]
    with pytest.raises(FileError, match="The frames before it are complete; frame=1 is the last of them"):
        read_text(tmp_path, text)
    assert len(read_text(tmp_path, text, frame=1)) == 2


def test_unknown_files(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is no file .*absent\.data"):
        files.read(tmp_path / "absent.data", "lj")
    with pytest.raises(FileError, match="is a directory"):
        files.read(tmp_path, "lj")
    with pytest.raises(FileError, match="is empty"):
        read_text(tmp_path, " \n")
    with pytest.raises(FileError, match="known formats, which are lammps-data, lammps-dump, extxyz, gsd, hdf5"):
        read_text(tmp_path, "what is this\n")
    with pytest.raises(FileError, match="unknown format 'lammps-dumb'; did you mean 'lammps-dump'"):
        read_text(tmp_path, DUMP, format="lammps-dumb")
    with pytest.raises(FileError, match=r"does not show the format; end it with \.data, .*\.h5"):
        files.write(make_glass("lj", 2, 0.0), tmp_path / "glass.txt")
    with pytest.raises(FileError, match="no configurations"):
        files.write([], tmp_path / "glass.h5")
    with pytest.raises(FileError, match="there is no directory"):
        files.write(make_glass("lj", 2, 0.0), tmp_path / "absent" / "glass.h5")


def test_ids_that_lammps_cannot_have(tmp_path: Path) -> None:
    glass = Glass(np.zeros((2, 2)), 9.0, "lj", species=[0, 1], ids=[0, 1])
    for ending in (".data", ".dump"):
        with pytest.raises(FileError, match="ids in LAMMPS files start at 1, not at 0"):
            files.write(glass, tmp_path / f"glass{ending}")


def test_hdf5_of_others(tmp_path: Path) -> None:
    path = tmp_path / "glass.h5"
    with h5py.File(path, "w") as file:
        file["coordinates"] = np.zeros(3)
    with pytest.raises(FileError, match=r"no glassplast configurations: .* the groups and datasets coordinates"):
        files.read(path, "lj")
    files.write(make_glass("lj", 2, 0.0), path)
    with h5py.File(path, "r+") as file:
        file.attrs["schema_version"] = 2
    with pytest.raises(FileError, match="has version 2 of its schema, and this glassplast reads none after version 1"):
        files.read(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda group: group.__delitem__("positions"), "expected a dataset positions"),
        (lambda group: group.__delitem__("species"), "has no types, which model 'lj' needs"),
        (lambda group: group.attrs.__delitem__("cell"), "frames/000000 is corrupt"),
        (lambda group: group.attrs.__setitem__("model", "ljj"), "records a model that is not known here"),
        (lambda group: group.attrs.__setitem__("provenance", "{"), "is not valid JSON"),
        (lambda group: group.attrs.__setitem__("strain", np.nan), "the strain must be finite"),
        (lambda group: (group.__delitem__("ids"), group.__setitem__("ids", [1, 2])), "/ids: expected one entry"),
        (
            lambda group: (group.__delitem__("ids"), group.create_dataset("ids", (56,), data=np.ones(56, int))),
            "ids must name each particle once",
        ),
        (
            lambda group: (
                group.__delitem__("positions"),
                group.create_dataset("positions", (10**12, 2), "f8", chunks=(10**3, 2)),
                [group.__delitem__(name) for name in ("ids", "species", "diameters")],
            ),
            r"positions: \(1000000000000, 2\) is more than a file",
        ),
    ],
)
def test_hdf5_lacking_something(tmp_path: Path, change: Callable[[h5py.Group], None], message: str) -> None:
    path = tmp_path / "glass.h5"
    files.write(make_glass("lj", 2, 0.0), path)
    with h5py.File(path, "r+") as file:
        change(file["frames/000000"])
    with pytest.raises(GlassplastError, match=message):
        files.read(path)


def test_hdf5_of_single_precision_says_so(tmp_path: Path) -> None:
    path = tmp_path / "glass.h5"
    files.write(make_glass("lj", 2, 0.0), path)
    with h5py.File(path, "r+") as file:
        group = file["frames/000000"]
        values = group["positions"][()].astype(np.float32)
        del group["positions"]
        group["positions"] = values
    with pytest.warns(files.PrecisionWarning, match="float32"):
        files.read(path)


def test_gsd_without_particles_or_of_another_schema(tmp_path: Path) -> None:
    for name, schema in (("empty", "hoomd"), ("other", "else")):
        with gsd.fl.open(str(tmp_path / f"{name}.gsd"), "w", "test", schema, [1, 4]) as file:
            file.write_chunk("configuration/step", np.array([1], dtype=np.uint64))
            file.end_frame()
    with pytest.raises(FileError, match="a frame without particles or without positions"):
        files.read(tmp_path / "empty.gsd", "lj")
    with pytest.raises(FileError, match="schema 'else'; expected 'hoomd'"):
        files.read(tmp_path / "other.gsd", "lj")


def test_without_gsd_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files.write(make_glass("lj", 2, 0.0), tmp_path / "glass.gsd")
    for module in ("gsd", "gsd.fl", "gsd.hoomd"):
        monkeypatch.setitem(__import__("sys").modules, module, None)
    with pytest.raises(MissingExtraError, match=r"pip install 'glassplast\[files\]'"):
        files.read(tmp_path / "glass.gsd")
    with pytest.raises(MissingExtraError, match=r"pip install 'glassplast\[files\]'"):
        files.write(make_glass("lj", 2, 0.0), tmp_path / "glass.gsd")
    # Commands ask before they compute what goes into such a file.
    with pytest.raises(MissingExtraError, match=r"pip install 'glassplast\[files\]'"):
        files.named_format(tmp_path / "glass.gsd")


@pytest.mark.parametrize("ending", [".data", ".dump", ".xyz", ".gsd", ".h5", ".xyz.gz"])
def test_a_full_disk_leaves_the_old_file(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"glass{ending}"
    files.write(make_glass("lj", 2, 0.1), path)
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    # A limit on the size of files is met like the end of a disk.
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, limits[1]))
    try:
        with pytest.raises(FileError, match=r"cannot write .*; the file that was there before is unchanged"):
            files.write(make_glass("lj", 2, 0.2), path)
        with pytest.raises(FileError, match="cannot write"):
            files.write(make_glass("lj", 2, 0.2), tmp_path / f"new{ending}")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    assert files.read(path).strain == 0.1


def test_links_and_permissions_stay(tmp_path: Path) -> None:
    glass = make_glass("lj", 2, 0.1)
    (tmp_path / "store").mkdir()
    files.write(glass, tmp_path / "store" / "glass.h5")
    (tmp_path / "store" / "glass.h5").chmod(0o640)
    (tmp_path / "link.h5").symlink_to("store/glass.h5")
    files.write(glass.sheared(0.2), tmp_path / "link.h5")
    assert (tmp_path / "link.h5").is_symlink()
    assert files.read(tmp_path / "store" / "glass.h5").strain == 0.2
    assert (tmp_path / "store" / "glass.h5").stat().st_mode & 0o777 == 0o640


# --- chance ---------------------------------------------------------------------------------------------------


def outcome(path: Path) -> str:
    """What reading does; anything but a glass or one of our errors is a failure of the test."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            glass = files.read(path)
        except (FileError, GeometryError, ModelError) as error:
            message = str(error)
        else:
            assert np.isfinite(glass.positions).all()
            return "glass"
    assert path.name in message
    return "error"


@pytest.mark.parametrize("ending", [".data", ".dump", ".xyz", ".gsd", ".h5", ".xyz.gz"])
def test_truncated_anywhere(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"whole{ending}"
    files.write(make_glass("poly", 2, 0.3), path)
    whole = path.read_bytes()
    cut = tmp_path / f"cut{ending}"
    rng = np.random.default_rng(11)
    sizes = {*range(0, min(len(whole), 60)), *rng.integers(0, len(whole) - 3, 150).tolist()}
    outcomes = []
    for size in sizes:
        cut.write_bytes(whole[:size])
        outcomes.append(outcome(cut))
    # Only the last characters of the last number can be missed, and then a warning says so.
    assert outcomes.count("glass") <= 3


@pytest.mark.parametrize("ending", [".data", ".dump", ".xyz", ".gsd", ".h5", ".xyz.gz"])
def test_mutated_anywhere(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"whole{ending}"
    files.write(make_glass("poly", 2, 0.3), path)
    whole = path.read_bytes()
    rng = np.random.default_rng(12)
    outcomes = []
    for _ in range(300):
        damaged = bytearray(whole)
        # The first part of a file says most; half of the damage goes there.
        end = len(whole) if rng.random() < 0.5 else min(400, len(whole))
        for place in rng.integers(0, end, rng.integers(1, 4)):
            damaged[place] = rng.integers(0, 256)
        (tmp_path / f"damaged{ending}").write_bytes(damaged)
        outcomes.append(outcome(tmp_path / f"damaged{ending}"))
    assert outcomes.count("error") > 30
    if ending in (".h5", ".xyz.gz"):
        # Checksums notice a change of what counts.
        assert outcomes.count("error") > 60


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_a_line_without_end_is_refused_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str) -> None:
    monkeypatch.setattr(text, "LONGEST_LINE", 10_000)
    path = tmp_path / f"glass.xyz{ending}"
    content = b"2\nLattice=" + b"1" * 10**7
    path.write_bytes(gzip.compress(content) if ending else content)
    with pytest.raises(FileError, match=r"glass\.xyz.*, line 2: a line of 10000 characters or more"):
        files.read(path, "lj")
    files.write(make_glass("lj", 2, 0.0), path)
    assert len(files.read(path)) == 56
