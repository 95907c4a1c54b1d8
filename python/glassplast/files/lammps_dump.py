"""LAMMPS text dumps of the styles atom and custom."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from glassplast.errors import FileError
from glassplast.files.frame import Frame, Pending, ReadOptions, has_own_diameters, metadata_of, short_text, types_of
from glassplast.files.json_text import json_mapping, json_text
from glassplast.files.lammps_box import ZERO, LammpsBox, lammps_box, positions_in_space
from glassplast.files.lammps_data import IMAGES, ids_of, species_of_types
from glassplast.files.particle_fields import Content, columns_of_fields, component_columns, flat, shaped
from glassplast.files.text import Lines, Source, Table, decimals, shown
from glassplast.foundation.arrays import FloatArray

__all__ = ["LONGEST_UNITS", "NAME", "UNITS", "pending", "text"]

NAME = "LAMMPS dump"

# The name of the units is the only free text in a dump; other readers skip it.
UNITS = "lj # glassplast "
LONGEST_UNITS = 250


@dataclass
class _Header:
    """The header of a frame, before ITEM: ATOMS."""

    metadata: str | None = None
    step: int | None = None
    count: int | None = None
    cell: FloatArray | None = None
    origin: FloatArray = field(default_factory=lambda: np.zeros(3))
    periodic: tuple[bool, ...] = (True, True, True)


def pending(source: Source, options: ReadOptions) -> Iterator[Pending]:
    """Find the frames one after the other, without converting them."""
    with source.lines() as lines:
        header = _Header()
        line = lines.next_filled()
        while line is not None:
            words = line.split()
            if words[0] != "ITEM:" or len(words) == 1:
                raise lines.error(f"expected 'ITEM: ...', not {shown(line)}")
            item = words[1]
            if item == "ATOMS":
                rows = _rows(lines, header)
                place = _at(lines)
                yield partial(_frame, place, header, partial(Table, place, rows, words[2:]), options)
                header = _Header()
            elif item == "TIMESTEP":
                header.step = lines.integer("a time step")
            elif item == "UNITS":
                units = lines.next("units")
                if units.startswith(UNITS):
                    header.metadata = units.removeprefix(UNITS)
            elif item == "NUMBER":
                header.count = lines.integer("the number of atoms")
            elif item == "BOX":
                _read_box(lines, words[3:], header)
            else:
                # Any other item, such as ITEM: TIME, has one line.
                lines.next(f"the value of {shown(line)}")
            line = lines.next_filled()
        if header.step is not None or header.count is not None:
            raise FileError(f"{lines.name} ends after line {lines.number}, in the header of a frame")


def _at(lines: Lines) -> Lines:
    """The current place in the lines, which does not change when more lines are read."""
    place = Lines(io.StringIO(), lines.name)
    place.number = lines.number
    return place


def _rows(lines: Lines, header: _Header) -> list[str]:
    if header.count is None or header.cell is None:
        what = "the number of atoms" if header.count is None else "the box"
        raise lines.error(f"expected {what} before ITEM: ATOMS")
    if header.count == 0:
        raise lines.error("the frame holds no atoms")
    rows: list[str] = []
    for row in lines.take(header.count, "lines of atoms"):
        if row.startswith("ITEM:"):
            raise lines.error(
                f"expected {header.count} lines of atoms, found {len(rows)}",
                lines.number - header.count + len(rows) + 1,
            )
        rows.append(row)
    return rows


def _read_box(lines: Lines, words: Sequence[str], header: _Header) -> None:
    general = words[:2] == ["abc", "origin"]
    tilted = words[:3] == ["xy", "xz", "yz"]
    flags = words[2:] if general else words[3:] if tilted else words
    # Dumps from before 2009 have no flags.
    header.periodic = tuple("p" in flag for flag in flags) if len(flags) == 3 else (True, True, True)
    width = 4 if general else 3 if tilted else 2
    bounds = []
    for axis in "xyz":
        values = lines.next(f"the bounds of the box in {axis}").split()
        if len(values) != width:
            raise lines.error(f"expected {width} numbers for the box in {axis}, not {shown(' '.join(values))}")
        bounds.append(decimals(lines, values, "bounds of the box"))
    if general:
        matrix = np.array([[float(value) for value in row] for row in bounds])
        header.cell, header.origin = matrix[:, :3].T, matrix[:, 3]
        return
    low, high, *rest = zip(*bounds, strict=True)
    box = LammpsBox(low, high, rest[0] if tilted else [ZERO] * 3)
    header.cell, header.origin = box.from_bounding().checked(lines).cell()


def _frame(place: Lines, header: _Header, make_table: partial[Table], options: ReadOptions) -> Frame:
    table = make_table()
    assert header.cell is not None
    names, positions = _positions(place, table, header.cell, header.origin, options.unwrap)
    sizes = None
    if "diameter" in table.columns:
        sizes = table.numbers("diameter")[:, 0]
    elif "radius" in table.columns:
        sizes = 2.0 * table.numbers("radius")[:, 0]
    frame = Frame(
        place.name,
        NAME,
        positions,
        header.cell,
        header.origin,
        table.columns,
        species=species_of_types(table),
        diameters=sizes,
        ids=table.ids() if "id" in table.columns else None,
        sort=True,
        periodic=header.periodic,
        precision=short_text(table.digits(*names)),
        step=header.step,
        read_fields=partial(_fields, table),
    )
    if header.metadata is not None:
        frame.record(json_mapping(header.metadata, place.name))
    return frame


def _fields(table: Table, dimension: int) -> dict[str, FloatArray]:
    columns = columns_of_fields(table.columns, dimension)
    return {name: shaped(table.numbers(*members), dimension) for name, members in columns.items()}


def _positions(
    place: Lines, table: Table, cell: FloatArray, origin: FloatArray, unwrap: bool
) -> tuple[list[str], FloatArray]:
    """The columns that were used, and the positions, shape (N, 2) or (N, 3)."""
    inside, across = ("", "s"), ("u", "su")
    for suffix in (*across, *inside) if unwrap else (*inside, *across):
        names = [f"{axis}{suffix}" for axis in "xyz" if f"{axis}{suffix}" in table.columns]
        if len(names) == 3 or names == [f"x{suffix}", f"y{suffix}"]:
            break
    else:
        raise FileError(
            f"{place.name}: no positions among the columns {' '.join(table.columns)}; expected x y z, "
            "xs ys zs, xu yu zu or xsu ysu zsu"
        )
    positions = table.numbers(*names)
    width = positions.shape[1]
    cell, origin = cell[:width, :width], origin[:width]
    if unwrap and suffix in inside:
        flags = IMAGES[:width]
        if not set(flags) <= set(table.columns):
            raise FileError(
                f"{place.name} cannot be unwrapped: neither xu yu zu nor the image flags ix iy iz are among "
                f"its columns {' '.join(table.columns)}"
            )
        images = np.stack([table.integers(flag) for flag in flags], axis=1)
        positions = positions + (images if "s" in suffix else images @ cell.T)
    return names, origin + positions @ cell.T if "s" in suffix else positions


def text(frames: Sequence[Content], first: int) -> Iterator[str]:
    """The text of the frames; their time steps count from `first`.

    Raises
    ------
    FileError
        If LAMMPS cannot represent a configuration.
    """
    for step, (glass, fields) in enumerate(frames, start=first):
        box, positions = lammps_box(glass, NAME), positions_in_space(glass)
        bounds = box.bounding()
        # LAMMPS requires 2D boxes to be periodic in z as well.
        flags = "pp pp pp"
        yield f"ITEM: UNITS\n{UNITS}{json_text(metadata_of(glass, LONGEST_UNITS - len(UNITS)))}\n"
        yield f"ITEM: TIMESTEP\n{step}\nITEM: NUMBER OF ATOMS\n{len(glass)}\n"
        yield f"ITEM: BOX BOUNDS {'xy xz yz ' if box.is_tilted else ''}{flags}\n"
        for low, high, tilt in zip(bounds.low, bounds.high, box.tilt, strict=True):
            yield f"{low} {high} {tilt}\n" if box.is_tilted else f"{low} {high}\n"
        columns = {"id": ids_of(glass), "type": types_of(glass).tolist()}
        if has_own_diameters(glass):
            columns["diameter"] = glass.diameters.tolist()
        # A column named x stands for a position inside the box.
        cell, origin = box.cell()
        fractions = np.linalg.solve(cell, (positions - origin).T)
        inside = bool(((fractions >= 0.0) & (fractions < 1.0)).all())
        for axis, values in zip("xyz", positions.T.tolist(), strict=True):
            columns[axis if inside else f"{axis}u"] = values
        for name, values_of_field in fields.items():
            components = flat(values_of_field, in_space=False).T.tolist()
            columns |= dict(zip(component_columns(name, values_of_field), components, strict=True))
        yield f"ITEM: ATOMS {' '.join(columns)}\n"
        for row in zip(*columns.values(), strict=True):
            yield " ".join(map(str, row)) + "\n"
