"""glassplast's own HDF5 files; docs/files.md is their schema."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from glassplast.errors import FileError, GlassplastError
from glassplast.files.frame import Frame, Pending, ReadOptions, metadata_of
from glassplast.files.json_text import json_mapping, json_text
from glassplast.files.text import Source
from glassplast.foundation.version import package_version
from glassplast.glass import Glass

NAME = "HDF5"
SCHEMA = "glassplast configurations"
SCHEMA_VERSION = 1

# From 1.10 on, HDF5 has checksums in its metadata.
_VERSION = ("v110", "v110")


@contextmanager
def _opened(path: Path, name: str) -> Iterator[Any]:
    try:
        with h5py.File(path, "r") as file:
            yield file
    except GlassplastError:
        raise
    except Exception as error:  # h5py meets corrupt files with exceptions of any kind.
        raise FileError(f"{name} is corrupt, truncated or no HDF5 file: {error}") from error


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def pending(source: Source, options: ReadOptions) -> Iterator[Pending]:
    """The frames, each read when asked for."""
    if source.path is None:
        raise FileError("HDF5 cannot be read from the standard input; a text format can")
    with _opened(source.path, source.name) as file:
        if _text(file.attrs.get("schema", "")) != SCHEMA:
            raise FileError(
                f"{source.name} is HDF5, but holds no glassplast configurations: it has no attribute "
                f"schema={SCHEMA!r}, but the groups and datasets {', '.join(sorted(file)) or '(none)'}"
            )
        if int(file.attrs["schema_version"]) > SCHEMA_VERSION:
            raise FileError(
                f"{source.name} has version {file.attrs['schema_version']} of its schema, and this "
                f"glassplast knows {SCHEMA_VERSION}: update it"
            )
        groups = sorted(file["frames"], key=int)
    for group in groups:
        yield partial(_frame, source.path, source.name, group)


def _frame(path: Path, name: str, key: str) -> Frame:
    where = f"{name}, /frames/{key}"
    size = path.stat().st_size
    with _opened(path, where) as file:
        group = file["frames"][key]
        found = {column: group[column] for column in ("positions", "ids", "species", "diameters") if column in group}
        if "positions" not in found or found["positions"].ndim != 2:
            raise FileError(f"{where}: expected a dataset positions of shape (N, d)")
        count, dimension = found["positions"].shape
        for column, dataset in found.items():
            if dataset.shape != ((count, dimension) if column == "positions" else (count,)):
                raise FileError(
                    f"{where}/{column}: expected one entry for each of {count} particles, not {dataset.shape}"
                )
            # A corrupt shape must not ask for memory without end.
            if dataset.nbytes > 1000 * size:
                raise FileError(f"{where}/{column}: {dataset.shape} is more than a file of {size} bytes holds")
        if dimension not in (2, 3) or count == 0:
            raise FileError(f"{where}/positions: expected the shape (N, 2) or (N, 3), not {(count, dimension)}")
        attributes = group.attrs
        cell = np.asarray(attributes["cell"], dtype=np.float64).reshape(dimension, dimension)
        origin = np.asarray(attributes["origin"], dtype=np.float64).reshape(dimension)
        single = found["positions"].dtype.itemsize < 8
        arrays = {column: dataset[()] for column, dataset in found.items()}
        metadata: dict[str, Any] = {"strain": float(attributes["strain"]), "dimension": dimension}
        for entry in ("parameters", "provenance"):
            if entry in attributes:
                metadata[entry] = json_mapping(_text(attributes[entry]), f"{where}, attribute {entry}")
        metadata["model"] = _text(attributes["model"]) if "model" in attributes else None
    frame = Frame(
        name,
        NAME,
        np.asarray(arrays["positions"], dtype=np.float64),
        cell,
        origin,
        tuple(arrays),
        species=None if "species" not in arrays else np.asarray(arrays["species"], dtype=np.int64),
        diameters=arrays.get("diameters"),
        ids=arrays.get("ids"),
        precision="7 significant digits (float32)" if single else None,
    )
    frame.record(metadata)
    return frame


def save(glasses: Sequence[Glass], path: Path, append: bool) -> None:
    """Write or append to a file.

    It is made in memory, so that a full disk meets a plain write, and not HDF5 in the middle of its own.
    """
    memory = io.BytesIO(path.read_bytes() if append else b"")
    with h5py.File(memory, "r+" if append else "w", libver=_VERSION) as file:
        if not append:
            file.attrs["schema"] = np.bytes_(SCHEMA)
            file.attrs["schema_version"] = SCHEMA_VERSION
            file.attrs["glassplast"] = np.bytes_(package_version())
            file.create_group("frames")
        first = len(file["frames"])
        for number, glass in enumerate(glasses, start=first):
            _write(file["frames"].create_group(f"{number:06d}"), glass)
    path.write_bytes(memory.getbuffer())


def _write(group: Any, glass: Glass) -> None:
    columns: dict[str, Any] = {"positions": glass.positions, "ids": glass.ids, "diameters": glass.diameters}
    if glass.species is not None:
        columns["species"] = glass.species
    for column, values in columns.items():
        group.create_dataset(column, data=values, fletcher32=True)
    group.attrs["cell"] = glass.cell
    group.attrs["origin"] = glass.box.origin
    for key, value in metadata_of(glass).items():
        if isinstance(value, dict):
            value = json_text(value)
        # Fixed length: strings of variable length lie where no checksum watches them.
        group.attrs[key] = np.bytes_(value) if isinstance(value, str) else value
