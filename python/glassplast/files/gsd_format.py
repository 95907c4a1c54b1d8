"""GSD files of HOOMD-blue, read and written with the gsd package.

Their floats are usually float32. Files written here hold the float64 values as well, in chunks that other programs
skip. They are used only if they agree with the float32 values, which another program may have changed.
"""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassplast.errors import FileError, GlassplastError, MissingExtraError
from glassplast.files.frame import Frame, Pending, ReadOptions, metadata_of, types_of
from glassplast.files.json_text import json_mapping, json_text
from glassplast.files.lammps_box import reduced_cell
from glassplast.files.particle_fields import Content, flat, shaped
from glassplast.files.text import FileWarning, Source
from glassplast.foundation.arrays import FloatArray, IntegerArray
from glassplast.glass import Glass

__all__ = ["NAME", "pending", "save"]

NAME = "GSD"

_FIELDS = "log/particles/"
_EXACT = "log/particles/glassplast/"
_RECORD = "log/glassplast/"


@contextmanager
def _opened(path: Path, name: str) -> Iterator[Any]:
    try:
        import gsd.fl
    except ImportError as error:
        raise MissingExtraError("reading GSD files", "files") from error
    try:
        # This is the file layer; gsd.hoomd would trust any number of particles in a corrupt file.
        with gsd.fl.open(str(path), "r") as file:
            yield file
    except GlassplastError:
        raise
    except Exception as error:  # gsd raises exceptions of any kind for corrupt files.
        raise FileError(f"{name} is corrupt, truncated or no GSD file: {error}") from error


def pending(source: Source, options: ReadOptions) -> Iterator[Pending]:
    """Find the frames, each of which is read when it is asked for."""
    if source.path is None:
        raise FileError(f"GSD cannot be read from the {source.name}; a text format can")
    with _opened(source.path, source.name) as file:
        if file.schema != "hoomd":
            raise FileError(f"{source.name} is a GSD file with the schema {file.schema!r}; expected 'hoomd'")
        count = int(file.nframes)
    for index in range(count):
        yield partial(_frame, source.path, source.name, index, options)


class _Chunks:
    """The chunks of a frame; those that a frame lacks are taken from frame 0."""

    def __init__(self, file: Any, index: int) -> None:
        self._file, self._index = file, index

    def get(self, name: str) -> NDArray[Any] | None:
        for index in (self._index, 0):
            if self._file.chunk_exists(frame=index, name=name):
                return np.asarray(self._file.read_chunk(frame=index, name=name))
        return None

    def of_particles(self, name: str, count: int) -> NDArray[Any] | None:
        values = self.get(name)
        # If a frame has another number of particles than frame 0, the default holds instead of the value of frame 0.
        return values if values is not None and len(values) == count else None


def _frame(path: Path, name: str, index: int, options: ReadOptions) -> Frame:
    with _opened(path, f"{name}, frame {index}") as file:
        frame = _read(_Chunks(file, index), name, options)
    frame.read_fields = partial(_fields, path, name, index, len(frame.positions))
    return frame


def _fields(path: Path, name: str, index: int, count: int, dimension: int) -> dict[str, FloatArray]:
    found: dict[str, FloatArray] = {}
    with _opened(path, f"{name}, frame {index}") as file:
        chunks = _Chunks(file, index)
        for chunk in file.find_matching_chunk_names(_FIELDS):
            values = None if chunk.startswith(_EXACT) else chunks.of_particles(chunk, count)
            if values is not None:
                found[chunk.removeprefix(_FIELDS)] = shaped(values.astype(np.float64).reshape(count, -1), dimension)
    return found


