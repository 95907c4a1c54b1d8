"""The main job: shear a glass through its first events, and score how well fields predict where they begin."""

from __future__ import annotations

import logging
import os
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from glassplast import indicators as registered
from glassplast.errors import Carrier, FileError, GlassplastError, ModelError
from glassplast.files import read
from glassplast.foundation.environment import provenance
from glassplast.foundation.progress import Progress, ProgressOption, duration, shown
from glassplast.glass import Glass
from glassplast.job.score_table import write_table
from glassplast.job.task import Task
from glassplast.models import Model, names
from glassplast.quasistatic import ShearError, ShearInterrupted, shear
from glassplast.relax import minimize, relaxation, warn_of_mismatch
from glassplast.report import draw, remove_former, write_explorer, write_page
from glassplast.report.writing import EXPLORER, PAGE, explorer_installed
from glassplast.response.analysis import Analysis
from glassplast.results import Results, describe

__all__ = ["EXPLORER", "PAGE", "RESULTS", "TABLE", "JobInterrupted", "main_job"]

logger = logging.getLogger(__name__)

RESULTS = "results.h5"
TABLE = "scores.csv"
#: Time in seconds after which no more pictures are drawn of a job that was interrupted.
PATIENCE_AFTER_INTERRUPT = 0.5


class JobInterrupted(Carrier, KeyboardInterrupt):
    """Raised on Ctrl-C during a job; `results` holds what was computed, which has been written."""

    def __init__(self, results: Results) -> None:
        super().__init__(f"interrupted during {results.interrupted}")
        self.results = results


def main_job(
    source: str | os.PathLike[str] | Glass,
    out: str | os.PathLike[str],
    task: Task | None = None,
    *,
    model: str | Model | None = None,
    frame: int = -1,
    state: str | None = None,
    progress: ProgressOption = None,
    command: Sequence[str] | None = None,
) -> Results:
    """Read and minimize a glass, shear it through its first events, score indicators at the start, and write all.

    Parameters
    ----------
    source : path-like or Glass
        Glass to shear, or its file; ``-`` is the standard input.
    out : path-like
        Directory for ``results.h5``, ``scores.csv``, the pages ``report.html`` and (with Bokeh) ``explore.html``, and
        the pictures. It is made if it is missing; pictures and pages of an earlier job in it are replaced or removed.
    task : Task, optional
        Settings of the job; by default those of `Task()`.
    model : str or Model, optional
        Interaction model, if the file does not record it.
    frame : int
        Index of the frame, if the file is a trajectory; negative indices count from the end.
    state : str, optional
        State of a shear run, if the file holds one, see `glassplast.read`.
    progress : callable, False or None
        Called with the stage, the fraction done, and a note; see `glassplast.foundation.progress.shown`. Messages go to
        the logger ``glassplast.job``.
    command : sequence of str, optional
        Command for the provenance; by default ``sys.argv``.

    Returns
    -------
    Results

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    GlassplastError
        If the input is invalid, or something cannot be written. In the latter case everything else is written, and the
        message names the place.
    JobInterrupted
        On Ctrl-C, after what was computed has been written.
    """
    task = task or Task()
    task.check()
    with shown(progress) as tell:
        job = _Job(task, Path(out), tell)
        job.prepare_output()
        return job.run(source, model, frame, state, command)


