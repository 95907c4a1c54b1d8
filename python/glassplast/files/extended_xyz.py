"""Extended XYZ files: the number of particles, a line of key=value pairs, and a line for each particle."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any

import numpy as np

from glassplast.errors import FileError
from glassplast.files.frame import (
    ELEMENTS,
    Frame,
    Pending,
    ReadOptions,
    has_own_diameters,
    metadata_of,
    short_text,
    types_of,
)
from glassplast.files.json_text import json_mapping, json_text
from glassplast.files.lammps_box import positions_in_space
from glassplast.files.particle_fields import CLAIMED, Content, flat, shaped
from glassplast.files.text import Lines, Source, Table, decimals, is_integer, shown
from glassplast.foundation.arrays import FloatArray, IntegerArray

__all__ = ["JSON", "NAME", "pairs_of", "pending", "text"]

NAME = "extended XYZ"

# The prefix that ASE writes before a value in JSON.
JSON = "_JSON "

_PAIR = re.compile(
    r"""\s*(?P<key>[^\s="]+|"[^"]*")
        (?:\s*=\s*(?P<value>"(?:[^"\\]|\\.)*"|'[^']*'|\{[^{}]*\}|\[[^=]*\]|[^\s"'{\[]\S*))?(?=\s|$)""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(.)")


def pending(source: Source, options: ReadOptions) -> Iterator[Pending]:
    """Find the frames one after the other, without converting them."""
    with source.lines() as lines:
        while (line := lines.next_filled()) is not None:
            words = line.split()
            if len(words) != 1 or not words[0].isascii() or not words[0].isdigit() or len(words[0]) > 18:
                raise lines.error(f"expected the number of particles, not {shown(line)}")
            count = int(words[0])
            if count == 0:
                raise lines.error("the frame holds no particles")
            comment = lines.next("Lattice=... Properties=...")
            start = lines.number
            rows = lines.take(count, "lines of particles")
            yield partial(_frame, lines.name, start, comment, rows)


def pairs_of(comment: str) -> dict[str, str | bool]:
    """The key=value pairs of a comment line, without quotes; the value of a key alone is True.

    Raises
    ------
    ValueError
        If something in the line is neither a pair nor a key.
    """
    pairs: dict[str, str | bool] = {}
    comment = comment.strip()
    place = 0
    while place < len(comment):
        found = _PAIR.match(comment, place)
        if found is None:
            raise ValueError(comment[place:])
        key, value = found["key"].strip('"'), found["value"]
        if value is None:
            pairs[key] = True
        elif value[0] == '"':
            # In other values \n is a new line, while in JSON it stays escaped.
            pairs[key] = _ESCAPE.sub(lambda escape: {"n": "\n"}.get(escape[1], escape[1]), value[1:-1])
        else:
            pairs[key] = value[1:-1] if value[0] in "'{[" else value
        place = found.end()
    return pairs


def _frame(name: str, start: int, comment: str, rows: list[str]) -> Frame:
    place = Lines(io.StringIO(), name)
    place.number = start
    try:
        pairs = pairs_of(comment)
    except ValueError as error:
        raise place.error(f"expected key=value pairs, not {shown(str(error))}") from None
    if "Lattice" not in pairs:
        raise place.error("there is no Lattice=...: XYZ without a box cannot be read")
    cell = _numbers(place, pairs, "Lattice", 9).reshape(3, 3).T
    origin = _numbers(place, pairs, "Origin", 3) if "Origin" in pairs else np.zeros(3)
    properties = _properties(place, str(pairs.get("Properties", "species:S:1:pos:R:3")))
    columns = [column for members in properties.values() for column in members]
    end = Lines(io.StringIO(), name)
    end.number = start + len(rows)
    table = Table(end, rows, columns)
    axes = [column for column in ("pos_x", "pos_y", "pos_z") if column in columns]
    if not axes:
        raise FileError(f"{name}, line {start}: no positions (pos:R:3) among the Properties {' '.join(columns)}")
    sizes = None
    for column, factor in (("diameter", 1.0), ("radius", 2.0), ("radii", 2.0)):
        if column in columns and sizes is None:
            sizes = factor * table.numbers(column)[:, 0]
    frame = Frame(
        name,
        NAME,
        table.numbers(*axes),
        cell,
        origin,
        columns,
        species=_species(table),
        diameters=sizes,
        ids=table.ids() if "id" in columns else None,
        sort=True,
        periodic=_periodic(place, pairs),
        precision=short_text(table.digits(*axes)),
        read_fields=partial(_fields, table, properties),
    )
    frame.record(_metadata(place, pairs))
    return frame


def _numbers(place: Lines, pairs: Mapping[str, str | bool], key: str, count: int) -> FloatArray:
    words = re.sub(r"[\[\],]", " ", str(pairs[key])).split()
    if len(words) != count:
        raise place.error(f"expected {count} numbers in {key}, found {len(words)}")
    return np.array([float(value) for value in decimals(place, words, f"{key}=")])


def _properties(place: Lines, properties: str) -> dict[tuple[str, str], list[str]]:
    """The columns of each property, by its name and type."""
    parts = properties.split(":")
    found: dict[tuple[str, str], list[str]] = {}
    if len(parts) % 3:
        raise place.error(f"Properties come in threes, name:type:columns, not {shown(properties)}")
    for name, kind, width in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        if kind not in ("S", "R", "I", "L") or not is_integer(width) or not 0 < int(width) < 100:
            raise place.error(f"expected Properties=name:S|R|I|L:columns:..., not {shown(properties)}")
        if name == "pos" and int(width) not in (2, 3):
            raise place.error(f"positions have 2 or 3 columns, not {width}")
        if name in (known for known, _ in found):
            raise place.error(f"a column is named twice: {shown(properties)}")
        suffixes = [f"_{axis}" for axis in "xyz"] if name == "pos" else [f":{number}" for number in range(1, 100)]
        found[name, kind] = [name] if int(width) == 1 else [f"{name}{suffix}" for suffix in suffixes[: int(width)]]
    return found


def _fields(table: Table, properties: Mapping[tuple[str, str], list[str]], dimension: int) -> dict[str, FloatArray]:
    return {
        name: shaped(table.numbers(*columns), dimension)
        for (name, kind), columns in properties.items()
        if kind in ("R", "I") and name not in CLAIMED
    }


def _species(table: Table) -> IntegerArray | list[str] | None:
    for column in ("species", "type", "Z"):
        if column in table.columns:
            return table.words(column)
    return None


def _periodic(place: Lines, pairs: Mapping[str, str | bool]) -> tuple[bool, ...]:
    words = re.sub(r"[\[\],]", " ", str(pairs.get("pbc", "T T T"))).split()
    if len(words) != 3 or not all(word in ("T", "F", "True", "False", "true", "false", "1", "0") for word in words):
        raise place.error(f'expected pbc="T T F" or the like, not {shown(" ".join(words))}')
    return tuple(word[0] in "Tt1" for word in words)


def _metadata(place: Lines, pairs: Mapping[str, str | bool]) -> dict[str, Any]:
    metadata: dict[str, Any] = {}
    if "strain" in pairs:
        metadata["strain"] = float(decimals(place, [str(pairs["strain"])], "strain=")[0])
    if str(pairs.get("dimension", "")) in ("2", "3"):
        metadata["dimension"] = int(pairs["dimension"])
    # A key "model" alone may come from another program.
    if "provenance" in pairs:
        for key in ("parameters", "provenance"):
            if key in pairs:
                metadata[key] = json_mapping(str(pairs[key]).removeprefix(JSON), f"{place.name}, {key}")
        metadata["model"] = pairs.get("model")
    return metadata


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def text(frames: Sequence[Content], first: int) -> Iterator[str]:
    """The text of the frames.

    Raises
    ------
    FileError
        If a species is negative.
    """
    for glass, fields in frames:
        cell = np.eye(3)
        cell[: glass.dimension, : glass.dimension] = glass.cell
        origin = [*glass.box.origin.tolist(), 0.0][:3]
        types = types_of(glass)
        # Species are named after chemical elements, because some readers know no other names.
        named = int(types.max()) <= len(ELEMENTS)
        names = [ELEMENTS[kind - 1] if named else str(kind) for kind in types.tolist()]
        metadata = metadata_of(glass)
        sizes = has_own_diameters(glass)
        yield f"{len(glass)}\n"
        yield f'Lattice="{" ".join(map(repr, cell.T.ravel().tolist()))}" '
        if any(origin):
            yield f'Origin="{" ".join(map(repr, origin))}" '
        # A vector has three components to those who draw it.
        columns = {name: flat(values, in_space=True) for name, values in fields.items()}
        widths = "".join(f":{name}:R:{values.shape[1]}" for name, values in columns.items())
        yield f"Properties=species:S:1:pos:R:3{':diameter:R:1' if sizes else ''}:id:I:1{widths} "
        yield f'pbc="T T {"T" if glass.dimension == 3 else "F"}" '
        yield f"strain={glass.strain!r} dimension={glass.dimension} "
        if "model" in metadata:
            yield f"model={metadata['model']} "
        for key in ("parameters", "provenance"):
            if key in metadata:
                yield f"{key}={_quoted(JSON + json_text(metadata[key]))}{'' if key == 'provenance' else ' '}"
        yield "\n"
        parts = [positions_in_space(glass).tolist(), *([glass.diameters[:, None].tolist()] if sizes else [])]
        parts += [glass.ids[:, None].tolist(), *(values.tolist() for values in columns.values())]
        for kind, *numbers in zip(names, *parts, strict=True):
            yield f"{kind} {' '.join(map(str, chain.from_iterable(numbers)))}\n"
