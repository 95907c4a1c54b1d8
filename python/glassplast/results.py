"""The results of a job, in one HDF5 file that any HDF5 reader can read; docs/results.md describes its schema."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassplast.errors import InstabilityError, UnknownNameError
from glassplast.files.glass_group import read_glass, write_glass
from glassplast.files.hdf5_layer import (
    opened,
    read_array,
    replace_file,
    require_schema,
    set_attributes,
    text,
    write_dataset,
    write_texts,
)
from glassplast.files.json_text import json_mapping, json_text
from glassplast.files.run_states import RESULTS_SCHEMA, RESULTS_VERSION
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.notebook import card, table
from glassplast.foundation.one_line import constructor_like, number, span
from glassplast.foundation.tables import structured
from glassplast.glass import Glass, facts_of, in_short
from glassplast.indicators import Fields, registry
from glassplast.quasistatic import Event, Run
from glassplast.quasistatic.storage import read_run, write_run
from glassplast.response.analysis import Analysis, analysis_of
from glassplast.scores import Correlation, correlation, score

__all__ = ["Results", "describe", "write_results"]


@dataclass(repr=False)
class Results:
    """A configuration with the results that were computed from it.

    Attributes
    ----------
    start : Glass
        The minimized state that was sheared, and for which the fields were computed.
    run : Run, optional
        The shear run from this state.
    fields : dict of str to ndarray, shape (N,)
        Fields in the state `start` by the key of the indicator.
    failures : dict of str to str
        Reasons why indicators have no field, by the key of the indicator.
    state : dict
        Numbers that describe `start`, see `describe`.
    configuration : dict
        Settings of the job.
    provenance : dict
        Versions, command and times.
    warnings : list of str
        Warnings of the job.
    interrupted : str
        The stage at which the job was interrupted; empty if it was not.
    notes : dict of str to str
        How fields were computed and how accurate they are, see `glassplast.indicators.Fields`.
    """

    start: Glass
    run: Run | None = None
    fields: dict[str, FloatArray] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    state: dict[str, float] = field(default_factory=dict)
    configuration: dict[str, Any] = field(default_factory=dict)
    provenance: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    interrupted: str = ""
    notes: dict[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        run = self.run
        return constructor_like(
            "Results",
            **in_short(self.start),
            strain=number(self.start.strain, 6) if run is None else span(run.strain[0], run.strain[-1], 5),
            events=len(self.events),
            fields=len(self.fields),
            failures=len(self.failures) or None,
            interrupted=repr(self.interrupted) if self.interrupted else None,
        )

    def _repr_html_(self) -> str:
        facts = facts_of(self.start) | {name.replace("_", " "): value for name, value in self.state.items()}
        if self.run is not None:
            facts["sheared"] = f"{span(self.run.strain[0], self.run.strain[-1], 6)}, {len(self.events)} events"
        facts["interrupted"] = self.interrupted or None
        scored = self.table()
        if scored.size and self.events:
            scored = scored[np.argsort(-scored["C"], kind="stable")]
        head = ["indicator", "symbol", "family", "C"]
        rows = [[row["key"].replace("_", " "), row["symbol"], row["family"], row["C"]] for row in scored]
        rows += [[key.replace("_", " "), "", why, ""] for key, why in self.failures.items()]
        return card(self, "Results", facts, *([table(rows, head)] if rows else []))

    def table(self) -> NDArray[np.void]:
        """A structured array with one row for each field of a registered indicator, and its scores.

        The columns are key, symbol, family and softer, C with the limits of its confidence interval (C_low, C_high),
        and the rank r_x of the core of each event (rank_1, rank_2, ...). ``pandas.DataFrame(results.table())`` makes a
        table of it.
        """
        ranks, scores = self.ranks, self.correlations
        indicators = [registry.find(key) for key in ranks]
        columns: dict[str, Any] = {
            name: np.array([getattr(indicator, name) for indicator in indicators], dtype=np.str_)
            for name in ("key", "symbol", "family", "softer")
        }
        for column, name in (("C", "value"), ("C_low", "low"), ("C_high", "high")):
            columns[column] = np.array([getattr(scores[key], name) for key in ranks], dtype=np.float64)
        matrix = np.array(list(ranks.values()), dtype=np.float64).reshape(len(ranks), len(self.events))
        columns |= {f"rank_{place + 1}": matrix[:, place] for place in range(len(self.events))}
        return structured(columns)

    def add(self, fields: Fields) -> None:
        """Take fields, and the notes on them.

        Parameters
        ----------
        fields : Fields
            From `glassplast.indicators.compute`.
        """
        self.fields.update(fields)
        self.notes.update(fields.notes)

    @property
    def events(self) -> list[Event]:
        """The events of the run; empty if there is no run."""
        return self.run.events if self.run is not None else []

    @property
    def ranks(self) -> dict[str, list[float]]:
        """Rank r_x of the core of each event by the key of the indicator; 1 if the core is the softest particle."""
        registered = registry.keys()
        known = {key: values for key, values in self.fields.items() if key in registered}
        table: dict[str, list[float]] = {key: [] for key in known}
        for event in self.events:
            for key, rank in score(known, event).items():
                table[key].append(rank)
        return table

    @property
    def correlations(self) -> dict[str, Correlation]:
        """C = 2<r_x> - 1 over the events of this run, by the key of the indicator."""
        return {key: correlation(ranks) for key, ranks in self.ranks.items()}

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write all results to an HDF5 file; an old file is replaced only when the new one is complete.

        Parameters
        ----------
        path : path-like
            File to write.

        Raises
        ------
        FileError
            If the file cannot be written.
        """
        replace_file(Path(path), RESULTS_SCHEMA, RESULTS_VERSION, lambda file: write_results(file, self))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Results:
        """Read a file written by `save`.

        Parameters
        ----------
        path : path-like
            File to read.

        Returns
        -------
        Results

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        FileError
            If the file is corrupt or of another kind.
        """
        with opened(Path(path), "results") as file:
            require_schema(file, Path(path), RESULTS_SCHEMA, RESULTS_VERSION)
            return _results(file, str(path))


