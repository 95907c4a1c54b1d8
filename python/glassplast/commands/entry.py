"""The entry point of the command line: the list of commands, and the treatment of their errors."""

from __future__ import annotations

import argparse
import os
import re
import sys
import warnings
from collections.abc import Sequence

from rich.markup import escape

from glassplast.commands import (
    demo,
    indicators,
    info,
    minimize,
    models,
    prepare,
    report,
    run,
    score,
    shear,
    softness,
    study,
    verify,
)
from glassplast.commands.interruption import EXIT_INTERRUPTED, Interruption
from glassplast.commands.options import CommandParser
from glassplast.commands.session import Session, complain
from glassplast.errors import GlassplastError
from glassplast.foundation.version import package_version

__all__ = ["EXIT_ERROR", "main", "make_parser"]

EXIT_ERROR = 2

#: The commands in the order of ``--help``. Each has a function `add`, which adds it to the parser.
COMMANDS = (run, demo, prepare, minimize, shear, indicators, score, report, softness, study, info, verify, models)

_NEGATIVE = re.compile(r"^-\.?\d")
#: Options that name files or directories in which commands keep what they have.
_PLACES = ("out", "output", "checkpoint", "resume", "end", "trajectory")
_SIGNED = ("--to", "--loading", "--frame")


def make_parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="glassplast",
        description="Shear glasses, find where they yield, and compare the fields that predict it.",
        epilog="Start with: glassplast demo",
    )
    parser.add_argument("--version", action="version", version=f"glassplast {package_version()}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=CommandParser)
    for command in COMMANDS:
        command.add(commands)
    return parser


def joined_words(words: Sequence[str]) -> list[str]:
    """Join ``--to -1e-3`` into one word, because argparse takes a word that begins with a dash for an option."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] in _SIGNED and _NEGATIVE.match(word):
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def main(words: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    words : sequence of str, optional
        Arguments of the command; by default those of ``sys.argv``.

    Returns
    -------
    int
        The exit code: 0 for success, 1 if ``verify`` found something wrong, 2 for an error, 130 for an interruption.
    """
    given = sys.argv[1:] if words is None else list(words)
    places: list[str] = []
    with Interruption(places) as interruption:
        try:
            arguments = make_parser().parse_args(joined_words(given))
        except KeyboardInterrupt:
            complain("[bold red]interrupted[/]: nothing had begun")
            return EXIT_INTERRUPTED
        places += [place for name in _PLACES if (place := getattr(arguments, name, None)) not in (None, "-")]
        session = Session(arguments, ["glassplast", *given])
        if not arguments.quiet:
            interruption.console = session.errors
        return _run(session, interruption)


def _run(session: Session, interruption: Interruption) -> int:
    """Run a command that was parsed, and turn errors into messages."""
    arguments = session.arguments
    try:
        with session.logging(), warnings.catch_warnings():
            warnings.simplefilter("always", UserWarning)
            warnings.showwarning = lambda message, *_: session.warn(str(message))
            code: int = arguments.run(session)
            return code
    except KeyboardInterrupt:
        complain(f"[bold red]interrupted[/]: {escape(interruption.kept)}")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader of the output has closed the pipe. Python must not fail again when it flushes the output at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (GlassplastError, OSError, ValueError) as error:
        if arguments.debug:
            raise
        complain(f"[bold red]error:[/] {escape(' '.join(str(error).split()))}")
        return EXIT_ERROR
