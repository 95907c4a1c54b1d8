"""Doing the tasks of a study on the workers of dask.distributed."""

from __future__ import annotations

import os
import queue
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import distributed
from distributed.comm import CommClosedError

from glassplast.errors import ArgumentError, ClusterError
from glassplast.foundation.version import package_version
from glassplast.study.attempts import ONE_THREAD, Outcome, attempt
from glassplast.study.coordination import is_held_by
from glassplast.study.plan import FilesPlan, StudyPlan
from glassplast.study.tasks import Task, all_tasks
from glassplast.study.watch import Watch

__all__ = ["DistributedWorkers"]

#: Seconds between two questions how many workers there are, and for a result to appear in the shared directory.
_EVERY, _PATIENCE = 2.0, 90.0


class DistributedWorkers:
    """Workers of dask.distributed; see `glassplast.study.executors.Executor`.

    Parameters
    ----------
    scheduler : str, Client or cluster
        Address of a scheduler, a client of it, or a cluster such as ``LocalCluster`` or ``SLURMCluster``.
    plan : StudyPlan
    out : Path
        The directory of the study, which must lie on a file system that all workers share.
    token : str
        Of the `Hold`; tasks stop when it has ended.
    """

    def __init__(self, scheduler: Any, plan: StudyPlan, out: Path, token: str) -> None:
        self._scheduler, self._token = scheduler, token
        # Workers have working directories of their own.
        self._plan, self._out = _with_absolute_patterns(plan), out.absolute()
        self._order = {task: -place for place, task in enumerate(all_tasks(plan))}
        self._tasks: dict[Any, Task] = {}
        self._keys: dict[str, Task] = {}
        self._began: dict[Task, float] = {}
        self._ended: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._submitted = 0
        self._count, self._counted = 0, -_EVERY

    def __enter__(self) -> DistributedWorkers:
        self._is_ours = not isinstance(self._scheduler, distributed.Client)
        self._client = _client(self._scheduler) if self._is_ours else self._scheduler
        if self._client.asynchronous:
            raise ArgumentError("the client must not be asynchronous")
        self._client.subscribe_topic(self._topic, self._note_beginning)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A scheduler that is gone has nothing to cancel.
        with suppress(Exception):
            self._client.cancel(list(self._tasks))
            self._client.unsubscribe_topic(self._topic)
        if self._is_ours:
            self._client.close()

    def __str__(self) -> str:
        workers = "worker" if self.count == 1 else "workers"
        return f"{self.count} {workers} of {self._client.scheduler.address}"

    @property
    def count(self) -> int:
        """How many tasks can be done at once."""
        if time.monotonic() - self._counted >= _EVERY:
            try:
                self._count = sum(self._client.nthreads().values())
            except (OSError, CommClosedError) as error:
                raise self._lost() from error
            self._counted = time.monotonic()
        return self._count

    @property
    def room(self) -> int:
        """How many more tasks it takes now: any number, so that an adaptive cluster knows what there is to do."""
        return len(self._order)

    @property
    def running(self) -> Mapping[Task, float]:
        """When each task that runs now began, in seconds since 1970."""
        return {task: self._began[task] for task in list(self._tasks.values()) if task in self._began}

    def submit(self, task: Task) -> None:
        """Take a task."""
        self._submitted += 1
        key = f"{task.protocol}-{task.sample}-{task.stage}-{self._token}-{self._submitted}"
        future = self._client.submit(
            _attempt_on_worker,
            task,
            self._plan,
            self._out,
            self._token,
            package_version(),
            self._topic,
            key,
            key=key,
            pure=False,
            priority=self._order[task],
        )
        self._tasks[future], self._keys[key] = task, task
        self._began.pop(task, None)
        future.add_done_callback(self._ended.put)

    def ended(self, seconds: float) -> list[tuple[Task, Outcome | None]]:
        """Wait for at most so many seconds until tasks have ended, and return these."""
        futures: list[Any] = []
        with suppress(queue.Empty):
            futures.append(self._ended.get(timeout=seconds))
            while True:
                futures.append(self._ended.get_nowait())
        found: list[tuple[Task, Outcome | None]] = []
        for future in futures:
            task = self._tasks[future]
            outcome = self._outcome(task, future)
            if outcome is None:
                # It was done, and is done again, because its worker is gone with what it had to tell.
                future.add_done_callback(self._ended.put)
                continue
            del self._tasks[future]
            found.append((task, outcome))
        return found

    def _outcome(self, task: Task, future: Any) -> Outcome | None:
        try:
            outcome: Outcome = future.result(timeout=10.0)
        except (TimeoutError, distributed.TimeoutError):
            return None
        except distributed.KilledWorker:
            return Outcome(failure="the workers that computed it were ended from outside, perhaps for lack of memory\n")
        except distributed.CancelledError as error:
            raise self._lost() from error
        except Exception as error:
            raise ClusterError(
                f"a worker of {self._client.scheduler.address} cannot do tasks: {type(error).__name__}: {error}; "
                "glassplast must be installed where workers run, in the same version as here"
            ) from error
        if not outcome.failure:
            self._await(task.path(self._out))
        return outcome

    def _await(self, path: Path) -> None:
        """Wait until a result is seen here as well, which a network file system may delay."""
        ends = time.monotonic() + _PATIENCE
        while not path.exists():
            if time.monotonic() > ends:
                raise ClusterError(
                    f"a worker has written {path}, and it is not there: the directory of the study must lie on a file "
                    "system that all workers share"
                )
            time.sleep(0.5)

    def _lost(self) -> ClusterError:
        return ClusterError(
            f"the connection to the scheduler {self._client.scheduler.address} was lost; what is done is kept: repeat "
            "the same command when it is there again"
        )

    @property
    def _topic(self) -> str:
        return f"glassplast-{self._token}"

    def _note_beginning(self, event: tuple[float, Mapping[str, Any]]) -> None:
        _, told = event
        if told["key"] in self._keys:
            self._began[self._keys[told["key"]]] = told["began"]


