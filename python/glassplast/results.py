"""What a job computed, in one HDF5 file that any HDF5 reader understands; docs/results.md is its schema."""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from glassplast.analysis import Analysis
from glassplast.errors import FileError, GlassplastError, InstabilityError, UnknownNameError
from glassplast.files.frame import json_mapping, json_text
from glassplast.files.replacing import replacing
from glassplast.glass import Glass, make_box, package_version
from glassplast.indicators import registry
from glassplast.models import Model
from glassplast.quasistatic import Event, Run, StressDrop
from glassplast.scores import Correlation, correlation, score

Field = NDArray[np.float64]

SCHEMA = "glassplast results"
SCHEMA_VERSION = 1

_EVENT_NUMBERS = (
    "strain",
    "strain_uncertainty",
    "onset_strain",
    "irreversible",
    "stress_before",
    "stress_after",
    "energy_before",
    "energy_after",
    "eigenvalue",
    "core",
    "participation",
)
_EVENT_FIELDS = ("mode", "displacement")


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
    fields: dict[str, Field] = field(default_factory=dict)
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
        image = _image(self)
        with replacing(Path(path)) as temporary:
            temporary.write_bytes(image)

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
        source = Path(path)
        if not source.exists():
            raise FileNotFoundError(f"there is no file {source}")
        try:
            with h5py.File(source, "r") as file:
                return _results(file, str(path))
        except GlassplastError:
            raise
        except Exception as error:  # h5py meets corrupt files with exceptions of any kind.
            raise FileError(f"{path} is corrupt, truncated or holds no results: {error}") from error


def describe(analysis: Analysis) -> dict[str, float]:
    """Numbers that describe a configuration: density, and with a model energy, stress, forces, rattlers, modulus.

    The shear modulus is that of a minimum only, and left out elsewhere.
    """
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


def environment() -> dict[str, str]:
    """Versions of what computes."""
    versions = {"glassplast": package_version(), "python": platform.python_version(), "platform": platform.platform()}
    for package in ("numpy", "scipy", "h5py", "matplotlib"):
        with suppress(importlib.metadata.PackageNotFoundError):
            versions[package] = importlib.metadata.version(package)
    return versions


def provenance(command: Sequence[str] | None = None) -> dict[str, Any]:
    """When, by which versions and which command something is computed."""
    return {
        "created": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "command": list(sys.argv if command is None else command),
        "versions": environment(),
    }


# --- writing ----------------------------------------------------------------------------------------------------------


def _image(results: Results) -> bytes:
    # In memory, so that a full disk meets a plain write, and not HDF5 in the middle of its own.
    with h5py.File("results", "w", driver="core", backing_store=False, libver=("v110", "v110")) as file:
        _set(
            file,
            schema=SCHEMA,
            schema_version=SCHEMA_VERSION,
            glassplast=package_version(),
            interrupted=results.interrupted,
            state=json_text(results.state),
            configuration=json_text(results.configuration),
            provenance=json_text(results.provenance),
            warnings=json.dumps(results.warnings),
        )
        _write_glass(file.create_group("glass"), results.start)
        if results.run is not None:
            _write_run(file, results.run)
        if results.fields or results.failures:
            _write_fields(file.create_group("fields"), results)
        if results.fields and results.events:
            _write_scores(file.create_group("scores"), results)
        file.flush()
        image: bytes = file.id.get_file_image()
    return image


def _utf8(text: str) -> Any:
    encoded = text.encode()
    # HDF5 has no strings of length zero.
    return np.array(encoded, dtype=h5py.string_dtype("utf-8", max(len(encoded), 1)))


def _set(node: Any, **attributes: Any) -> None:
    for name, value in attributes.items():
        node.attrs[name] = _utf8(value) if isinstance(value, str) else value


def _dataset(group: Any, name: str, values: Any, description: str) -> None:
    dataset = group.create_dataset(
        name, data=np.asarray(values), fletcher32=np.ndim(values) > 0 and np.size(values) > 0
    )
    _set(dataset, description=description)


def _write_glass(group: Any, glass: Glass) -> None:
    _dataset(group, "positions", glass.positions, "coordinates, (N, d)")
    _dataset(group, "ids", glass.ids, "names of the particles")
    _dataset(group, "diameters", glass.diameters, "diameters, or s of the own species")
    if glass.species is not None:
        _dataset(group, "species", glass.species, "species, from 0")
    _set(
        group,
        cell=glass.cell,
        origin=np.asarray(glass.box.origin),
        strain=glass.strain,
        model=glass.model.name if glass.model is not None else "",
        parameters=json_text(dict(glass.model.parameters) if glass.model is not None else {}),
        provenance=json_text(dict(glass.provenance)),
    )


