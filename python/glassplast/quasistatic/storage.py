"""Glass, curve, drops and events of a run in HDF5; docs/results.md is the schema."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassplast.files.frame import json_mapping, json_text
from glassplast.files.hdf5_items import set_attributes, text, write_dataset, write_texts
from glassplast.glass import Glass, make_box
from glassplast.models import Model
from glassplast.quasistatic.branch_curve import BranchCurve, Effort
from glassplast.quasistatic.events import Event, StressDrop
from glassplast.quasistatic.run import Run

Field = NDArray[np.float64]

_EVENT_NUMBERS = {
    "strain": "the instability lies within strain +- strain_uncertainty",
    "strain_uncertainty": "see strain",
    "onset_strain": "last stable state before it",
    "irreversible": "1 if stepping back leads elsewhere",
    "stress_before": "stress along the loading before the event",
    "stress_after": "and after it, at the same strain",
    "energy_before": "potential energy before the event",
    "energy_after": "and after it, at the same strain",
    "eigenvalue": "stiffness of the critical mode at onset_strain",
    "core": "index of the particle with the largest mode, from 0",
    "participation": "(sum u^2)^2 / (N sum u^4) of the critical mode",
}
# From version 2 of the schema on.
_BRANCH_NUMBERS = {
    "branch_start": "strain at which the elastic branch began",
    "stress_maximum": "strain of its first stress maximum; NaN if there is none",
    "overlap": "overlap of the critical mode with that 1e-6 before the instability",
    "largest_residual": "of the energy balance of the steps along the branch",
}
_EVENT_FIELDS = ("mode", "displacement")
_CURVE = {
    "strain": "parameter of the deformation; engineering strain in simple shear",
    "stress": "stress along the loading, sigma : G; sigma_xy in simple shear",
    "energy": "potential energy U",
    "slope": "d stress / d strain of the relaxed state",
    "residual": "left of the energy balance of the step to this point",
}


# --- glass ------------------------------------------------------------------------------------------------------------


def write_glass(group: Any, glass: Glass) -> None:
    """All of a glass."""
    write_dataset(group, "positions", glass.positions, "coordinates, (N, d)")
    write_dataset(group, "ids", glass.ids, "names of the particles")
    write_dataset(group, "diameters", glass.diameters, "diameters, or s of the own species")
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
    """What `write_glass` wrote."""
    attributes = group.attrs
    kind = text(attributes["model"])
    model = Model(kind, json_mapping(text(attributes["parameters"]), name)) if kind else None
    by_species = model is not None and model.kind.describes == "species"
    return Glass(
        group["positions"][()],
        make_box(np.asarray(attributes["cell"]), np.asarray(attributes["origin"])),
        model,
        species=group["species"][()] if "species" in group else None,
        diameters=None if by_species else group["diameters"][()],
        strain=float(attributes["strain"]),
        ids=group["ids"][()],
        provenance=json_mapping(text(attributes["provenance"]), name),
    )


def write_state(group: Any, state: Glass) -> None:
    """What tells a state of a run from its start."""
    write_dataset(group, "positions", state.positions, "coordinates, (N, d)")
    set_attributes(group, cell=state.cell, origin=np.asarray(state.box.origin), strain=state.strain)


def read_state(group: Any, start: Glass, protocol: dict[str, Any]) -> Glass:
    """What `write_state` wrote, a state of the run from `start`."""
    attributes = group.attrs
    return _state(
        start, protocol, group["positions"][()], float(attributes["strain"]), attributes["cell"], attributes["origin"]
    )


def _state(
    start: Glass, protocol: dict[str, Any], positions: Field, strain: float, cell: Any = None, origin: Any = None
) -> Glass:
    return start.replace(
        positions=positions,
        # Version 1 of the schema knows simple shear only.
        box=start.box.sheared(strain - start.strain) if cell is None else make_box(np.asarray(cell), origin),
        strain=strain,
        provenance={"shear": {**protocol, "from_strain": start.strain}},
    )


# --- curves -----------------------------------------------------------------------------------------------------------


def write_curve(group: Any, curve: BranchCurve) -> None:
    """All of a branch's curve."""
    for name, meaning in _CURVE.items():
        write_dataset(group, name, getattr(curve, name), meaning)
    set_attributes(group, ended=curve.ended, **asdict(curve.effort))


def read_curve(group: Any) -> BranchCurve:
    """What `write_curve` wrote."""
    columns = {name: np.asarray(group[name][()], dtype=np.float64) for name in _CURVE}
    effort = Effort(*(int(group.attrs[name]) for name in asdict(Effort())))
    return BranchCurve(**columns, ended=bool(group.attrs["ended"]), effort=effort)


# --- events -----------------------------------------------------------------------------------------------------------


