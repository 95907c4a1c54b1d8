"""Doing the tasks of a study on processes of this machine."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

from glassplast.study.attempts import ONE_THREAD, Outcome, attempt
from glassplast.study.plan import StudyPlan
from glassplast.study.tasks import Task
from glassplast.study.watch import Watch

__all__ = ["LocalProcesses"]

#: Seconds that tasks have to store what they have when a study is interrupted.
_GRACE = 5.0


class LocalProcesses:
    """Processes of this machine that compute with one thread each; see `glassplast.study.executors.Executor`."""

    def __init__(self, plan: StudyPlan, out: Path, workers: int) -> None:
        self._plan, self._out, self._workers = plan, out, workers
        # Each process has a pool of its own: if it is killed, it is known whose task that was.
        self._idle: list[ProcessPoolExecutor] = []
        self._others = set(multiprocessing.active_children())
        self._tasks: dict[Future[Outcome], tuple[Task, ProcessPoolExecutor, float]] = {}

    def __enter__(self) -> LocalProcesses:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._interrupt()
        for pool in self._pools():
            pool.shutdown(wait=True, cancel_futures=True)

    def __str__(self) -> str:
        return f"{self._workers} {'process' if self._workers == 1 else 'processes'}"

    @property
    def count(self) -> int:
        """How many tasks can be done at once."""
        return self._workers

    @property
    def room(self) -> int:
        """How many more tasks it takes now."""
        return max(self._workers - len(self._tasks), 0)

    @property
    def running(self) -> Mapping[Task, float]:
        """When each task that runs now began, in seconds since 1970."""
        return {task: began for task, _, began in self._tasks.values()}

    def submit(self, task: Task) -> None:
        """Take a task."""
        pool, future = self._taken(task)
        self._tasks[future] = task, pool, time.time()

    def _taken(self, task: Task) -> tuple[ProcessPoolExecutor, Future[Outcome]]:
        while True:
            # A forked child would inherit the threads of this process, and their locks.
            context = multiprocessing.get_context("spawn")
            pool = self._idle.pop() if self._idle else ProcessPoolExecutor(1, context, _begin)
            # The first task starts the process, whose libraries read the environment when they are loaded.
            with _environment(), suppress(BrokenProcessPool):
                return pool, pool.submit(_interruptible, task, self._plan, self._out)

    def _pools(self) -> list[ProcessPoolExecutor]:
        return [*self._idle, *(pool for _, pool, _ in self._tasks.values())]

    def ended(self, seconds: float) -> list[tuple[Task, Outcome | None]]:
        """Wait for at most so many seconds until tasks have ended, and return these."""
        found: list[tuple[Task, Outcome | None]] = []
        for future in wait(self._tasks, timeout=seconds, return_when=FIRST_COMPLETED).done:
            task, pool, _ = self._tasks.pop(future)
            try:
                found.append((task, future.result()))
                self._idle.append(pool)
            except BrokenProcessPool:
                found.append((task, None))
        return found

    def _interrupt(self) -> None:
        """Let workers keep what they have: long stages store it when they are interrupted."""
        # Those that were there before belong to whoever called.
        processes = set(multiprocessing.active_children()) - self._others
        for process in processes:
            if process.pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGINT)
        ends = time.monotonic() + _GRACE
        for pool in self._pools():
            pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.join(max(ends - time.monotonic(), 0.0))
            process.terminate()


@contextmanager
def _environment() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(ONE_THREAD)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _begin() -> None:
    """What a process begins with: it is interrupted in a task only, and does not outlive its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(_GRACE)
        os._exit(1)


def _interruptible(task: Task, plan: StudyPlan, out: Path) -> Outcome:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return attempt(task, plan, out, Watch())
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
