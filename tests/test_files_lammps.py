"""Files written by LAMMPS (tests/data/lammps_files/make.py), and files of glassplast read by LAMMPS."""

import json
from pathlib import Path

import numpy as np
import pytest

from glassplast import files
from glassplast.errors import FileError
from sample_glasses import make_glass

DATA = Path(__file__).parent / "data"
LAMMPS = DATA / "lammps_files"
TRUTH = json.loads((LAMMPS / "truth.json").read_text())
STYLES = ["atomic", "bond", "charge", "dipole", "full", "molecular", "sphere"]
# LAMMPS writes 15 to 17 digits of numbers below 30; the rest is rounding of unwrapped positions.
EXACT = {"rtol": 0.0, "atol": 3e-14}


def cell_of(truth: dict) -> np.ndarray:
    (x, y, z), (xy, xz, yz) = np.subtract(truth["high"], truth["low"]), truth["tilt"]
    return np.array([[x, xy, xz], [0, y, yz], [0, 0, z]])


def assert_is(glass: files.Glass, truth: dict, positions: str, **tolerance: float) -> None:
    d = glass.dimension
    assert glass.ids.tolist() == truth["ids"]
    assert (glass.species + 1).tolist() == truth["types"]
    np.testing.assert_allclose(glass.cell, cell_of(truth)[:d, :d], **EXACT)
    np.testing.assert_allclose(glass.box.origin, truth["low"][:d], **EXACT)
    np.testing.assert_allclose(glass.positions, np.array(truth[positions])[:, :d], **(tolerance or EXACT))


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("name", "dimension"), [("planar", 2), ("spatial", 3)])
def test_data_of_all_styles(name: str, dimension: int, style: str) -> None:
    path = LAMMPS / f"{name}_{style}.data"
    glass = files.read(path, "lj")
    assert glass.dimension == dimension
    assert_is(glass, TRUTH[name], "wrapped")
    assert_is(files.read(path, "lj", unwrap=True), TRUTH[name], "unwrapped")
    # The tilt is all that LAMMPS says of strain.
    assert glass.strain == pytest.approx(2.5 / 7.0, abs=1e-15)


def test_spheres_have_diameters() -> None:
    glass = files.read(LAMMPS / "planar_sphere.data", "poly")
    np.testing.assert_array_equal(glass.diameters, np.where(glass.species == 0, 0.75, 1.25))


@pytest.mark.parametrize("style", ["atomic", "charge", "molecular", "full", "sphere"])
def test_style_is_found_without_the_comment(tmp_path: Path, style: str) -> None:
    text = (LAMMPS / f"spatial_{style}.data").read_text().replace(f"Atoms # {style}", "Atoms")
    (tmp_path / "glass.data").write_text(text)
    assert_is(files.read(tmp_path / "glass.data", "lj"), TRUTH["spatial"], "wrapped")
    assert_is(files.read(tmp_path / "glass.data", "lj", atom_style=style), TRUTH["spatial"], "wrapped")


def test_a_style_that_cannot_be_known_is_asked_for(tmp_path: Path) -> None:
    header = "t\n\n2 atoms\n2 atom types\n0 5 xlo xhi\n0 5 ylo yhi\n\nAtoms\n\n"
    rows = "1 1 2 0.123456789 1.5 0\n2 2 1 3.0 4.25 0\n"
    path = tmp_path / "glass.data"
    path.write_text(header + rows)
    with pytest.raises(FileError, match=r"line 10: 6 columns .* it could be charge or molecular; pass atom_style="):
        files.read(path, "lj")
    assert files.read(path, "lj", atom_style="charge").species.tolist() == [0, 1]
    assert files.read(path, "lj", atom_style="molecular").species.tolist() == [1, 0]
    with pytest.raises(FileError, match="unknown atom style 'chrage'; did you mean 'charge'"):
        files.read(path, "lj", atom_style="chrage")


def test_hybrid_and_type_labels(tmp_path: Path) -> None:
    header = "t\n\n2 atoms\n2 atom types\n0 5 xlo xhi\n0 5 ylo yhi\n\nAtom Type Labels\n\n1 S\n2 L\n\n"
    path = tmp_path / "glass.data"
    path.write_text(header + "Atoms # hybrid sphere\n\n7 L 0.123456789 1.5 0 1.0 1.0\n2 S 3.0 4.25 0 1.0 1.0\n")
    glass = files.read(path, "lj")
    assert (glass.ids.tolist(), glass.species.tolist()) == ([2, 7], [0, 1])
    assert glass.positions.tolist() == [[3.0, 4.25], [0.123456789, 1.5]]


@pytest.mark.parametrize(("name", "dimension"), [("planar", 2), ("spatial", 3)])
def test_dumps_of_all_coordinates(name: str, dimension: int) -> None:
    truth = TRUTH[name]
    for kind in ("images", "scaled"):
        path = LAMMPS / f"{name}_{kind}.dump"
        assert_is(files.read(path, "lj"), truth, "wrapped")
        assert_is(files.read(path, "lj", unwrap=True), truth, "unwrapped")
    # LAMMPS computes xsu with an error of 5e-14 of the box.
    for kind, error in (("unwrapped", 3e-14), ("scaled_unwrapped", 1e-12)):
        path = LAMMPS / f"{name}_{kind}.dump"
        assert_is(files.read(path, "lj"), truth, "unwrapped", atol=error)
        assert_is(files.read(path, "lj", unwrap=True), truth, "unwrapped", atol=error)
        assert files.read(path, "lj").dimension == dimension


