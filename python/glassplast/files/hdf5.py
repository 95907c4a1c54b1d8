"""The HDF5 files of glassplast; docs/files.md describes their schema."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from glassplast.errors import FileError
from glassplast.files.frame import Frame, Pending, ReadOptions, metadata_of
from glassplast.files.hdf5_layer import (
    file_image,
    opened,
    read_array,
    require_schema,
    set_attributes,
    text,
    write_dataset,
)
from glassplast.files.json_text import json_mapping, json_text
from glassplast.files.particle_fields import Content, kind_of
from glassplast.files.text import Source
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.version import package_version

__all__ = ["NAME", "SCHEMA", "SCHEMA_VERSION", "pending", "save"]

NAME = "HDF5"
SCHEMA = "glassplast configurations"
SCHEMA_VERSION = 1


def pending(source: Source, options: ReadOptions) -> Iterator[Pending]:
    """Find the frames, each of which is read when it is asked for."""
    if source.path is None:
        raise FileError(f"HDF5 cannot be read from the {source.name}; a text format can")
    with opened(source.path, SCHEMA, source.name) as file:
        require_schema(file, source.path, SCHEMA, SCHEMA_VERSION)
        groups = sorted(file["frames"], key=int)
    for group in groups:
        yield partial(_frame, source.path, source.name, group)


def _frame(path: Path, name: str, key: str) -> Frame:
    where = f"{name}, /frames/{key}"
    size = path.stat().st_size
    with opened(path, "frame", where) as file:
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
            # A corrupt shape must not lead to a huge allocation.
            if dataset.nbytes > 1000 * size:
                raise FileError(f"{where}/{column}: {dataset.shape} is more than a file of {size} bytes holds")
        if dimension not in (2, 3) or count == 0:
            raise FileError(f"{where}/positions: expected the shape (N, 2) or (N, 3), not {(count, dimension)}")
        attributes = group.attrs
        cell = np.asarray(attributes["cell"], dtype=np.float64).reshape(dimension, dimension)
        origin = np.asarray(attributes["origin"], dtype=np.float64).reshape(dimension)
        single = found["positions"].dtype.itemsize < 8
        arrays = {column: read_array(dataset) for column, dataset in found.items()}
        metadata: dict[str, Any] = {"strain": float(attributes["strain"]), "dimension": dimension}
        for entry in ("parameters", "provenance"):
            if entry in attributes:
                metadata[entry] = json_mapping(text(attributes[entry]), f"{where}, attribute {entry}")
        metadata["model"] = text(attributes["model"]) if "model" in attributes else None
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
        read_fields=partial(_fields, path, name, key, count),
    )
    frame.record(metadata)
    return frame


def _fields(path: Path, name: str, key: str, count: int, dimension: int) -> dict[str, FloatArray]:
    where = f"{name}, /frames/{key}/fields"
    size = path.stat().st_size
    with opened(path, "fields", where) as file:
        datasets = dict(file["frames"][key].get("fields", {}))
        for column, dataset in datasets.items():
            if dataset.ndim not in (1, 2, 3) or dataset.shape[0] != count:
                raise FileError(
                    f"{where}/{column}: expected one entry for each of {count} particles, not {dataset.shape}"
                )
            # A corrupt shape must not ask for memory without end.
            if dataset.nbytes > 1000 * size:
                raise FileError(f"{where}/{column}: {dataset.shape} is more than a file of {size} bytes holds")
        return {column: np.asarray(read_array(dataset), dtype=np.float64) for column, dataset in datasets.items()}


def save(frames: Sequence[Content], path: Path, append: bool) -> None:
    """Write frames to a file, or append them.

    The file is made in memory, so that on a full disk a plain write fails, and not HDF5 in the middle of its work.
    """

    def fill(file: Any) -> None:
        if not append:
            set_attributes(file, schema=SCHEMA, schema_version=SCHEMA_VERSION, glassplast=package_version())
            file.create_group("frames")
        for number, frame in enumerate(frames, start=len(file["frames"])):
            _write(file["frames"].create_group(f"{number:06d}"), frame)

    path.write_bytes(file_image(fill, path.read_bytes() if append else b""))


_COLUMNS = {
    "positions": "coordinates, (N, d)",
    "ids": "unique numbers that identify the particles",
    "diameters": "diameters; for a model with species, the length s of the pair of equal species",
    "species": "species, from 0",
}


def _write(group: Any, frame: Content) -> None:
    glass, fields = frame
    for name, description in _COLUMNS.items():
        if getattr(glass, name) is not None:
            write_dataset(group, name, getattr(glass, name), description)
    set_attributes(group, cell=glass.cell, origin=np.asarray(glass.box.origin))
    for key, value in metadata_of(glass).items():
        set_attributes(group, **{key: json_text(value) if isinstance(value, dict) else value})
    if fields:
        stored = group.create_group("fields")
        for name, values in fields.items():
            write_dataset(stored, name, values, kind_of(values))
