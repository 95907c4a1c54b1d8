"""Doing the tasks of a study: what is done stays, what fails is on record."""

from __future__ import annotations

import logging
import math
import time
from pathlib import Path

from glassplast.errors import FileError
from glassplast.files.replacing import replacing
from glassplast.foundation.progress import Progress, duration
from glassplast.study.attempts import Outcome, is_disk_full
from glassplast.study.coordination import Hold
from glassplast.study.costs import CostRecord
from glassplast.study.estimate import Estimate, estimated, time_on_the_clock
from glassplast.study.executors import Executor, ExecutorMaker
from glassplast.study.expected_costs import ExpectedCosts
from glassplast.study.plan import StudyPlan
from glassplast.study.plan_on_record import record_plan
from glassplast.study.standing import standing
from glassplast.study.tasks import Task, all_tasks

__all__ = ["execute"]

_LOG = logging.getLogger("glassplast")
#: Seconds between two reports of how far the study is.
_EVERY = 1.0
_KILLED = "the process that computed it was ended from outside, perhaps for lack of memory\n"


def execute(
    plan: StudyPlan,
    out: Path,
    make: ExecutorMaker,
    *,
    tell: Progress,
    again: bool = False,
    first_samples: bool = False,
) -> Estimate:
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
    first_samples : bool
        Only do the first sample of each protocol.

    Returns
    -------
    Estimate
        What the study costs, as far as it is known then.

    Raises
    ------
    FileError
        If the directory is of another study, another process works on it, or it cannot be written.
    ClusterError
        If the workers cannot be reached, or cannot do tasks.
    """
    with Hold(out) as hold:
        record_plan(plan, out)
        work = _Work(plan, out, hold, tell, again, first_samples)
        with make(plan, out, hold.token) as executor:
            work.do(executor)
            return work.estimate(executor)


class _Work:
    """The tasks of a study, and what becomes of them."""

    def __init__(
        self, plan: StudyPlan, out: Path, hold: Hold, tell: Progress, again: bool, first_samples: bool
    ) -> None:
        self._plan, self._out, self._hold, self._tell = plan, out, hold, tell
        before = standing(plan, out)
        for task in before.failed if again else ():
            task.failure(out).unlink(missing_ok=True)
        tasks = [task for task in all_tasks(plan) if task.sample == 0 or not first_samples]
        self._done = set(before.done)
        self._failed = set() if again else set(before.failed)
        self._waiting = [task for task in tasks if task not in self._done and task not in self._failed]
        self._order = tasks
        self._costs, self._expected = CostRecord(out), ExpectedCosts(plan, out)
        self._submitted: set[Task] = set()
        self._lost: set[Task] = set()
        self._full = ""
        spent = [self._expected.seconds(task) for task in before.done]
        self._spent = sum(seconds for seconds in spent if math.isfinite(seconds))
        self._told = -math.inf
        self._last: Task | None = None
        self._is_estimated = first_samples or not self._waiting

    def do(self, executor: Executor) -> None:
        """Do what is waiting."""
        while self._waiting or self._submitted:
            for task in [] if self._full else self._ready()[: executor.room]:
                self._waiting.remove(task)
                self._submitted.add(task)
                executor.submit(task)
            if not self._submitted:
                # What is left waits for what failed, or for room on the disk.
                break
            self._hold.tell(executor.running, str(executor), executor.count)
            for task, outcome in executor.ended(0.5):
                self._submitted.remove(task)
                self._settle(task, outcome)
                self._last = task
                self._told = -math.inf
            self._say_how_far(executor)
        if self._full:
            raise FileError(
                f"stopped because the disk is full, with {len(self._done)} tasks done, which are all kept: make room, "
                f"and repeat the same command ({self._full})"
            )

    def estimate(self, executor: Executor) -> Estimate:
        """Estimate what the study costs."""
        running = {task: time.time() - began for task, began in executor.running.items()}
        state = standing(self._plan, self._out)
        return estimated(self._plan, self._out, state, self._expected, max(executor.count, 1), running)

    def _say_how_far(self, executor: Executor) -> None:
        """Tell what was done last and how long the rest will take, from what tasks cost so far."""
        if time.monotonic() - self._told < _EVERY:
            return
        self._told = time.monotonic()
        left = self._left()
        if not self._is_estimated and not any(task.sample == 0 for task in left):
            self._is_estimated = True
            _LOG.info("expected: %s", self.estimate(executor))
        running = {task: time.time() - began for task, began in executor.running.items()}
        expected = {task: self._expected.seconds(task) for task in left}
        part = 1.0 - len(left) / max(len(self._order), 1)
        notes = [f"{self._last.protocol}, sample {self._last.sample}: {self._last.stage}"] if self._last else []
        if executor.count == 0:
            notes.append("waiting for workers")
        elif left and all(math.isfinite(seconds) for seconds in expected.values()):
            rest = time_on_the_clock(
                self._plan, left, expected.__getitem__, executor.count, running, frozenset(self._failed)
            )
            notes.append(f"{duration(rest)} left")
            work = sum(max(seconds - running.get(task, 0.0), 0.0) for task, seconds in expected.items())
            part = 1.0 - work / max(self._spent + sum(expected.values()), 1e-9)
        self._tell("study", part, ", ".join(notes))

    def _left(self) -> list[Task]:
        """What is not done yet and can be done, in the order of the plan."""
        open_tasks = self._submitted.union(self._waiting)
        blocked, left = set(self._failed), []
        for task in self._order:
            if task in open_tasks:
                if any(needed in blocked for needed in task.needs(self._plan)):
                    blocked.add(task)
                else:
                    left.append(task)
        return left

    def _ready(self) -> list[Task]:
        return [task for task in self._waiting if all(needed in self._done for needed in task.needs(self._plan))]

    def _settle(self, task: Task, outcome: Outcome | None) -> None:
        """Keep what became of a task."""
        if outcome is None and task not in self._lost:
            # Its process was ended from outside, perhaps for lack of memory because of others: it gets another chance.
            self._lost.add(task)
            self._waiting.insert(0, task)
        elif outcome is not None and outcome.full_disk:
            self._stop(outcome.full_disk)
            self._waiting.insert(0, task)
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
            self._spent += outcome.cost["seconds"]
            self._expected.add(task, outcome.cost)
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
