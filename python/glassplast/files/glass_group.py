"""A glass as a group of an HDF5 file."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassplast.files.hdf5_layer import read_array, set_attributes, text, write_dataset
from glassplast.files.json_text import json_mapping, json_text
from glassplast.glass import Glass, make_box
from glassplast.models import Model

__all__ = ["read_glass", "write_glass"]


def write_glass(group: Any, glass: Glass) -> None:
    """Write all properties of a glass."""
    write_dataset(group, "positions", glass.positions, "coordinates, (N, d)")
    write_dataset(group, "ids", glass.ids, "unique numbers that identify the particles")
    write_dataset(
        group,
        "diameters",
        glass.diameters,
        "diameters; for a model with species, the length s of the pair of equal species",
    )
    if glass.species is not None:
        write_dataset(group, "species", glass.species, "species, from 0")
    set_attributes(
        group,
        cell=glass.cell,
        origin=np.asarray(glass.box.origin),
        strain=glass.strain,
        model=glass.model.name if glass.model is not None else "",
        parameters=json_text(dict(glass.model.parameters) if glass.model is not None else {}),
        provenance=json_text(dict(glass.provenance)),
    )


def read_glass(group: Any, name: str) -> Glass:
    """Read a glass written by `write_glass`."""
    attributes = group.attrs
    kind = text(attributes["model"])
    model = Model(kind, json_mapping(text(attributes["parameters"]), name)) if kind else None
    by_species = model is not None and model.kind.describes == "species"
    return Glass(
        read_array(group["positions"]),
        make_box(np.asarray(attributes["cell"]), np.asarray(attributes["origin"])),
        model,
        species=read_array(group["species"]) if "species" in group else None,
        diameters=None if by_species else read_array(group["diameters"]),
        strain=float(attributes["strain"]),
        ids=read_array(group["ids"]),
        provenance=json_mapping(text(attributes["provenance"]), name),
    )
