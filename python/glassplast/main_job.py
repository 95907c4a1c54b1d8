"""The main job: shear a glass through its first events, and see which fields knew where they would begin."""

from __future__ import annotations

import csv
import os
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from glassplast import indicators as registered
from glassplast.analysis import Analysis
from glassplast.errors import FileError, GlassplastError, MissingExtraError, ModelError
from glassplast.files import read
from glassplast.files.replacing import replacing
from glassplast.glass import Glass
from glassplast.loading import Loading
from glassplast.models import Model, names
from glassplast.quasistatic import ShearError, ShearInterrupted, shear
from glassplast.quasistatic.protocol import check_stepping
from glassplast.relax import RelaxationReport, minimize, relaxation, warn_of_mismatch
from glassplast.results import Results, describe, provenance

RESULTS = "results.h5"
TABLE = "scores.csv"
PAGE = "report.html"

#: How far a glass is sheared unless told otherwise: beyond yielding, at about 0.07.
STRAIN_RANGE = 0.12


class Observer:
    """What a job tells while it runs. This one is silent, but for Python's own warnings."""

    def read(self, glass: Glass, source: str) -> None:
        """A configuration was read."""

    def minimizing(self, evaluations: float, force: float) -> None:
        """The largest force after so many evaluations."""

    def minimized(self, report: RelaxationReport) -> None:
        """The state of zero force was found."""

    def shearing(self, start: float, to: float, strain: float, events: int, wanted: int | None) -> None:
        """The strain reached and the events found."""

    def sheared(self, results: Results) -> None:
        """The run is complete."""

    def computing(self, key: str, index: int, total: int) -> None:
        """An indicator is about to be computed."""

    def computed(self, key: str, seconds: float, failure: str | None) -> None:
        """An indicator was computed, or could not be."""

    def working(self, count: float, measure: float) -> None:
        """A sign of life from a long computation."""

    def drawing(self, name: str, total: int) -> None:
        """A picture is about to be drawn."""

    def wrote(self, path: Path) -> None:
        """A file was written."""

    def warn(self, message: str) -> None:
        """Something is worth saying."""
        warnings.warn(message, stacklevel=3)


class JobInterrupted(KeyboardInterrupt):
    """Ctrl-C during a job; `results` holds what was computed, and it was written."""

    def __init__(self, results: Results) -> None:
        super().__init__(f"interrupted during {results.interrupted}")
        self.results = results


@dataclass(frozen=True)
class Task:
    """What the main job is to do.

    Attributes
    ----------
    events : int or None
        Stop after so many events.
    to : float, optional
        Strain to stop at; by default 0.12 beyond that of the start. Less than the start's shears back.
    stepping, increment, criterion, relaxer, checkpoint
        As of `glassplast.shear`.
    minimizer
        `method` of `glassplast.minimize`, and what follows an instability in exact stepping.
    tolerance
        Of `glassplast.minimize`.
    indicators : sequence of str, optional
        Keys; by default all that can be had.
    options : mapping
        Options of single indicators.
    loading : float or (d, d) array_like, optional
        Direction for indicators that depend on it; by default that of the shear: 0, or 90 degrees in reverse.
    pictures, page : bool
        Whether to draw pictures and write the page.
    """

    events: int | None = 5
    to: float | None = None
    stepping: str = "exact"
    increment: float | None = None
    criterion: str | None = None
    relaxer: str | None = None
    checkpoint: str | os.PathLike[str] | None = None
    minimizer: str = "cg"
    tolerance: float | None = None
    indicators: Sequence[str] | None = None
    options: Mapping[str, Mapping[str, Any]] | None = None
    loading: Loading | None = None
    pictures: bool = True
    page: bool = True

    def target(self, glass: Glass) -> float:
        """The strain to shear to."""
        return glass.strain + STRAIN_RANGE if self.to is None else self.to

    def direction(self, glass: Glass) -> Loading:
        """The loading of indicators that depend on it."""
        if self.loading is not None:
            return self.loading
        return 0.0 if self.target(glass) >= glass.strain else 90.0

    def check(self) -> None:
        """Raise for what cannot be done before any time is spent.

        Raises
        ------
        UnknownNameError, ValueError, MissingExtraError
        """
        for key in self.indicators or ():
            registered.find(key)
        for key, values in (self.options or {}).items():
            registered.find(key).check_options(values)
        if self.events is not None and self.events < 0:
            raise ValueError(f"the number of events must not be negative, not {self.events}")
        check_stepping(
            self.stepping,
            of_exact={"checkpoint": self.checkpoint},
            of_fixed={"increment": self.increment, "criterion": self.criterion, "relaxer": self.relaxer},
        )
        if self.pictures and find_spec("matplotlib") is None:
            raise MissingExtraError("drawing pictures", "plot")