def _read(chunks: _Chunks, name: str, options: ReadOptions) -> Frame:
    number = chunks.get("particles/N")
    box = chunks.get("configuration/box")
    count = 0 if number is None else int(number.ravel()[0])
    positions = chunks.of_particles("particles/position", count)
    if count == 0 or positions is None:
        raise FileError(f"{name}: a frame without particles or without positions")
    dimensions = chunks.get("configuration/dimensions")
    step = chunks.get("configuration/step")
    # The default of the schema is a unit box.
    lx, ly, lz, xy, xz, yz = (1.0, 1.0, 1.0, 0.0, 0.0, 0.0) if box is None else map(float, box.ravel())
    planar = int(dimensions[0]) == 2 if dimensions is not None else lz == 0
    if planar:
        lz, xz, yz = 1.0, 0.0, 0.0
    cell = np.array([[lx, xy * ly, xz * lz], [0.0, ly, yz * lz], [0.0, 0.0, lz]])
    columns = ["position", "typeid"]
    diameters = chunks.of_particles("particles/diameter", count)
    if diameters is not None:
        columns.append("diameter")
    single = positions.dtype.itemsize < 8
    placed = np.asarray(positions, dtype=np.float64).reshape(count, 3)
    images = chunks.of_particles("particles/image", count)
    if options.unwrap and images is not None:
        placed = placed + images.reshape(count, 3) @ cell.T
    frame = Frame(
        name,
        NAME,
        placed,
        cell,
        -cell.sum(axis=1) / 2,
        columns,
        species=_species(chunks, count),
        diameters=None if diameters is None else np.asarray(diameters, dtype=np.float64),
        precision="7 significant digits (float32)" if single else None,
        step=0 if step is None else int(step[0]),
    )
    record = chunks.get(_RECORD + "record")
    if record is not None:
        frame.record(json_mapping(record.tobytes(), name))
    frame.dimension = 2 if planar else 3
    _use_exact(chunks, frame, np.asarray(positions, dtype=np.float64).reshape(count, 3), cell)
    return frame


def _species(chunks: _Chunks, count: int) -> IntegerArray | list[str]:
    typeid = chunks.of_particles("particles/typeid", count)
    if typeid is None:
        return np.zeros(count, dtype=np.int64)
    types = chunks.get("particles/types")
    names = [] if types is None else [bytes(row.view(np.uint8)).rstrip(b"\0").decode() for row in types]
    if not names or int(typeid.max()) >= len(names) or chunks.get(_EXACT + "id") is not None:
        return typeid.astype(np.int64)
    return [names[number] for number in typeid.tolist()]


def _use_exact(chunks: _Chunks, frame: Frame, positions: FloatArray, cell: FloatArray) -> None:
    """Use the float64 values that glassplast wrote, unless the float32 values have been changed since."""
    count, dimension = len(positions), 2 if frame.dimension == 2 else 3
    exact = chunks.of_particles(_EXACT + "position", count)
    ids = chunks.of_particles(_EXACT + "id", count)
    own = {key: chunks.get(_RECORD + key) for key in ("cell", "origin")}
    if exact is None or ids is None or own["cell"] is None or own["origin"] is None:
        return
    diameters = chunks.of_particles(_EXACT + "diameter", count)
    known = chunks.get(_RECORD + "crc32")
    if known is not None and int(known.ravel()[0]) != _checksum(exact, diameters, ids, own["cell"], own["origin"]):
        warnings.warn(
            f"{frame.name}: the float64 values, ids and cell are not those that glassplast wrote (their checksum "
            "differs); what is read are the float32 values, numbered from 1. Is the file damaged?",
            FileWarning,
            stacklevel=2,
        )
        return
    frame.ids = ids.astype(np.int64)
    exact = exact.reshape(count, dimension)
    own_cell, own_origin = own["cell"].reshape(dimension, dimension), own["origin"].reshape(dimension)
    plane = cell[:dimension, :dimension]
    turns = np.linalg.solve(plane, own_cell)
    tolerance = 8 * float(np.finfo(np.float32).eps)
    # Both must describe the same lattice, and the same positions up to lattice vectors.
    if np.abs(turns - np.round(turns)).max() > tolerance or abs(abs(np.linalg.det(turns)) - 1) > tolerance:
        return
    shift = exact - own_origin - plane.sum(axis=1) / 2 - positions[:, :dimension]
    fractions = np.linalg.solve(plane, shift.T)
    if np.abs(fractions - np.round(fractions)).max() > tolerance * (1.0 + np.abs(fractions).max()):
        return
    frame.positions, frame.cell, frame.origin, frame.precision = exact, own_cell, own_origin, None
    # A missing chunk has the default of the schema, 1.
    rounded = np.ones(count) if frame.diameters is None else frame.diameters
    if diameters is not None and np.allclose(diameters, rounded, tolerance, 0.0):
        frame.diameters = diameters


def _checksum(*arrays: NDArray[Any] | None) -> int:
    """The CRC-32 of the values that only glassplast reads."""
    return zlib.crc32(b"".join(np.asarray(array).tobytes() for array in arrays if array is not None))


