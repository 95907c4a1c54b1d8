"""The command ``glassplast verify``."""

from __future__ import annotations

import argparse
from typing import Any

from glassplast.commands.option_values import count
from glassplast.commands.options import add_command, add_configuration
from glassplast.commands.session import Session

__all__ = ["EXIT_FAILED", "add"]

#: The exit code if a check is not passed.
EXIT_FAILED = 1


def add(commands: Any) -> None:
    """Add the command to the parser."""
    add_command(
        commands,
        "verify",
        "check whether a configuration is a sound minimum",
        "glassplast verify glass.h5",
        run,
        text="The exit code is 0 if all checks are passed, and 1 if one is not.",
        options=_add_options,
    )


def _add_options(parser: argparse.ArgumentParser) -> None:
    add_configuration(parser)
    parser.add_argument(
        "--modes",
        type=count,
        default=8,
        metavar="N",
        help="number of lowest modes that both eigensolvers compute (default: %(default)s)",
    )


def run(session: Session) -> int:
    """Check a configuration and show what was found."""
    from glassplast.commands.tables import verification_table
    from glassplast.verification import verify

    glass = session.read_configuration(model_needed=False)
    with session.bars():
        found = verify(glass, modes=session.arguments.modes, progress=session.tell)
    session.out.print(verification_table(found))
    for line in (found.fitness, *found.advice):
        session.out.print(line, markup=False, highlight=False)
    return 0 if found.passed else EXIT_FAILED
