"""The tables of a study, from the results of its samples: one row for each sample, event and rank."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glassplast.files.replacing import replacing
from glassplast.foundation.arrays import FloatArray
from glassplast.results import Results
from glassplast.study.execution import standing
from glassplast.study.plan import StudyPlan
from glassplast.study.tasks import Task

__all__ = ["Tables", "collect"]

Row = dict[str, Any]

_EVENT = (
    "strain", "strain_uncertainty", "stress_drop", "energy_drop", "core", "participation", "eigenvalue", "branch_start",
    "stress_maximum_strain",
)  # fmt: skip


#: The first columns of each table, which stand there without any row as well.
_COLUMNS = {
    "samples": ("protocol", "sample"),
    "events": ("protocol", "sample", "event"),
    "ranks": ("protocol", "sample", "event", "indicator", "rank"),
    "costs": ("protocol", "sample", "stage"),
    "failures": ("protocol", "sample", "stage", "reason"),
}


@dataclass(frozen=True)
class Tables:
    """What a study found, as tidy tables: one observation a row.

    Attributes
    ----------
    samples : list of dict
        Of each sample its protocol and number, energies, modulus, the strain of its first event, and how many it had.
    events : list of dict
        Of each event the protocol, the sample, its number (from 1) and what is recorded of it.
    ranks : list of dict
        Of each event the rank of its core in each indicator at the start: protocol, sample, event, indicator, rank.
    costs : list of dict
        Of each task seconds, processor seconds and peak memory (GB).
    failures : list of dict
        Of each task that failed, and of each indicator that a sample lacks, why.
    """

    samples: list[Row]
    events: list[Row]
    ranks: list[Row]
    costs: list[Row]
    failures: list[Row]

    def write(self, directory: Path) -> list[Path]:
        """Write each table to a CSV file.

        Parameters
        ----------
        directory : Path
            Directory of the files; existing tables are replaced.

        Returns
        -------
        list of Path
        """
        written = []
        for name in _COLUMNS:
            rows: list[Row] = getattr(self, name)
            path = directory / f"{name}.csv"
            columns = list(dict.fromkeys([*_COLUMNS[name], *(column for row in rows for column in row)]))
            with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
                writer = csv.DictWriter(stream, columns, lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
            written.append(path)
        return written

    def first_ranks(self, protocol: str) -> dict[str, FloatArray]:
        """Find the ranks of the cores of first events, over which C_min averages.

        Parameters
        ----------
        protocol : str
            Name of the protocol.

        Returns
        -------
        dict of ndarray
            By key of the indicator, one rank for each sample that has an event.
        """
        found: dict[str, list[float]] = {}
        for row in self.ranks:
            if row["protocol"] == protocol and row["event"] == 1:
                found.setdefault(row["indicator"], []).append(row["rank"])
        return {key: np.array(ranks) for key, ranks in found.items()}


def collect(plan: StudyPlan, out: Path) -> Tables:
    """Read what a study has so far.

    The order of the rows is that of the plan, whoever computed what and when.
    """
    state = standing(plan, out)
    samples: list[Row] = []
    events: list[Row] = []
    ranks: list[Row] = []
    failures: list[Row] = []
    for task in state.done:
        if task.stage == "fields":
            results = Results.load(task.path(out))
            samples.append(_sample_row(task, results))
            events += _event_rows(task, results)
            ranks += _rank_rows(task, results)
            failures += [
                {"protocol": task.protocol, "sample": task.sample, "stage": key, "reason": reason}
                for key, reason in results.failures.items()
            ]
    for task in state.failed:
        text = task.failure(out).read_text(encoding="utf-8").strip().splitlines()
        reason = text[-1] if text else ""
        failures.append({"protocol": task.protocol, "sample": task.sample, "stage": task.stage, "reason": reason})
    order = {name: place for place, name in enumerate(plan.protocols)}

    def place(row: Mapping[str, Any]) -> tuple[int, int]:
        return order[row["protocol"]], row["sample"]

    return Tables(
        samples=sorted(samples, key=place),
        events=sorted(events, key=place),
        ranks=sorted(ranks, key=place),
        costs=sorted(_cost_rows(out, order), key=place),
        failures=sorted(failures, key=place),
    )


def _head(task: Task) -> Row:
    return {"protocol": task.protocol, "sample": task.sample}


def _sample_row(task: Task, results: Results) -> Row:
    start, events = results.start, results.events
    made = start.provenance.get("preparation", {})
    return {
        **_head(task),
        "particles": len(start),
        "strain": start.strain,
        **results.state,
        "liquid_energy": np.ravel(made.get("liquid_energy", np.nan)).tolist()[-1],
        "chain": made.get("chain", ""),
        "events": len(events),
        "gamma_min": abs(events[0].strain - start.strain) if events else np.nan,
        "last_strain": float(results.run.strain[-1]) if results.run is not None else start.strain,
    }


def _event_rows(task: Task, results: Results) -> Iterator[Row]:
    for number, event in enumerate(results.events, start=1):
        yield {**_head(task), "event": number, **{name: getattr(event, name) for name in _EVENT}}


def _rank_rows(task: Task, results: Results) -> Iterator[Row]:
    for key, found in results.ranks.items():
        for number, rank in enumerate(found, start=1):
            yield {**_head(task), "event": number, "indicator": key, "rank": rank}


def _cost_rows(out: Path, order: Mapping[str, int]) -> Iterable[Row]:
    """The costs on record; of a task that was done twice the last ones."""
    path = out / "costs.jsonl"
    known: dict[tuple[str, int, str], Row] = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            row = json.loads(line)
        except ValueError:
            # A line that a killed process left half-written.
            continue
        if row.get("protocol") in order:
            known[row["protocol"], row["sample"], row["stage"]] = row
    return known.values()
