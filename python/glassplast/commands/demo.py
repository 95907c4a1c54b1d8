"""The command ``glassplast demo``."""

from __future__ import annotations

import argparse
from typing import Any

from glassplast.commands import option_values
from glassplast.commands.options import add_command, add_report
from glassplast.commands.run import do_job
from glassplast.commands.session import Session

__all__ = ["add"]

#: The sample was cooled ten times slower than the glasses on which this model was trained. The model must be named,
#: because LAMMPS made the sample, whose file records no protocol.
_SOFTNESS = "lj_GQ2e3"


def add(commands: Any) -> None:
    """Add the command to the parser."""
    add_command(
        commands,
        "demo",
        "run the job of `glassplast run` on a small glass that is part of the package",
        "glassplast demo --out demo/",
        demo,
        options=_add_options,
    )


def _add_options(parser: argparse.ArgumentParser) -> None:
    add_report(parser, "glassplast-demo")
    parser.add_argument("--events", type=option_values.events, default=5, metavar="N", help="default: %(default)s")


def demo(session: Session) -> int:
    """Do the main job on the sample of the package."""
    from importlib.resources import as_file, files

    from glassplast.job import Task
    from glassplast.models import Model

    arguments = session.arguments
    task = Task(
        events=arguments.events,
        options={"softness": {"model": _SOFTNESS}},
        pictures=not arguments.no_pictures,
        page=not arguments.no_html,
    )
    with as_file(files("glassplast") / "samples" / "lj_gq_1024.data") as sample:
        return do_job(session, str(sample), task, Model("lj"))
