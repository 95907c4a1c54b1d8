"""The states of a shear run in its files, which are one file of results or a directory of checkpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from glassplast.errors import FileError
from glassplast.files.frame import Frame, Pending
from glassplast.files.glass_group import read_glass
from glassplast.files.hdf5_layer import opened, read_array, require_schema, text
from glassplast.files.json_text import json_mapping
from glassplast.foundation.arrays import FloatArray
from glassplast.glass import Box, Glass, make_box

__all__ = [
    "CHECKPOINT_SCHEMA",
    "CHECKPOINT_VERSION",
    "END",
    "RESULTS_SCHEMA",
    "RESULTS_VERSION",
    "START",
    "StateArrays",
    "StoredStates",
    "event_name",
    "event_state",
    "single_state",
    "stored_states",
]

#: A run is stored in a file of results, alone or together with other results.
RESULTS_SCHEMA, RESULTS_VERSION = "glassplast results", 2
#: A run with checkpoints is stored in a directory, with files for its start, each event, and its end.
CHECKPOINT_SCHEMA, CHECKPOINT_VERSION = "glassplast shear checkpoint", 1
START, END = "start.h5", "end.h5"


def event_name(number: int) -> str:
    """The name of the file of an event; events are counted from 1."""
    return f"event-{number:06d}.h5"


class StateArrays(NamedTuple):
    """The arrays that distinguish a state of a run from its start."""

    positions: FloatArray
    box: Box
    strain: float


def single_state(group: Any) -> StateArrays:
    """The state in a separate group."""
    attributes = group.attrs
    box = make_box(np.asarray(attributes["cell"]), np.asarray(attributes["origin"]))
    return StateArrays(read_array(group["positions"]), box, float(attributes["strain"]))


def event_state(group: Any, name: str, index: int, start: Glass) -> StateArrays:
    """The state ``before`` or ``after`` an event in the group of events, which are counted from 0."""
    strain = float(read_array(group["onset_strain" if name == "before" else "after_strain"])[index])
    if f"{name}_cell" in group:
        box = make_box(read_array(group[f"{name}_cell"])[index], read_array(group[f"{name}_origin"])[index])
    else:
        # Version 1 of the schema describes simple shear only.
        box = start.box.sheared(strain - start.strain)
    return StateArrays(read_array(group[f"{name}_positions"], index), box, strain)


#: The file that holds a state, and the function that reads it, which takes the start of the run as well.
Place: TypeAlias = tuple[Path, Callable[[Any, Glass], StateArrays]]


# --- all states of a run ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StoredStates:
    """The states of a run, each of which is read when it is asked for.

    Attributes
    ----------
    path : Path
        The file of results, or the directory of checkpoints.
    start : Glass
        The glass that was sheared.
    protocol : mapping
        The stored protocol of the shear; empty if there is no run.
    places : mapping
        File and reading function of each state by its name (``before:1``, ..., ``end``).
    """

    path: Path
    start: Glass
    protocol: Mapping[str, Any]
    places: Mapping[str, Place]

    def pending(self) -> Iterator[Pending]:
        """All states in the order of loading; the end is repeated if it is the state after the last event."""
        for state in ("start", *self.places):
            yield partial(self.frame, state)

    def frame(self, state: str) -> Frame:
        """Read one state.

        Raises
        ------
        FileError
            If there is no such state, or the file is corrupt.
        """
        start = self.start
        if state == "start":
            made = self._frame(StateArrays(start.positions, start.box, start.strain), start.provenance)
            if self.path.is_file():
                made.read_fields = partial(_fields, self.path)
            return made
        if state not in self.places:
            raise FileError(f"{self.path} holds no state {state!r}; it holds {self._listing()}")
        file_path, read = self.places[state]
        with opened(file_path, f"state {state}") as file:
            arrays = read(file, start)
        shear = {**self.protocol, "from_strain": start.strain}
        return self._frame(arrays, {**start.provenance, "shear": shear})

    def _listing(self) -> str:
        events = sum(name.startswith("after:") for name in self.places)
        known = "start and end" if "end" in self.places else "start"
        return f"{known}, and before:K and after:K for K from 1 to {events}" if events else known

    def _frame(self, arrays: StateArrays, provenance: Mapping[str, Any]) -> Frame:
        start = self.start
        made = Frame(
            str(self.path),
            "HDF5",
            arrays.positions,
            np.array(arrays.box.cell),
            np.asarray(arrays.box.origin),
            ("positions", "ids", "diameters", *(["species"] if start.species is not None else [])),
            species=None if start.species is None else start.species.astype(np.int64),
            diameters=start.diameters,
            ids=start.ids,
        )
        model = start.model
        made.record(
            {
                "strain": arrays.strain,
                "dimension": start.dimension,
                "model": model.name if model is not None else None,
                "parameters": dict(model.parameters) if model is not None else {},
                "provenance": dict(provenance),
            }
        )
        return made


def stored_states(path: Path) -> StoredStates | None:
    """The states in a file of results or a directory of checkpoints; None if it is something else.

    Raises
    ------
    FileError
        If a file is corrupt.
    """
    if path.is_dir():
        return _of_checkpoints(path) if (path / START).exists() else None
    with opened(path, "glassplast configurations") as file:
        schema = text(file.attrs.get("schema", ""))
        if schema != RESULTS_SCHEMA:
            return None
        require_schema(file, path, RESULTS_SCHEMA, RESULTS_VERSION)
        start = read_glass(file["glass"], str(path))
        places: dict[str, Place] = {}
        protocol: Mapping[str, Any] = {}
        if "curve" in file:
            protocol = json_mapping(text(file["curve"].attrs["protocol"]), str(path))
            count = file["events"]["after_strain"].shape[0]
            for index in range(count):
                places |= _of_event(path, index + 1, index)
            if "end" in file:
                places["end"] = (path, _end)
    return StoredStates(path, start, protocol, places)


def _of_checkpoints(path: Path) -> StoredStates:
    with opened(path / START, CHECKPOINT_SCHEMA) as file:
        require_schema(file, path / START, CHECKPOINT_SCHEMA, CHECKPOINT_VERSION)
        start = read_glass(file["glass"], START)
        protocol = json_mapping(text(file.attrs["protocol"]), START)
        target = json_mapping(text(file.attrs["target"]), START)
    places: dict[str, Place] = {}
    number = 1
    while (path / event_name(number)).exists():
        places |= _of_event(path / event_name(number), number, 0)
        number += 1
    if (path / END).exists():
        with opened(path / END, CHECKPOINT_SCHEMA) as file:
            # Once a run continues to a new target, the state at the old target is out of date.
            if float(file["end"].attrs["strain"]) == target.get("to"):
                places["end"] = (path / END, _end)
    if places and "end" not in places:
        places["end"] = places[f"after:{number - 1}"]
    return StoredStates(path, start, protocol, places)


def _fields(path: Path, dimension: int) -> dict[str, FloatArray]:
    with opened(path, "fields") as file:
        return {
            name: np.asarray(read_array(values), dtype=np.float64) for name, values in file.get("fields", {}).items()
        }


def _of_event(path: Path, number: int, index: int) -> dict[str, Place]:
    return {f"{name}:{number}": (path, partial(_at_event, name, index)) for name in ("before", "after")}


def _at_event(name: str, index: int, file: Any, start: Glass) -> StateArrays:
    return event_state(file["events"], name, index, start)


def _end(file: Any, start: Glass) -> StateArrays:
    return single_state(file["end"])
