"""The command ``glassplast prepare``, with its options for each model."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from glassplast.commands import option_values
from glassplast.commands.options import add_command
from glassplast.commands.session import Session
from glassplast.errors import ArgumentError, FileError

if TYPE_CHECKING:
    from glassplast.glass import Glass

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command to the parser."""
    add_command(
        commands,
        "prepare",
        "make a glass",
        "glassplast prepare poly --temperature 0.12 --seed 1 --out glass.h5",
        run,
        options=_add_models,
    )


def _add_models(parser: argparse.ArgumentParser) -> None:
    models = parser.add_subparsers(title="models", metavar="MODEL", required=True)
    add_command(
        models,
        "poly",
        "make polydisperse soft disks, equilibrated by swap Monte Carlo and quenched",
        "glassplast prepare poly --n 1024 --temperature 0.12 --samples 2 --out glasses.h5",
        run,
        options=_add_poly_options,
        text="See docs/validation-prepare.md for the time that equilibration takes at each temperature.",
    )
    add_command(
        models,
        "lj",
        "make Lennard-Jones glasses by molecular dynamics",
        "glassplast prepare lj --protocol GQ --duration 1e5 --samples 2 --out glasses.h5 --checkpoint kept/",
        run,
        options=_add_lj_options,
        text="See docs/prepare.md for the protocols, and docs/validation-prepare.md for the time that they take.",
    )
    add_command(
        models,
        "kob_andersen",
        "make Kob-Andersen glasses by molecular dynamics",
        "glassplast prepare kob_andersen --n 1000 --temperature 0.5 --out glass.h5",
        run,
        options=_add_kob_andersen_options,
        text="The species are mixed 80:20 in three dimensions and 65:35 in two; see docs/prepare.md.",
    )


# The protocols of prepare.lj, whose import takes long.
_PROTOCOLS = ("HTL", "ESL", "GQ")


def _add_ensemble(parser: argparse.ArgumentParser, model: str, particles: int) -> None:
    """Add the options that all models have."""
    parser.set_defaults(prepare_model=model)
    parser.add_argument(
        "--n", type=option_values.count, default=particles, help="number of particles (default: %(default)s)"
    )
    parser.add_argument(
        "--seed",
        type=option_values.seed,
        help="seed of the random numbers; the same seed and options give the same glasses (default: a random seed, "
        "which is recorded in the file)",
    )
    parser.add_argument(
        "--samples",
        type=option_values.count,
        default=1,
        metavar="M",
        help="number of glasses to make (default: %(default)s)",
    )
    parser.add_argument(
        "--method",
        choices=("cg", "fire"),
        default="cg",
        help="minimizer that quenches the liquid (default: %(default)s)",
    )
    parser.add_argument("--liquid", action="store_true", help="write the liquid, without a quench")
    parser.add_argument(
        "-o",
        "--out",
        default="-",
        metavar="OUT",
        help="file to write, with one frame for each sample, or - for extended XYZ on stdout (default)",
    )
    parser.add_argument(
        "--checkpoint", metavar="DIR", help="keep the state of each sample in this directory as it runs"
    )
    parser.add_argument(
        "--resume", metavar="DIR", help="continue from the directory of --checkpoint, with the same options"
    )
    parser.add_argument(
        "--threads",
        type=option_values.count,
        metavar="K",
        help="number of threads, on which no result depends (default: all cores)",
    )


def _add_poly_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``glassplast prepare poly``."""
    _add_ensemble(parser, "poly", 1024)
    parser.add_argument(
        "--temperature",
        type=option_values.positive,
        default=0.12,
        metavar="T",
        help="temperature of the liquid (default: %(default)s)",
    )
    parser.add_argument(
        "--sweeps",
        type=option_values.count,
        metavar="S",
        help="number of sweeps to run (default: as many as it takes to show equilibration)",
    )
    parser.add_argument(
        "--most-sweeps",
        type=option_values.count,
        default=10_000_000,
        metavar="S",
        help="number of sweeps after which to give up if the liquid is not equilibrated (default: %(default)s)",
    )
    parser.add_argument(
        "--annealing-sweeps",
        type=option_values.count,
        default=20_000,
        metavar="S",
        help="number of sweeps for cooling to the temperature (default: %(default)s)",
    )
    parser.add_argument(
        "--tempering",
        type=option_values.temperatures,
        metavar="T",
        help="equilibrate by parallel tempering up to this hottest temperature, or at the temperatures T1,T2,... of a "
        "list (default: no parallel tempering)",
    )
    parser.add_argument(
        "--chains",
        action="store_true",
        help="equilibrate two chains and take all samples from them, far apart, instead of equilibrating each sample",
    )
    parser.add_argument(
        "--spacing",
        type=option_values.positive,
        default=2.0,
        metavar="TIMES",
        help="number of relaxation times between two samples of a chain (default: %(default)g)",
    )
    parser.add_argument(
        "--step",
        type=option_values.positive,
        default=0.12,
        help="side of the square from which trial displacements are drawn (default: %(default)s)",
    )
    parser.add_argument(
        "--swap-probability",
        type=option_values.finite,
        default=0.2,
        metavar="P",
        help="probability that a trial move swaps two diameters (default: %(default)s)",
    )


def _add_lj_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``glassplast prepare lj``."""
    _add_ensemble(parser, "lj", 1024)
    parser.add_argument(
        "--protocol",
        choices=_PROTOCOLS,
        default="GQ",
        help="HTL: quench from the hot liquid; ESL: quench from the supercooled liquid; GQ: gradual cooling "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--duration",
        type=option_values.finite,
        default=1e6,
        metavar="TIME",
        help="duration of the cooling in protocol GQ (default: %(default)g)",
    )
    parser.add_argument(
        "--equilibration",
        type=option_values.finite,
        default=1e4,
        metavar="TIME",
        help="duration of the equilibration at 1.13 T_g (default: %(default)g)",
    )
    _add_dynamics(parser)


