"""The command ``glassplast run``, and the part that it shares with the demo."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from glassplast.commands.interruption import EXIT_INTERRUPTED
from glassplast.commands.options import (
    add_command,
    add_configuration,
    add_declared,
    add_indicators,
    add_minimization,
    add_report,
    add_shear,
)
from glassplast.commands.session import Session

if TYPE_CHECKING:
    from glassplast.job import Task
    from glassplast.models import Model
    from glassplast.results import Results

__all__ = ["add", "do_job"]


def add(commands: Any) -> None:
    """Add the command to the parser."""
    add_command(
        commands,
        "run",
        "shear a glass through its first events and score every indicator on them",
        "glassplast run sample.data --model lj --events 5 --out out/",
        run,
        options=_add_options,
    )


def _add_options(parser: argparse.ArgumentParser) -> None:
    add_configuration(parser)
    add_report(parser, "glassplast-out")
    add_shear(parser, 5)
    add_minimization(parser, "minimizer that relaxes the configuration")

    from glassplast.quasistatic.shearing import shear

    add_declared(
        parser,
        shear,
        "method",
        option="--shear-method",
        dest="shear_method",
        told="that of --method in exact stepping, newton in fixed stepping",
    )
    add_indicators(parser, "--indicators")


def run(session: Session) -> int:
    """Do the main job."""
    from glassplast.job import Task

    arguments = session.arguments
    task = Task(
        events=arguments.events,
        to=arguments.to,
        stepping=arguments.stepping,
        checkpoint=arguments.checkpoint,
        increment=arguments.increment,
        criterion=arguments.criterion,
        method=arguments.method,
        shear_method=arguments.shear_method,
        tolerance=arguments.tolerance,
        indicators=arguments.names,
        options=session.indicator_options,
        loading=arguments.loading,
        pictures=not arguments.no_pictures,
        page=not arguments.no_html,
    )
    return do_job(session, arguments.file, task, session.model, arguments.frame, arguments.state)


def do_job(
    session: Session, source: str, task: Task, model: Model | None, frame: int = -1, state: str | None = None
) -> int:
    """Do a job and show its results."""
    from glassplast.commands.tables import Stopwatch
    from glassplast.job import JobInterrupted, main_job

    stopwatch = Stopwatch()
    out = session.arguments.out
    try:
        with session.bars():
            results = main_job(
                source,
                out,
                task,
                model=model,
                frame=frame,
                state=state,
                progress=session.tell,
                command=session.command,
            )
    except JobInterrupted as stop:
        _show(session, stop.results)
        session.errors.print(
            f"[bold red]interrupted[/] during {stop.results.interrupted}: what was computed is in {escape(out)}; "
            f"glassplast report {escape(out)}/results.h5 draws all its pictures",
            soft_wrap=True,
        )
        return EXIT_INTERRUPTED
    _show(session, results)
    session.say(f"done in {stopwatch}")
    return 0


def _show(session: Session, results: Results) -> None:
    from pathlib import Path

    from glassplast.commands.tables import SCORE_LEGEND, event_table, score_table
    from glassplast.job.job import EXPLORER, PAGE, RESULTS

    if results.events:
        session.out.print(event_table(results.events, results.start))
    if results.events and results.ranks:
        session.out.print(SCORE_LEGEND, soft_wrap=True)
        session.out.print(score_table(results))
    out = Path(session.arguments.out)
    if (out / RESULTS).exists():
        session.wrote(out / RESULTS)
    pages = [out / name for name in (PAGE, EXPLORER) if (out / name).exists()]
    for page in pages:
        session.wrote(page)
    for page in pages:
        session.offer(page)
