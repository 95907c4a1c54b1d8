"""Doing the tasks of a study: what is done stays, what fails is on record."""

from __future__ import annotations

import logging
from pathlib import Path

from glassplast.errors import FileError
from glassplast.files.replacing import replacing
from glassplast.foundation.progress import Progress, TimeLeft
from glassplast.study.attempts import Outcome, is_disk_full
from glassplast.study.coordination import Hold
from glassplast.study.costs import CostRecord
from glassplast.study.executors import Executor, ExecutorMaker
from glassplast.study.plan import StudyPlan
from glassplast.study.plan_on_record import record_plan
from glassplast.study.standing import Standing, standing
from glassplast.study.tasks import Task, all_tasks

__all__ = ["execute"]

_LOG = logging.getLogger("glassplast")
_KILLED = "the process that computed it was ended from outside, perhaps for lack of memory\n"


def execute(plan: StudyPlan, out: Path, make: ExecutorMaker, *, tell: Progress, again: bool = False) -> Standing:
    """Do all tasks that are left.

    Parameters
    ----------
    plan : StudyPlan
    out : Path
        The directory of the study; made if it is missing.
    make : callable
        Makes what does the tasks, see `glassplast.study.executors.executor_maker`.
    tell : callable
        Called with the stage, the fraction done, and a note.
    again : bool
        Try tasks again that failed before.

    Raises
    ------
    FileError
        If the directory is of another study, another process works on it, or it cannot be written.
    ClusterError
        If the workers cannot be reached, or cannot do tasks.
    """
    with Hold(out) as hold:
        record_plan(plan, out)
        work = _Work(plan, out, hold, tell, again)
        if work.waiting:
            with make(plan, out, hold.token) as executor:
                work.do(executor)
    return standing(plan, out)


class _Work:
    """The tasks of a study, and what becomes of them."""

    def __init__(self, plan: StudyPlan, out: Path, hold: Hold, tell: Progress, again: bool) -> None:
        self._plan, self._out, self._hold, self._tell = plan, out, hold, tell
        before = standing(plan, out)
        for task in before.failed if again else ():
            task.failure(out).unlink(missing_ok=True)
        self._done = set(before.done)
        self._failed = set() if again else set(before.failed)
        self.waiting = [task for task in all_tasks(plan) if task not in self._done and task not in self._failed]
        self._total = len(self._done) + len(self._failed) + len(self.waiting)
        self._left = TimeLeft()
        self._left.seconds(self._part)
        self._costs = CostRecord(out)
        self._submitted: set[Task] = set()
        self._lost: set[Task] = set()
        self._full = ""

    def do(self, executor: Executor) -> None:
        """Do what is waiting."""
        while self.waiting or self._submitted:
            for task in [] if self._full else self._ready()[: executor.room]:
                self.waiting.remove(task)
                self._submitted.add(task)
                executor.submit(task)
            if not self._submitted:
                # What is left waits for what failed, or for room on the disk.
                break
            self._hold.tell(executor.running, str(executor), executor.count)
            if executor.count == 0:
                self._tell("study", self._part, "waiting for workers")
            for task, outcome in executor.ended(0.5):
                self._submitted.remove(task)
                self._settle(task, outcome)
                rest = self._left.note(self._part)
                note = f"{task.protocol}, sample {task.sample}: {task.stage}"
                self._tell("study", self._part, f"{note}{', ' if rest else ''}{rest}")
        if self._full:
            raise FileError(
                f"stopped because the disk is full, with {len(self._done)} of {self._total} tasks done, which are all "
                f"kept: make room, and repeat the same command ({self._full})"
            )

    @property
    def _part(self) -> float:
        return (len(self._done) + len(self._failed)) / max(self._total, 1)

    def _ready(self) -> list[Task]:
        return [task for task in self.waiting if all(needed in self._done for needed in task.needs(self._plan))]

    def _settle(self, task: Task, outcome: Outcome | None) -> None:
        """Keep what became of a task."""
        if outcome is None and task not in self._lost:
            # Its process was ended from outside, perhaps not because of this task: it gets another chance.
            self._lost.add(task)
            self.waiting.insert(0, task)
        elif outcome is not None and outcome.full_disk:
            self._stop(outcome.full_disk)
            self.waiting.insert(0, task)
        elif outcome is None or outcome.failure:
            self._failed.add(task)
            try:
                task.folder(self._out).mkdir(parents=True, exist_ok=True)
                with replacing(task.failure(self._out)) as temporary:
                    temporary.write_text(_KILLED if outcome is None else outcome.failure, encoding="utf-8")
            except (FileError, OSError) as error:
                self._stop_if_full(error)
        else:
            self._done.add(task)
            try:
                self._costs.add(task, outcome.cost)
            except OSError as error:
                self._stop_if_full(error)

    def _stop_if_full(self, error: Exception) -> None:
        if not is_disk_full(error):
            raise error
        self._stop(str(error))

    def _stop(self, reason: str) -> None:
        """Begin nothing more, because the disk is full; what runs may still find room."""
        if not self._full:
            _LOG.warning("the disk is full: no further task is begun (%s)", reason)
        self._full = reason