def main_job(
    source: str | os.PathLike[str] | Glass,
    out: str | os.PathLike[str],
    task: Task | None = None,
    *,
    model: str | Model | None = None,
    frame: int = -1,
    observer: Observer | None = None,
    command: Sequence[str] | None = None,
) -> Results:
    """Read, minimize, shear through the first events, compute indicators at the start, score them, and write it all.

    Parameters
    ----------
    source : path-like or Glass
        What to shear; ``-`` is the standard input.
    out : path-like
        Directory for ``results.h5``, ``scores.csv``, ``report.html`` and the pictures; made if it is missing.
    task : Task, optional
        What to do, where it is not the default.
    model : str or Model, optional
        Of the particles in the file, where it does not say.
    frame : int
        Of a trajectory.
    observer : Observer, optional
        Is told how it goes.
    command : sequence of str, optional
        For the record; by default ``sys.argv``.

    Returns
    -------
    Results

    Raises
    ------
    FileNotFoundError, GlassplastError
        If the input is bad, or something cannot be written: then the rest is, and the message says where.
    JobInterrupted
        On Ctrl-C, once what was computed until then is written.
    """
    task = task or Task()
    job = _Job(task, Path(out), observer or Observer())
    task.check()
    job.prepare_output()
    return job.run(source, model, frame, command)


