"""The command ``glassplast prepare``: what it takes for each model, and what it does."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from glassplast import option_types
from glassplast.errors import FileError

if TYPE_CHECKING:
    from glassplast.glass import Glass

# Those of prepare.lj, which takes long to import.
_PROTOCOLS = ("HTL", "ESL", "GQ")


def _add_ensemble(parser: argparse.ArgumentParser, model: str, particles: int) -> None:
    """What all models take."""
    parser.set_defaults(prepare_model=model)
    parser.add_argument("--n", type=option_types.count, default=particles, help="particles (default: %(default)s)")
    parser.add_argument("--seed", type=option_types.seed, default=1, help="decides everything (default: %(default)s)")
    parser.add_argument(
        "--samples", type=option_types.count, default=1, metavar="M", help="how many (default: %(default)s)"
    )
    parser.add_argument(
        "--method", choices=("cg", "fire"), default="cg", dest="minimizer", help="what quenches (default: %(default)s)"
    )
    parser.add_argument("--liquid", action="store_true", help="do not quench")
    parser.add_argument(
        "-o", "--out", default="-", metavar="OUT", help="file, one frame a sample, or - for extended XYZ (default)"
    )
    parser.add_argument("--checkpoint", metavar="DIR", help="keep the state of each sample there as it runs")
    parser.add_argument("--resume", metavar="DIR", help="go on from such a directory, with the same options")
    parser.add_argument(
        "--threads", type=option_types.count, metavar="K", help="no result depends on it (default: all cores)"
    )


def add_poly_options(parser: argparse.ArgumentParser) -> None:
    """What ``glassplast prepare poly`` takes."""
    _add_ensemble(parser, "poly", 1024)
    parser.add_argument(
        "--temperature",
        type=option_types.positive,
        default=0.12,
        metavar="T",
        help="that of the liquid (default: %(default)s)",
    )
    parser.add_argument(
        "--sweeps", type=option_types.count, metavar="S", help="run for so long (default: until equilibration is shown)"
    )
    parser.add_argument(
        "--most-sweeps",
        type=option_types.count,
        default=10_000_000,
        metavar="S",
        help="where to give up (default: %(default)s)",
    )
    parser.add_argument(
        "--annealing-sweeps",
        type=option_types.count,
        default=20_000,
        metavar="S",
        help="for cooling (default: %(default)s)",
    )
    parser.add_argument(
        "--tempering",
        type=option_types.temperatures,
        metavar="T",
        help="parallel tempering up to this hottest temperature, or at all of a list T1,T2,... (default: none)",
    )
    parser.add_argument(
        "--step",
        type=option_types.positive,
        default=0.12,
        help="side of the square of displacements (default: %(default)s)",
    )
    parser.add_argument(
        "--swap-probability",
        type=option_types.finite,
        default=0.2,
        metavar="P",
        help="part of swaps (default: %(default)s)",
    )


def add_lj_options(parser: argparse.ArgumentParser) -> None:
    """What ``glassplast prepare lj`` takes."""
    _add_ensemble(parser, "lj", 1024)
    parser.add_argument(
        "--protocol",
        choices=_PROTOCOLS,
        default="GQ",
        help="quench from the hot liquid, from the supercooled liquid, or gradual cooling (default: %(default)s)",
    )
    parser.add_argument(
        "--duration",
        type=option_types.finite,
        default=1e6,
        metavar="TIME",
        help="of the cooling of GQ (default: %(default)g)",
    )
    parser.add_argument(
        "--equilibration",
        type=option_types.finite,
        default=1e4,
        metavar="TIME",
        help="at 1.13 T_g (default: %(default)g)",
    )
    _add_dynamics(parser)


def add_kob_andersen_options(parser: argparse.ArgumentParser) -> None:
    """What ``glassplast prepare kob_andersen`` takes."""
    _add_ensemble(parser, "kob_andersen", 1000)
    parser.add_argument("--dimension", type=int, choices=(2, 3), default=3, help="default: %(default)s")
    parser.add_argument(
        "--temperature",
        type=option_types.positive,
        default=0.5,
        metavar="T",
        help="that of the liquid (default: %(default)s)",
    )
    parser.add_argument(
        "--equilibration", type=option_types.finite, default=1e3, metavar="TIME", help="there (default: %(default)g)"
    )
    parser.add_argument(
        "--duration",
        type=option_types.finite,
        default=0.0,
        metavar="TIME",
        help="of the cooling from there (default: %(default)g)",
    )
    parser.add_argument(
        "--final-temperature",
        type=option_types.positive,
        default=0.05,
        metavar="T",
        help="at the end of the cooling (default: %(default)s)",
    )
    _add_dynamics(parser)


def _add_dynamics(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--time-step",
        type=option_types.positive,
        default=0.005,
        metavar="TIME",
        help="of the dynamics (default: %(default)g)",
    )
    parser.add_argument(
        "--friction",
        type=option_types.positive,
        default=1.0,
        metavar="RATE",
        help="of the thermostat (default: %(default)g)",
    )


def _maker(model: str) -> tuple[Callable[..., Glass], tuple[str, ...]]:
    """What makes a sample, and its options beside those of an ensemble."""
    from glassplast import prepare

    dynamics = ("equilibration", "duration", "time_step", "friction")
    known: dict[str, tuple[Callable[..., Glass], tuple[str, ...]]] = {
        "poly": (
            prepare.poly,
            ("temperature", "sweeps", "most_sweeps", "annealing_sweeps", "tempering", "step", "swap_probability"),
        ),
        "lj": (prepare.lj, ("protocol", *dynamics)),
        "kob_andersen": (prepare.kob_andersen, ("dimension", "temperature", "final_temperature", *dynamics)),
    }
    return known[model]


def prepare(session: Any) -> int:
    """Make glasses and write them."""
    from glassplast.console import Stopwatch
    from glassplast.files import write
    from glassplast.prepare import ensemble

    arguments = session.arguments
    stopwatch = Stopwatch()
    if arguments.resume is not None and not Path(arguments.resume).is_dir():
        raise FileError(f"there is no directory {arguments.resume} to go on from; begin with --checkpoint")
    if arguments.checkpoint is not None and any(Path(arguments.checkpoint).glob("sample-*.h5")):
        raise FileError(
            f"{arguments.checkpoint} holds samples already: go on with them by --resume {arguments.checkpoint}, or "
            f"choose another directory"
        )
    if arguments.out == "-" and arguments.samples > 1:
        raise FileError("the standard output takes one sample; give --out FILE")
    maker, names = _maker(arguments.prepare_model)
    kept = arguments.resume or arguments.checkpoint
    samples = ensemble(
        maker,
        arguments.samples,
        arguments.seed,
        checkpoint=kept,
        threads=arguments.threads,
        progress=session.observer.advance_sample,
        n=arguments.n,
        minimizer=arguments.minimizer,
        quench=not arguments.liquid,
        **{name: getattr(arguments, name) for name in names},
    )
    try:
        with session.observer:
            for number, glass in enumerate(samples, start=1):
                session.observer.prepared(glass, number, arguments.samples)
                write(glass, arguments.out, append=number > 1)
            session.observer.done()
    except KeyboardInterrupt:
        if kept is not None:
            session.errors.print(f"go on with the same command, with --resume {escape(kept)}")
        raise
    session.wrote(arguments.out)
    session.observer.say(f"done in {stopwatch}")
    return 0
