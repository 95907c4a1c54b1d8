"""A configuration as a file holds it, before it becomes a `Glass`."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from glassplast.errors import ArgumentError, FileError, GeometryError, ModelError
from glassplast.files.json_text import json_text
from glassplast.files.text import FileWarning
from glassplast.foundation.arrays import FloatArray, IntegerArray
from glassplast.glass import Glass
from glassplast.models import Model

__all__ = [
    "ELEMENTS",
    "SUFFICIENT_DIGITS",
    "Frame",
    "Pending",
    "PrecisionWarning",
    "ReadOptions",
    "frame_at",
    "has_own_diameters",
    "metadata_of",
    "short_text",
    "species_of_names",
    "types_of",
]

ELEMENTS = ("H", "He", "Li", "Be", "B", "C", "N", "O", "F", "Ne")

# With fewer digits the error of positions is that of rounding rather than that of a minimizer.
SUFFICIENT_DIGITS = 9


class PrecisionWarning(FileWarning):
    """Warns of positions with few digits (float32, short text), to be minimized before forces or modes are computed."""


@dataclass(frozen=True)
class ReadOptions:
    """Options of a reader, for what the file does not always tell.

    Attributes
    ----------
    atom_style : str or None
        Atom style of a LAMMPS data file.
    unwrap : bool
        Whether positions are unwrapped across the periodic boundaries, if the file has the information.
    """

    atom_style: str | None = None
    unwrap: bool = False


def _no_fields(dimension: int) -> Mapping[str, FloatArray]:
    return {}


@dataclass
class Frame:
    """The contents of a file about one configuration.

    Attributes
    ----------
    name, format : str
        Name and format of the file.
    positions : ndarray, shape (N, 2) or (N, 3)
        Positions as in the file (length).
    cell : ndarray, shape (2, 2) or (3, 3)
        Matrix whose columns are the cell vectors (length).
    origin : ndarray, shape (2,) or (3,)
        Corner of the box (length).
    columns : sequence of str
        Names of the quantities that the file has for each particle, for messages.
    species : ndarray of int, shape (N,), list of str, or None
        Species counted from 0, or their names.
    diameters, ids : ndarray, shape (N,), or None
        Diameter (length) and id of each particle.
    sort : bool
        Whether the particles are to be sorted by id, because their order in the file has no meaning.
    periodic : sequence of bool
        Whether the box is periodic along each axis.
    strain, dimension, model, parameters, provenance
        Values recorded by glassplast; `model` is a name.
    precision : str or None
        Description of the rounding of positions, if they have too few digits.
    index, step : int or None
        Index of the frame in the file, and its time step.
    read_fields : callable
        Function of the number of dimensions that returns the fields over the particles, in the order of the file.
    """

    name: str
    format: str
    positions: FloatArray
    cell: FloatArray
    origin: FloatArray
    columns: Sequence[str]
    species: IntegerArray | list[str] | None = None
    diameters: FloatArray | None = None
    ids: IntegerArray | None = None
    sort: bool = False
    periodic: Sequence[bool] = (True, True, True)
    strain: float | None = None
    dimension: int | None = None
    model: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    provenance: Mapping[str, Any] | None = None
    precision: str | None = None
    index: int | None = None
    step: int | None = None
    read_fields: Callable[[int], Mapping[str, FloatArray]] = _no_fields

    def record(self, metadata: Mapping[str, Any]) -> None:
        """Set the values that glassplast recorded, which come from `metadata_of`.

        Raises
        ------
        FileError
            If an entry has the wrong type.
        """
        strain = metadata.get("strain")
        if strain is not None and (isinstance(strain, bool) or not isinstance(strain, (int, float))):
            raise FileError(f"{self.name} records the strain {strain!r}, which is no number")
        dimension = metadata.get("dimension")
        if dimension not in (None, 2, 3):
            raise FileError(f"{self.name} records the dimension {dimension!r}; expected 2 or 3")
        for key, kind in (("model", str), ("parameters", Mapping), ("provenance", Mapping)):
            value = metadata.get(key)
            if value is not None and not isinstance(value, kind):
                raise FileError(f"{self.name} records the {key} {value!r}, which has the wrong type")
        self.strain = strain
        self.dimension = dimension
        self.model = metadata.get("model")
        self.parameters = metadata.get("parameters") or {}
        self.provenance = metadata.get("provenance")

    def to_glass(
        self,
        model: str | Model | None,
        strain: float | None,
        diameters: ArrayLike | float | None,
        dimension: int | None,
    ) -> Glass:
        """The configuration; arguments that are not None replace the values in the file.

        Raises
        ------
        FileError
            If the file lacks a value that is needed.
        ArgumentError
            If the dimension is neither 2 nor 3.
        GeometryError, ModelError
            See `Glass`; the message names the file.
        """
        known = self._model(model)
        found = self._dimension(dimension)
        count = len(self.positions)
        if self.ids is not None and np.unique(self.ids).size < count:
            raise FileError(f"{self.name}: ids must name each particle once")
        order = self._order()
        sizes = None if self.diameters is None else self.diameters[order]
        if diameters is not None:
            given = np.asarray(diameters, dtype=np.float64)
            sizes = np.full(count, float(given)) if given.ndim == 0 else given
        species = None if self.species is None else self._species(known)[order]
        self._require(known, species, sizes)
        try:
            glass = Glass(
                self.positions[order, :found],
                self.cell[:found, :found],
                known,
                species=species,
                diameters=sizes,
                strain=self.strain if strain is None else strain,
                ids=None if self.ids is None else self.ids[order],
                origin=self.origin[:found],
                provenance=self._provenance(),
            )
        except (GeometryError, ModelError) as error:
            raise type(error)(f"{self._where()}: {error}") from error
        if self.precision is not None:
            warnings.warn(
                f"{self._where()}: positions have only {self.precision}; minimize before use: forces and "
                "modes need a minimum in double precision",
                PrecisionWarning,
                stacklevel=3,
            )
        return glass

    def fields(self) -> dict[str, FloatArray]:
        """Fields over the particles, in the order of the particles of `to_glass`."""
        order = self._order()
        return {name: values[order] for name, values in self.read_fields(self._dimension(None)).items()}

    def _order(self) -> Any:
        return np.argsort(self.ids) if self.sort and self.ids is not None else slice(None)

    def _where(self) -> str:
        return self.name if not self.index else f"{self.name}, frame {self.index}"

    def _model(self, given: str | Model | None) -> Model | None:
        if isinstance(given, Model):
            return given
        if given is not None:
            return Model(given)
        if self.model is None:
            return None
        try:
            return Model(self.model, self.parameters)
        except ModelError as error:
            raise FileError(f"{self.name} records a model that is not known here: {error}; pass model=") from error

    def _dimension(self, asked: int | None) -> int:
        if asked not in (None, 2, 3):
            raise ArgumentError(f"dimension must be 2 or 3, not {asked}")
        width, planar = self.positions.shape[1], self._is_planar()
        dimension = asked or self.dimension or (2 if planar else 3)
        if dimension == 2 and not planar:
            raise FileError(
                f"{self._where()} cannot be read as 2D: its particles differ in z, or its box is tilted "
                "out of the plane"
            )
        if dimension == 3 and width < 3:
            raise FileError(f"{self._where()} cannot be read as 3D: it has no z ({' '.join(self.columns)})")
        for axis, periodic in zip("xyz"[:dimension], self.periodic, strict=False):
            if not periodic:
                raise FileError(
                    f"{self._where()}: the box is not periodic in {axis}; only periodic boxes are supported"
                )
        return dimension

    def _is_planar(self) -> bool:
        if self.positions.shape[1] == 2:
            return True
        heights = self.positions[:, 2]
        in_plane = not self.cell[2, :2].any() and not self.cell[:2, 2].any()
        return in_plane and bool((heights == heights[0]).all())

    def _species(self, model: Model | None) -> IntegerArray:
        if isinstance(self.species, np.ndarray):
            numbers = self.species
        else:
            assert self.species is not None
            numbers, guessed = species_of_names(self.species)
            if guessed and model is not None and model.kind.describes == "species":
                warnings.warn(
                    f"{self.name}: the species {', '.join(guessed)} are read as 0 to {len(guessed) - 1}, in this order",
                    FileWarning,
                    stacklevel=4,
                )
        limit = np.iinfo(np.int32).max
        if numbers.size and (numbers.min() < 0 or numbers.max() > limit):
            raise FileError(f"{self.name}: types must lie between 1 and {limit}")
        return numbers

    def _require(self, model: Model | None, species: ArrayLike | None, diameters: ArrayLike | None) -> None:
        has = f"its columns are {' '.join(self.columns)}"
        if model is not None and model.kind.describes == "species":
            if species is None:
                raise FileError(f"{self._where()} has no types, which model {model.name!r} needs; {has}")
        elif diameters is None:
            who = f"which model {model.name!r} needs" if model else "which a glass without a model needs"
            raise FileError(
                f"{self._where()} has no diameters, {who}; {has}; pass diameters="
                + ("" if model else " or model=, e.g. model='lj'")
            )

    def _provenance(self) -> dict[str, Any]:
        recorded = dict(self.provenance or {})
        if self.provenance is not None and self.precision is None:
            return recorded
        origin = {"name": self.name, "format": self.format, "frame": self.index, "step": self.step}
        origin["precision"] = self.precision
        recorded["file"] = {key: value for key, value in origin.items() if value is not None}
        return recorded


Pending = Callable[[], Frame]


def frame_at(pending: Iterator[Pending], index: int, name: str) -> Frame:
    """The frame at an index; negative indices count from the end.

    Raises
    ------
    FileError
        If there is no such frame; the message gives the number of frames.
    """
    kept: list[Pending] = []
    count = 0
    try:
        for frame in pending:
            count += 1
            kept.append(frame)
            # The rest of the file is not read, and need not be complete.
            if count == index + 1:
                break
            if index >= 0 or len(kept) > -index:
                del kept[0]
    except FileError as error:
        if count == 0:
            raise
        raise FileError(f"{error}. The frames before it are complete; frame={count - 1} is the last of them") from error
    if (index >= 0 and count <= index) or (index < 0 and len(kept) < -index):
        frames = "1 frame" if count == 1 else f"{count} frames"
        raise FileError(f"{name} holds {frames}; there is no frame {index}")
    chosen = kept[-1 if index >= 0 else 0]()
    chosen.index = index if index >= 0 else count + index
    return chosen


def short_text(digits: int) -> str | None:
    """The description of positions in a text with this number of digits; None if the digits are sufficient."""
    return f"{digits} significant digits" if digits < SUFFICIENT_DIGITS else None


def species_of_names(names: Sequence[str]) -> tuple[IntegerArray, list[str]]:
    """Species counted from 0 for their names in a file, and the order of the names if it had to be guessed.

    Names that are numbers count from 1, or from 0 if there is a 0. The names S, L stand for 0, 1; the names A, B, ...
    and H, He, Li, ... stand for 0, 1, ...; other names are sorted.
    """
    different = sorted(set(names))
    guessed: list[str] = []
    if all(name.isascii() and name.isdigit() and len(name) < 10 for name in different):
        first = 0 if any(int(name) == 0 for name in different) else 1
        numbers = {name: int(name) - first for name in different}
    else:
        for known in (("S", "L"), tuple(ascii_uppercase), ELEMENTS):
            numbers = {name: known.index(name) for name in different if name in known}
            # Gaps in the numbers show that the names have another meaning.
            if len(numbers) == len(different) and max(numbers.values()) < max(len(numbers), 2):
                break
        else:
            numbers = {name: number for number, name in enumerate(different)}
            guessed = different if len(different) > 1 else []
    return np.array([numbers[name] for name in names], dtype=np.int64), guessed


def types_of(glass: Glass) -> IntegerArray:
    """Types counted from 1, as in files; all are 1 if the glass has no species.

    Raises
    ------
    FileError
        If a species is negative.
    """
    if glass.species is None:
        return np.ones(len(glass), dtype=np.int64)
    if int(glass.species.min()) < 0:
        raise FileError("species must not be negative to be written; HDF5 can hold any")
    return glass.species.astype(np.int64) + 1


def has_own_diameters(glass: Glass) -> bool:
    """Whether the diameters differ from those that the model gives to the species."""
    return glass.model is None or glass.model.kind.describes == "diameters"


def metadata_of(glass: Glass, limit: int | None = None) -> dict[str, Any]:
    """The properties of a glass other than positions and box, for storage in a file.

    If the JSON text of the provenance would exceed the limit, entries are left out and `"abridged"` is set.
    """
    metadata: dict[str, Any] = {"strain": glass.strain, "dimension": glass.dimension}
    if glass.model is not None:
        metadata["model"] = glass.model.name
        if glass.model.parameters:
            metadata["parameters"] = dict(glass.model.parameters)
    provenance: dict[str, Any] = {}
    metadata["provenance"] = provenance
    for key, value in glass.provenance.items():
        provenance[key] = value
        if limit is not None and len(json_text(metadata)) > limit - len(',"abridged":true'):
            del provenance[key]
            metadata["provenance"]["abridged"] = True
    return metadata
