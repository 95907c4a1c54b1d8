"""The command ``glassplast study``: run a study, say how far it is, and write its tables."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from glassplast.commands import option_values
from glassplast.commands.options import add_command
from glassplast.commands.session import EXIT_INTERRUPTED, Session

if TYPE_CHECKING:
    from glassplast.study import Study

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command to those of a parser."""
    add_command(
        commands,
        "study",
        "compare protocols and indicators over many samples",
        "glassplast study run quick --out quick/",
        run,
        options=_add_actions,
    )


def _add_actions(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    add_command(
        actions,
        "run",
        "run a study, or what is left of it",
        "glassplast study run my_study.toml --out my_study/ --workers 2",
        run,
        options=_add_run_options,
        text="Finished tasks are kept: repeat the command after an interruption, or with more samples in the file.",
    )
    add_command(
        actions,
        "status",
        "show how much of a study is done",
        "glassplast study status my_study.toml --out my_study/",
        status,
        options=_add_plan,
        text="This also works in another terminal while the study runs.",
    )
    add_command(
        actions,
        "report",
        "write the tables of a study, and show C_min of each indicator by protocol",
        "glassplast study report my_study.toml --out my_study/",
        report,
        options=_add_plan,
    )


def _add_plan(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("plan", metavar="STUDY", help="TOML file, or quick for a plan that is part of the package")
    parser.add_argument("--out", required=True, metavar="DIR", help="directory of the results")


def _add_run_options(parser: argparse.ArgumentParser) -> None:
    _add_plan(parser)
    parser.add_argument(
        "--workers", type=option_values.count, metavar="N", help="number of processes (default: one for each core)"
    )
    parser.add_argument("--again", action="store_true", help="repeat the tasks that failed")


def _study(session: Session) -> Study:
    from glassplast.study import Study

    return Study.of(session.arguments.plan, session.arguments.out)


def run(session: Session) -> int:
    """Do a study."""
    arguments = session.arguments
    study = _study(session)
    try:
        with session.bars():
            state = study.run(workers=arguments.workers, again=arguments.again, progress=session.tell)
    except KeyboardInterrupt:
        _say_standing(session, study)
        session.errors.print("[bold red]interrupted[/]; to continue, repeat the same command")
        return EXIT_INTERRUPTED
    _say_standing(session, study)
    return report(session) if state.done else 1


def status(session: Session) -> int:
    """Say how far a study is."""
    from glassplast.commands.tables import standing_table

    study = _study(session)
    session.out.print(standing_table(study))
    _say_failures(session, study)
    return 0


def report(session: Session) -> int:
    """Write tables and show the scores."""
    from glassplast.commands.tables import study_table

    study = _study(session)
    tables = study.tables()
    for path in tables.write(study.out):
        session.wrote(path)
    session.out.print(study_table(study, tables))
    return 0


def _say_standing(session: Session, study: Study) -> None:
    state = study.standing()
    total = len(state.done) + len(state.failed) + len(state.waiting)
    session.say(f"{len(state.done)} of {total} tasks done")
    _say_failures(session, study)


def _say_failures(session: Session, study: Study) -> None:
    for task in study.standing().failed:
        path = task.failure(study.out)
        reason = path.read_text(encoding="utf-8").strip().splitlines()[-1:]
        session.warn(f"{task.protocol}, sample {task.sample}, {task.stage} failed: {''.join(reason)}")
        session.say(f"  its traceback is in {escape(str(path))}")
