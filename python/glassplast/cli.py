"""The command ``glassplast``."""

from __future__ import annotations

import argparse
import csv
import os
import sys
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console
from rich.markup import escape

from glassplast.arguments import joined_words, make_parser
from glassplast.errors import FileError, GlassplastError, ModelError

if TYPE_CHECKING:
    from glassplast.console import ConsoleObserver
    from glassplast.glass import Glass
    from glassplast.main_job import Task
    from glassplast.models import Model
    from glassplast.quasistatic import Run, ShearProgress
    from glassplast.results import Results

EXIT_ERROR = 2
EXIT_INTERRUPTED = 130

# The sample of the demo was cooled ten times slower; LAMMPS, which made it, left no protocol in its file.
_DEMO_SOFTNESS = "lj_GQ2e3"


class _Session:
    """What commands talk through."""

    def __init__(self, arguments: argparse.Namespace, command: Sequence[str]) -> None:
        from glassplast.console import ConsoleObserver, make_consoles

        self.arguments = arguments
        self.command = list(command)
        self.out, self.errors = make_consoles()
        if arguments.quiet:
            self.errors = Console(stderr=True, quiet=True)
        self.observer: ConsoleObserver = ConsoleObserver(self.errors)

    def shear_progress(self, start: float, to: float, wanted: int | None) -> ShearProgress:
        """What tells the observer how far a shear run from `start` to `to` is."""

        def progress(strain: float, stress: float, events: int) -> None:
            self.observer.shearing(start, to, strain, events, wanted)

        return progress

    def wrote(self, path: str | os.PathLike[str]) -> None:
        if os.fspath(path) != "-":
            self.observer.say(f"wrote {escape(os.fspath(path))}")


# --- what commands share ----------------------------------------------------------------------------------------------


def _model(arguments: argparse.Namespace) -> Model | None:
    from glassplast.models import Model

    if arguments.model is None:
        if arguments.parameter:
            raise ModelError("--parameter needs --model")
        return None
    return Model(arguments.model, dict(arguments.parameter))


def read_configuration(session: _Session, *, model_needed: bool = True) -> Glass:
    """The configuration that the command was given."""
    from glassplast.files import read
    from glassplast.models import names

    arguments = session.arguments
    glass = read(arguments.file, _model(arguments), frame=arguments.frame)
    if model_needed and glass.model is None:
        raise ModelError(f"{arguments.file} does not say its model; give --model {{{','.join(names())}}}")
    session.observer.read(glass, arguments.file)
    return glass


def _options(arguments: argparse.Namespace) -> dict[str, dict[str, Any]]:
    options: dict[str, dict[str, Any]] = {}
    for key, name, value in arguments.option:
        options.setdefault(key, {})[name] = value
    return options


def _results_of(session: _Session, glass: Glass, source: str) -> Results:
    from glassplast.results import Results, provenance

    return Results(
        glass,
        configuration={"source": Path(source).name, "path": source},
        provenance=provenance(session.command),
    )


def write_rows(session: _Session, rows: Sequence[Sequence[Any]], path: str) -> None:
    """Write CSV to a file, or to the standard output for ``-``."""
    from glassplast.files.replacing import replacing

    if path == "-":
        csv.writer(sys.stdout, lineterminator="\n").writerows(rows)
        sys.stdout.flush()
        return
    with replacing(Path(path)) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)
    session.wrote(path)


# --- commands ---------------------------------------------------------------------------------------------------------


def _run(session: _Session) -> int:
    from glassplast.main_job import Task

    arguments = session.arguments
    task = Task(
        events=arguments.events,
        to=arguments.to,
        stepping=arguments.stepping,
        checkpoint=arguments.checkpoint,
        increment=arguments.increment,
        criterion=arguments.criterion,
        relaxer=arguments.relaxer,
        minimizer=arguments.minimizer,
        tolerance=arguments.tolerance,
        indicators=arguments.names,
        options=_options(arguments),
        loading=arguments.loading,
        pictures=not arguments.no_pictures,
        page=not arguments.no_html,
    )
    return _main_job(session, arguments.file, task, _model(arguments), arguments.frame)


def _demo(session: _Session) -> int:
    from glassplast.main_job import Task
    from glassplast.models import Model

    arguments = session.arguments
    sample = Path(__file__).parent / "samples" / "lj_gq_1024.data"
    task = Task(
        events=arguments.events,
        options={"softness": {"model": _DEMO_SOFTNESS}},
        pictures=not arguments.no_pictures,
        page=not arguments.no_html,
    )
    return _main_job(session, str(sample), task, Model("lj"), -1)


