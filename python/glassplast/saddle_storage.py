"""Catalogues of saddle points on disk, complete or not: one HDF5 file, replaced as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from glassplast.errors import FileError
from glassplast.files.frame import json_mapping, json_text
from glassplast.files.hdf5_items import opened, replace_file, require_schema, set_attributes, text, write_dataset
from glassplast.saddles import CENTRE_COLUMNS, SADDLE_COLUMNS, SaddleCatalogue

SCHEMA, SCHEMA_VERSION = "glassplast saddle points", 1

_DESCRIPTIONS = {
    "centres": "particles around which was searched, (C,)",
    **CENTRE_COLUMNS,
    "centre": "particle around which each saddle was found, (S,)",
    "stress_difference": "sigma(saddle) - sigma(minimum), (S, d, d)",
    **SADDLE_COLUMNS,
}


def write_catalogue(path: Path, catalogue: SaddleCatalogue) -> None:
    """Replace the file by a catalogue."""

    def fill(file: Any) -> None:
        set_attributes(file, about=json_text(catalogue.about), volume=catalogue.volume)
        for name, description in _DESCRIPTIONS.items():
            write_dataset(file, name, getattr(catalogue, name), description)
        if catalogue.displacements is not None:
            write_dataset(file, "displacements", catalogue.displacements, "saddle - minimum, (S, N, d)")

    replace_file(path, SCHEMA, SCHEMA_VERSION, fill)


def read_catalogue(path: Path) -> SaddleCatalogue:
    """The catalogue of a file."""
    with opened(path, SCHEMA) as file:
        require_schema(file, path, SCHEMA, SCHEMA_VERSION)
        arrays = {name: file[name][()] for name in _DESCRIPTIONS}
        arrays["displacements"] = file["displacements"][()] if "displacements" in file else None
        about = json_mapping(text(file.attrs["about"]), path.name)
        return SaddleCatalogue(volume=float(file.attrs["volume"]), about=about, **arrays)


def adopted(path: Path, about: dict[str, Any], volume: float) -> SaddleCatalogue:
    """What a checkpoint holds.

    Raises
    ------
    FileError
        If it is of something else.
    """
    known = read_catalogue(path)
    if known.about != json_mapping(json_text(about), path.name) or known.volume != volume:
        raise FileError(f"{path} is of another glass or other options: choose another file, or ask for the same")
    return known
