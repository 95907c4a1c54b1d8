"""Doing the tasks of a study on the processes of this machine: what is done stays, what fails is on record."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import time
import traceback
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glassplast.errors import FileError
from glassplast.files.replacing import made_directory, replacing
from glassplast.foundation.progress import Progress, TimeLeft
from glassplast.foundation.threads import thread_count
from glassplast.study.plan import StudyPlan
from glassplast.study.stages import perform
from glassplast.study.tasks import Task, all_tasks

__all__ = ["Standing", "execute", "standing"]

_PLAN = "plan.json"
#: Seconds that workers have to store what they have when a study is interrupted.
_GRACE = 5.0


@dataclass(frozen=True)
class Standing:
    """How far a study is.

    Attributes
    ----------
    done, failed, waiting : tuple of Task
        Tasks whose results are there, those that failed, and the rest.
    """

    done: tuple[Task, ...]
    failed: tuple[Task, ...]
    waiting: tuple[Task, ...]

    @property
    def part(self) -> float:
        """The part of all tasks that is done or failed."""
        ended = len(self.done) + len(self.failed)
        return ended / max(ended + len(self.waiting), 1)


def standing(plan: StudyPlan, out: Path) -> Standing:
    """How far a study is, from what lies in its directory."""
    done, failed, waiting = [], [], []
    for task in all_tasks(plan):
        if task.is_done(out):
            done.append(task)
        elif task.failure(out).exists():
            failed.append(task)
        else:
            waiting.append(task)
    return Standing(tuple(done), tuple(failed), tuple(waiting))


def execute(plan: StudyPlan, out: Path, *, workers: int | None, tell: Progress, again: bool = False) -> Standing:
    """Do all tasks that are left.

    Parameters
    ----------
    plan : StudyPlan
    out : Path
        The directory of the study; made if it is missing.
    workers : int, optional
        Processes; by default as many as there are threads to use.
    tell : callable
        Called with the stage, the fraction done, and a note.
    again : bool
        Try tasks again that failed before.

    Raises
    ------
    FileError
        If the directory is of another study, or cannot be written.
    """
    _claim(plan, out)
    before = standing(plan, out)
    for task in before.failed if again else ():
        task.failure(out).unlink(missing_ok=True)
    failed = set() if again else set(before.failed)
    done = set(before.done)
    waiting = [task for task in all_tasks(plan) if task not in done and task not in failed]
    total, left = len(done) + len(failed) + len(waiting), TimeLeft()
    left.seconds((total - len(waiting)) / max(total, 1))
    pool = _Pool(thread_count(workers))
    running: dict[Future[dict[str, Any]], Task] = {}
    lost: set[Task] = set()
    try:
        while waiting or running:
            ready = [task for task in waiting if all(needed in done for needed in task.needs(plan))]
            for task in ready[: pool.free(len(running))]:
                waiting.remove(task)
                running[pool.submit(perform, task, plan, out)] = task
            if not running:
                # What is left waits for what failed.
                break
            finished, _ = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
            for future in finished:
                task = running.pop(future)
                if isinstance(future.exception(), BrokenProcessPool) and task not in lost:
                    # A process was ended from outside. Whose task that was nobody knows: all get another chance.
                    pool.leave(future)
                    lost.add(task)
                    waiting.insert(0, task)
                    continue
                _settle(task, future, out, done, failed, pool)
                part = (len(done) + len(failed)) / total
                rest = left.note(part)
                note = f"{task.protocol}, sample {task.sample}: {task.stage}"
                tell("study", part, f"{note}{', ' if rest else ''}{rest}")
    except BaseException:
        pool.interrupt()
        raise
    finally:
        pool.end()
    return standing(plan, out)


def _settle(
    task: Task, future: Future[dict[str, Any]], out: Path, done: set[Task], failed: set[Task], pool: _Pool
) -> None:
    """Keep what became of a task."""
    try:
        cost = future.result()
    except BrokenProcessPool:
        pool.leave(future)
        _record(task, out, "the process that computed it was ended from outside, perhaps for lack of memory\n")
        failed.add(task)
    except Exception:
        _record(task, out, traceback.format_exc())
        failed.add(task)
    else:
        with (out / "costs.jsonl").open("a", encoding="utf-8") as stream:
            entry = {"protocol": task.protocol, "sample": task.sample, "stage": task.stage, **cost}
            stream.write(json.dumps(entry) + "\n")
        done.add(task)


def _record(task: Task, out: Path, text: str) -> None:
    task.folder(out).mkdir(parents=True, exist_ok=True)
    with replacing(task.failure(out)) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _claim(plan: StudyPlan, out: Path) -> None:
    """Write the plan into the directory, or see that it is the one that is there; samples may have been added."""
    made_directory(out)
    ours = plan.model_dump(mode="json")
    path = out / _PLAN
    if path.exists():
        theirs = json.loads(path.read_text(encoding="utf-8"))
        for name in sorted({*ours, *theirs}):
            if name != "name" and _without_samples(ours.get(name)) != _without_samples(theirs.get(name)):
                raise FileError(
                    f"{out} belongs to another study: {name} is {theirs.get(name)!r} in it and {ours.get(name)!r} in "
                    "this one; choose another directory, or run the same study"
                )
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(ours, indent=1) + "\n", encoding="utf-8")


def _without_samples(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_samples(entry) for name, entry in value.items() if name != "samples"}
    return value


class _Pool:
    """Processes that compute with one thread each."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None
        self._others = set(multiprocessing.active_children())
        self._submitted: dict[Future[dict[str, Any]], ProcessPoolExecutor] = {}

    def free(self, running: int) -> int:
        return max(self._workers - running, 0)

    def submit(self, work: Callable[..., dict[str, Any]], *arguments: Any) -> Future[dict[str, Any]]:
        if self._pool is None:
            # A forked child would inherit the threads of this process, and their locks.
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._workers, mp_context=context, initializer=_alone)
        future = self._pool.submit(work, *arguments)
        self._submitted[future] = self._pool
        return future

    def leave(self, future: Future[dict[str, Any]]) -> None:
        """A pool of which a process died takes no more work."""
        if self._submitted.get(future) is self._pool:
            self._pool = None

    def interrupt(self) -> None:
        """Let workers keep what they have: long stages store it when they are interrupted."""
        # Those that were there before belong to whoever called.
        processes = set(multiprocessing.active_children()) - self._others
        for process in processes:
            if process.pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGINT)
        ends = time.monotonic() + _GRACE
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.join(max(ends - time.monotonic(), 0.0))
            process.terminate()

    def end(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)


def _alone() -> None:
    """What a worker begins with: one thread for everybody."""
    for name in ("GLASSPLAST_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