class _Job:
    def __init__(self, task: Task, out: Path, tell: Progress) -> None:
        self.task = task
        self.out = out
        self.tell = tell
        self.times: dict[str, float] = {}
        self.times_of_indicators: dict[str, float] = {}
        self.notes: list[str] = []
        self.kept = False
        """Whether the results in the directory are those of this job."""

    def prepare_output(self) -> None:
        """Make the directory, so that a failure occurs before the computation and not after it."""
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
        """Keep Python's warnings, and pass them on to the log."""
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
        logger.warning("%s", message)

    def run(
        self,
        source: str | os.PathLike[str] | Glass,
        model: str | Model | None,
        frame: int,
        state: str | None,
        command: Sequence[str] | None,
    ) -> Results:
        name = repr(source) if isinstance(source, Glass) else os.fspath(source)
        with self.timed("read"), self.noting():
            glass = source if isinstance(source, Glass) else read(source, model, frame=frame, state=state)
        if glass.model is None:
            raise ModelError(f"{name} does not say what its model is; name one of {', '.join(names())}")
        with self.timed("minimize"), self.noting():
            start = minimize(
                glass,
                method=self.task.method,
                tolerance=self.task.tolerance,
                progress=self.tell,
            )
            report = relaxation(start)
            logger.info("%s", report)
            warn_of_mismatch(start, report)
        analysis = Analysis(start, progress=self.tell)
        results = Results(
            start,
            state=describe(analysis),
            configuration=self.configuration(name, glass, frame),
            provenance={
                **provenance(command),
                "seconds": self.times,
                "seconds_of_indicators": self.times_of_indicators,
            },
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
            self.write(results, seconds=PATIENCE_AFTER_INTERRUPT)
            raise JobInterrupted(results) from stop
        try:
            self.write(results)
        except KeyboardInterrupt as stop:
            results.interrupted = "pictures"
            raise JobInterrupted(results) from stop
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
            "relaxer": task.shear_method if task.stepping == "fixed" else None,
            "minimizer": task.method,
            "tolerance": "round-off" if task.tolerance is None else task.tolerance,
            "indicators": "all" if task.indicators is None else list(task.indicators),
            "options": dict(task.options or {}),
            "loading": np.asarray(task.direction(glass)).tolist(),
        }

    def shear(self, results: Results) -> None:
        task, start = self.task, results.start
        to = task.target(start)

        try:
            results.run = shear(
                start,
                to,
                stepping=task.stepping,
                max_events=task.events,
                method=task.method_of_shear,
                checkpoint=task.checkpoint,
                increment=task.increment,
                criterion=task.criterion,
                progress=self.tell,
            )
        except ShearInterrupted as stop:
            results.run = stop.run
            raise
        except ShearError as error:
            # The events before the error can still be scored.
            results.run = error.run
            self.note(str(error))

    def compute(self, results: Results, analysis: Analysis) -> None:
        task, glass = self.task, results.start
        keys = task.indicators
        if keys is None:
            keys = registered.default_keys(glass, task.options)
        for index, key in enumerate(keys):
            began = time.perf_counter()

            def inner(stage: str, part: float | None, note: str, index: int = index) -> None:
                self.tell(stage, (index + (part or 0.0)) / len(keys), note)

            try:
                options = {key: (task.options or {}).get(key, {})}
                results.add(
                    registered.compute(analysis, [key], loading=task.direction(glass), options=options, progress=inner)
                )
            except GlassplastError as error:
                # The other indicators are computed even if one fails.
                results.failures[key] = str(error)
                logger.warning("no %s: %s", key, error)
            else:
                seconds = time.perf_counter() - began
                self.times_of_indicators[key] = round(seconds, 3)
                logger.info("computed %s in %s", key, duration(seconds))

    def keep(self, results: Results) -> None:
        """Write the results so far, so that a later error does not lose them."""
        results.interrupted = "indicators"
        try:
            results.save(self.out / RESULTS)
            self.kept = True
        except FileError as error:
            self.note(str(error))

    def write(self, results: Results, seconds: float | None = None) -> None:
        """Write everything, the results first; errors are raised only after all parts have been tried.

        No table, picture or page of this job comes to lie beside the results of an earlier one, or the other way round.
        With a limit of time, which is short because somebody waits for the end of an interrupted job, no more pictures
        are drawn after it, and the page that is explored is left out.
        """
        failed: list[str] = []

        def attempt(action: Callable[[], None]) -> None:
            try:
                action()
            except FileError as error:
                failed.append(str(error))

        first = self.out
        attempt(lambda: self.save(results))
        if failed and self.out == first and not self.kept and (self.out / RESULTS).exists():
            raise FileError(f"{failed[0]}; nothing else was written, because the results there are of an earlier job")
        attempt(lambda: self.table(results))
        # Before new ones are drawn, which may be interrupted.
        attempt(lambda: self.removed(remove_former(self.out, [])))
        pictures: dict[str, Path] = {}
        if self.task.pictures:
            attempt(lambda: pictures.update(self.draw(results, seconds)))
        explorer = self.task.page and seconds is None and explorer_installed()
        if self.task.page:
            attempt(lambda: self.page(results, pictures, explorer))
        if explorer:
            attempt(lambda: self.wrote(write_explorer(results, self.out / EXPLORER)))
        if failed:
            raise FileError("; ".join(failed))

    def wrote(self, path: Path) -> None:
        logger.debug("wrote %s", path)

    def save(self, results: Results) -> None:
        try:
            results.save(self.out / RESULTS)
        except FileError as error:
            # The results took the time of the computation, so that they are written elsewhere.
            try:
                elsewhere = Path(tempfile.mkdtemp(prefix="glassplast-"))
                results.save(elsewhere / RESULTS)
            except (OSError, FileError) as other:
                raise FileError(f"{error}; nor can they be kept elsewhere: {other}") from error
            if self.kept:
                # Here are the results so far, and pictures of an earlier job.
                remove_former(self.out, [])
            self.out = elsewhere
            raise FileError(
                f"{error}; the results are in {elsewhere / RESULTS} instead, with all that belongs to them"
            ) from error
        self.wrote(self.out / RESULTS)

    def table(self, results: Results) -> None:
        path = self.out / TABLE
        # Also where a new one follows: if that cannot be written, the old one must not stay beside the new results.
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise FileError(f"cannot remove {path}, which is of an earlier job: {error.strerror or error}") from error
        if results.events:
            self.wrote(write_table(results, path))

    def draw(self, results: Results, seconds: float | None) -> dict[str, Path]:
        with self.timed("pictures"):
            pictures = draw(results, self.out, progress=self.tell, seconds=seconds)
        for path in pictures.values():
            self.wrote(path)
        return pictures

    def page(self, results: Results, pictures: Mapping[str, Path], explorer: bool) -> None:
        write_page(results, pictures, self.out / PAGE, explorer=EXPLORER if explorer else None)
        self.wrote(self.out / PAGE)

    def removed(self, paths: Sequence[Path]) -> None:
        for path in paths:
            logger.debug("removed %s, which was of an earlier job", path)
