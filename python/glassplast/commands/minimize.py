"""The command ``glassplast minimize``."""

from __future__ import annotations

import argparse
from typing import Any

from glassplast.commands.options import add_command, add_configuration, add_minimization
from glassplast.commands.session import Session

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command to the parser."""
    add_command(
        commands,
        "minimize",
        "relax a configuration to mechanical equilibrium",
        "glassplast minimize liquid.data --model lj -o glass.xyz",
        run,
        options=_add_options,
    )


def _add_options(parser: argparse.ArgumentParser) -> None:
    add_configuration(parser)
    add_minimization(parser, "minimizer")
    parser.add_argument(
        "--leave-saddles",
        action="store_true",
        help="where the forces vanish at a saddle point, displace the particles by 1e-3 and minimize again",
    )
    parser.add_argument(
        "-o", "--output", default="-", metavar="OUT", help="file to write, or - for extended XYZ on stdout (default)"
    )


def run(session: Session) -> int:
    """Minimize a configuration and write it."""
    from glassplast.files import write
    from glassplast.relax import minimize, relaxation, warn_of_mismatch

    arguments = session.arguments
    glass = session.read_configuration()
    with session.bars():
        relaxed = minimize(
            glass,
            method=arguments.method,
            tolerance=arguments.tolerance,
            leave_saddles=arguments.leave_saddles,
            progress=session.tell,
        )
    session.say(str(relaxation(relaxed)))
    warn_of_mismatch(relaxed, relaxation(relaxed))
    write(relaxed, arguments.output)
    session.wrote(arguments.output)
    return 0