def describe(configuration: Glass | Analysis) -> dict[str, float]:
    """Numbers that describe a configuration: the density, and with a model also energy, stress, forces and rattlers.

    The shear modulus is included if the configuration is a minimum.
    """
    analysis = analysis_of(configuration)
    glass = analysis.glass
    numbers = {"number_density": glass.number_density}
    if glass.model is None:
        return numbers
    stress = analysis.stress
    numbers["energy_per_particle"] = analysis.energy / len(glass)
    numbers["pressure"] = -float(np.trace(stress)) / glass.dimension
    numbers["shear_stress"] = float(stress[0, 1])
    numbers["largest_force"] = analysis.largest_force
    with suppress(InstabilityError):
        numbers["shear_modulus"] = analysis.shear_modulus()
        numbers["rattlers"] = int(np.count_nonzero(analysis.rattlers))
    return numbers


# --- writing ----------------------------------------------------------------------------------------------------------


def write_results(file: Any, results: Results) -> None:
    """Write results into an open HDF5 file.

    Parameters
    ----------
    file : h5py.File
        The file.
    results : Results
        The results.
    """
    set_attributes(
        file,
        interrupted=results.interrupted,
        state=json_text(results.state),
        configuration=json_text(results.configuration),
        provenance=json_text(results.provenance),
        warnings=json.dumps(results.warnings),
    )
    write_glass(file.create_group("glass"), results.start)
    if results.run is not None:
        write_run(file, results.run)
    if results.fields or results.failures:
        _write_fields(file.create_group("fields"), results)
    if results.fields and results.events:
        _write_scores(file.create_group("scores"), results)


def _write_fields(group: Any, results: Results) -> None:
    set_attributes(group, failures=json_text(results.failures))
    for key, values in results.fields.items():
        write_dataset(group, key, values, "")
        with suppress(UnknownNameError):
            indicator = registry.find(key)
            set_attributes(
                group[key],
                description=indicator.sentence,
                symbol=indicator.symbol,
                unit=indicator.unit_of(results.start),
                family=indicator.family,
                softer=indicator.softer,
            )
        if key in results.notes:
            set_attributes(group[key], note=results.notes[key])


def _write_scores(group: Any, results: Results) -> None:
    ranks, scores = results.ranks, results.correlations
    write_texts(group, "keys", list(ranks), "keys of the indicators")
    write_dataset(
        group,
        "ranks",
        np.array(list(ranks.values())),
        "rank r_x of the core of each event, 1 = softest, (indicators, events)",
    )
    write_dataset(group, "C", [scores[key].value for key in ranks], "2<r_x> - 1")


# --- reading ----------------------------------------------------------------------------------------------------------


def _results(file: Any, name: str) -> Results:
    start = read_glass(file["glass"], name)
    fields: dict[str, FloatArray] = {}
    failures: Mapping[str, str] = {}
    notes: dict[str, str] = {}
    if "fields" in file:
        notes = {key: text(values.attrs["note"]) for key, values in file["fields"].items() if "note" in values.attrs}
        fields = {key: np.asarray(read_array(dataset), dtype=np.float64) for key, dataset in file["fields"].items()}
        failures = json_mapping(text(file["fields"].attrs["failures"]), name)
        order = registry.keys()
        fields = dict(sorted(fields.items(), key=lambda item: order.index(item[0]) if item[0] in order else len(order)))
    return Results(
        start,
        Run.of_parts(read_run(file, start, name)) if "curve" in file else None,
        fields,
        dict(failures),
        json_mapping(text(file.attrs["state"]), name),
        json_mapping(text(file.attrs["configuration"]), name),
        json_mapping(text(file.attrs["provenance"]), name),
        list(json.loads(text(file.attrs["warnings"]))),
        text(file.attrs["interrupted"]),
        notes,
    )
