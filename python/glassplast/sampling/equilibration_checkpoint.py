"""Checkpoints of equilibrations: one HDF5 file that is replaced as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from glassplast.files.glass_group import read_glass, write_glass
from glassplast.files.hdf5_layer import (
    opened,
    read_array,
    replace_file,
    require_schema,
    set_attributes,
    text,
    write_dataset,
)
from glassplast.files.json_text import json_mapping, json_text
from glassplast.files.same_run import require_same

__all__ = ["read_about", "read_checkpoint", "write_checkpoint"]

SCHEMA = "glassplast equilibration"
SCHEMA_VERSION = 2

_NUMBERS = ("every", "stride", "energy_drift")
_ARRAYS = {
    "energies": "potential energy per particle at the coldest temperature, after every `every` sweeps",
    "pressures": "pressure at the coldest temperature, after every block of measurements",
    "frames": "unwrapped positions of all replicas after every `every * stride` sweeps",
    "cold": "index of the replica at the coldest temperature in each frame",
}
_REPLICA_NUMBERS = ("temperature", "step")


def write_checkpoint(path: Path, about: dict[str, Any], states: Sequence[dict[str, Any]]) -> None:
    """Replace the file by one with the current states of the simulations."""

    def fill(file: Any) -> None:
        set_attributes(file, about=json_text(about), walkers=len(states))
        for k, state in enumerate(states):
            group = file.create_group(f"walker-{k}")
            for name, description in _ARRAYS.items():
                write_dataset(group, name, np.asarray(state[name]), description)
            replicas = state["replicas"]
            set_attributes(group, replicas=len(replicas), exchanges=json_text(state["exchanges"]))
            set_attributes(group, **{name: state[name] for name in _NUMBERS})
            for number, replica in enumerate(replicas):
                inner = group.create_group(f"replica-{number}")
                write_glass(inner.create_group("glass"), replica["glass"])
                write_dataset(
                    inner, "random_state", replica["random_state"], "state of the random number generator xoshiro256++"
                )
                set_attributes(inner, statistics=json_text(replica["statistics"]))
                set_attributes(inner, **{name: replica[name] for name in _REPLICA_NUMBERS})

    replace_file(path, SCHEMA, SCHEMA_VERSION, fill)


def read_about(path: Path) -> dict[str, Any]:
    """Read the description of the simulations in a file.

    Raises
    ------
    FileError
        If the file is corrupt or of another kind.
    """
    with opened(path, SCHEMA) as file:
        require_schema(file, path, SCHEMA, SCHEMA_VERSION)
        return json_mapping(text(file.attrs["about"]), path.name)


def read_checkpoint(path: Path, about: dict[str, Any]) -> list[dict[str, Any]]:
    """Read the states of the simulations in a file.

    Raises
    ------
    FileError
        If the file is corrupt, or its description differs from `about`.
    """
    with opened(path, SCHEMA) as file:
        require_schema(file, path, SCHEMA, SCHEMA_VERSION)
        require_same(path, json_mapping(text(file.attrs["about"]), path.name), about)
        states = []
        for k in range(int(file.attrs["walkers"])):
            group = file[f"walker-{k}"]
            state: dict[str, Any] = {name: group.attrs[name].item() for name in _NUMBERS}
            state |= {name: read_array(group[name]) for name in _ARRAYS}
            state["exchanges"] = json_mapping(text(group.attrs["exchanges"]), path.name)
            state["replicas"] = [
                _read_replica(group[f"replica-{number}"], path.name) for number in range(int(group.attrs["replicas"]))
            ]
            states.append(state)
    return states


def _read_replica(group: Any, name: str) -> dict[str, Any]:
    replica: dict[str, Any] = {key: group.attrs[key].item() for key in _REPLICA_NUMBERS}
    replica["random_state"] = read_array(group["random_state"])
    replica["statistics"] = json_mapping(text(group.attrs["statistics"]), name)
    replica["glass"] = read_glass(group["glass"], name)
    return replica