class _Job:
    def __init__(self, task: Task, out: Path, observer: Observer) -> None:
        self.task = task
        self.out = out
        self.observer = observer
        self.times: dict[str, float] = {}
        self.notes: list[str] = []

    def prepare_output(self) -> None:
        """Fail now rather than after the computation."""
        try:
            self.out.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.out) as probe:
                probe.write(b"x" * 65536)
        except OSError as error:
            raise FileError(f"cannot write into {self.out}: {error.strerror or error}") from error

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self.times[stage] = round(time.perf_counter() - began, 3)

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Pass Python's warnings on to the observer, and keep them."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                yield
            finally:
                messages = [str(warning.message) for warning in caught]
        for message in messages:
            self.note(message)

    def note(self, message: str) -> None:
        self.notes.append(message)
        self.observer.warn(message)

    def run(
        self,
        source: str | os.PathLike[str] | Glass,
        model: str | Model | None,
        frame: int,
        command: Sequence[str] | None,
    ) -> Results:
        name = repr(source) if isinstance(source, Glass) else os.fspath(source)
        with self.timed("read"), self.noting():
            glass = source if isinstance(source, Glass) else read(source, model, frame=frame)
        if glass.model is None:
            raise ModelError(f"{name} does not say what its model is; name one of {', '.join(names())}")
        self.observer.read(glass, name)
        with self.timed("minimize"), self.noting():
            start = minimize(
                glass,
                method=self.task.minimizer,
                tolerance=self.task.tolerance,
                progress=self.observer.minimizing,
            )
            report = relaxation(start)
            self.observer.minimized(report)
            warn_of_mismatch(start, report)
        analysis = Analysis(start, progress=self.observer.working)
        results = Results(
            start,
            state=describe(analysis),
            configuration=self.configuration(name, glass, frame),
            provenance={**provenance(command), "seconds": self.times},
            warnings=self.notes,
        )
        try:
            results.interrupted = "shear"
            with self.timed("shear"):
                self.shear(results)
            self.keep(results)
            with self.timed("indicators"), self.noting():
                self.compute(results, analysis)
            results.interrupted = ""
        except KeyboardInterrupt as stop:
            self.write(results)
            raise JobInterrupted(results) from stop
        self.write(results)
        return results

    def configuration(self, name: str, glass: Glass, frame: int) -> dict[str, Any]:
        task = self.task
        return {
            "source": name if name == "-" else Path(name).name,
            "path": name,
            "frame": frame,
            "model": glass.model.name if glass.model is not None else None,
            "parameters": dict(glass.model.parameters) if glass.model is not None else {},
            "events": task.events,
            "to": task.target(glass),
            "stepping": task.stepping,
            "increment": task.increment,
            "criterion": task.criterion,
            "relaxer": task.relaxer,
            "minimizer": task.minimizer,
            "tolerance": "round-off" if task.tolerance is None else task.tolerance,
            "indicators": "all" if task.indicators is None else list(task.indicators),
            "options": dict(task.options or {}),
            "loading": np.asarray(task.direction(glass)).tolist(),
        }

    def shear(self, results: Results) -> None:
        task, start = self.task, results.start
        to = task.target(start)

        def progress(strain: float, stress: float, events: int) -> None:
            self.observer.shearing(start.strain, to, strain, events, task.events)

        try:
            results.run = shear(
                start,
                to,
                stepping=task.stepping,
                max_events=task.events,
                minimizer=task.minimizer if task.stepping == "exact" else None,
                checkpoint=task.checkpoint,
                increment=task.increment,
                criterion=task.criterion,
                relaxer=task.relaxer,
                progress=progress,
            )
        except ShearInterrupted as stop:
            results.run = stop.run
            raise
        except ShearError as error:
            # What came before can still be scored.
            results.run = error.run
            self.note(str(error))
        finally:
            if results.run is not None:
                self.observer.sheared(results)

    def compute(self, results: Results, analysis: Analysis) -> None:
        task, glass = self.task, results.start
        keys = task.indicators
        if keys is None:
            keys = registered.default_keys(glass, task.options)
        for index, key in enumerate(keys):
            self.observer.computing(key, index, len(keys))
            began, failure = time.perf_counter(), None
            try:
                options = {key: (task.options or {}).get(key, {})}
                results.fields.update(
                    registered.compute(analysis, [key], loading=task.direction(glass), options=options)
                )
            except GlassplastError as error:
                # One indicator that cannot be had is no reason to lose the others.
                failure = results.failures[key] = str(error)
            self.observer.computed(key, time.perf_counter() - began, failure)

    def keep(self, results: Results) -> None:
        """Write what there is; what goes wrong later does not lose it."""
        results.interrupted = "indicators"
        try:
            results.save(self.out / RESULTS)
        except FileError as error:
            self.note(str(error))

    def write(self, results: Results) -> None:
        """Write everything; of what fails, only after the rest was tried."""
        failed: list[str] = []

        def attempt(action: Callable[[], None]) -> None:
            try:
                action()
            except FileError as error:
                failed.append(str(error))

        attempt(lambda: self.save(results))
        if results.events:
            attempt(lambda: self.wrote(write_table(results, self.out / TABLE)))
        pictures: dict[str, Path] = {}
        if self.task.pictures:
            attempt(lambda: pictures.update(self.draw(results)))
        if self.task.page:
            attempt(lambda: self.page(results, pictures))
        if failed:
            raise FileError("; ".join(failed))

    def wrote(self, path: Path) -> None:
        self.observer.wrote(path)

    def save(self, results: Results) -> None:
        try:
            results.save(self.out / RESULTS)
        except FileError as error:
            # The numbers are what took the time.
            elsewhere = Path(tempfile.mkdtemp(prefix="glassplast-")) / RESULTS
            results.save(elsewhere)
            raise FileError(f"{error}; the results are in {elsewhere} instead") from error
        self.wrote(self.out / RESULTS)

    def draw(self, results: Results) -> dict[str, Path]:
        from glassplast.report import draw

        with self.timed("pictures"):
            pictures = draw(results, self.out, self.observer.drawing)
        for path in pictures.values():
            self.wrote(path)
        return pictures

    def page(self, results: Results, pictures: Mapping[str, Path]) -> None:
        from glassplast.report import write_page

        write_page(results, pictures, self.out / PAGE)
        self.wrote(self.out / PAGE)


def table_rows(results: Results) -> Iterable[list[Any]]:
    """The table of scores: a head, then key, symbol, family, r_x of each event, C for each indicator."""
    yield ["indicator", "symbol", "family", *(f"event {n + 1}" for n in range(len(results.events))), "C"]
    correlations = results.correlations
    for key, ranks in results.ranks.items():
        indicator = registered.find(key)
        yield [key, indicator.symbol, indicator.family, *ranks, correlations[key].value]


def write_table(results: Results, path: Path) -> Path:
    """Write the table of scores as CSV.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(table_rows(results))
    return path
