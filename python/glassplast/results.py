"""What a job computed, in one HDF5 file that any HDF5 reader understands; docs/results.md is its schema."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from glassplast.errors import InstabilityError, UnknownNameError
from glassplast.files.glass_group import read_glass, write_glass
from glassplast.files.hdf5_layer import (
    opened,
    replace_file,
    require_schema,
    set_attributes,
    text,
    write_dataset,
    write_texts,
)
from glassplast.files.json_text import json_mapping, json_text
from glassplast.foundation.arrays import FloatArray
from glassplast.glass import Glass
from glassplast.indicators import registry
from glassplast.quasistatic import Event, Run
from glassplast.quasistatic.storage import SCHEMA, SCHEMA_VERSION, read_run, write_run
from glassplast.response.analysis import Analysis, analysis_of
from glassplast.scores import Correlation, correlation, score

__all__ = ["Results", "describe"]


@dataclass
class Results:
    """A configuration with what was computed from it.

    Attributes
    ----------
    start : Glass
        The minimized state that was sheared and of which the fields are.
    run : Run, optional
        The shear run from there.
    fields : dict
        Key of an indicator -> (N,) values in `start`.
    failures : dict
        Key of an indicator -> why it has no field.
    state : dict
        Numbers that describe `start`, see `describe`.
    configuration : dict
        What was asked for.
    provenance : dict
        Versions, command, times.
    warnings : list of str
        What was worth saying on the way.
    interrupted : str
        The stage at which the job was stopped; empty if it was not.
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

    @property
    def events(self) -> list[Event]:
        """The events of the run; none without one."""
        return self.run.events if self.run is not None else []

    @property
    def ranks(self) -> dict[str, list[float]]:
        """Key of a registered indicator -> rank r_x of the core of each event, 1 where it is the softest particle."""
        registered = registry.keys()
        known = {key: values for key, values in self.fields.items() if key in registered}
        table: dict[str, list[float]] = {key: [] for key in known}
        for event in self.events:
            for key, rank in score(known, event).items():
                table[key].append(rank)
        return table

    @property
    def correlations(self) -> dict[str, Correlation]:
        """Key of an indicator -> C = 2<r_x> - 1 over the events of this run."""
        return {key: correlation(ranks) for key, ranks in self.ranks.items()}

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write everything to an HDF5 file, which is replaced only when the new one is whole.

        Raises
        ------
        FileError
            If the file cannot be written.
        """
        replace_file(Path(path), SCHEMA, SCHEMA_VERSION, lambda file: _fill(file, self))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Results:
        """Read what `save` wrote.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        FileError
            If it is corrupt or not of this kind.
        """
        with opened(Path(path), "results") as file:
            require_schema(file, Path(path), SCHEMA, SCHEMA_VERSION)
            return _results(file, str(path))


def describe(configuration: Glass | Analysis) -> dict[str, float]:
    """Numbers that describe a configuration: density, and with a model energy, stress, forces, rattlers, modulus.

    The shear modulus is that of a minimum only, and left out elsewhere.
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


def _fill(file: Any, results: Results) -> None:
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


def _write_scores(group: Any, results: Results) -> None:
    ranks, scores = results.ranks, results.correlations
    write_texts(group, "keys", list(ranks), "keys of the indicators")
    write_dataset(group, "ranks", np.array(list(ranks.values())), "r_x of the core, (indicators, events); 1 = softest")
    write_dataset(group, "C", [scores[key].value for key in ranks], "2<r_x> - 1")


# --- reading ----------------------------------------------------------------------------------------------------------


def _results(file: Any, name: str) -> Results:
    start = read_glass(file["glass"], name)
    fields: dict[str, FloatArray] = {}
    failures: Mapping[str, str] = {}
    if "fields" in file:
        fields = {key: np.asarray(dataset[()], dtype=np.float64) for key, dataset in file["fields"].items()}
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
    )
