"""Storage of the curve, drops, events and states of a run in HDF5; docs/results.md describes the schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glassplast.errors import FileError
from glassplast.files.glass_group import read_glass
from glassplast.files.hdf5_layer import opened, read_array, require_schema, set_attributes, text, write_dataset
from glassplast.files.json_text import json_mapping, json_text
from glassplast.files.records import descriptions, read_columns, write_columns
from glassplast.files.run_states import RESULTS_SCHEMA, RESULTS_VERSION, StateArrays, event_state, single_state
from glassplast.foundation.arrays import FloatArray
from glassplast.glass import Glass
from glassplast.quasistatic.branch_curve import BranchCurve, Effort
from glassplast.quasistatic.events import Event, StressDrop
from glassplast.quasistatic.protocol import FixedProtocol, Protocol, protocol_of_record

__all__ = [
    "RunParts",
    "load_run",
    "read_events",
    "read_run",
    "read_state",
    "write_events",
    "write_run",
    "write_state",
]


@dataclass(frozen=True)
class RunParts:
    """All parts of a run, as they are stored; the attributes are those of `Run`."""

    start: Glass
    strain: FloatArray
    stress: FloatArray
    energy: FloatArray
    events: list[Event]
    drops: list[StressDrop]
    protocol: Protocol
    slope: FloatArray | None
    residual: FloatArray | None
    last: Glass | None
    effort: Effort


# --- states -----------------------------------------------------------------------------------------------------------


def write_state(group: Any, state: Glass) -> None:
    """Write what distinguishes a state of a run from its start: positions, cell and strain."""
    write_dataset(group, "positions", state.positions, "coordinates, (N, d)")
    set_attributes(group, cell=state.cell, origin=np.asarray(state.box.origin), strain=state.strain)


def read_state(group: Any, start: Glass, protocol: Protocol) -> Glass:
    """Read a state written by `write_state`, of the run that began at `start`."""
    return _state(start, protocol, single_state(group))


def _state(start: Glass, protocol: Protocol, arrays: StateArrays) -> Glass:
    return protocol.state(start, arrays.positions, strain=arrays.strain, box=arrays.box, origin=start.strain)


# --- events -----------------------------------------------------------------------------------------------------------


def write_events(group: Any, events: Sequence[Event], start: Glass) -> None:
    """Write all events of the run that began at `start`."""
    shape = start.positions.shape
    write_columns(group, Event, events, shape)
    write_dataset(
        group, "after_strain", [event.after.strain for event in events], "strain of the state after the event"
    )
    dimension = start.dimension
    for name in ("before", "after"):
        states: list[Glass] = [getattr(event, name) for event in events]
        positions = np.array([state.positions for state in states]).reshape(len(events), *shape)
        write_dataset(
            group, f"{name}_positions", positions, f"coordinates {name} the event, (events, N, d)", by_row=True
        )
        cells = np.array([state.cell for state in states]).reshape(-1, dimension, dimension)
        write_dataset(group, f"{name}_cell", cells, f"cell {name} the event, columns are the vectors, (events, d, d)")
        origins = np.array([state.box.origin for state in states]).reshape(-1, dimension)
        write_dataset(group, f"{name}_origin", origins, f"corner of the cell {name} the event, (events, d)")


def read_events(group: Any, start: Glass, protocol: Protocol) -> list[Event]:
    """Read events written by `write_events`, also in version 1 of the schema."""
    events = []
    for index, values in enumerate(read_columns(group, Event)):
        # Before version 2 only the protocol recorded the minimizer.
        if "method" not in values and isinstance(protocol, FixedProtocol):
            values["method"] = protocol.minimizer
        before, after = (
            _state(start, protocol, event_state(group, name, index, start)) for name in ("before", "after")
        )
        events.append(Event(**values, before=before, after=after))
    return events


# --- run --------------------------------------------------------------------------------------------------------------


def write_run(file: Any, run: Any) -> None:
    """Write all parts of a run except its start, as groups of a file."""
    curve = file.create_group("curve")
    set_attributes(curve, protocol=json_text(run.protocol.record), effort=json_text(asdict(run.effort)))
    meanings = descriptions(BranchCurve)
    for name in ("strain", "stress", "energy", "slope", "residual"):
        if getattr(run, name) is not None:
            write_dataset(curve, name, getattr(run, name), meanings[name])
    write_columns(file.create_group("drops"), StressDrop, run.drops)
    write_events(file.create_group("events"), run.events, run.start)
    if run.last is not None:
        write_state(file.create_group("end"), run.last)


def read_run(file: Any, start: Glass, name: str) -> RunParts:
    """Read a run written by `write_run`, also in version 1 of the schema."""
    curve = file["curve"]
    protocol = protocol_of_record(json_mapping(text(curve.attrs["protocol"]), name), start.dimension)
    effort: Mapping[str, Any] = json_mapping(text(curve.attrs["effort"]), name) if "effort" in curve.attrs else {}
    return RunParts(
        start,
        read_array(curve["strain"]),
        read_array(curve["stress"]),
        read_array(curve["energy"]),
        read_events(file["events"], start, protocol),
        [StressDrop(**values) for values in read_columns(file["drops"], StressDrop)],
        protocol,
        slope=read_array(curve["slope"]) if "slope" in curve else None,
        residual=read_array(curve["residual"]) if "residual" in curve else None,
        last=read_state(file["end"], start, protocol) if "end" in file else None,
        effort=Effort(**effort),
    )


def load_run(path: Path) -> RunParts:
    """Read the run in a file of results.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FileError
        If the file is corrupt, or holds no run.
    """
    with opened(path, "run") as file:
        require_schema(file, path, RESULTS_SCHEMA, RESULTS_VERSION)
        if "curve" not in file:
            raise FileError(f"{path} holds no shear run")
        return read_run(file, read_glass(file["glass"], str(path)), str(path))
