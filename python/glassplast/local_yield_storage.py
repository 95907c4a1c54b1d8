"""Maps of the local yield stress on disk, complete or not: one HDF5 file, replaced as a whole."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from glassplast.errors import FileError
from glassplast.files.frame import json_mapping, json_text
from glassplast.files.hdf5_items import opened, replace_file, require_schema, set_attributes, text, write_dataset
from glassplast.local_yield import COLUMNS, YieldMap

SCHEMA, SCHEMA_VERSION = "glassplast yield map", 1


def write_map(path: Path, result: YieldMap) -> None:
    """Replace the file by a map."""

    def fill(file: Any) -> None:
        set_attributes(file, about=json_text(result.about), radius=result.radius)
        write_dataset(file, "nodes", result.nodes, "centres of the disks, (M, 2)")
        write_dataset(file, "angles", result.angles, "directions of loading in degrees, (K,)")
        write_dataset(file, "prestress", result.prestress, "before anything moves, (M, 2, 2)")
        for name, description in COLUMNS.items():
            write_dataset(file, name, getattr(result, name), description)

    replace_file(path, SCHEMA, SCHEMA_VERSION, fill)


def read_map(path: Path) -> YieldMap:
    """The map of a file."""
    with opened(path, SCHEMA) as file:
        require_schema(file, path, SCHEMA, SCHEMA_VERSION)
        arrays = {name: file[name][()] for name in ("nodes", "angles", "prestress", *COLUMNS)}
        about = json_mapping(text(file.attrs["about"]), path.name)
        return YieldMap(radius=float(file.attrs["radius"]), about=about, **arrays)


def adopt(result: YieldMap, path: Path) -> None:
    """Take over what a checkpoint holds.

    Raises
    ------
    FileError
        If it is of something else.
    """
    known = read_map(path)
    same = known.about == json_mapping(json_text(result.about), path.name)
    if not (same and np.array_equal(known.nodes, result.nodes) and np.array_equal(known.angles, result.angles)):
        raise FileError(
            f"{path} is of another glass, other nodes, angles or options: choose another file, or ask for the same"
        )
    for field in fields(result):
        values = getattr(result, field.name)
        if isinstance(values, np.ndarray):
            values[:] = getattr(known, field.name)