def _client(scheduler: Any) -> Any:
    if not isinstance(scheduler, str) and not hasattr(scheduler, "scheduler_address"):
        raise ArgumentError(
            "scheduler must be the address of a scheduler such as tcp://host:8786, a distributed.Client, or a cluster "
            f"such as LocalCluster, not {scheduler!r}"
        )
    try:
        return distributed.Client(scheduler, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterError(f"cannot reach the scheduler {scheduler}: {error}") from error


def _with_absolute_patterns(plan: StudyPlan) -> StudyPlan:
    protocols = {
        name: protocol.model_copy(update={"files": os.path.abspath(protocol.files)})
        if isinstance(protocol, FilesPlan)
        else protocol
        for name, protocol in plan.protocols.items()
    }
    return plan.model_copy(update={"protocols": protocols})


def _attempt_on_worker(
    task: Task, plan: StudyPlan, out: Path, token: str, version: str, topic: str, key: str
) -> Outcome:
    """Do a task in a thread of a worker."""
    if package_version() != version:
        raise ClusterError(f"glassplast is {package_version()} on a worker and {version} here")
    ends = time.monotonic() + _PATIENCE
    # A network file system may show for a while that nobody does.
    while not is_held_by(out, token):
        if not out.is_dir() or time.monotonic() > ends:
            raise ClusterError(f"nobody works on the study in {out}, or a worker does not share this directory")
        time.sleep(1.0)
    os.environ.update(ONE_THREAD)
    distributed.get_worker().log_event(topic, {"key": key, "began": time.time()})
    return attempt(task, plan, out, Watch(_Presence(out, token)))


class _Presence:
    """Stops a task if nobody is there any more to whom its result matters; a thread cannot be interrupted."""

    def __init__(self, out: Path, token: str) -> None:
        self._out, self._token = out, token
        self._looked, self._misses = time.monotonic(), 0

    def __call__(self) -> None:
        """Look now and then, and believe what is seen twice."""
        if time.monotonic() - self._looked < _EVERY:
            return
        self._looked = time.monotonic()
        self._misses = 0 if is_held_by(self._out, self._token) else self._misses + 1
        if self._misses >= 2:
            raise ClusterError("nobody works on the study any more")
