"""Fields over the particles that are written with a configuration, and their conversion to and from columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from glassplast.errors import ArgumentError
from glassplast.foundation.arrays import FloatArray
from glassplast.glass import Glass

__all__ = [
    "CLAIMED",
    "Content",
    "Fields",
    "Modes",
    "columns_of_fields",
    "component_columns",
    "contents",
    "flat",
    "kind_of",
    "shaped",
]

#: Fields of one configuration by name.
Fields: TypeAlias = Mapping[str, ArrayLike]
#: Vector fields of one configuration, by name, or in a sequence in which they are numbered.
Modes: TypeAlias = Mapping[str, ArrayLike] | Sequence[ArrayLike] | FloatArray

AXES = "xyz"
LONGEST_NAME = 48

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
_COORDINATES = {f"{axis}{suffix}" for axis in AXES for suffix in ("", "s", "u", "su")}

#: Columns that describe the species, position and so on of a particle, and are not fields.
CLAIMED = frozenset(
    {"id", "type", "typelabel", "element", "species", "Z", "pos", "diameter", "radius", "radii", "ix", "iy", "iz"}
    | _COORDINATES
)
# These names have another meaning in ASE, or for a reader of positions.
_RESERVED = CLAIMED | {"positions", "numbers", "symbols", "initial_charges", "move_mask", "pos_x", "pos_y", "pos_z"}


class Content(NamedTuple):
    """The contents of one frame to be written.

    Attributes
    ----------
    glass : Glass
        The configuration.
    fields : dict of str to ndarray
        Arrays of float64 with shape (N,), (N, d) or (N, d, d) by the name of the field.
    """

    glass: Glass
    fields: dict[str, FloatArray]


def contents(
    glasses: Sequence[Glass],
    fields: Fields | Iterable[Fields | None] | None,
    modes: Modes | Iterable[Modes | None] | None,
    *,
    single: bool,
) -> list[Content]:
    """Each glass with its fields and modes, after a check of their names and shapes.

    Parameters
    ----------
    glasses : sequence of Glass
        The configurations.
    fields, modes : optional
        See `glassplast.write`.
    single : bool
        Whether the fields and modes are those of one glass, rather than a sequence with an entry for each glass.

    Raises
    ------
    ArgumentError
        If a name or a shape is not allowed; the message names the field.
    """
    fields_of = [fields] if single else _one_for_each(glasses, fields, "fields")
    modes_of = [modes] if single else _one_for_each(glasses, modes, "modes")
    made = []
    for glass, given, vectors in zip(glasses, fields_of, modes_of, strict=True):
        found = {name: _checked(glass, name, values) for name, values in _named(given, "fields").items()}
        for name, values in _numbered(vectors).items():
            if name in found:
                raise ArgumentError(f"{name!r} is the name of a field and of a mode")
            found[name] = _checked(glass, name, values, is_mode=True)
        _require_different_columns(found)
        made.append(Content(glass, found))
    return made


def _one_for_each(glasses: Sequence[Glass], given: Any, what: str) -> list[Any]:
    if given is None:
        return [None] * len(glasses)
    entries = [] if isinstance(given, Mapping) else list(given)
    if len(entries) != len(glasses):
        found = "one mapping" if isinstance(given, Mapping) else str(len(entries))
        raise ArgumentError(
            f"{what} of several configurations must be a sequence with an entry for each of them: {len(glasses)}, "
            f"not {found}"
        )
    return entries


def _named(given: Any, what: str) -> Mapping[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise ArgumentError(f"{what} must be a mapping from names to arrays, not {type(given).__name__}")
    return given


def _numbered(given: Any) -> Mapping[str, Any]:
    if given is None or isinstance(given, Mapping):
        return _named(given, "modes")
    # The modes of an analysis are an object with the attribute `vectors`.
    vectors = getattr(given, "vectors", given)
    return {f"mode_{number}": vector for number, vector in enumerate(vectors, start=1)}


def _checked(glass: Glass, name: Any, values: ArrayLike, *, is_mode: bool = False) -> FloatArray:
    what = "mode" if is_mode else "field"
    if not isinstance(name, str) or not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise ArgumentError(
            f"{what} {name!r}: a name has letters, digits and underscores, begins with a letter, and is not longer "
            f"than {LONGEST_NAME}"
        )
    if name in _RESERVED:
        raise ArgumentError(f"{what} {name!r}: readers take a column of this name for something else; rename it")
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ArgumentError(f"{what} {name!r} is not an array: {error}") from error
    if array.dtype.kind not in "biuf":
        raise ArgumentError(f"{what} {name!r} must hold real numbers, not {array.dtype}")
    count, dimension = glass.positions.shape
    vector = (count, dimension)
    if array.shape not in ((vector,) if is_mode else ((count,), vector, (*vector, dimension))):
        expected = f"{vector}" if is_mode else f"({count},), {vector} or {(*vector, dimension)}"
        raise ArgumentError(f"{what} {name!r} must have shape {expected}, not {array.shape}")
    return np.ascontiguousarray(array, dtype=np.float64)


def _require_different_columns(fields: Mapping[str, FloatArray]) -> None:
    # OVITO reads the columns of dumps in lower case.
    owners: dict[str, str] = {}
    for name, values in fields.items():
        for column in component_columns(name, values):
            owner = owners.setdefault(column.lower(), name)
            if owner != name:
                raise ArgumentError(
                    f"the fields {owner!r} and {name!r} both have a column {column} (upper or lower case); rename one"
                )


def component_columns(name: str, values: FloatArray) -> list[str]:
    """The columns of a field: its name, or one for each component (``name_x``, ``name_xy``), row by row."""
    if values.ndim == 1:
        return [name]
    axes = AXES[: values.shape[1]]
    return [f"{name}_{''.join(component)}" for component in product(axes, repeat=values.ndim - 1)]


def kind_of(values: FloatArray) -> str:
    """The kind of a field (scalar, vector or tensor) with its shape, for messages."""
    return ("number of each particle, (N,)", "vector of each particle, (N, d)", "tensor of each particle, (N, d, d)")[
        values.ndim - 1
    ]


def flat(values: FloatArray, *, in_space: bool) -> FloatArray:
    """A field as columns, shape (N, components); with `in_space`, vectors in two dimensions get a third component 0."""
    columns = values.reshape(len(values), -1)
    if in_space and values.ndim == 2 and columns.shape[1] == 2:
        columns = np.column_stack([columns, np.zeros(len(columns))])
    return columns


def shaped(columns: FloatArray, dimension: int) -> FloatArray:
    """The field whose columns `flat` made; columns with another number of components stay as they are."""
    count, width = columns.shape
    if width == 1:
        return columns[:, 0]
    if width == 3 and dimension == 2 and not columns[:, 2].any():
        return columns[:, :2]
    return columns.reshape(count, dimension, dimension) if width == dimension**2 else columns


def columns_of_fields(columns: Sequence[str], dimension: int) -> dict[str, list[str]]:
    """The columns of each field by its name; the components are recognized by the ends of the names of columns."""
    there = [column for column in columns if column not in CLAIMED]
    axes = AXES[:dimension]
    found: dict[str, list[str]] = {}
    taken: set[str] = set()
    for column in there:
        if column in taken:
            continue
        name, members = column, [column]
        base, _, end = column.rpartition("_")
        for rank in (1, 2):
            components = [f"{base}_{''.join(component)}" for component in product(axes, repeat=rank)]
            if base and end == axes[0] * rank and set(components) <= set(there):
                name, members = base, components
        found[name] = members
        taken.update(members)
    return found