def _main_job(session: _Session, source: str, task: Task, model: Model | None, frame: int) -> int:
    from glassplast.console import Stopwatch
    from glassplast.main_job import JobInterrupted, main_job

    stopwatch = Stopwatch()
    out = session.arguments.out
    try:
        with session.observer:
            results = main_job(
                source, out, task, model=model, frame=frame, observer=session.observer, command=session.command
            )
    except JobInterrupted as stop:
        _show(session, stop.results)
        session.errors.print(
            f"[bold red]interrupted[/] during {stop.results.interrupted}: what was computed is in {escape(out)}"
        )
        return EXIT_INTERRUPTED
    _show(session, results)
    session.observer.say(f"done in {stopwatch}")
    return 0


def _show(session: _Session, results: Results) -> None:
    from glassplast.console import SCORE_LEGEND, event_table, score_table
    from glassplast.main_job import PAGE, RESULTS

    if results.events:
        session.out.print(event_table(results.events, results.start))
    if results.events and results.ranks:
        session.out.print(SCORE_LEGEND, soft_wrap=True)
        session.out.print(score_table(results))
    written = session.observer.written
    pages = [path for path in written if path.name == PAGE]
    for path in [path for path in written if path.name == RESULTS] + pages:
        session.wrote(path)
    if pages:
        session.observer.say(f"open {escape(pages[0].resolve().as_uri())}")


def _minimize(session: _Session) -> int:
    from glassplast.files import write
    from glassplast.relax import minimize, relaxation, warn_of_mismatch

    arguments = session.arguments
    glass = read_configuration(session)
    with session.observer:
        relaxed = minimize(
            glass,
            method=arguments.minimizer,
            tolerance=arguments.tolerance,
            progress=session.observer.minimizing,
        )
        session.observer.minimized(relaxation(relaxed))
    warn_of_mismatch(relaxed, relaxation(relaxed))
    write(relaxed, arguments.output)
    session.wrote(arguments.output)
    return 0


def _shear(session: _Session) -> int:
    from glassplast.quasistatic import ShearError, ShearInterrupted

    arguments = session.arguments
    if arguments.output == "-" and arguments.end == "-":
        raise FileError("only one of --output and --end can be the standard output")
    interrupted, failure = False, None
    with session.observer:
        try:
            run = _begin_shear(session) if arguments.resume is None else _resume_shear(session)
        except ShearInterrupted as stop:
            run, interrupted = stop.run, True
        except ShearError as error:
            run, failure = error.run, error
    _write_run(session, run, interrupted or failure is not None)
    if failure is not None:
        raise failure
    if interrupted:
        session.errors.print(f"[bold red]interrupted[/] at γ = {run.strain[-1]:.6g}")
        kept = arguments.resume or arguments.checkpoint
        if kept is not None:
            session.errors.print(f"go on with: glassplast shear --resume {escape(kept)}")
        return EXIT_INTERRUPTED
    return 0


def _begin_shear(session: _Session) -> Run:
    from glassplast.main_job import STRAIN_RANGE
    from glassplast.quasistatic import shear

    arguments = session.arguments
    if arguments.file is None:
        raise FileError("name a FILE, or a run to go on with: --resume DIR")
    glass = read_configuration(session)
    to = glass.strain + STRAIN_RANGE if arguments.to is None else arguments.to
    events = getattr(arguments, "events", None)
    return shear(
        glass,
        to,
        stepping=arguments.stepping,
        max_events=events,
        stop=arguments.stop,
        loading=arguments.loading,
        minimizer=arguments.minimizer,
        checkpoint=arguments.checkpoint,
        increment=arguments.increment,
        criterion=arguments.criterion,
        relaxer=arguments.relaxer,
        progress=session.shear_progress(glass.strain, to, events),
    )


