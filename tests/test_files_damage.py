"""Chunks of zeros, which the checksum of HDF5 itself takes for whole, are noticed in all that is read."""

import shutil

import gsd.fl
import h5py
import numpy as np
import pytest

import glassplast as gp
from glassplast.errors import FileError
from samples import small_minimum


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The files of configurations and of results by a function that reads all of each."""
    folder = tmp_path_factory.mktemp("whole")
    start = small_minimum("lj", 144, seed=1)
    run = gp.shear(start, 0.1, max_events=2)
    fields = gp.indicators.compute(start, ["contacts", "vibrality"])
    gp.Results(start, run=run, fields=dict(fields)).save(folder / "results.h5")
    gp.write([start, run.events[0].after], folder / "frames.h5", fields=[fields, None])
    return folder, {
        "results.h5": lambda path: gp.Results.load(path),
        "frames.h5": lambda path: (list(gp.read_frames(path)), gp.files.read_fields(path, frame=0)),
    }


def zeroed(source, target):
    """Copies of a file, in each of which one chunk that held something is zero, with the name of its dataset."""
    with h5py.File(source) as file:
        chunks = []

        def visit(name, node):
            if isinstance(node, h5py.Dataset) and node.chunks and np.any(node[()].view(np.uint8)):
                chunks.extend((name, node.id.get_chunk_info(k)) for k in range(node.id.get_num_chunks()))

        file.visititems(visit)
    for name, chunk in chunks:
        shutil.copy(source, target)
        with target.open("r+b") as stream:
            stream.seek(chunk.byte_offset)
            stream.write(bytes(chunk.size))
        yield name


@pytest.mark.parametrize("kind", ["results.h5", "frames.h5"])
def test_no_chunk_of_zeros_is_read(written, tmp_path, kind):
    folder, read = written
    read[kind](folder / kind)
    names = set()
    for name in zeroed(folder / kind, tmp_path / kind):
        # HDF5 itself notices nothing.
        with h5py.File(tmp_path / kind) as file:
            file[name][()]
        # Scores follow from fields, and diameters from species.
        if not name.startswith("scores/") and name != "glass/diameters":
            with pytest.raises(
                FileError, match=f"{kind} is corrupt: /{name} does not hold the values that were written"
            ):
                read[kind](tmp_path / kind)
            names.add(name.rpartition("/")[2])
    assert names > {"positions", "ids"}


def test_a_state_is_checked_without_the_others(written, tmp_path):
    folder, _ = written
    path = tmp_path / "results.h5"
    for name in zeroed(folder / "results.h5", path):
        if name == "events/after_positions":
            before = gp.read(folder / "results.h5", state="before:2")
            assert np.array_equal(gp.read(path, state="before:2").positions, before.positions)
            with pytest.raises(FileError, match="after_positions does not hold"):
                gp.read(path, state="after:2")
            return
    pytest.fail("the file holds no states")


def test_files_without_checksums_of_values_stay_readable(written, tmp_path):
    folder, _ = written
    path = tmp_path / "results.h5"
    shutil.copy(folder / "results.h5", path)
    with h5py.File(path, "r+") as file:
        file.visititems(lambda _, node: node.attrs.pop("crc32", None) if isinstance(node, h5py.Dataset) else None)
    before = gp.Results.load(folder / "results.h5")
    assert np.array_equal(gp.Results.load(path).start.positions, before.start.positions)


def test_a_small_file_can_not_claim_many_values(written, tmp_path):
    """Values that nobody wrote take no room in HDF5: a file of some kB could ask for all memory."""
    folder, _ = written
    path = tmp_path / "results.h5"
    shutil.copy(folder / "results.h5", path)
    with h5py.File(path, "r+") as file:
        del file["glass/positions"]
        file["glass"].create_dataset("positions", shape=(200_000_000, 2), chunks=(1024, 2), dtype="f8")
    with pytest.raises(FileError, match="/glass/positions claims 3200000000 bytes, of which 0 are stored"):
        gp.Results.load(path)


def test_what_another_program_has_packed_is_read(written, tmp_path):
    folder, _ = written
    path = tmp_path / "results.h5"
    shutil.copy(folder / "results.h5", path)
    with h5py.File(path, "r+") as file:
        values, named = file["fields/contacts"][()], dict(file["fields/contacts"].attrs)
        del file["fields/contacts"]
        packed = file["fields"].create_dataset("contacts", data=values, compression="gzip")
        packed.attrs.update(named)
    assert np.array_equal(gp.Results.load(path).fields["contacts"], values)


def test_damage_of_what_only_glassplast_reads_in_gsd_is_told(tmp_path):
    """Ids, cell and float64 values, each in turn replaced by zeros."""
    glass, path = small_minimum("poly", 100, seed=1), tmp_path / "glass.gsd"
    gp.write(glass, path)
    with gsd.fl.open(str(path), "r") as file:
        chunks = {name: file.read_chunk(0, name) for name in file.find_matching_chunk_names("log/")}
    whole = path.read_bytes()
    names = [f"log/particles/glassplast/{name}" for name in ("position", "diameter", "id")]
    for name in [*names, "log/glassplast/cell", "log/glassplast/crc32"]:
        content = chunks[name].tobytes()
        assert whole.count(content) >= 1
        path.write_bytes(whole.replace(content, bytes(len(content))))
        told = pytest.warns(gp.files.FileWarning, match=r"glass\.gsd.*not those that glassplast wrote")
        with told, pytest.warns(gp.files.PrecisionWarning):
            back = gp.read(path)
        assert np.allclose(back.diameters, glass.diameters, rtol=1e-6)
        assert back.box.volume == pytest.approx(glass.box.volume, rel=1e-6)
    path.write_bytes(whole)
    assert np.array_equal(gp.read(path).positions, glass.positions)
