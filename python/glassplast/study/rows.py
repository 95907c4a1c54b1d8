"""The rows that a sample adds to the tables of a study, and their place in the file of each stage."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from glassplast.files.hdf5_layer import opened, set_attributes, text
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.ranks import spearman
from glassplast.indicators import registry
from glassplast.quasistatic import Run
from glassplast.scores import score
from glassplast.study.answers import Answers
from glassplast.study.states import StudyState
from glassplast.study.tasks import Task

__all__ = ["QUANTILES", "Row", "Rows", "answer_rows", "field_rows", "read_rows", "state_rows", "write_rows"]

Row = dict[str, Any]
#: Rows by the name of their table.
Rows = dict[str, list[Row]]

#: The quantiles of fields on record.
QUANTILES = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97, 0.99, 0.997, 0.999, 1.0)

_EVENT = (
    "strain", "strain_uncertainty", "stress_before", "stress_drop", "energy_drop", "core", "participation",
    "eigenvalue", "branch_start", "stress_maximum_strain",
)  # fmt: skip
_ATTRIBUTE = "tables"


def field_rows(
    task: Task, run: Run, fields: Mapping[str, FloatArray], failures: Mapping[str, str], state: Mapping[str, float]
) -> Rows:
    """Collect what a sample adds to the tables when its indicators at the start are known.

    Parameters
    ----------
    task : Task
        The task that computed them.
    run : Run
        The run of the sample.
    fields : mapping of str to ndarray, shape (N,)
        Fields by the key of the indicator.
    failures : mapping of str to str
        Reasons why an indicator has no field, by its key.
    state : mapping of str to float
        Numbers that describe the start.

    Returns
    -------
    dict of list of dict
        Rows by the name of the table.
    """
    head, start = _head(task), run.start
    made = start.provenance.get("preparation", {})
    sample = {
        **head,
        "particles": len(start),
        "dimension": start.dimension,
        "volume": start.volume,
        "strain": start.strain,
        **state,
        "liquid_energy": np.ravel(made.get("liquid_energy", np.nan)).tolist()[-1],
        "chain": made.get("chain", ""),
        "place": made.get("place", ""),
        "events": len(run.events),
        "gamma_min": abs(run.events[0].strain - start.strain) if run.events else np.nan,
        "last_strain": float(run.strain[-1]),
    }
    events = [
        {**head, "event": number, **{name: getattr(event, name) for name in _EVENT}}
        for number, event in enumerate(run.events, start=1)
    ]
    ranks: list[Row] = []
    for number, event in enumerate(run.events, start=1):
        distance = abs(event.strain - start.strain)
        about = {**head, "state": "start", "state_strain": start.strain, "distance": distance, "event": number}
        ranks += _rank_rows(about, fields, run, number)
    similar = [
        {**head, "indicator": one, "other": other, "spearman": spearman(*_oriented(fields, one, other))}
        for one, other in combinations(fields, 2)
    ]
    return {
        "samples": [sample],
        "events": events,
        "ranks": ranks,
        "spearman": similar,
        "quantiles": list(_quantile_rows({**head, "state": "start", "state_strain": start.strain}, fields)),
        "failures": _failure_rows(head, "", failures),
    }


def state_rows(task: Task, run: Run, state: StudyState) -> Rows:
    """Collect what a state of a sample adds to the tables.

    Parameters
    ----------
    task : Task
        The task that computed it.
    run : Run
        The run of the sample.
    state : StudyState
        The state.

    Returns
    -------
    dict of list of dict
        Ranks of the core of the event that the state belongs to, or of all later events if it belongs to none;
        quantiles of the fields, and failures.
    """
    head = _head(task)
    later = [
        number
        for number, event in enumerate(run.events, start=1)
        if run.direction * (event.strain - state.strain) > 0.0 and state.kind in ("along", "after_yielding")
    ]
    ranks: list[Row] = []
    for number in [state.event] if state.event and state.kind != "after_yielding" else later:
        distance = run.direction * (run.events[number - 1].strain - state.strain)
        about = {**head, "state": state.kind, "state_strain": state.strain, "distance": distance, "event": number}
        # The distance that was asked for, and not what rounding leaves of it.
        about["distance"] = state.distance if state.kind == "before_event" else distance
        ranks += _rank_rows(about, state.fields, run, number)
    rows: Rows = {
        "ranks": ranks,
        "failures": _failure_rows(head, f"{state.kind} at strain {state.strain:.6g}: ", state.failures),
    }
    if state.kind != "before_event":
        about = {**head, "state": state.kind, "state_strain": state.strain}
        rows["quantiles"] = list(_quantile_rows(about, state.fields))
    return rows


def answer_rows(task: Task, run: Run, answers: Answers) -> Rows:
    """Collect what the answers of a sample add to the tables.

    Parameters
    ----------
    task : Task
        The task that asked.
    run : Run
        The run of the sample.
    answers : Answers
        The answers.

    Returns
    -------
    dict of list of dict
        Rows by the name of the table.
    """
    head = _head(task)
    found: Rows = {"failures": _failure_rows(head, "", answers.failures)}
    if answers.stability is not None:
        found["stability"] = [{**head, **vars(answers.stability)}]
    found["reversals"] = [
        {
            **head,
            "event": number,
            "event_strain": back.event.strain,
            "returned": int(back.returned),
            "strain": back.strain,
            "branch_end": back.branch_end,
        }
        for number, back in answers.reversals.items()
    ]
    found["mode_convergence"] = [
        {**head, "event": number, **{name: float(values[place]) for name, values in vars(approach).items()}}
        for number, approach in answers.mode_convergence.items()
        for place in range(approach.distance.size)
    ]
    return found


def write_rows(file: Any, rows: Rows) -> None:
    """Write rows into an open HDF5 file, as a dataset of JSON text.

    Parameters
    ----------
    file : h5py.File
        The file.
    rows : dict of list of dict
        Rows by the name of the table.
    """
    encoded = np.frombuffer(json.dumps(rows, default=_plain).encode(), dtype=np.uint8)
    dataset = file.create_dataset(_ATTRIBUTE, data=encoded, compression="gzip", fletcher32=True)
    set_attributes(dataset, description="rows of the tables of the study, as JSON text in UTF-8")


def read_rows(path: Path) -> Rows:
    """Read the rows that `write_rows` wrote.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    dict of list of dict

    Raises
    ------
    FileError
        If the file is corrupt, or holds none.
    """
    with opened(path, "rows of tables") as file:
        rows: Rows = json.loads(text(file[_ATTRIBUTE][()].tobytes()))
        return rows


def _head(task: Task) -> Row:
    return {"protocol": task.protocol, "sample": task.sample}


def _plain(value: Any) -> Any:
    """The Python number of a NumPy number."""
    return value.item() if isinstance(value, np.generic) else str(value)


def _rank_rows(about: Row, fields: Mapping[str, FloatArray], run: Run, number: int) -> Iterator[Row]:
    known = registry.keys()
    for key, rank in score({key: fields[key] for key in fields if key in known}, run.events[number - 1]).items():
        yield {**about, "indicator": key, "rank": rank}


def _oriented(fields: Mapping[str, FloatArray], *keys: str) -> list[FloatArray]:
    return [fields[key] if registry.find(key).softer == "large" else -fields[key] for key in keys]


def _quantile_rows(about: Row, fields: Mapping[str, FloatArray]) -> Iterator[Row]:
    for key, values in fields.items():
        # Infinite values stand for particles that are harder than all others, and take part in quantiles.
        known = values[~np.isnan(values)]
        row = {**about, "indicator": key, "values": int(known.size)}
        if known.size:
            with np.errstate(invalid="ignore"):
                found = np.quantile(known, QUANTILES, method="inverted_cdf")
            yield row | {f"q{part:g}": float(value) for part, value in zip(QUANTILES, found, strict=True)}


def _failure_rows(head: Row, where: str, failures: Mapping[str, str]) -> list[Row]:
    return [{**head, "stage": f"{where}{name}", "reason": reason} for name, reason in failures.items()]
