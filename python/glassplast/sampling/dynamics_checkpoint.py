"""Checkpoints of molecular dynamics: one HDF5 file that is replaced as a whole."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from glassplast.errors import FileError
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
from glassplast.sampling.dynamics_run import DynamicsRun, Settings, Stage, make_state

__all__ = ["read_checkpoint", "write_checkpoint"]

SCHEMA = "glassplast dynamics checkpoint"
SCHEMA_VERSION = 1
_SERIES = {
    "time": "time since the start of the first stage",
    "temperature": "temperature of the motion, with d (N - 1) degrees of freedom",
    "potential": "potential energy",
    "kinetic": "kinetic energy",
    "stress": "stress, including the contribution of the motion, (n, d, d)",
}


def write_checkpoint(path: Path, run: DynamicsRun) -> None:
    """Replace the file by one with the current state of the run.

    Raises
    ------
    FileError
        If the file cannot be written; a file that was there before is left untouched.
    """

    def fill(file: Any) -> None:
        plan = {
            "settings": asdict(run.settings),
            "stages": [asdict(stage) for stage in run.stages],
            "about": run.about,
            "stage": run.stage,
        }
        set_attributes(file, plan=json_text(plan))
        write_glass(file.create_group("start"), run.start)
        group = file.create_group("state")
        write_dataset(group, "positions", run.state.positions, "unwrapped coordinates, (N, d)")
        write_dataset(group, "velocities", run.state.velocities, "velocities, (N, d)")
        write_dataset(
            group,
            "random",
            np.array(run.state.random, dtype=np.uint64),
            "state of the random number generator xoshiro256++",
        )
        write_dataset(
            group, "position_sum", run.state.position_sum, "sum of the positions over the average so far, (N, d)"
        )
        set_attributes(group, step=run.state.step, averaged=run.state.averaged)
        series = file.create_group("series")
        measured = run.series()
        for name, description in _SERIES.items():
            write_dataset(series, name, getattr(measured, name), description)

    replace_file(path, SCHEMA, SCHEMA_VERSION, fill)


def read_checkpoint(path: Path) -> DynamicsRun:
    """Read the run in a checkpoint, ready to continue.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FileError
        If the file is corrupt or of another kind.
    """
    with opened(path, SCHEMA) as file:
        require_schema(file, path, SCHEMA, SCHEMA_VERSION)
        plan = json_mapping(text(file.attrs["plan"]), str(path))
        start = read_glass(file["start"], str(path))
        group = file["state"]
        arrays = {name: read_array(group[name]) for name in ("positions", "velocities", "position_sum")}
        if any(array.shape != start.positions.shape for array in arrays.values()):
            raise FileError(f"{path} holds a state that does not fit the start of its run")
        state = make_state(
            start.dimension,
            arrays["positions"],
            arrays["velocities"],
            [int(word) for word in read_array(group["random"])],
            int(group.attrs["step"]),
            arrays["position_sum"],
            int(group.attrs["averaged"]),
        )
        series = [read_array(file["series"][name]) for name in _SERIES]
        stages = [Stage(**stage) for stage in plan["stages"]]
        return DynamicsRun(start, stages, Settings(**plan["settings"]), plan["about"], state, plan["stage"], series)