def write_events(group: Any, events: Sequence[Event], start: Glass) -> None:
    """All events of a run from `start`."""
    for name, meaning in {**_EVENT_NUMBERS, **_BRANCH_NUMBERS}.items():
        values = np.array([getattr(event, name) for event in events])
        write_dataset(group, name, values.astype(np.uint8) if name == "irreversible" else values, meaning)
    write_texts(group, "minimizer", [event.minimizer for event in events], "what led to the state after the event")
    shape = (len(events), *start.positions.shape)
    for name in _EVENT_FIELDS:
        stack = np.array([getattr(event, name) for event in events]).reshape(shape)
        write_dataset(group, name, stack, f"{name}, (events, N, d)")
    write_dataset(group, "after_strain", [event.after.strain for event in events], "strain of the state reached")
    dimension = start.dimension
    for name in ("before", "after"):
        states: list[Glass] = [getattr(event, name) for event in events]
        positions = np.array([state.positions for state in states]).reshape(shape)
        write_dataset(group, f"{name}_positions", positions, f"coordinates {name} the event, (events, N, d)")
        cells = np.array([state.cell for state in states]).reshape(-1, dimension, dimension)
        write_dataset(group, f"{name}_cell", cells, f"cell {name} the event, columns are the vectors, (events, d, d)")
        origins = np.array([state.box.origin for state in states]).reshape(-1, dimension)
        write_dataset(group, f"{name}_origin", origins, f"corner of the cell {name} the event, (events, d)")


def read_events(group: Any, start: Glass, protocol: dict[str, Any]) -> list[Event]:
    """What `write_events` wrote, also in version 1."""
    known = {name: group[name][()] for name in (*_EVENT_NUMBERS, *_EVENT_FIELDS, "onset_strain", "after_strain")}
    added = {name: group[name][()] for name in _BRANCH_NUMBERS if name in group}
    relaxer = str(protocol.get("relaxer", ""))
    count = known["strain"].shape[0]
    # Before version 2 the relaxer said it: Newton's method gives way to conjugate gradients.
    fallback = "cg" if relaxer == "newton" else relaxer
    minimizers = [text(name) for name in group["minimizer"][()]] if "minimizer" in group else [fallback] * count

    def state(name: str, index: int, strain: float) -> Glass:
        cell = group[f"{name}_cell"][index] if f"{name}_cell" in group else None
        origin = group[f"{name}_origin"][index] if cell is not None else None
        return _state(start, protocol, group[f"{name}_positions"][index], strain, cell, origin)

    events = []
    for index in range(count):
        numbers = {name: known[name][index].item() for name in _EVENT_NUMBERS}
        numbers["irreversible"] = bool(numbers["irreversible"])
        events.append(
            Event(
                **numbers,
                **{name: values[index].item() for name, values in added.items()},
                **{name: known[name][index] for name in _EVENT_FIELDS},
                minimizer=minimizers[index],
                before=state("before", index, float(known["onset_strain"][index])),
                after=state("after", index, float(known["after_strain"][index])),
            )
        )
    return events


# --- run --------------------------------------------------------------------------------------------------------------


def write_run(file: Any, run: Run) -> None:
    """All of a run but its start, as groups of a file."""
    curve = file.create_group("curve")
    set_attributes(curve, protocol=json_text(run.protocol), effort=json_text(asdict(run.effort)))
    for name, meaning in _CURVE.items():
        if getattr(run, name) is not None:
            write_dataset(curve, name, getattr(run, name), meaning)
    drops = file.create_group("drops")
    write_dataset(drops, "start", [drop.start for drop in run.drops], "strain before the stress fell")
    write_dataset(drops, "end", [drop.end for drop in run.drops], "strain after it fell")
    write_dataset(
        drops,
        "irreversible",
        [np.nan if drop.irreversible is None else drop.irreversible for drop in run.drops],
        "strain before the first increment that cannot be undone; NaN if each can",
    )
    write_events(file.create_group("events"), run.events, run.start)
    if run.last is not None:
        write_state(file.create_group("end"), run.last)


def read_run(file: Any, start: Glass, name: str) -> Run:
    """What `write_run` wrote, also in version 1."""
    curve, drops = file["curve"], file["drops"]
    protocol = json_mapping(text(curve.attrs["protocol"]), name)
    effort = json_mapping(text(curve.attrs["effort"]), name) if "effort" in curve.attrs else {}
    found = zip(drops["start"][()], drops["end"][()], drops["irreversible"][()], strict=True)
    return Run(
        start,
        curve["strain"][()],
        curve["stress"][()],
        curve["energy"][()],
        read_events(file["events"], start, protocol),
        [StressDrop(float(a), float(b), None if np.isnan(c) else float(c)) for a, b, c in found],
        protocol,
        slope=curve["slope"][()] if "slope" in curve else None,
        residual=curve["residual"][()] if "residual" in curve else None,
        last=read_state(file["end"], start, protocol) if "end" in file else None,
        effort=Effort(**effort),
    )
