"""The command ``glassplast study``: run a study, say how far it is, and write its tables."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from glassplast.commands import option_values
from glassplast.commands.interruption import EXIT_INTERRUPTED
from glassplast.commands.options import add_command
from glassplast.commands.session import Session
from glassplast.errors import ArgumentError
from glassplast.foundation.progress import duration

if TYPE_CHECKING:
    from glassplast.study import Study, Tables

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
        "estimate",
        "do the first sample of each protocol, and say what the study will cost",
        "glassplast study estimate my_study.toml --out my_study/ --workers 2",
        estimate,
        options=_add_workers_and_plan,
        text="The samples are kept: run goes on from there.",
    )
    add_command(
        actions,
        "add-samples",
        "add samples to a study, and run what is left of it",
        "glassplast study add-samples my_study.toml 8 --out my_study/ --protocol cold",
        add_samples,
        options=_add_sample_options,
        text="The directory keeps the numbers: run takes them from there, whatever the file says.",
    )
    add_command(
        actions,
        "status",
        "show how much of a study is done, what runs now, and how long the rest will take",
        "glassplast study status my_study.toml --out my_study/",
        status,
        options=_add_plan,
        text="This also works in another terminal while the study runs.",
    )
    add_command(
        actions,
        "report",
        "write tables, figures and the page of a study, and show C_min of each indicator by protocol",
        "glassplast study report my_study.toml --out my_study/",
        report,
        options=_add_report_options,
        text="The page, report.html, works offline; with the extra report (Bokeh) it is explored.",
    )


def _add_plan(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("plan", metavar="STUDY", help="TOML file, or quick for a plan that is part of the package")
    parser.add_argument("--out", required=True, metavar="DIR", help="directory of the results")


def _add_workers_and_plan(parser: argparse.ArgumentParser) -> None:
    _add_plan(parser)
    _add_workers(parser)


def _add_sample_options(parser: argparse.ArgumentParser) -> None:
    _add_workers_and_plan(parser)
    parser.add_argument("more", type=option_values.count, metavar="N", help="number of samples to add")
    parser.add_argument(
        "--protocol", metavar="NAME", help="the protocol that gets them (default: each that makes its samples itself)"
    )


def _add_run_options(parser: argparse.ArgumentParser) -> None:
    _add_workers_and_plan(parser)
    parser.add_argument("--again", action="store_true", help="repeat the tasks that failed")


def _add_report_options(parser: argparse.ArgumentParser) -> None:
    _add_plan(parser)
    parser.add_argument("--no-figures", action="store_true", help="draw no figures")
    parser.add_argument("--no-html", action="store_true", help="write no page, and draw no figures")
    parser.add_argument(
        "--pages",
        type=option_values.count,
        default=0,
        metavar="N",
        help="number of samples of each protocol that get a page of their own (default: 0)",
    )


def _add_workers(parser: argparse.ArgumentParser) -> None:
    from glassplast.study.clusters import CLUSTERS

    parser.add_argument(
        "--workers",
        type=option_values.count,
        metavar="N",
        help="number of processes, or of workers of the cluster (default: one for each core)",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--scheduler", metavar="ADDRESS", help="let the workers of this dask scheduler compute, e.g. tcp://host:8786"
    )
    where.add_argument(
        "--cluster", choices=CLUSTERS, help="let dask start the workers, on this machine or as jobs of this queue"
    )
    parser.add_argument(
        "--cluster-options",
        type=option_values.parameter,
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME=VALUE",
        help="options of dask-jobqueue, e.g. queue=long walltime=12:00:00 memory=4GB",
    )


def _study(session: Session) -> Study:
    from glassplast.study import Study

    return Study.of(session.arguments.plan, session.arguments.out)


@contextmanager
def _workers(session: Session) -> Iterator[dict[str, Any]]:
    """What computes, as arguments of `Study.run`."""
    arguments = session.arguments
    options = dict(arguments.cluster_options)
    if options and arguments.cluster is None:
        raise ArgumentError("--cluster-options needs --cluster")
    if arguments.cluster is None:
        yield {"workers": arguments.workers, "scheduler": arguments.scheduler}
        return
    from glassplast.study.clusters import made_cluster

    with made_cluster(arguments.cluster, arguments.workers, options) as cluster:
        yield {"scheduler": cluster}


def run(session: Session) -> int:
    """Do a study."""
    study = _study(session)
    again = session.arguments.again
    return _done(session, study, lambda workers: study.run(**workers, again=again, progress=session.tell))


def add_samples(session: Session) -> int:
    """Add samples to a study, and do what is left."""
    study = _study(session)
    more, protocol = session.arguments.more, session.arguments.protocol
    return _done(
        session, study, lambda workers: study.add_samples(more, protocol=protocol, **workers, progress=session.tell)
    )


def _done(session: Session, study: Study, work: Callable[[dict[str, Any]], object]) -> int:
    """Do what is left of a study, and show what was found."""
    try:
        with session.bars(), _workers(session) as workers:
            work(workers)
    except KeyboardInterrupt:
        _say_standing(session, study)
        session.errors.print("[bold red]interrupted[/]; to continue, repeat the same command")
        return EXIT_INTERRUPTED
    _say_standing(session, _study(session))
    if not study.standing().done:
        return 1
    _write_tables(session)
    session.say("for the figures and the page: glassplast study report")
    return 0


def estimate(session: Session) -> int:
    """Say what a study will cost."""
    from glassplast.commands.tables import estimate_table

    study = _study(session)
    try:
        with session.bars(), _workers(session) as workers:
            found = study.estimate(**workers, progress=session.tell)
    except KeyboardInterrupt:
        session.errors.print("[bold red]interrupted[/]; to continue, repeat the same command")
        return EXIT_INTERRUPTED
    session.out.print(estimate_table(found))
    session.out.print(escape(str(found)), soft_wrap=True)
    _say_failures(session, study)
    return 0


def status(session: Session) -> int:
    """Say how far a study is, what runs, and how long the rest will take."""
    from glassplast.commands.tables import standing_table

    study = _study(session)
    session.out.print(standing_table(study))
    found = study.coordinator()
    left = study.standing().waiting
    if found is None or not found.alive:
        gone = "" if found is None else f": {found} ended without a word, {duration(time.time() - found.seen)} ago"
        session.out.print(escape(f"nobody is working on it{gone}"), soft_wrap=True)
        if left:
            session.out.print("to continue, run the study again", soft_wrap=True)
    else:
        since = duration(time.time() - found.began)
        session.out.print(escape(f"{found} has worked on it for {since}, with {found.workers}"), soft_wrap=True)
        for task, start in sorted(found.running.items(), key=lambda item: item[1]):
            words = f"  {task.protocol}, sample {task.sample}: {task.stage}, for {duration(time.time() - start)}"
            session.out.print(escape(words), soft_wrap=True)
    expected = study.outlook()
    if left and expected.seconds > 0.0:
        session.out.print(escape(f"expected: {expected}"), soft_wrap=True)
    _say_failures(session, study)
    return 0


def report(session: Session) -> int:
    """Write tables, figures and the page, and show the scores."""
    study, tables = _write_tables(session)
    arguments = session.arguments
    if arguments.no_html:
        return 0
    from glassplast.report import write_study_report
    from glassplast.report.writing import PAGE

    with session.bars():
        written = write_study_report(
            study, tables, figures=not arguments.no_figures, samples=arguments.pages, progress=session.tell
        )
    for path in written.values():
        session.wrote(path)
    session.offer(written[PAGE])
    return 0


def _write_tables(session: Session) -> tuple[Study, Tables]:
    from glassplast.commands.tables import study_table

    study = _study(session)
    tables = study.tables()
    for path in tables.write(study.out):
        session.wrote(path)
    session.out.print(study_table(study, tables))
    return study, tables


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
