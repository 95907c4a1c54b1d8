"""Options of several commands, and the conversion of the options of a function to options of a command."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from glassplast.commands import option_values
from glassplast.foundation.options import declared_options

if TYPE_CHECKING:
    from glassplast.commands.session import Session

__all__ = [
    "CommandParser",
    "add_command",
    "add_configuration",
    "add_declared",
    "add_indicators",
    "add_minimization",
    "add_report",
    "add_shear",
]


class CommandParser(argparse.ArgumentParser):
    """The parser of one command; its options are added when it is called, because they need imports that take long."""

    add_options: Callable[[argparse.ArgumentParser], None] | None = None

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse the arguments, like ``argparse.ArgumentParser``."""
        add, self.add_options = self.add_options, None
        if add is not None:
            add(self)
        return super().parse_known_args(args, namespace)


def add_command(
    commands: Any,
    name: str,
    summary: str,
    example: str,
    run: Callable[[Session], int],
    *,
    options: Callable[[argparse.ArgumentParser], None] | None = None,
    text: str = "",
) -> None:
    """Add a command to the parser.

    Parameters
    ----------
    commands : argparse subparsers
        The commands of the parser.
    name, summary, text : str
        Name of the command, a phrase that describes it, and a longer description.
    example : str
        An example line.
    run : callable
        Function that runs the command.
    options : callable, optional
        Function that adds the options of the command to its parser.
    """
    command: CommandParser = commands.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}. {text}",
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_options = options
    command.set_defaults(run=run)
    command.add_argument("-q", "--quiet", action="store_true", help="show no progress and no messages")
    command.add_argument("--debug", action="store_true", help="show the traceback of an error")


_VALUES: dict[Any, Callable[[str], Any]] = {float: option_values.finite, int: option_values.count}


def add_declared(parser: argparse.ArgumentParser, function: Callable[..., Any], name: str, **changes: Any) -> None:
    """Add an option that a function declares in its signature (`glassplast.foundation.options`).

    Parameters
    ----------
    parser : argparse.ArgumentParser
        Parser of the command.
    function : callable
        Function that takes the option.
    name : str
        Name of the parameter.
    **changes
        Arguments of ``add_argument`` that differ on the command line; ``option`` is another name for the option.
    """
    declared = declared_options(function)[name]
    default = changes.get("default", declared.default)
    told = changes.pop("told", declared.option.default if default is None else default)
    entries: dict[str, Any] = {"dest": name, "default": default}
    if declared.choices:
        entries["choices"] = declared.choices
    else:
        entries["metavar"] = declared.option.metavar
        if declared.kind in _VALUES:
            entries["type"] = _VALUES[declared.kind]
    entries["help"] = declared.option.description + (f" (default: {told})" if told is not None else "")
    option = changes.pop("option", f"--{name.replace('_', '-')}")
    parser.add_argument(option, **{**entries, **changes})


def add_configuration(parser: argparse.ArgumentParser, *, optional: bool = False) -> None:
    """Add the options for reading a configuration."""
    parser.add_argument(
        "file",
        metavar="FILE",
        nargs="?" if optional else None,
        help="configuration as LAMMPS data or dump, extended XYZ, GSD or HDF5, also gzipped; - for the standard input; "
        "or the results or the checkpoint directory of a shear run",
    )
    parser.add_argument(
        "--model", metavar="NAME", help="model of the interactions: lj, poly, ... (see glassplast models)"
    )
    parser.add_argument(
        "--parameter",
        metavar="NAME=VALUE",
        type=option_values.parameter,
        action="append",
        default=[],
        help="value of a parameter of the model instead of its default, e.g. exponent=12; may be repeated",
    )
    parser.add_argument(
        "--frame", type=int, default=-1, metavar="N", help="frame of a trajectory, from 0 (default: the last)"
    )
    parser.add_argument(
        "--state",
        metavar="STATE",
        help="state of a shear run: start, end, or before:K or after:K for event K, counted from 1 (default: start)",
    )


def add_minimization(parser: argparse.ArgumentParser, use: str) -> None:
    """Add the options for minimization."""
    parser.add_argument(
        "--method", choices=("cg", "fire"), default="cg", dest="method", help=f"{use} (default: %(default)s)"
    )
    parser.add_argument(
        "--tolerance",
        type=option_values.positive,
        metavar="FORCE",
        help="largest force left by the minimization (default: round-off of double precision)",
    )


def add_shear(parser: argparse.ArgumentParser, events: int | None) -> None:
    """Add the options for shear, as `glassplast.shear` declares them."""
    from glassplast.quasistatic.shearing import shear

    add_declared(
        parser,
        shear,
        "max_events",
        option="--events",
        dest="events",
        type=option_values.events,
        # A run that continues must know whether the option was given.
        default=argparse.SUPPRESS if events is None else events,
        help=f"number of plastic events after which to stop, or 'all' (default: {'all' if events is None else events})",
    )
    add_declared(parser, shear, "to", default=None, told="that of the configuration plus 0.12")
    add_declared(parser, shear, "stepping")
    add_declared(parser, shear, "checkpoint")
    add_declared(parser, shear, "increment", type=option_values.positive)
    add_declared(parser, shear, "criterion")


def add_indicators(parser: argparse.ArgumentParser, option: str) -> None:
    """Add the options for indicators."""
    parser.add_argument(
        option,
        type=option_values.names,
        dest="names",
        metavar="A,B,...",
        help="keys of indicators (default: those that suit the configuration; see glassplast indicators --list)",
    )
    parser.add_argument(
        "--option",
        type=option_values.option,
        action="append",
        default=[],
        metavar="KEY.NAME=VALUE",
        help="value of an option of an indicator, e.g. hexatic.m=4; may be repeated",
    )
    parser.add_argument(
        "--loading",
        type=option_values.loading,
        metavar="ANGLE",
        help="loading for the indicators that depend on it: an angle in degrees, 0 for forward and 90 for reverse "
        "simple shear, or a matrix, row by row (default: that of the shear)",
    )


def add_report(parser: argparse.ArgumentParser, out: str) -> None:
    """Add the options for the output of a job."""
    parser.add_argument("--out", default=out, metavar="DIR", help="directory to write to (default: %(default)s)")
    parser.add_argument("--no-pictures", action="store_true", help="draw no pictures")
    parser.add_argument("--no-html", action="store_true", help="write no HTML page")