def save(frames: Sequence[Content], path: Path, append: bool) -> None:
    """Write frames to a file, or append them.

    Raises
    ------
    MissingExtraError
        If the gsd package is not installed.
    FileError
        If HOOMD-blue cannot represent a box, or the first frame of a file lacks a field that is appended.
    """
    try:
        import gsd.hoomd
    except ImportError as error:
        raise MissingExtraError("writing GSD files", "files") from error
    # A reader takes what a frame lacks from frame 0, and fails if frame 0 lacks it as well.
    unknown = {name: _unknown(values) for frame in frames for name, values in frame.fields.items()}
    with gsd.hoomd.open(str(path), "r+" if append else "w") as file:
        if append and len(file):
            unknown = _unknown_there(file[0], frames[0].glass.dimension, unknown)
        for glass, fields in frames:
            frame = gsd.hoomd.Frame()
            _fill(frame, glass, len(file))
            for name, row in unknown.items():
                columns = flat(fields[name], in_space=True) if name in fields else np.repeat(row, len(glass), axis=0)
                # HOOMD logs numbers without a second axis.
                logged = columns[:, 0] if row.size == 1 else columns
                frame.log[_FIELDS.removeprefix("log/") + name] = np.ascontiguousarray(logged)
            file.append(frame)


def _unknown(values: FloatArray) -> FloatArray:
    """The columns of a particle that has no such field, (1, components)."""
    return flat(np.full((1, *values.shape[1:]), np.nan), in_space=True)


def _unknown_there(first: Any, dimension: int, given: dict[str, FloatArray]) -> dict[str, FloatArray]:
    """The unknown value of each field in the first frame of a file, which must have all given fields."""
    prefix, exact = (name.removeprefix("log/") for name in (_FIELDS, _EXACT))
    there = {
        name.removeprefix(prefix): _unknown(shaped(values.reshape(len(values), -1), dimension))
        for name, values in first.log.items()
        if name.startswith(prefix) and not name.startswith(exact)
    }
    for name in given:
        if name not in there:
            raise FileError(f"the field {name!r} cannot be appended to a GSD file whose first frame lacks it")
    return there


def _fill(frame: Any, glass: Glass, step: int) -> None:
    dimension = glass.dimension
    cell = np.array([[float(value) for value in row] for row in reduced_cell(glass, NAME)])
    plane = cell[:dimension, :dimension]
    fractions = np.linalg.solve(plane, (glass.positions - glass.box.origin).T).T
    images = np.floor(fractions)
    positions = np.zeros((len(glass), 3), dtype=np.float32)
    positions[:, :dimension] = (fractions - images - 0.5) @ plane.T
    flags = np.zeros((len(glass), 3), dtype=np.int32)
    flags[:, :dimension] = images
    types = types_of(glass)
    lx, ly, lz = np.diag(cell).tolist()
    frame.configuration.step = step
    frame.configuration.dimensions = dimension
    # HOOMD-blue recognizes a 2D box by its height 0.
    frame.configuration.box = [
        lx,
        ly,
        lz if dimension == 3 else 0.0,
        cell[0, 1] / ly,
        cell[0, 2] / lz,
        cell[1, 2] / lz,
    ]
    frame.particles.N = len(glass)
    frame.particles.position = positions
    frame.particles.image = flags
    frame.particles.typeid = (types - 1).astype(np.uint32)
    frame.particles.types = _names(glass, int(types.max()))
    frame.particles.diameter = glass.diameters.astype(np.float32)
    exact = _EXACT.removeprefix("log/")
    record = _RECORD.removeprefix("log/")
    frame.log[exact + "position"] = np.ascontiguousarray(glass.positions)
    frame.log[exact + "diameter"] = np.ascontiguousarray(glass.diameters)
    frame.log[exact + "id"] = np.ascontiguousarray(glass.ids)
    frame.log[record + "cell"] = np.ascontiguousarray(glass.cell)
    frame.log[record + "origin"] = np.ascontiguousarray(glass.box.origin)
    logged = [frame.log[exact + name] for name in ("position", "diameter", "id")]
    checksum = _checksum(*logged, frame.log[record + "cell"], frame.log[record + "origin"])
    frame.log[record + "crc32"] = np.array([checksum], dtype=np.uint32)
    text = json_text(metadata_of(glass)).encode()
    frame.log[record + "record"] = np.frombuffer(text, dtype=np.uint8)


def _names(glass: Glass, count: int) -> list[str]:
    names = (glass.model.kind.species_names if glass.model is not None else ()) or ("A", "B")
    return [*names, *(f"type{number}" for number in range(len(names) + 1, count + 1))]