def _add_kob_andersen_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``glassplast prepare kob_andersen``."""
    _add_ensemble(parser, "kob_andersen", 1000)
    parser.add_argument(
        "--dimension", type=int, choices=(2, 3), default=3, help="number of dimensions (default: %(default)s)"
    )
    parser.add_argument(
        "--temperature",
        type=option_values.positive,
        default=0.5,
        metavar="T",
        help="temperature of the liquid (default: %(default)s)",
    )
    parser.add_argument(
        "--equilibration",
        type=option_values.finite,
        default=1e3,
        metavar="TIME",
        help="duration of the equilibration at this temperature (default: %(default)g)",
    )
    parser.add_argument(
        "--duration",
        type=option_values.finite,
        default=0.0,
        metavar="TIME",
        help="duration of the cooling from this temperature to the final one (default: %(default)g)",
    )
    parser.add_argument(
        "--final-temperature",
        type=option_values.positive,
        default=0.05,
        metavar="T",
        help="temperature at the end of the cooling (default: %(default)s)",
    )
    _add_dynamics(parser)


def _add_dynamics(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--time-step",
        type=option_values.positive,
        default=0.005,
        metavar="TIME",
        help="time step of the dynamics (default: %(default)g)",
    )
    parser.add_argument(
        "--friction",
        type=option_values.positive,
        default=1.0,
        metavar="RATE",
        help="friction of the thermostat (default: %(default)g)",
    )


def _maker(model: str) -> tuple[Callable[..., Glass], tuple[str, ...]]:
    """The function that makes a sample, and its options other than those of an ensemble."""
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


def run(session: Session) -> int:
    """Make glasses and write them."""
    from glassplast.commands.tables import Stopwatch
    from glassplast.files import write

    arguments = session.arguments
    stopwatch = Stopwatch()
    if arguments.resume is not None and not Path(arguments.resume).is_dir():
        raise FileError(f"there is no directory {arguments.resume} to continue from; start with --checkpoint")
    if arguments.checkpoint is not None and any(Path(arguments.checkpoint).glob("sample-*.h5")):
        raise FileError(
            f"{arguments.checkpoint} holds samples already: continue them with --resume {arguments.checkpoint}, or "
            f"choose another directory"
        )
    if arguments.out == "-" and arguments.samples > 1:
        raise FileError("only one sample can be written to the standard output; give --out FILE")
    kept = arguments.resume or arguments.checkpoint
    samples = _samples(session, kept)
    try:
        with session.bars():
            for number, glass in enumerate(samples, start=1):
                _say_prepared(session, glass, f"sample {number} of {arguments.samples}")
                write(glass, arguments.out, append=number > 1)
    except KeyboardInterrupt:
        if kept is not None:
            session.errors.print(f"to continue, repeat the command with --resume {escape(kept)}")
        raise
    session.wrote(arguments.out)
    session.say(f"done in {stopwatch}")
    return 0


def _samples(session: Session, kept: str | None) -> Iterator[Glass]:
    """The samples that were asked for, each from an independent liquid, or all of them from two chains."""
    from glassplast.prepare import ensemble, poly_chains

    arguments = session.arguments
    maker, names = _maker(arguments.prepare_model)
    options = {name: getattr(arguments, name) for name in names}
    if not getattr(arguments, "chains", False):
        return ensemble(
            maker,
            arguments.samples,
            arguments.seed,
            checkpoint=kept,
            threads=arguments.threads,
            progress=session.tell,
            n=arguments.n,
            method=arguments.method,
            quench=not arguments.liquid,
            **options,
        )
    if options.pop("sweeps") is not None:
        raise ArgumentError("chains run until they are equilibrated: leave out --sweeps, or give --most-sweeps")
    if arguments.liquid:
        raise ArgumentError("samples of chains are quenched: leave out --liquid")
    return poly_chains(
        arguments.n,
        samples=arguments.samples,
        seed=arguments.seed,
        spacing=arguments.spacing,
        method=arguments.method,
        checkpoint=kept,
        threads=arguments.threads,
        progress=session.tell,
        **options,
    )


def _say_prepared(session: Session, glass: Glass, sample: str) -> None:
    """Print the properties of a sample."""
    session.clear(sample)
    about = glass.provenance["preparation"]
    words = [str(about["protocol"])] if "function" in about and "protocol" in about else []
    words += [f"T = {about['temperature']:g}"] if "temperature" in about else []
    if about.get("equilibrated") is not None:
        lasted = about["relaxation_times"]
        long = "less than a relaxation time" if lasted is None else f"{lasted:.3g} relaxation times"
        words.append(f"{'equilibrated' if about['equilibrated'] else 'NOT equilibrated'} ({long})")
    for key, name in (("inherent_energy", "inherent energy"), ("rattlers", "rattlers")):
        if key in about:
            words.append(f"{name} {about[key]:.7g}")
    session.say(f"{sample}: {', '.join(words)}")
