"""The command ``glassplast indicators``."""

from __future__ import annotations

import argparse
from typing import Any

from glassplast.commands.options import add_command, add_configuration, add_indicators
from glassplast.commands.session import Session
from glassplast.errors import FileError

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command to the parser."""
    add_command(
        commands,
        "indicators",
        "compute structural indicators of a configuration",
        "glassplast indicators glass.xyz --model poly --names steric_order,soft_modes -o fields.csv",
        run,
        options=_add_options,
    )


def _add_options(parser: argparse.ArgumentParser) -> None:
    add_configuration(parser, optional=True)
    parser.add_argument("--list", action="store_true", help="list the indicators, and compute none")
    add_indicators(parser, "--names")
    parser.add_argument(
        "-o",
        "--output",
        default="-",
        metavar="OUT",
        help="file for the fields: .h5, .csv, or - for CSV on stdout (default); .xyz, .dump and .gsd hold the "
        "configuration as well",
    )


def run(session: Session) -> int:
    """Compute fields and write them."""
    from glassplast import indicators
    from glassplast.commands.tables import indicator_table
    from glassplast.files import write

    arguments = session.arguments
    if arguments.list:
        session.out.print(indicator_table())
        return 0
    if arguments.file is None:
        raise FileError("give a FILE, or --list")
    columns_format = _columns_format(arguments.output)
    for key in arguments.names or ():
        indicators.find(key)
    glass = session.read_configuration(model_needed=False)
    with session.bars():
        results = session.results_of(glass, arguments.file)
        results.add(
            indicators.compute(
                glass,
                arguments.names or indicators.default_keys(glass, session.indicator_options),
                loading=0.0 if arguments.loading is None else arguments.loading,
                options=session.indicator_options,
                progress=session.tell,
            )
        )
    if arguments.output == "-" or arguments.output.endswith(".csv"):
        columns = [glass.ids.tolist(), *(field.tolist() for field in results.fields.values())]
        rows = [["id", *results.fields], *map(list, zip(*columns, strict=True))]
        session.write_rows(rows, arguments.output)
    elif columns_format is not None:
        write(glass, arguments.output, format=columns_format, fields=results.fields)
        session.wrote(arguments.output)
    else:
        results.save(arguments.output)
        session.wrote(arguments.output)
    return 0


def _columns_format(output: str) -> str | None:
    """The format of a configuration with fields; None where the fields are written alone.

    Raises
    ------
    FileError
        If it cannot hold fields, before they are computed.
    """
    from glassplast.files import named_format

    try:
        kind = named_format(output)
    except FileError:
        return None
    if kind == "lammps-data":
        raise FileError(f"a LAMMPS data file holds no fields; give {output} another ending: .dump, .xyz, .gsd or .h5")
    return None if kind == "hdf5" else kind
