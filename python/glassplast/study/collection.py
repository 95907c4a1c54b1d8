"""The tables of a study, from the results of its samples: one row for each sample, event and rank."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassplast.ensemble_scores import RankTable
from glassplast.errors import ArgumentError, suggestion
from glassplast.files.replacing import replacing
from glassplast.foundation.tables import structured
from glassplast.prepare.chains import correlation_along_chains
from glassplast.study.costs import recorded_costs
from glassplast.study.plan import SoftDisksPlan, StudyPlan
from glassplast.study.rows import Row, Rows, read_rows
from glassplast.study.standing import standing

__all__ = ["Tables", "collect"]

#: The first columns of each table, which stand there without any row as well.
_COLUMNS = {
    "samples": ("protocol", "sample"),
    "events": ("protocol", "sample", "event"),
    "ranks": ("protocol", "sample", "state", "state_strain", "distance", "event", "indicator", "rank"),
    "spearman": ("protocol", "sample", "indicator", "other", "spearman"),
    "quantiles": ("protocol", "sample", "state", "state_strain", "indicator", "values"),
    "stability": ("protocol", "sample"),
    "reversals": ("protocol", "sample", "event"),
    "mode_convergence": ("protocol", "sample", "event", "distance"),
    "chains": ("protocol", "correlation", "error", "pairs"),
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
        Ranks of the cores of events in the indicators of a state: ``state`` is ``start`` or one of the kinds of
        `glassplast.study.StudyState`, ``state_strain`` its absolute strain, and ``distance`` the strain from there to
        the event.
    spearman : list of dict
        Of each sample Spearman's correlation of each two indicators at the start, both turned so that large is
        soft.
    quantiles : list of dict
        Of each state quantiles of each indicator, in columns such as ``q0.1``, and the number of particles with a
        value.
    stability, reversals, mode_convergence : list of dict
        Answers to the questions of the plan.
    chains : list of dict
        Of each protocol with chains the correlation of the inherent energies of successive samples.
    costs : list of dict
        Of each task seconds, processor seconds and peak memory (GB).
    failures : list of dict
        Of each task that failed, and of each indicator that a sample lacks, why.
    """

    samples: list[Row]
    events: list[Row]
    ranks: list[Row]
    spearman: list[Row]
    quantiles: list[Row]
    stability: list[Row]
    reversals: list[Row]
    mode_convergence: list[Row]
    chains: list[Row]
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
            rows, columns = self._rows_and_columns(name)
            path = directory / f"{name}.csv"
            with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
                writer = csv.DictWriter(stream, columns, lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
            written.append(path)
        return written

    def array(self, name: str) -> NDArray[np.void]:
        """Convert a table to a structured array, which ``pandas.DataFrame`` takes as it is.

        Parameters
        ----------
        name : str
            Name of the table.

        Returns
        -------
        ndarray, shape (rows,)
            Numbers that a row lacks are NaN, and words empty.

        Raises
        ------
        ArgumentError
            If there is no such table.
        """
        if name not in _COLUMNS:
            raise ArgumentError(f"there is no table {name!r}; {suggestion(name, list(_COLUMNS))}")
        rows, columns = self._rows_and_columns(name)
        return structured({column: _column([row.get(column) for row in rows]) for column in columns})

    def _rows_and_columns(self, name: str) -> tuple[list[Row], list[str]]:
        rows: list[Row] = getattr(self, name)
        return rows, list(dict.fromkeys([*_COLUMNS[name], *(column for row in rows for column in row)]))

    def rank_table(
        self,
        protocol: str,
        *,
        event: int | None = 1,
        state: str = "start",
        distance: float | None = None,
    ) -> RankTable:
        """Gather ranks of cores for the statistics of `glassplast.ensemble_scores`.

        Parameters
        ----------
        protocol : str
            Name of the protocol.
        event : int, optional
            Number of the event, from 1; with None all events.
        state : str
            ``start``, or a kind of states, see `glassplast.study.StudyState`.
        distance : float, optional
            Only ranks in states at this strain before the event, as the plan names it.

        Returns
        -------
        RankTable
            Ranks of all indicators, with the number of the sample of each event. A state at the same strain in two
            parts of the plan counts twice.
        """
        found: dict[tuple[int, int, float], dict[str, float]] = {}
        for row in self.ranks:
            if row["protocol"] != protocol or row["state"] != state or event not in (None, row["event"]):
                continue
            if distance is not None and not np.isclose(row["distance"], distance, rtol=1e-9, atol=0.0):
                continue
            place = row["sample"], row["event"], row["state_strain"]
            found.setdefault(place, {})[row["indicator"]] = row["rank"]
        keys = list(dict.fromkeys(key for ranks in found.values() for key in ranks))
        return RankTable(
            {key: np.array([ranks.get(key, np.nan) for ranks in found.values()]) for key in keys},
            np.array([sample for sample, _, _ in found], dtype=np.int64),
        )


def collect(plan: StudyPlan, out: Path) -> Tables:
    """Read what a study has so far.

    The order of the rows is that of the plan, whoever computed what and when.
    """
    state = standing(plan, out)
    rows: Rows = {name: [] for name in _COLUMNS}
    for task in state.done:
        if task.stage in ("fields", "states", "answers"):
            for name, found in read_rows(task.path(out)).items():
                rows[name] += found
    for task in state.failed:
        text = task.failure(out).read_text(encoding="utf-8").strip().splitlines()
        reason = text[-1] if text else ""
        rows["failures"].append(
            {"protocol": task.protocol, "sample": task.sample, "stage": task.stage, "reason": reason}
        )
    order = {name: place for place, name in enumerate(plan.protocols)}
    rows["costs"] += _cost_rows(out, order)
    rows["chains"] += _chain_rows(plan, rows["samples"])

    def place(row: Mapping[str, Any]) -> tuple[int, int]:
        return order[row["protocol"]], row.get("sample", 0)

    return Tables(**{table.name: sorted(rows[table.name], key=place) for table in fields(Tables)})


def _column(values: list[Any]) -> NDArray[Any]:
    """Values of a column in which some may be missing."""
    if any(isinstance(value, str) for value in values):
        return np.array(["" if value is None else str(value) for value in values], dtype=np.str_)
    if all(isinstance(value, int) for value in values):
        return np.array(values, dtype=np.int64)
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _chain_rows(plan: StudyPlan, samples: Iterable[Row]) -> list[Row]:
    """How independent the samples of chains are."""
    rows = []
    for name, protocol in plan.protocols.items():
        if isinstance(protocol, SoftDisksPlan):
            energies = {
                (name, row["chain"], row["place"]): row["energy_per_particle"]
                for row in samples
                if row["protocol"] == name
            }
            found = correlation_along_chains(energies)
            rows.append({"protocol": name, "correlation": found.value, "error": found.error, "pairs": found.pairs})
    return rows


def _cost_rows(out: Path, order: Mapping[str, int]) -> Iterable[Row]:
    """The costs on record."""
    for task, cost in recorded_costs(out).items():
        if task.protocol in order:
            row = {name: value for name, value in cost.items() if name != "parts"}
            yield {"protocol": task.protocol, "sample": task.sample, "stage": task.stage, **row}
