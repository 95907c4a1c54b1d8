"""The command ``glassplast score``."""

from __future__ import annotations

import argparse
import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from glassplast.commands.options import add_command
from glassplast.commands.session import Session, fields_in_columns
from glassplast.errors import FileError

if TYPE_CHECKING:
    from glassplast.glass import Glass

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command to the parser."""
    add_command(
        commands,
        "score",
        "rank the core particle of each event of a run in fields of indicators",
        "glassplast score run.h5 fields.h5",
        run,
        text="The particles of the two files are matched by their ids.",
        options=_add_options,
    )


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("results", metavar="RUN", help="HDF5 file of glassplast run or glassplast shear")
    parser.add_argument(
        "fields",
        metavar="FIELDS",
        nargs="?",
        help="HDF5 or CSV file of glassplast indicators (default: the fields in RUN)",
    )
    parser.add_argument("-o", "--output", metavar="OUT", help="CSV file for the scores, or - for CSV on stdout")


def run(session: Session) -> int:
    """Score fields and show the table."""
    from glassplast import indicators
    from glassplast.commands.tables import SCORE_LEGEND, score_table
    from glassplast.job.score_table import table_rows
    from glassplast.results import Results

    arguments = session.arguments
    results = Results.load(arguments.results)
    if arguments.fields is not None:
        results.fields = _fields_of(arguments.fields, results.start)
        for key in results.fields:
            indicators.find(key)
    if not results.events:
        raise FileError(f"{arguments.results} holds no plastic event")
    if not results.fields:
        raise FileError(f"{arguments.results} holds no fields; give a file of glassplast indicators")
    if arguments.output != "-":
        session.out.print(SCORE_LEGEND, soft_wrap=True)
        session.out.print(score_table(results))
    if arguments.output is not None:
        session.write_rows(list(table_rows(results)), arguments.output)
    return 0


def _fields_of(path: str, glass: Glass) -> dict[str, Any]:
    """The fields in a file, in the order of the particles of a glass."""
    from glassplast.results import Results

    if path.endswith(".csv"):
        with Path(path).open(newline="", encoding="utf-8") as stream:
            ids, fields = fields_in_columns(list(csv.reader(stream)), path)
    else:
        results = Results.load(path)
        ids, fields = results.start.ids.tolist(), results.fields
    place = {int(number): row for row, number in enumerate(ids)}
    missing = [int(number) for number in glass.ids if int(number) not in place]
    if missing:
        raise FileError(f"{path} has no particle of id {missing[0]}: is it of another sample?")
    order = [place[int(number)] for number in glass.ids]
    return {key: np.asarray(values)[order] for key, values in fields.items()}
