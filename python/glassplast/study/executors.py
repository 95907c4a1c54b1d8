"""What does the tasks of a study: processes of this machine, or the workers of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from glassplast.errors import ArgumentError, MissingExtraError
from glassplast.foundation.threads import thread_count
from glassplast.study.attempts import Outcome
from glassplast.study.local_processes import LocalProcesses
from glassplast.study.plan import StudyPlan
from glassplast.study.tasks import Task

__all__ = ["Executor", "ExecutorMaker", "executor_maker"]


class Executor(Protocol):
    """Workers that do tasks, for the duration of a ``with`` block.

    A block that ends with an error asks the tasks that run to store what they have and to stop.
    """

    def __enter__(self) -> Executor: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    @property
    def count(self) -> int:
        """How many tasks can be done at once."""

    @property
    def room(self) -> int:
        """How many more tasks it takes now."""

    @property
    def running(self) -> Mapping[Task, float]:
        """When each task that runs now began, in seconds since 1970."""

    def submit(self, task: Task) -> None:
        """Take a task."""

    def ended(self, seconds: float) -> Sequence[tuple[Task, Outcome | None]]:
        """Wait for at most so many seconds until tasks have ended; an outcome is None if its process was killed."""


#: Makes the executor for a plan, the directory of the study, and the token of whoever holds it.
ExecutorMaker = Callable[[StudyPlan, Path, str], Executor]


def executor_maker(workers: int | None, scheduler: Any) -> ExecutorMaker:
    """Choose what does the tasks.

    Parameters
    ----------
    workers : int, optional
        Processes of this machine.
    scheduler : str, Client, cluster or None
        Of dask.distributed, instead of processes of this machine.

    Returns
    -------
    callable

    Raises
    ------
    ArgumentError
        If both are given.
    MissingExtraError
        If dask.distributed is not installed.
    """
    if scheduler is None:
        count = thread_count(workers)
        return lambda plan, out, _: LocalProcesses(plan, out, count)
    if workers is not None:
        raise ArgumentError(
            "workers are processes of this machine; a scheduler has workers of its own: give one of them"
        )
    try:
        from glassplast.study.distributed_workers import DistributedWorkers
    except ImportError as error:
        raise MissingExtraError("a study on a cluster", "cluster") from error
    return lambda plan, out, token: DistributedWorkers(scheduler, plan, out, token)
