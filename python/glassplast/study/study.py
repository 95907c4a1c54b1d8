"""Studies: many samples of several protocols, sheared and scored, as one thing that can be stopped and gone on with."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from glassplast.ensemble_scores import EnsembleCorrelations, correlations
from glassplast.errors import UnknownNameError, suggestion
from glassplast.foundation.progress import ProgressOption, shown
from glassplast.foundation.threads import thread_count
from glassplast.quasistatic import Run
from glassplast.results import Results
from glassplast.study.answers import Answers, read_answers
from glassplast.study.collection import Tables, collect
from glassplast.study.coordination import Coordinator, coordinator
from glassplast.study.estimate import Estimate, estimated
from glassplast.study.execution import execute
from glassplast.study.executors import executor_maker
from glassplast.study.expected_costs import ExpectedCosts
from glassplast.study.plan import StudyPlan, load_plan
from glassplast.study.plan_on_record import with_more_samples, with_recorded_samples
from glassplast.study.standing import Standing, standing
from glassplast.study.states import StudyState, read_states
from glassplast.study.tasks import Task

__all__ = ["Study", "names", "run", "shipped"]


def names() -> list[str]:
    """List the plans that are part of the package, such as ``quick``."""
    return sorted(path.name.removesuffix(".toml") for path in _plans().iterdir() if path.name.endswith(".toml"))


def shipped(name: str) -> Path:
    """Find the file of a plan that is part of the package.

    Parameters
    ----------
    name : str
        One of `names`.

    Returns
    -------
    Path

    Raises
    ------
    UnknownNameError
        With the nearest known name.
    """
    if name not in names():
        raise UnknownNameError(f"unknown study {name!r}; {suggestion(name, names())}")
    return Path(str(_plans() / f"{name}.toml"))


def _plans() -> Any:
    return files("glassplast.study") / "plans"


@dataclass(frozen=True)
class Study:
    """A plan and the directory that its results lie in.

    Attributes
    ----------
    plan : StudyPlan
    out : Path
    """

    plan: StudyPlan
    out: Path

    @classmethod
    def of(cls, plan: str | os.PathLike[str] | Mapping[str, Any] | StudyPlan, out: str | os.PathLike[str]) -> Study:
        """Make a study of a plan.

        Parameters
        ----------
        plan : path-like, mapping or StudyPlan
            A TOML file, its content, or the name of a plan that is part of the package (`names`).
        out : path-like
            The directory of the results, which need not exist.

        Returns
        -------
        Study

        Raises
        ------
        FileNotFoundError, FileError
            If there is no such file, or it is invalid.
        """
        if isinstance(plan, StudyPlan):
            loaded = plan
        elif isinstance(plan, Mapping):
            loaded = load_plan(dict(plan))
        else:
            known = isinstance(plan, str) and plan in names() and not Path(plan).is_file()
            loaded = load_plan(shipped(str(plan)) if known else plan)
        # Samples that were added stay.
        return cls(with_recorded_samples(loaded, Path(out)), Path(out))

    def __repr__(self) -> str:
        state = self.standing()
        total = len(state.done) + len(state.failed) + len(state.waiting)
        return (
            f"Study({self.plan.name!r}, {len(self.plan.protocols)} protocols, {len(state.done)} of {total} tasks done)"
        )

    def standing(self) -> Standing:
        """How far it is: what is done, what failed, and what waits."""
        return standing(self.plan, self.out)

    def run(
        self,
        *,
        workers: int | None = None,
        scheduler: Any = None,
        again: bool = False,
        progress: ProgressOption = None,
    ) -> Standing:
        """Do what is left.

        Parameters
        ----------
        workers : int, optional
            Processes of this machine; by default ``GLASSPLAST_NUM_THREADS``, or one for each core. No result depends
            on it.
        scheduler : str, distributed.Client or cluster, optional
            Let workers of dask.distributed do it, instead of processes of this machine: the address of a scheduler such
            as ``"tcp://host:8786"``, a client of one, or a cluster such as ``LocalCluster`` or ``SLURMCluster``. The
            directory of the study must lie on a file system that the workers share.
        again : bool
            Try what failed before once more.
        progress : callable, False or None
            Called with the stage, the fraction done, and a note; see `glassplast.foundation.progress.shown`.

        Returns
        -------
        Standing
            A task that failed is on record with its traceback, and the rest was done.

        Raises
        ------
        FileError
            If the directory is of another study, another process works on it, or it cannot be written, for example
            because the disk is full.
        ClusterError
            If the scheduler cannot be reached, or its workers cannot do the tasks.
        MissingExtraError
            If a scheduler is given and dask.distributed is not installed.
        """
        with shown(progress) as tell:
            execute(self.plan, self.out, executor_maker(workers, scheduler), tell=tell, again=again)
        return self.standing()

    def estimate(
        self, *, workers: int | None = None, scheduler: Any = None, progress: ProgressOption = None
    ) -> Estimate:
        """Find out what the study will cost, from one sample of each protocol.

        The first samples are done if they are not there, and their results are kept.

        Parameters
        ----------
        workers, scheduler, progress
            See `run`.

        Returns
        -------
        Estimate
            Time on the clock with these workers, time of processors, size on disk and memory. ``table()`` has them by
            protocol and stage.

        Raises
        ------
        FileError, ClusterError, MissingExtraError
            See `run`.

        Examples
        --------
        >>> import glassplast as gp
        >>> study = gp.study.Study.of("quick", "quick/")   # doctest: +SKIP
        >>> study.estimate(workers=8).seconds / 3600       # doctest: +SKIP
        """
        with shown(progress) as tell:
            return execute(self.plan, self.out, executor_maker(workers, scheduler), tell=tell, first_samples=True)

    def outlook(self, workers: int | None = None) -> Estimate:
        """Estimate what the study will cost and how much of it is left, without computing anything.

        Parameters
        ----------
        workers : int, optional
            How many tasks are done at once; by default as many as whoever works on it now does, or as there are cores.

        Returns
        -------
        Estimate
            From what tasks cost so far; it names the stages of which none is done yet.
        """
        known = self.coordinator()
        is_there = known is not None and known.alive
        running: dict[Task, float] = {}
        count = workers
        if known is not None and is_there:
            running = {task: time.time() - began for task, began in known.running.items()}
            count = workers or known.count or None
        costs = ExpectedCosts(self.plan, self.out)
        return estimated(self.plan, self.out, self.standing(), costs, thread_count(count), running)

    def coordinator(self) -> Coordinator | None:
        """Find out which process works on the study, and which tasks run now.

        Returns
        -------
        Coordinator or None
            None if no process works on it; one that was killed is not `alive`.
        """
        return coordinator(self.out)

    def add_samples(
        self,
        more: int,
        *,
        protocol: str | None = None,
        workers: int | None = None,
        scheduler: Any = None,
        progress: ProgressOption = None,
    ) -> Study:
        """Add samples, and do what is left.

        The numbers are on record in the directory, where a plan with smaller ones finds them.

        Parameters
        ----------
        more : int
            How many samples to add.
        protocol : str, optional
            The protocol that gets them; by default each that makes its samples itself.
        workers, scheduler, progress
            See `run`.

        Returns
        -------
        Study
            With the larger numbers.

        Raises
        ------
        ArgumentError
            If the number is not positive, or the samples of the protocol are files.
        UnknownNameError
            If there is no such protocol.
        FileError, ClusterError, MissingExtraError
            See `run`.
        """
        grown = Study(with_more_samples(self.plan, more, protocol), self.out)
        grown.run(workers=workers, scheduler=scheduler, progress=progress)
        return grown

    def tables(self) -> Tables:
        """What was found so far, as tidy tables."""
        return collect(self.plan, self.out)

    def samples(self, protocol: str) -> list[int]:
        """List the samples of which the indicators at the start are there.

        Parameters
        ----------
        protocol : str
            Name of the protocol.

        Returns
        -------
        list of int

        Raises
        ------
        UnknownNameError
            With the nearest known name.
        """
        self._require(protocol)
        return [task.sample for task in self.standing().done if (task.protocol, task.stage) == (protocol, "fields")]

    def results(self, protocol: str, sample: int) -> Results:
        """Read a sample: its start, its run, and its indicators at the start.

        Parameters
        ----------
        protocol : str
            Name of the protocol.
        sample : int
            Number of the sample, from 0.

        Returns
        -------
        Results

        Raises
        ------
        FileNotFoundError
            If they are not there yet.
        """
        found = self.start(protocol, sample)
        found.run = self.sheared(protocol, sample)
        return found

    def start(self, protocol: str, sample: int) -> Results:
        """Read a sample without its run, which may be long: its start, and its indicators there.

        Parameters
        ----------
        protocol : str
            Name of the protocol.
        sample : int
            Number of the sample, from 0.

        Returns
        -------
        Results

        Raises
        ------
        FileNotFoundError
            If they are not there yet.
        """
        return Results.load(self._path(protocol, sample, "fields"))

    def sheared(self, protocol: str, sample: int) -> Run:
        """Read the run of a sample.

        Parameters
        ----------
        protocol : str
            Name of the protocol.
        sample : int
            Number of the sample, from 0.

        Returns
        -------
        Run

        Raises
        ------
        FileNotFoundError
            If it is not there yet.
        """
        return Run.load(self._path(protocol, sample, "run"))

    def states(self, protocol: str, sample: int) -> list[StudyState]:
        """Read the states of a sample beside its start, and the indicators there.

        Parameters
        ----------
        protocol : str
            Name of the protocol.
        sample : int
            Number of the sample, from 0.

        Returns
        -------
        list of StudyState
            Empty if there are none. Of states before events only the ranks are kept, in `tables`.
        """
        path = self._path(protocol, sample, "states")
        return read_states(path) if path.exists() else []

    def answers(self, protocol: str, sample: int) -> Answers:
        """Read what was asked of a sample.

        Parameters
        ----------
        protocol : str
            Name of the protocol.
        sample : int
            Number of the sample, from 0.

        Returns
        -------
        Answers
            Without any answer if nothing was asked, or it is not there yet.
        """
        path = self._path(protocol, sample, "answers")
        if not path.exists():
            return Answers(None, {}, {}, {})
        return read_answers(path, self.sheared(protocol, sample))

    def _require(self, protocol: str) -> None:
        if protocol not in self.plan.protocols:
            known = list(self.plan.protocols)
            raise UnknownNameError(f"the study has no protocol {protocol!r}; {suggestion(protocol, known)}")

    def _path(self, protocol: str, sample: int, stage: str) -> Path:
        self._require(protocol)
        return Task(protocol, sample, stage).path(self.out)

    def c_min(self, tables: Tables | None = None) -> dict[str, EnsembleCorrelations]:
        """Score each indicator at the start by the first event of each sample, C = 2<r> - 1.

        Parameters
        ----------
        tables : Tables, optional
            The tables of this study; by default they are collected anew.

        Returns
        -------
        dict of EnsembleCorrelations
            Scores of all indicators with intervals over samples, by protocol.
        """
        known = self.tables() if tables is None else tables
        return {name: correlations(known.rank_table(name)) for name in self.plan.protocols}


def run(
    plan: str | os.PathLike[str] | Mapping[str, Any] | StudyPlan,
    out: str | os.PathLike[str],
    *,
    workers: int | None = None,
    scheduler: Any = None,
    progress: ProgressOption = None,
) -> Study:
    """Do a study, or what is left of it.

    Parameters
    ----------
    plan : path-like, mapping or StudyPlan
        A TOML file, its content, or the name of a plan that is part of the package (`glassplast.study.names`).
    out : path-like
        The directory for all results.
    workers, scheduler, progress
        See `Study.run`.

    Returns
    -------
    Study

    Examples
    --------
    >>> import glassplast as gp
    >>> study = gp.study.run("quick", "quick/")   # doctest: +SKIP
    >>> study.tables().write(study.out)           # doctest: +SKIP
    """
    study = Study.of(plan, out)
    study.run(workers=workers, scheduler=scheduler, progress=progress)
    return study
