"""The states of a run, beside its start, at which a study computes indicators."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
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
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.one_line import constructor_like, number
from glassplast.glass import Glass
from glassplast.quasistatic import Event, Run, spans
from glassplast.response import Analysis
from glassplast.study.plan import StatesPart, StatesPlan, YieldingPlan

__all__ = ["MadeState", "StudyState", "made_states", "read_states", "write_states", "yielding_event"]

SCHEMA, VERSION = "glassplast study states", 1


@dataclass(frozen=True, repr=False)
class StudyState:
    """A state of the run of a sample, and the indicators there.

    Attributes
    ----------
    kind : str
        ``along`` for a state at a given strain, ``before_yielding`` and ``after_yielding`` for those around the
        spanning or largest stress drop, ``end`` for the last state; ``onset`` for the last state before the first
        event, ``moved_affinely`` and ``moved_nonaffinely`` for the start after it was moved to the strain of that
        event.
    event : int
        Number of the event that the state belongs to, from 1; 0 if there is none.
    distance : float
        Strain from the state to that event; NaN if there is none.
    glass : Glass
        The configuration.
    fields : dict of str to ndarray, shape (N,)
        Fields by the key of the indicator.
    failures : dict of str to str
        Reasons why indicators have no field, by the key of the indicator.
    """

    kind: str
    event: int
    distance: float
    glass: Glass
    fields: dict[str, FloatArray] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    @property
    def strain(self) -> float:
        """Absolute strain of the state."""
        return self.glass.strain

    def __repr__(self) -> str:
        return constructor_like(
            "StudyState",
            kind=repr(self.kind),
            strain=number(self.strain, 6),
            event=self.event or None,
            fields=len(self.fields),
        )


@dataclass(frozen=True)
class MadeState:
    """A state that a plan asks for, before its indicators are computed.

    Attributes
    ----------
    kind : str
    event : int
    distance : float
        See `StudyState`.
    part : StatesPart
        The part of the plan that asks for it.
    make : callable
        Function that gives the configuration.
    """

    kind: str
    event: int
    distance: float
    part: StatesPart
    make: Callable[[], Glass]


def made_states(plan: StatesPlan, run: Run, sample: int) -> Iterator[MadeState]:
    """Name the states that a plan asks for in the run of a sample.

    Parameters
    ----------
    plan : StatesPlan
        What is asked for.
    run : Run
        The run of the sample.
    sample : int
        Number of the sample, which may lie beyond the number of samples that a part of the plan is for.

    Yields
    ------
    MadeState
        Each state; a state outside the run is left out.
    """
    start, direction = run.start.strain, run.direction
    reached = abs(float(run.strain[-1]) - start)

    def wanted(part: StatesPart | None) -> bool:
        return part is not None and part.is_for(sample)

    if plan.before_events is not None and wanted(plan.before_events):
        for place, event in enumerate(run.events[: plan.before_events.events], start=1):
            for distance in plan.before_events.distances:
                strain = event.strain - direction * distance
                if direction * (strain - start) >= 0.0:
                    yield MadeState("before_event", place, distance, plan.before_events, _at(run, strain))
    if plan.along is not None and wanted(plan.along):
        for distance in plan.along.strains:
            if distance <= reached:
                yield MadeState("along", 0, math.nan, plan.along, _at(run, start + direction * distance))
    if plan.yielding is not None and wanted(plan.yielding):
        place = yielding_event(run, plan.yielding)
        if place > 0:
            event = run.events[place - 1]
            distance = direction * (event.strain - event.before.strain)
            yield MadeState("before_yielding", place, distance, plan.yielding, lambda: event.before)
            yield MadeState("after_yielding", place, math.nan, plan.yielding, lambda: event.after)
        yield MadeState("end", 0, math.nan, plan.yielding, lambda: run.end)
    if plan.moved is not None and wanted(plan.moved) and run.events:
        first = run.events[0]
        distance = direction * (first.strain - first.before.strain)
        yield MadeState("moved_affinely", 1, 0.0, plan.moved, lambda: _moved(run, first, nonaffinely=False))
        yield MadeState("moved_nonaffinely", 1, 0.0, plan.moved, lambda: _moved(run, first, nonaffinely=True))
        yield MadeState("onset", 1, distance, plan.moved, lambda: first.before)


def yielding_event(run: Run, plan: YieldingPlan) -> int:
    """Find the event at which a glass yields.

    Parameters
    ----------
    run : Run
        The run.
    plan : YieldingPlan
        Whether this is the first event whose avalanche spans the system, or the one with the largest stress drop.

    Returns
    -------
    int
        Number of the event, from 1; 0 if there is none.
    """
    if plan.drop == "spanning":
        return next((place for place, event in enumerate(run.events, start=1) if spans(event)), 0)
    drops = [event.stress_drop for event in run.events]
    return int(np.argmax(drops)) + 1 if drops else 0


def _at(run: Run, strain: float) -> Callable[[], Glass]:
    return lambda: run.glass_at(strain)


def _moved(run: Run, event: Event, *, nonaffinely: bool) -> Glass:
    """The start at the strain of an event, moved affinely, and by the nonaffine velocity times the strain."""
    from scipy.linalg import expm

    start = run.start
    strain = event.onset_strain - start.strain
    deformation = expm(strain * run.loading)
    positions = start.positions @ deformation.T
    if nonaffinely:
        velocity = Analysis(start, threads=1, progress=False).nonaffine_velocity(run.loading)
        positions += strain * np.nan_to_num(velocity)
    return start.replace(positions=positions, box=start.box.deformed(deformation), strain=event.onset_strain)


# --- on disk ----------------------------------------------------------------------------------------------------------


def write_states(path: Path, states: list[StudyState], fill: Callable[[Any], None]) -> None:
    """Write states with their fields.

    Parameters
    ----------
    path : Path
        File to write.
    states : list of StudyState
        The states.
    fill : callable
        Function of the open file that adds to it.
    """

    def write(file: Any) -> None:
        fill(file)
        for place, state in enumerate(states):
            group = file.create_group(f"state-{place:04d}")
            set_attributes(
                group,
                kind=state.kind,
                event=state.event,
                distance=state.distance,
                failures=json_text(state.failures),
            )
            write_glass(group.create_group("glass"), state.glass)
            fields = group.create_group("fields")
            for key, values in state.fields.items():
                write_dataset(fields, key, values, "")

    replace_file(path, SCHEMA, VERSION, write)


def read_states(path: Path) -> list[StudyState]:
    """Read the states that `write_states` wrote.

    Parameters
    ----------
    path : Path
        File to read.

    Returns
    -------
    list of StudyState

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FileError
        If the file is corrupt or of another kind.
    """
    with opened(path, SCHEMA) as file:
        require_schema(file, path, SCHEMA, VERSION)
        return [_state(file[name], str(path)) for name in sorted(file) if name.startswith("state-")]


def _state(group: Any, name: str) -> StudyState:
    return StudyState(
        text(group.attrs["kind"]),
        int(group.attrs["event"]),
        float(group.attrs["distance"]),
        read_glass(group["glass"], name),
        {key: np.asarray(read_array(values), dtype=np.float64) for key, values in group["fields"].items()},
        dict(json_mapping(text(group.attrs["failures"]), name)),
    )