@pytest.mark.parametrize("name", ["planar", "spatial"])
def test_default_dump_has_few_digits(name: str) -> None:
    with pytest.warns(files.PrecisionWarning, match="6 significant digits; minimize before use"):
        glass = files.read(LAMMPS / f"{name}_atom.dump", "lj")
    assert glass.provenance["file"]["precision"] == "6 significant digits"
    # Six digits of fractions of a box 7 wide.
    assert_is(glass, TRUTH[name], "wrapped", atol=1e-5)
    with pytest.raises(FileError, match="cannot be unwrapped"):
        files.read(LAMMPS / f"{name}_atom.dump", "lj", unwrap=True)


def test_frames_of_a_trajectory() -> None:
    path = LAMMPS / "trajectory.dump"
    assert files.count_frames(path) == 4
    frames = list(files.read_frames(path, "lj", unwrap=True))
    assert [frame.provenance["file"]["step"] for frame in frames] == [0, 1, 2, 3]
    assert_is(frames[0], TRUTH["spatial"], "unwrapped")
    assert_is(frames[3], TRUTH["last"], "unwrapped")
    moved = frames[3].positions - frames[0].positions
    expected = np.where((frames[0].ids % 2 == 1)[:, None], [18.0, 0, 0], 0.0)
    np.testing.assert_allclose(moved, expected, atol=1e-13)


def test_general_triclinic_boxes() -> None:
    data, dump = files.read(LAMMPS / "general.data", "lj"), files.read(LAMMPS / "general.dump", "lj")
    restricted = files.read(LAMMPS / "general_restricted.data", "lj")
    np.testing.assert_allclose(data.cell, dump.cell, atol=1e-14)
    np.testing.assert_allclose(data.positions, dump.positions, atol=1e-14)
    assert data.cell[1, 0] != 0.0
    # LAMMPS rotated the box; fractions, lengths and angles stay (its own tolerance is 1e-14).
    np.testing.assert_allclose(data.cell.T @ data.cell, restricted.cell.T @ restricted.cell, atol=1e-13)
    shift = data.box.fractional(data.positions) - restricted.box.fractional(restricted.positions)
    np.testing.assert_allclose(shift, np.round(shift), atol=1e-13)


def test_lammps_finds_our_energy_in_our_file(tmp_path: Path) -> None:
    glass = make_glass("lj", 2, 0.3)
    files.write(glass, tmp_path / "glass.data")
    assert (tmp_path / "glass.data").read_text() == (LAMMPS / "ours_atomic.data").read_text()
    energy, _, _ = glass.potential_energy().evaluate(glass.positions)
    # Sums of 500 pairs.
    assert energy == pytest.approx(TRUTH["ours_atomic"]["energy"], rel=1e-13)


@pytest.mark.parametrize(
    ("name", "model", "dimension", "strain"),
    [
        ("ours_atomic.data", "lj", 2, 0.3),
        ("ours_sphere.data", "poly", 2, -1.2),
        ("ours_spatial.dump", "lj", 3, 0.7),
    ],
)
def test_lammps_read_our_file(tmp_path: Path, name: str, model: str, dimension: int, strain: float) -> None:
    glass = make_glass(model, dimension, strain)
    files.write(glass, tmp_path / name)
    assert (tmp_path / name).read_text() == (LAMMPS / name).read_text()
    truth = TRUTH[name.partition(".")[0]]
    order = np.argsort(glass.ids)
    assert glass.ids[order].tolist() == truth["ids"]
    # LAMMPS wraps what it reads: the same lattice, and positions up to its vectors.
    turns = np.linalg.solve(cell_of(truth)[:dimension, :dimension], glass.cell)
    np.testing.assert_allclose(turns, np.round(turns), atol=1e-13)
    shift = glass.box.fractional(glass.positions[order]) - glass.box.fractional(
        np.array(truth["wrapped"])[:, :dimension]
    )
    np.testing.assert_allclose(shift, np.round(shift), atol=1e-13)
    if "diameters" in truth:
        np.testing.assert_allclose(truth["diameters"], glass.diameters[order], rtol=1e-15)
        # Mass 1 is the unit.
        np.testing.assert_allclose(truth["masses"], 1.0, rtol=1e-14)


def test_samples() -> None:
    data, dump = files.read(DATA / "lj_gq_1024.data", "lj"), files.read(DATA / "lj_gq_1024.dump", "lj")
    np.testing.assert_array_equal(data.positions, dump.positions)
    assert (data.dimension, len(data), data.strain) == (2, 1024, 0.0)
    assert data.cell.tolist() == [[31.617440000000002, 0.0], [0.0, 31.617440000000002]]
    reference = json.loads((DATA / "lammps.json").read_text())["lj_gq_1024"]
    energy, _, stress = data.potential_energy().evaluate(data.positions)
    assert energy == pytest.approx(reference["energy"], rel=1e-12)
    assert stress[0, 1] == pytest.approx(reference["sigma_xy"], rel=1e-10)
    poly = files.read(DATA / "poly_t012_1024.xyz", "poly")
    assert (poly.dimension, len(poly), poly.cell.tolist()) == (2, 1024, [[32.0, 0.0], [0.0, 32.0]])
    assert poly.diameters[0] == 1.3029073177083439