def _resume_shear(session: _Session) -> Run:
    from glassplast.quasistatic import resume
    from glassplast.quasistatic.checkpoints import read_checkpoints
    from glassplast.quasistatic.protocol import AS_BEFORE

    arguments = session.arguments
    for name in ("file", "model", "checkpoint", "loading", "minimizer", "increment", "criterion", "relaxer"):
        if getattr(arguments, name) is not None:
            raise ValueError(f"a run goes on as it was started: leave out {name.upper() if name == 'file' else name}")
    if arguments.stepping != "exact":
        raise ValueError("a run with checkpoints is one of exact stepping: leave out stepping")
    known = read_checkpoints(Path(arguments.resume))
    target = known.target.changed(arguments.to, getattr(arguments, "events", AS_BEFORE), arguments.stop or AS_BEFORE)
    session.observer.say(
        f"the run in {escape(arguments.resume)} goes on at γ = {known.strain:.6g}: {len(known.passed)} events so far"
    )
    session.observer.seen_events = len(known.passed)
    return resume(
        arguments.resume,
        target.to,
        max_events=target.max_events,
        stop=target.stop,
        progress=session.shear_progress(known.start.strain, target.to, target.max_events),
    )


def _write_run(session: _Session, run: Run, interrupted: bool) -> None:
    from glassplast.console import event_table
    from glassplast.files import write

    arguments = session.arguments
    results = _results_of(session, run.start, arguments.resume or arguments.file)
    results.run = run
    results.interrupted = "shear" if interrupted else ""
    session.observer.sheared(results)
    console = session.errors if "-" in (arguments.output, arguments.end) else session.out
    if run.events:
        console.print(event_table(run.events, run.start))
    if arguments.output == "-" or str(arguments.output).endswith(".csv"):
        rows = [["strain", "stress", "energy"], *np.stack([run.strain, run.stress, run.energy], axis=1).tolist()]
        write_rows(session, rows, arguments.output)
    elif arguments.output is not None:
        results.save(arguments.output)
        session.wrote(arguments.output)
    if arguments.end is not None:
        write(run.end, arguments.end)
        session.wrote(arguments.end)


def _indicators(session: _Session) -> int:
    from glassplast import indicators
    from glassplast.analysis import Analysis
    from glassplast.console import indicator_table

    arguments = session.arguments
    if arguments.list:
        session.out.print(indicator_table())
        return 0
    if arguments.file is None:
        raise FileError("name a FILE, or ask for --list")
    names = arguments.names
    for key in names or ():
        indicators.find(key)
    glass = read_configuration(session, model_needed=False)
    with session.observer:
        results = _results_of(session, glass, arguments.file)
        chosen = names or indicators.default_keys(glass, _options(arguments))
        started: list[str] = []

        def progress(key: str) -> None:
            session.observer.computing(key, len(started), len(chosen))
            started.append(key)

        results.fields = indicators.compute(
            Analysis(glass, progress=session.observer.working),
            chosen,
            loading=0.0 if arguments.loading is None else arguments.loading,
            options=_options(arguments),
            progress=progress,
        )
        session.observer.done()
    if arguments.output == "-" or arguments.output.endswith(".csv"):
        columns = [glass.ids.tolist(), *(field.tolist() for field in results.fields.values())]
        rows = [["id", *results.fields], *map(list, zip(*columns, strict=True))]
        write_rows(session, rows, arguments.output)
    else:
        results.save(arguments.output)
        session.wrote(arguments.output)
    return 0


def _fields_of(path: str, glass: Glass) -> dict[str, Any]:
    """Fields of a file, in the order of the particles of a glass."""
    from glassplast.results import Results

    if path.endswith(".csv"):
        ids, fields = _read_columns(path)
    else:
        results = Results.load(path)
        ids, fields = results.start.ids.tolist(), results.fields
    place = {int(number): row for row, number in enumerate(ids)}
    missing = [int(number) for number in glass.ids if int(number) not in place]
    if missing:
        raise FileError(f"{path} has no particle of id {missing[0]}: is it of another sample?")
    order = [place[int(number)] for number in glass.ids]
    return {key: np.asarray(values)[order] for key, values in fields.items()}


def _read_columns(path: str) -> tuple[Sequence[int], Mapping[str, Any]]:
    with Path(path).open(newline="", encoding="utf-8") as stream:
        rows = list(csv.reader(stream))
    if not rows or rows[0][:1] != ["id"]:
        raise FileError(f"{path}, line 1: expected the columns id and the keys of indicators")
    try:
        table = np.array([[float(word or "nan") for word in row] for row in rows[1:]]).reshape(-1, len(rows[0]))
    except ValueError:
        raise FileError(f"{path}: expected a number in each of {len(rows[0])} columns of each line") from None
    return table[:, 0].astype(int).tolist(), dict(zip(rows[0][1:], table[:, 1:].T, strict=True))


