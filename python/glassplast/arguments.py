"""What the command ``glassplast`` takes: its subcommands, their options and what these mean."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from glassplast import option_types
from glassplast.glass import package_version
from glassplast.prepare_command import add_kob_andersen_options, add_lj_options, add_poly_options
from glassplast.softness_command import add_apply_options, add_train_options


def _add_input(parser: argparse.ArgumentParser, *, optional: bool = False) -> None:
    parser.add_argument(
        "file",
        metavar="FILE",
        nargs="?" if optional else None,
        help="LAMMPS data or dump, extended XYZ, GSD or HDF5, also gzipped; - is the standard input",
    )
    parser.add_argument("--model", metavar="NAME", help="lj, poly, ... (see glassplast models)")
    parser.add_argument(
        "--parameter",
        metavar="NAME=VALUE",
        type=option_types.parameter,
        action="append",
        default=[],
        help="a parameter of the model other than its default, e.g. exponent=12; may be repeated",
    )
    parser.add_argument("--frame", type=int, default=-1, metavar="N", help="of a trajectory (default: the last)")


def _add_minimizer(parser: argparse.ArgumentParser, option: str, use: str) -> None:
    parser.add_argument(
        option, choices=("cg", "fire"), default="cg", dest="minimizer", help=f"{use} (default: %(default)s)"
    )
    parser.add_argument(
        "--tolerance",
        type=option_types.positive,
        metavar="FORCE",
        help="largest force left by the minimization (default: round-off of double precision)",
    )


def _add_shear(parser: argparse.ArgumentParser, events: int | None) -> None:
    parser.add_argument(
        "--events",
        type=option_types.events,
        # A run that goes on must know whether anything was said.
        default=argparse.SUPPRESS if events is None else events,
        metavar="N",
        help=f"stop after so many plastic events, or 'all' (default: {'all' if events is None else events})",
    )
    parser.add_argument(
        "--to",
        type=option_types.finite,
        metavar="STRAIN",
        help="strain to stop at; below that of the file it shears in reverse (default: 0.12 beyond it)",
    )
    parser.add_argument(
        "--stepping",
        choices=("exact", "fixed"),
        default="exact",
        help="follow each branch to the instability at its end, or take equal increments (default: %(default)s)",
    )
    parser.add_argument(
        "--checkpoint",
        metavar="DIR",
        help="keep each event there as soon as it is found, for glassplast shear --resume DIR (exact stepping)",
    )
    parser.add_argument(
        "--increment",
        type=option_types.positive,
        metavar="STRAIN",
        help="strain increment of fixed stepping (default: 1e-05)",
    )
    parser.add_argument(
        "--criterion",
        choices=("irreversible", "stress_drop"),
        help="what counts as an event in fixed stepping: what cannot be undone, or every fall of the stress "
        "(default: irreversible)",
    )
    parser.add_argument(
        "--relaxer",
        choices=("newton", "cg", "fire"),
        help="how increments are relaxed in fixed stepping (default: newton)",
    )


def _add_indicators(parser: argparse.ArgumentParser, option: str) -> None:
    parser.add_argument(
        option,
        type=option_types.names,
        dest="names",
        metavar="A,B,...",
        help="keys of indicators (default: all that can be had; see glassplast indicators --list)",
    )
    parser.add_argument(
        "--option",
        type=option_types.option,
        action="append",
        default=[],
        metavar="KEY.NAME=VALUE",
        help="an option of an indicator, e.g. hexatic.m=4; may be repeated",
    )
    parser.add_argument(
        "--loading",
        type=option_types.loading,
        metavar="ANGLE",
        help="direction of those that depend on it, in degrees: 0 is forward simple shear, 90 reverse; or a matrix, "
        "row by row (default: that of the shear)",
    )


def _add_report(parser: argparse.ArgumentParser, out: str) -> None:
    parser.add_argument("--out", default=out, metavar="DIR", help="where to write to (default: %(default)s)")
    parser.add_argument("--no-pictures", action="store_true", help="draw none")
    parser.add_argument("--no-html", action="store_true", help="write no page")


def make_parser(runs: Mapping[str, Callable[..., int]]) -> argparse.ArgumentParser:
    """The parser of the command line; `runs` holds what each command does."""
    parser = argparse.ArgumentParser(
        prog="glassplast",
        description="Shear glasses, find where they yield, and compare the fields that predict it.",
        epilog="Start with: glassplast demo",
    )
    parser.add_argument("--version", action="version", version=f"glassplast {package_version()}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def add(name: str, summary: str, example: str, text: str = "", among: Any = commands) -> argparse.ArgumentParser:
        command: argparse.ArgumentParser = among.add_parser(
            name.split()[-1],
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}. {text}",
            epilog=f"example:\n  {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.set_defaults(run=runs.get(name))
        command.add_argument("-q", "--quiet", action="store_true", help="no progress and messages")
        command.add_argument("--debug", action="store_true", help="show where an error comes from")
        return command

    run = add(
        "run",
        "shear a glass through its first events and score every indicator on them",
        "glassplast run sample.data --model lj --events 5 --out out/",
    )
    _add_input(run)
    _add_report(run, "glassplast-out")
    _add_shear(run, 5)
    _add_minimizer(run, "--minimizer", "what relaxes the configuration, and follows each instability")
    _add_indicators(run, "--indicators")

    demo = add("demo", "do all of `run` for a small glass that comes along", "glassplast demo --out demo/")
    _add_report(demo, "glassplast-demo")
    demo.add_argument("--events", type=option_types.events, default=5, metavar="N", help="default: %(default)s")

    prepare = add("prepare", "make a glass", "glassplast prepare poly --temperature 0.12 --seed 1 --out glass.h5")
    prepared = prepare.add_subparsers(title="models", metavar="MODEL", required=True)
    add_poly_options(
        add(
            "prepare poly",
            "make polydisperse soft disks, equilibrated by swap Monte Carlo and quenched",
            "glassplast prepare poly --n 1024 --temperature 0.12 --samples 2 --out glasses.h5",
            "See docs/prepare.md for what it takes at which temperature.",
            among=prepared,
        )
    )
    add_lj_options(
        add(
            "prepare lj",
            "make Lennard-Jones glasses by molecular dynamics",
            "glassplast prepare lj --protocol GQ --duration 1e5 --samples 2 --out glasses.h5 --checkpoint kept/",
            "See docs/prepare.md for the protocols and what they cost.",
            among=prepared,
        )
    )
    add_kob_andersen_options(
        add(
            "prepare kob_andersen",
            "make Kob-Andersen glasses by molecular dynamics",
            "glassplast prepare kob_andersen --n 1000 --temperature 0.5 --out glass.h5",
            "Species 80:20 in three dimensions, 65:35 in two; see docs/prepare.md.",
            among=prepared,
        )
    )

    relax = add(
        "minimize",
        "relax a configuration to mechanical equilibrium",
        "glassplast minimize liquid.data --model lj -o glass.xyz",
    )
    _add_input(relax)
    _add_minimizer(relax, "--method", "what goes downhill")
    relax.add_argument(
        "-o", "--output", default="-", metavar="OUT", help="file, or - for extended XYZ on stdout (default)"
    )

    shear = add(
        "shear",
        "shear a glass quasistatically",
        "glassplast minimize liquid.data --model lj | glassplast shear - --to 0.05 -o run.h5",
    )
    _add_input(shear, optional=True)
    _add_shear(shear, None)
    shear.add_argument(
        "--minimizer", choices=("cg", "fire"), help="what follows an instability in exact stepping (default: cg)"
    )
    shear.add_argument(
        "--loading",
        type=option_types.loading,
        metavar="ANGLE",
        help="direction of the shear in exact stepping, in degrees: 0 is forward, 90 reverse; or a matrix G, row by "
        "row, of x -> exp(strain G) x (default: simple shear, 0,1,0,0)",
    )
    shear.add_argument(
        "--stop", choices=("first_spanning_drop",), help="stop after the first event that spans the system"
    )
    shear.add_argument(
        "--resume", metavar="DIR", help="go on with the run that was given --checkpoint DIR; without a FILE"
    )
    shear.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        help="run.h5 with everything, or curve.csv or - with strain, stress and energy",
    )
    shear.add_argument("--end", metavar="FILE", help="write the last state: a file, or - for extended XYZ on stdout")

    fields = add(
        "indicators",
        "compute structural indicators of a configuration",
        "glassplast indicators glass.xyz --model poly --names steric_order,soft_modes -o fields.csv",
    )
    _add_input(fields, optional=True)
    fields.add_argument("--list", action="store_true", help="show which there are")
    _add_indicators(fields, "--names")
    fields.add_argument("-o", "--output", default="-", metavar="OUT", help="fields.h5, or fields.csv, or - (default)")

    score = add(
        "score",
        "rank the cores of a run's events in fields",
        "glassplast score run.h5 fields.h5",
        "Particles of both files are matched by their ids.",
    )
    score.add_argument("results", metavar="RUN", help="HDF5 of glassplast run or glassplast shear")
    score.add_argument("fields", metavar="FIELDS", nargs="?", help="HDF5 or CSV of glassplast indicators")
    score.add_argument("-o", "--output", metavar="OUT", help="scores.csv, or - for CSV on stdout")

    softness = add("softness", "learn softness, or compute it by a trained model", "glassplast softness list")
    learned = softness.add_subparsers(title="actions", metavar="ACTION", required=True)
    add_train_options(
        add(
            "softness train",
            "train a model on the plastic events of sheared samples",
            "glassplast softness train runs/*.h5 -o model.json",
            "One file is one sample; those held out for validation share none with those trained on.",
            among=learned,
        )
    )
    applied = add(
        "softness apply",
        "compute the softness of each particle of a configuration",
        "glassplast softness apply poly_0.12 glass.xyz -o softness.csv",
        "Positions and diameters, or species, are enough.",
        among=learned,
    )
    add_apply_options(applied)
    _add_input(applied)
    add("softness list", "list the trained models that come along", "glassplast softness list", among=learned)

    info = add("info", "say what a file holds", "glassplast info sample.data --model lj")
    _add_input(info)

    add("models", "list the models", "glassplast models")
    return parser


_NEGATIVE = re.compile(r"^-\.?\d")
_SIGNED = ("--to", "--loading", "--frame")


def joined_words(words: Sequence[str]) -> list[str]:
    """Write ``--to -1e-3`` as one word: argparse takes what begins with a dash for an option."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] in _SIGNED and _NEGATIVE.match(word):
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined
