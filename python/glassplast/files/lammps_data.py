"""LAMMPS data files, as the commands `read_data` and `write_data` of LAMMPS use them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import partial

import numpy as np

from glassplast.errors import FileError, suggestion
from glassplast.files.frame import Frame, Pending, ReadOptions, has_own_diameters, metadata_of, short_text, types_of
from glassplast.files.json_text import json_mapping, json_text
from glassplast.files.lammps_box import ZERO, LammpsBox, lammps_box, positions_in_space
from glassplast.files.particle_fields import Content
from glassplast.files.text import Lines, Source, Table, decimals, is_integer, shown
from glassplast.foundation.arrays import FloatArray, IntegerArray
from glassplast.glass import Glass

__all__ = ["ATOM_STYLES", "IMAGES", "LONGEST_TITLE", "NAME", "TITLE", "ids_of", "pending", "species_of_types", "text"]

NAME = "LAMMPS data"

# Columns of the Atoms section, before image flags.
ATOM_STYLES = {
    style: columns.split()
    for style, columns in {
        "angle": "id molecule type x y z",
        "atomic": "id type x y z",
        "body": "id type flag mass x y z",
        "bond": "id molecule type x y z",
        "bpm/sphere": "id molecule type diameter density x y z",
        "charge": "id type charge x y z",
        "dielectric": "id molecule type charge x y z nx ny nz area em epsilon curvature",
        "dipole": "id type charge x y z mux muy muz",
        "dpd": "id type theta x y z",
        "edpd": "id type temperature capacity x y z",
        "electron": "id type charge spin radius_of_electron x y z",
        "ellipsoid": "id type flag density x y z",
        "full": "id molecule type charge x y z",
        "line": "id molecule type flag density x y z",
        "mdpd": "id type density x y z",
        "molecular": "id molecule type x y z",
        "peri": "id type volume density x y z",
        "sphere": "id type diameter density x y z",
        "spin": "id type x y z spx spy spz sp",
        "tri": "id molecule type flag density x y z",
    }.items()
}
IMAGES = ["ix", "iy", "iz"]

# LAMMPS reads lines of at most 255 characters, and versions before 2021 fail with longer titles.
TITLE = "LAMMPS data file of glassplast "
LONGEST_TITLE = 250

_SECTION = re.compile(r"[A-Z][A-Za-z]*( |$)")
_VECTORS = ("avec", "bvec", "cvec")
_HEADER = ("atoms", "atom types", "xlo xhi", "ylo yhi", "zlo zhi", "xy xz yz", "abc origin", *_VECTORS)


def pending(source: Source, options: ReadOptions) -> Iterator[Pending]:
    """Find the only frame of the file."""
    with source.lines() as lines:
        frame = _read(lines, options)
    yield partial(_given, frame)


def _given(frame: Frame) -> Frame:
    return frame


def _read(lines: Lines, options: ReadOptions) -> Frame:
    title = lines.next("a title")
    header, comment = _read_header(lines)
    count = header.count
    if count is None:
        raise lines.error("the header must say how many atoms there are, e.g. '1024 atoms'")
    if count == 0:
        raise lines.error("the file holds no atoms")
    cell, origin = header.cell(lines)
    rows = _rows(lines, count)
    table = Table(lines, rows, _columns(lines, rows, comment, options.atom_style, header.types))
    if following := next(iter(lines), "").strip():
        raise lines.error(f"the header says {count} atoms, but there are more: {shown(following)}")
    positions = table.numbers("x", "y", "z")
    if options.unwrap and "ix" in table.columns:
        images = np.stack([table.integers(column) for column in IMAGES], axis=1)
        positions = positions + images @ cell.T
    frame = Frame(
        lines.name,
        NAME,
        positions,
        cell,
        origin,
        table.columns,
        species=species_of_types(table),
        diameters=table.numbers("diameter")[:, 0] if "diameter" in table.columns else None,
        ids=table.ids(),
        sort=True,
        precision=short_text(table.digits("x", "y", "z")),
    )
    if TITLE.strip() in title:
        frame.record(json_mapping(title.partition(TITLE.strip())[2], f"{lines.name}, line 1"))
    return frame


class _Header:
    """The header of the file, before the first section."""

    def __init__(self) -> None:
        self.count: int | None = None
        self.types: int | None = None
        self.bounds: dict[str, list[Decimal]] = {}

    def read(self, lines: Lines, content: str) -> None:
        words = content.split()
        for key in _HEADER:
            names = key.split()
            if words[-len(names) :] == names:
                break
        else:
            # Other header lines, which begin with a number (of bonds, of extra room and so on), are skipped.
            if words[0][0].isalpha():
                raise lines.error(f"expected a line of the header or a section, not {shown(content)}")
            return
        numbers = words[: -len(names)]
        if key in ("atoms", "atom types"):
            if len(numbers) != 1 or not numbers[0].isascii() or not numbers[0].isdigit() or len(numbers[0]) > 18:
                raise lines.error(f"expected the number of {key}, not {shown(content)}")
            if key == "atoms":
                self.count = int(numbers[0])
            else:
                self.types = int(numbers[0])
            return
        wanted = 2 if key[1:3] == "lo" else 3
        if len(numbers) != wanted:
            raise lines.error(f"expected {wanted} numbers before {key}, not {shown(content)}")
        self.bounds[key] = decimals(lines, numbers, f"bounds before {key}")

    def cell(self, lines: Lines) -> tuple[FloatArray, FloatArray]:
        if all(vector in self.bounds for vector in _VECTORS):
            vectors = [[float(value) for value in self.bounds[vector]] for vector in _VECTORS]
            corner = self.bounds.get("abc origin", [ZERO, ZERO, ZERO])
            return np.array(vectors).T, np.array([float(value) for value in corner])
        for axis in "xy":
            if f"{axis}lo {axis}hi" not in self.bounds:
                raise lines.error(f"the header has no box: no line '... ... {axis}lo {axis}hi'")
        # The default of LAMMPS is the thickness of a 2D box.
        self.bounds.setdefault("zlo zhi", [Decimal("-0.5"), Decimal("0.5")])
        low, high = zip(*(self.bounds[f"{axis}lo {axis}hi"] for axis in "xyz"), strict=True)
        return LammpsBox(low, high, self.bounds.get("xy xz yz", [ZERO] * 3)).checked(lines).cell()


def _read_header(lines: Lines) -> tuple[_Header, str]:
    """The header up to the section Atoms, and the comment after the name of the section."""
    header, in_header = _Header(), True
    for line in lines:
        content, _, comment = (part.strip() for part in line.partition("#"))
        if content == "Atoms":
            return header, comment
        in_header = in_header and not _SECTION.match(content)
        if in_header and content:
            header.read(lines, content)
    raise lines.error("the file ends without a section Atoms")


def _rows(lines: Lines, count: int) -> list[str]:
    if lines.next("a blank line after Atoms").strip():
        raise lines.error("expected a blank line after Atoms")
    rows = []
    for row in lines.take(count, "lines of atoms"):
        rows.append(row.partition("#")[0])
        if not rows[-1].strip():
            raise lines.error(
                f"the header says {count} atoms, but there are {len(rows) - 1}",
                lines.number - count + len(rows),
            )
    return rows


def _columns(lines: Lines, rows: list[str], comment: str, asked: str | None, types: int | None) -> list[str]:
    style = asked or comment or None
    line = lines.number - len(rows) + 1
    found = len(rows[0].split())
    if style is None:
        columns = _guessed(lines, line, [row.split() for row in rows], types)
    elif style.split()[0] == "hybrid":
        # The columns of substyles come after those of the atomic style.
        return [*ATOM_STYLES["atomic"], *(f"value{number}" for number in range(1, found - 4))]
    elif style in ATOM_STYLES:
        columns = ATOM_STYLES[style]
    else:
        what = f"unknown atom style {style!r}; {suggestion(style, ATOM_STYLES)}"
        raise lines.error(what if asked else f"{what}. Pass atom_style= if it is something else", line)
    return [*columns, *IMAGES] if found == len(columns) + 3 else columns


def _guessed(lines: Lines, line: int, rows: list[list[str]], types: int | None) -> list[str]:
    """The names of the columns, guessed from their number and from which of them can be types."""

    def can_be_types(column: int) -> bool:
        words = [row[column] for row in rows if len(row) > column]
        return all(is_integer(word) and 1 <= int(word) <= (types or math.inf) for word in words)

    found = len(rows[0])
    images = found >= 8 and all(is_integer(word) for row in rows for word in row[-3:])
    number = found - 3 if images else found
    candidates = {
        5: ["atomic"],
        6: ["charge"] * can_be_types(1) + ["molecular"] * can_be_types(2),
        7: ["sphere"] * can_be_types(1) + ["full"] * can_be_types(2),
    }.get(number, [])
    if len(candidates) == 1:
        return ATOM_STYLES[candidates[0]]
    could = f"; it could be {' or '.join(candidates)}" if candidates else ""
    raise lines.error(
        f"{found} columns do not determine the atom style{could}; pass atom_style=, one of {', '.join(ATOM_STYLES)}",
        line,
    )


def species_of_types(table: Table) -> IntegerArray | list[str] | None:
    """Species counted from 0 for types counted from 1, or the names (type labels) that stand for them."""
    if "type" not in table.columns:
        return table.words("element") if "element" in table.columns else None
    words = table.words("type")
    if not all(word[0].isdigit() or word[0] in "+-." for word in words):
        return words
    types = table.integers("type")
    wrong = np.flatnonzero(types < 1)
    if wrong.size:
        raise table.error(int(wrong[0]), f"types start at 1, not at {types[wrong[0]]}")
    return types - 1


def ids_of(glass: Glass) -> list[int]:
    """The ids, which LAMMPS requires to be positive.

    Raises
    ------
    FileError
        If an id is not positive.
    """
    if int(glass.ids.min()) < 1:
        raise FileError(
            f"ids in LAMMPS files start at 1, not at {int(glass.ids.min())}; change them, "
            "glass.replace(ids=...), or write another format"
        )
    ids: list[int] = glass.ids.tolist()
    return ids


def text(frames: Sequence[Content], first: int) -> Iterator[str]:
    """The text of the file.

    Raises
    ------
    FileError
        If there is more than one configuration, or one that LAMMPS cannot represent, or one with fields.
    """
    if len(frames) != 1 or first != 0:
        raise FileError("a LAMMPS data file holds one configuration; write a dump, extended XYZ, GSD or HDF5")
    ((glass, fields),) = frames
    if fields:
        raise FileError(
            f"a LAMMPS data file holds no fields ({', '.join(fields)}); extended XYZ, a LAMMPS dump, GSD and HDF5 do"
        )
    box, types, ids = lammps_box(glass, NAME), types_of(glass).tolist(), ids_of(glass)
    positions = positions_in_space(glass).tolist()
    spheres = has_own_diameters(glass)
    known = max(types)
    if not spheres and glass.model is not None and glass.model.kind.own_length is not None:
        known = max(known, glass.model.kind.own_length(glass.model.parameters).size)
    yield f"{TITLE}{json_text(metadata_of(glass, LONGEST_TITLE - len(TITLE)))}\n\n"
    yield f"{len(glass)} atoms\n{known} atom types\n\n"
    for axis, low, high in zip("xyz", box.low, box.high, strict=True):
        yield f"{low} {high} {axis}lo {axis}hi\n"
    if box.is_tilted:
        yield f"{box.tilt[0]} {box.tilt[1]} {box.tilt[2]} xy xz yz\n"
    if spheres:
        yield "\nAtoms # sphere\n\n"
        # The density gives each particle mass 1; spheres have the mass of a ball in LAMMPS even in 2D.
        for number, kind, size, (x, y, z) in zip(ids, types, glass.diameters.tolist(), positions, strict=True):
            yield f"{number} {kind} {size} {6.0 / (math.pi * size**3)} {x} {y} {z}\n"
    else:
        yield "\nMasses\n\n" + "".join(f"{kind} 1.0\n" for kind in range(1, known + 1))
        yield "\nAtoms # atomic\n\n"
        for number, kind, (x, y, z) in zip(ids, types, positions, strict=True):
            yield f"{number} {kind} {x} {y} {z}\n"