def _score(session: _Session) -> int:
    from glassplast import indicators
    from glassplast.console import SCORE_LEGEND, score_table
    from glassplast.main_job import table_rows
    from glassplast.results import Results

    arguments = session.arguments
    results = Results.load(arguments.results)
    if arguments.fields is not None:
        results.fields = _fields_of(arguments.fields, results.start)
        for key in results.fields:
            indicators.find(key)
    if not results.events:
        raise FileError(f"{arguments.results} holds no plastic event")
    if not results.fields:
        raise FileError(f"{arguments.results} holds no fields; name a file of glassplast indicators")
    if arguments.output != "-":
        session.out.print(SCORE_LEGEND, soft_wrap=True)
        session.out.print(score_table(results))
    if arguments.output is not None:
        write_rows(session, list(table_rows(results)), arguments.output)
    return 0


def _prepare(session: _Session) -> int:
    from glassplast.prepare_command import prepare

    return prepare(session)


def _softness_train(session: _Session) -> int:
    from glassplast.softness_command import train

    return train(session)


def _softness_apply(session: _Session) -> int:
    from glassplast.softness_command import apply

    return apply(session)


def _softness_list(session: _Session) -> int:
    from glassplast.softness_command import show

    return show(session)


def _info(session: _Session) -> int:
    from glassplast.analysis import Analysis
    from glassplast.console import info_table
    from glassplast.files import count_frames
    from glassplast.files.frame import json_text
    from glassplast.results import describe

    arguments = session.arguments
    glass = read_configuration(session, model_needed=False)
    cell = "; ".join(" ".join(f"{entry:.10g}" for entry in row) for row in glass.cell)
    entries: dict[str, Any] = {"particles": f"{len(glass)} in {glass.dimension}D"}
    if arguments.file != "-":
        entries["frames"] = count_frames(arguments.file)
    entries |= {"cell (columns are vectors)": cell, "strain": f"{glass.strain:.8g}"}
    if glass.species is not None:
        kinds, counts = np.unique(glass.species, return_counts=True)
        entries["species"] = ", ".join(f"{count} of {kind}" for kind, count in zip(kinds, counts, strict=True))
    sizes = glass.diameters
    entries["diameters"] = f"{sizes.min():.5g} to {sizes.max():.5g}, mean {sizes.mean():.5g}"
    entries["model"] = glass.model.name if glass.model is not None else "unknown (give --model)"
    for key, value in describe(Analysis(glass)).items():
        entries[key.replace("_", " ")] = f"{value:.8g}"
    if glass.model is not None and "shear modulus" not in entries:
        entries["state"] = "not in mechanical equilibrium"
    entries["provenance"] = json_text(dict(glass.provenance))
    session.out.print(info_table(entries))
    return 0


def _models(session: _Session) -> int:
    from glassplast.console import model_table

    session.out.print(model_table())
    return 0


# --- the entry --------------------------------------------------------------------------------------------------------

_COMMANDS = {
    "run": _run,
    "demo": _demo,
    "prepare poly": _prepare,
    "prepare lj": _prepare,
    "prepare kob_andersen": _prepare,
    "minimize": _minimize,
    "shear": _shear,
    "indicators": _indicators,
    "score": _score,
    "softness train": _softness_train,
    "softness apply": _softness_apply,
    "softness list": _softness_list,
    "info": _info,
    "models": _models,
}


def main(words: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code: 0, 2 for an error, 130 when interrupted."""
    given = sys.argv[1:] if words is None else list(words)
    arguments = make_parser(_COMMANDS).parse_args(joined_words(given))
    session = _Session(arguments, ["glassplast", *given])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always", UserWarning)
            warnings.showwarning = lambda message, *_: session.observer.warn(str(message))
            code: int = arguments.run(session)
            return code
    except KeyboardInterrupt:
        _complain("[bold red]interrupted[/]")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # Whoever read from us has enough; Python must not find out again when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (GlassplastError, OSError, ValueError) as error:
        if arguments.debug:
            raise
        _complain(f"[bold red]error:[/] {escape(' '.join(str(error).split()))}")
        return EXIT_ERROR


def _complain(text: str) -> None:
    Console(stderr=True, highlight=False, soft_wrap=True).print(text)
