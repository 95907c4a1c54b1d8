"""Storage of frozen dataclasses in HDF5, with one codec for all of them.

A field of a dataclass that is to be stored has its description in its metadata (`described`). How a field is stored
follows from its type:

- an array is a dataset with a checksum, and its description beside it;
- a number, a truth value or a word is an attribute of the group;
- a mapping is an attribute that holds JSON;
- another dataclass is written into the same group;
- a field that is None is left out.

Several records of one kind are stored as columns: each field is one dataset with an entry for each record.
"""

from __future__ import annotations

import dataclasses
import os
import types
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

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

__all__ = [
    "columns",
    "described",
    "descriptions",
    "kept_apart",
    "load_record",
    "read_columns",
    "read_record",
    "save_record",
    "write_columns",
    "write_record",
]

Record = TypeVar("Record")


def described(description: str, *, stored_as: str | None = None, **options: Any) -> Any:
    """Declare a field of a dataclass that is stored.

    Parameters
    ----------
    description : str
        Description of the field, which is stored with the data.
    stored_as : str, optional
        Name of the field in files; by default its own name.
    **options
        Arguments of `dataclasses.field`.
    """
    return dataclasses.field(metadata={"description": description, "stored_as": stored_as}, **options)


def kept_apart() -> Any:
    """Declare a field of a dataclass that the codec does not store."""
    return dataclasses.field()


@dataclasses.dataclass(frozen=True)
class _Stored:
    """The properties of a field that the codec needs."""

    attribute: str
    name: str
    description: str
    kind: Any
    optional: bool
    has_default: bool


_KNOWN: dict[type, tuple[_Stored, ...]] = {}


def _stored(kind: type) -> tuple[_Stored, ...]:
    if kind not in _KNOWN:
        _KNOWN[kind] = _found(kind)
    return _KNOWN[kind]


def _found(kind: type) -> tuple[_Stored, ...]:
    hints = get_type_hints(kind)
    found = []
    for field in dataclasses.fields(kind):
        if "description" not in field.metadata:
            continue
        hint, optional = hints[field.name], False
        if get_origin(hint) in (Union, types.UnionType):
            inner = [part for part in get_args(hint) if part is not type(None)]
            hint, optional = inner[0], len(inner) < len(get_args(hint))
        has_default = field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
        name = field.metadata["stored_as"] or field.name
        found.append(_Stored(field.name, name, field.metadata["description"], hint, optional, has_default))
    return tuple(found)


def descriptions(kind: type) -> dict[str, str]:
    """The stored fields of a dataclass with their descriptions."""
    return {field.attribute: field.description for field in _stored(kind)}


def _is_array(kind: Any) -> bool:
    return get_origin(kind) is np.ndarray or kind is np.ndarray


def _is_mapping(kind: Any) -> bool:
    origin = get_origin(kind) or kind
    return isinstance(origin, type) and issubclass(origin, Mapping)


# --- one record -------------------------------------------------------------------------------------------------------


def write_record(group: Any, record: Any) -> None:
    """Write the stored fields of a record into a group."""
    for field in _stored(type(record)):
        value = getattr(record, field.attribute)
        if value is None:
            continue
        if _is_array(field.kind):
            write_dataset(group, field.name, value, field.description)
        elif _is_mapping(field.kind):
            set_attributes(group, **{field.name: json_text(dict(value))})
        elif dataclasses.is_dataclass(field.kind):
            write_record(group, value)
        else:
            set_attributes(group, **{field.name: value})


def read_record(group: Any, kind: type[Record], name: str) -> Record:
    """Read a record written by `write_record`.

    Parameters
    ----------
    group : h5py.Group
        Group of the record.
    kind : type
        The dataclass.
    name : str
        Name of the file, for messages.
    """
    values: dict[str, Any] = {}
    for field in _stored(kind):
        if dataclasses.is_dataclass(field.kind):
            values[field.attribute] = read_record(group, cast(type, field.kind), name)
        elif _is_array(field.kind):
            if field.name in group or not (field.optional or field.has_default):
                values[field.attribute] = read_array(group[field.name])
            elif field.optional:
                values[field.attribute] = None
        elif field.name in group.attrs or not (field.optional or field.has_default):
            values[field.attribute] = _from_attribute(group.attrs[field.name], field.kind, name)
        elif field.optional and not field.has_default:
            values[field.attribute] = None
    return kind(**values)


