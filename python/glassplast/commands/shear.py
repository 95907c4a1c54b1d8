"""The command ``glassplast shear``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.markup import escape

from glassplast.commands import option_values
from glassplast.commands.interruption import EXIT_INTERRUPTED
from glassplast.commands.options import add_command, add_configuration, add_declared, add_shear
from glassplast.commands.session import Session
from glassplast.errors import ArgumentError, FileError

if TYPE_CHECKING:
    from glassplast.foundation.arrays import FloatArray
    from glassplast.glass import Glass
    from glassplast.quasistatic import Run

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command to the parser."""
    add_command(
        commands,
        "shear",
        "shear a glass quasistatically",
        "glassplast minimize liquid.data --model lj | glassplast shear - --to 0.05 -o run.h5",
        run,
        options=_add_options,
    )


def _add_options(parser: argparse.ArgumentParser) -> None:
    from glassplast.quasistatic.shearing import shear

    add_configuration(parser, optional=True)
    add_shear(parser, None)
    add_declared(parser, shear, "method")
    add_declared(parser, shear, "loading", type=option_values.loading)
    add_declared(parser, shear, "stop")
    parser.add_argument(
        "--resume", metavar="DIR", help="continue the run that was started with --checkpoint DIR; give no FILE"
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        help="file to write: .h5 for the whole run, .csv for strain, stress and energy, or - for these on stdout",
    )
    parser.add_argument("--end", metavar="FILE", help="file for the last state, or - for extended XYZ on stdout")
    parser.add_argument(
        "--trajectory",
        metavar="FILE",
        help="file for the start and for the states before and after each event, with its critical mode, "
        "displacement and D2min: .xyz, .dump, .gsd or .h5, or - for extended XYZ on stdout",
    )


def run(session: Session) -> int:
    """Shear a configuration or continue a run, and write the results."""
    from glassplast.quasistatic import ShearError, ShearInterrupted

    arguments = session.arguments
    if [arguments.output, arguments.end, arguments.trajectory].count("-") > 1:
        raise FileError("only one of --output, --end and --trajectory can be the standard output")
    _check_trajectory(arguments.trajectory)
    interrupted, failure = False, None
    with session.bars():
        try:
            found = _begin(session) if arguments.resume is None else _resume(session)
        except ShearInterrupted as stop:
            found, interrupted = stop.run, True
        except ShearError as error:
            found, failure = error.run, error
    _write(session, found, interrupted or failure is not None)
    if failure is not None:
        raise failure
    if interrupted:
        session.errors.print(f"[bold red]interrupted[/] at γ = {found.strain[-1]:.6g}")
        kept = arguments.resume or arguments.checkpoint
        if kept is not None:
            session.errors.print(f"continue with: glassplast shear --resume {escape(kept)}")
        return EXIT_INTERRUPTED
    return 0


def _check_trajectory(path: str | None) -> None:
    """Refuse what holds no trajectory now rather than after the run."""
    from glassplast.files import named_format

    if path not in (None, "-") and named_format(path) == "lammps-data":
        raise FileError(f"a LAMMPS data file holds no trajectory; give {path} another ending: .dump, .xyz, .gsd or .h5")


def _begin(session: Session) -> Run:
    from glassplast.job.task import STRAIN_RANGE
    from glassplast.quasistatic import shear

    arguments = session.arguments
    if arguments.file is None:
        raise FileError("give a FILE, or a run to continue: --resume DIR")
    glass = session.read_configuration()
    return shear(
        glass,
        glass.strain + STRAIN_RANGE if arguments.to is None else arguments.to,
        stepping=arguments.stepping,
        max_events=getattr(arguments, "events", None),
        stop=arguments.stop,
        loading=arguments.loading,
        method=arguments.method,
        checkpoint=arguments.checkpoint,
        increment=arguments.increment,
        criterion=arguments.criterion,
        progress=session.tell,
    )


def _resume(session: Session) -> Run:
    from glassplast.quasistatic import resume
    from glassplast.quasistatic.checkpoints import read_checkpoints
    from glassplast.quasistatic.target import AS_BEFORE

    arguments = session.arguments
    for name in ("file", "model", "state", "checkpoint", "loading", "method", "increment", "criterion"):
        if getattr(arguments, name) is not None:
            option = "FILE" if name == "file" else f"--{name}"
            raise ArgumentError(f"a run continues with the options with which it was started: leave out {option}")
    if arguments.stepping != "exact":
        raise ArgumentError("only exact stepping has checkpoints: leave out --stepping")
    known = read_checkpoints(Path(arguments.resume))
    target = known.target.changed(arguments.to, getattr(arguments, "events", AS_BEFORE), arguments.stop or AS_BEFORE)
    session.say(
        f"the run in {escape(arguments.resume)} continues at γ = {known.strain:.6g}: {len(known.passed)} events so far"
    )
    return resume(arguments.resume, target.to, max_events=target.max_events, stop=target.stop, progress=session.tell)


def _write(session: Session, run: Run, interrupted: bool) -> None:
    from glassplast.commands.tables import event_table
    from glassplast.files import write

    arguments = session.arguments
    results = session.results_of(run.start, arguments.resume or arguments.file)
    results.run = run
    results.interrupted = "shear" if interrupted else ""
    console = session.errors if "-" in (arguments.output, arguments.end, arguments.trajectory) else session.out
    if run.events:
        console.print(event_table(run.events, run.start))
    if arguments.output == "-" or str(arguments.output).endswith(".csv"):
        rows = [["strain", "stress", "energy"], *np.stack([run.strain, run.stress, run.energy], axis=1).tolist()]
        session.write_rows(rows, arguments.output)
    elif arguments.output is not None:
        results.save(arguments.output)
        session.wrote(arguments.output)
    if arguments.end is not None:
        write(run.end, arguments.end)
        session.wrote(arguments.end)
    if arguments.trajectory is not None:
        _write_trajectory(run, arguments.trajectory)
        session.wrote(arguments.trajectory)


def _write_trajectory(run: Run, path: str) -> None:
    from glassplast.fields import d2min
    from glassplast.files import write

    frames: list[Glass] = [run.start]
    fields: list[dict[str, FloatArray]] = [{}]
    for event in run.events:
        of_event = {
            "critical_mode": event.mode,
            "displacement": event.displacement,
            "d2min": d2min(event.before, event.displacement),
        }
        frames += [event.before, event.after]
        fields += [of_event, of_event]
    if run.events:
        # The start belongs to no event, but programs that draw a column expect it in each frame.
        fields[0] = {name: np.full_like(values, np.nan) for name, values in fields[1].items()}
    write(frames, path, fields=fields)