def _write_run(file: Any, run: Run) -> None:
    curve = file.create_group("curve")
    _set(curve, protocol=json_text(run.protocol))
    _dataset(curve, "strain", run.strain, "engineering shear strain")
    _dataset(curve, "stress", run.stress, "sigma_xy")
    _dataset(curve, "energy", run.energy, "potential energy U")
    drops = file.create_group("drops")
    _dataset(drops, "start", [drop.start for drop in run.drops], "strain before the stress fell")
    _dataset(drops, "end", [drop.end for drop in run.drops], "strain after it fell")
    _dataset(
        drops,
        "irreversible",
        [np.nan if drop.irreversible is None else drop.irreversible for drop in run.drops],
        "strain before the first increment that cannot be undone; NaN if each can",
    )
    events = file.create_group("events")
    meaning = {
        "strain": "the instability lies within strain +- strain_uncertainty",
        "onset_strain": "last stable state before it",
        "irreversible": "1 if stepping back leads elsewhere",
        "core": "index of the particle with the largest mode, from 0",
        "eigenvalue": "stiffness of the critical mode at onset_strain",
        "participation": "(sum u^2)^2 / (N sum u^4) of the critical mode",
    }
    for name in _EVENT_NUMBERS:
        values = np.array([getattr(event, name) for event in run.events])
        if name == "irreversible":
            values = values.astype(np.uint8)
        _dataset(events, name, values, meaning.get(name, name.replace("_", " ")))
    shape = (len(run.events), *run.start.positions.shape)
    for name in _EVENT_FIELDS:
        stack = np.array([getattr(event, name) for event in run.events]).reshape(shape)
        _dataset(events, name, stack, f"{name}, (events, N, d)")
    _dataset(events, "after_strain", [event.after.strain for event in run.events], "strain of the state reached")
    for name in ("before", "after"):
        stack = np.array([getattr(event, name).positions for event in run.events]).reshape(shape)
        _dataset(events, f"{name}_positions", stack, f"coordinates {name} the event, (events, N, d)")


def _write_fields(group: Any, results: Results) -> None:
    _set(group, failures=json_text(results.failures))
    for key, values in results.fields.items():
        _dataset(group, key, values, "")
        with suppress(UnknownNameError):
            indicator = registry.find(key)
            summary = (indicator.function.__doc__ or "").strip().splitlines()
            _set(
                group[key],
                description=summary[0] if summary else key,
                symbol=indicator.symbol,
                family=indicator.family,
                softer=indicator.softer,
            )


def _write_scores(group: Any, results: Results) -> None:
    ranks, scores = results.ranks, results.correlations
    width = max(len(key.encode()) for key in ranks)
    names = np.array([key.encode() for key in ranks], dtype=h5py.string_dtype("utf-8", width))
    group.create_dataset("keys", data=names)
    _dataset(group, "ranks", np.array(list(ranks.values())), "r_x of the core, (indicators, events); 1 = softest")
    _dataset(group, "C", [scores[key].value for key in ranks], "2<r_x> - 1")


# --- reading ----------------------------------------------------------------------------------------------------------


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _results(file: Any, name: str) -> Results:
    if _text(file.attrs.get("schema", "")) != SCHEMA:
        raise FileError(f"{name} holds no glassplast results: it has no attribute schema={SCHEMA!r}")
    if int(file.attrs["schema_version"]) > SCHEMA_VERSION:
        raise FileError(
            f"{name} has version {file.attrs['schema_version']} of its schema, and this glassplast knows "
            f"{SCHEMA_VERSION}: update it"
        )
    start = _glass(file["glass"], name)
    fields: dict[str, Field] = {}
    failures: Mapping[str, str] = {}
    if "fields" in file:
        fields = {key: np.asarray(dataset[()], dtype=np.float64) for key, dataset in file["fields"].items()}
        failures = json_mapping(_text(file["fields"].attrs["failures"]), name)
        order = registry.keys()
        fields = dict(sorted(fields.items(), key=lambda item: order.index(item[0]) if item[0] in order else len(order)))
    return Results(
        start,
        _run(file, start, name) if "curve" in file else None,
        fields,
        dict(failures),
        json_mapping(_text(file.attrs["state"]), name),
        json_mapping(_text(file.attrs["configuration"]), name),
        json_mapping(_text(file.attrs["provenance"]), name),
        list(json.loads(_text(file.attrs["warnings"]))),
        _text(file.attrs["interrupted"]).rstrip("\0"),
    )


def _glass(group: Any, name: str) -> Glass:
    attributes = group.attrs
    kind = _text(attributes["model"]).rstrip("\0")
    model = Model(kind, json_mapping(_text(attributes["parameters"]), name)) if kind else None
    by_species = model is not None and model.kind.describes == "species"
    return Glass(
        group["positions"][()],
        make_box(np.asarray(attributes["cell"]), np.asarray(attributes["origin"])),
        model,
        species=group["species"][()] if "species" in group else None,
        diameters=None if by_species else group["diameters"][()],
        strain=float(attributes["strain"]),
        ids=group["ids"][()],
        provenance=json_mapping(_text(attributes["provenance"]), name),
    )


def _run(file: Any, start: Glass, name: str) -> Run:
    curve, drops, table = file["curve"], file["drops"], file["events"]
    protocol = json_mapping(_text(curve.attrs["protocol"]), name)

    def state(positions: Field, strain: float) -> Glass:
        return start.replace(
            positions=positions,
            box=start.box.sheared(strain - start.strain),
            strain=strain,
            provenance={"shear": {**protocol, "from_strain": start.strain}},
        )

    events = []
    for index in range(table["strain"].shape[0]):
        numbers = {key: table[key][index].item() for key in _EVENT_NUMBERS}
        numbers["irreversible"] = bool(numbers["irreversible"])
        events.append(
            Event(
                **numbers,
                **{key: table[key][index] for key in _EVENT_FIELDS},
                before=state(table["before_positions"][index], float(table["onset_strain"][index])),
                after=state(table["after_positions"][index], float(table["after_strain"][index])),
            )
        )
    found = zip(drops["start"][()], drops["end"][()], drops["irreversible"][()], strict=True)
    return Run(
        start,
        curve["strain"][()],
        curve["stress"][()],
        curve["energy"][()],
        events,
        [StressDrop(float(a), float(b), None if np.isnan(c) else float(c)) for a, b, c in found],
        protocol,
    )