def _from_attribute(value: Any, kind: Any, name: str) -> Any:
    if _is_mapping(kind):
        return json_mapping(text(value), name)
    return text(value) if kind is str else kind(value)


def save_record(path: str | os.PathLike[str], record: Any, schema: str, version: int) -> None:
    """Replace a file by one that holds a record, with the name and version of its schema.

    Raises
    ------
    FileError
        If the file cannot be written; a file that was there before is left untouched.
    """
    replace_file(Path(path), schema, version, lambda file: write_record(file, record))


def load_record(path: str | os.PathLike[str], kind: type[Record], schema: str, version: int) -> Record:
    """Read the record in a file.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FileError
        If the file is corrupt, or has another schema or a newer version.
    """
    with opened(Path(path), schema) as file:
        require_schema(file, Path(path), schema, version)
        return read_record(file, kind, Path(path).name)


# --- many records -----------------------------------------------------------------------------------------------------


_COLUMN_TYPES: dict[Any, type] = {bool: np.bool_, int: np.int64, float: np.float64, str: np.str_}


def columns(kind: type, records: Sequence[Any]) -> dict[str, NDArray[Any]]:
    """The numbers, truth values and words of records of one kind as columns; their arrays are left out.

    Parameters
    ----------
    kind : type
        The dataclass.
    records : sequence
        Records of that kind; there may be none.

    Returns
    -------
    dict
        Name of a field -> (n,) array; NaN for a number that is None.
    """
    found: dict[str, NDArray[Any]] = {}
    for field in _stored(kind):
        if field.kind in _COLUMN_TYPES:
            values = [getattr(record, field.attribute) for record in records]
            known = [np.nan if value is None else value for value in values] if field.optional else values
            found[field.attribute] = np.array(known, dtype=_COLUMN_TYPES[field.kind])
    return found


def write_columns(group: Any, kind: type, records: Sequence[Any], shape: tuple[int, ...] = ()) -> None:
    """Write records of one kind as columns.

    Parameters
    ----------
    group : h5py.Group
        Group of the columns.
    kind : type
        The dataclass.
    records : sequence
        Records of that kind; there may be none.
    shape : tuple of int
        Shape of the array fields, which must be given for the case that there are no records.
    """
    for field in _stored(kind):
        values = [getattr(record, field.attribute) for record in records]
        if field.kind is str:
            write_texts(group, field.name, values, field.description)
        elif _is_array(field.kind):
            write_dataset(group, field.name, np.array(values).reshape(len(values), *shape), field.description)
        elif field.kind is bool:
            write_dataset(group, field.name, np.array(values, dtype=np.uint8), field.description)
        else:
            known = [np.nan if value is None else value for value in values] if field.optional else values
            write_dataset(group, field.name, np.array(known), field.description)


def read_columns(group: Any, kind: type) -> list[dict[str, Any]]:
    """Read the stored fields of records written by `write_columns`; missing fields with a default are left out."""
    rows: list[dict[str, Any]] | None = None
    for field in _stored(kind):
        if field.has_default and field.name not in group:
            continue
        column = read_array(group[field.name])
        if rows is None:
            rows = [{} for _ in range(len(column))]
        for row, value in zip(rows, column, strict=True):
            row[field.attribute] = _from_column(value, field)
    return rows or []


def _from_column(value: Any, field: _Stored) -> Any:
    if _is_array(field.kind):
        return value
    if field.kind is str:
        return text(value)
    if field.optional and np.isnan(value):
        return None
    return field.kind(value)
