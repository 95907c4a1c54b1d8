"""What a study will cost, and how much of it is left."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from glassplast.foundation.progress import duration
from glassplast.foundation.tables import structured
from glassplast.study.expected_costs import ExpectedCosts
from glassplast.study.plan import StudyPlan
from glassplast.study.standing import Standing
from glassplast.study.tasks import STAGES, Task, all_tasks

__all__ = ["Estimate", "StageEstimate", "estimated", "time_on_the_clock"]


@dataclass(frozen=True)
class StageEstimate:
    """What a stage of a protocol will cost.

    Attributes
    ----------
    protocol, stage : str
    tasks, done : int
        How many samples it is for, and of how many it is done.
    first : float
        Seconds that the first sample takes; for samples of chains this includes the equilibration.
    further : float
        Seconds that each further sample takes on average; NaN if there is none.
    seconds, processor_seconds : float
        Seconds of all samples, on the clock of one worker and of processor time.
    gigabytes : float
        Size of the results of all samples.
    """

    protocol: str
    stage: str
    tasks: int
    done: int
    first: float
    further: float
    seconds: float
    processor_seconds: float
    gigabytes: float


@dataclass(frozen=True)
class Estimate:
    """What a study will cost, from what its tasks cost so far.

    Attributes
    ----------
    workers : int
        How many tasks are done at once.
    seconds : float
        Time on the clock from the beginning to the end.
    seconds_left : float
        Time on the clock for what is left.
    processor_seconds, processor_seconds_left : float
        Time of processors for all tasks, and for those that are left.
    gigabytes, gigabytes_there : float
        Size of all results in the end, and of those that are there.
    memory : float
        Largest peak of memory of a worker so far, in GB.
    stages : tuple of StageEstimate
        The same by protocol and stage.
    unknown : tuple of str
        Protocols and stages of which no sample is done, so that they do not count.
    """

    workers: int
    seconds: float
    seconds_left: float
    processor_seconds: float
    processor_seconds_left: float
    gigabytes: float
    gigabytes_there: float
    memory: float
    stages: tuple[StageEstimate, ...]
    unknown: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Estimate({self})"

    def __str__(self) -> str:
        words = (
            f"{duration(self.seconds)} with {self.workers} {'worker' if self.workers == 1 else 'workers'}, "
            f"{duration(self.processor_seconds)} of processor time, {_size(self.gigabytes)} on disk, "
            f"{_size(self.memory)} of memory for each worker; {duration(self.seconds_left)} left"
        )
        return f"{words}; without {', '.join(self.unknown)}" if self.unknown else words

    def table(self) -> NDArray[np.void]:
        """Return protocols and stages as a table, for ``pandas.DataFrame``.

        Returns
        -------
        ndarray
            A structured array with the fields of `StageEstimate`.
        """
        names = ("protocol", "stage", "tasks", "done", "first", "further", "seconds", "processor_seconds", "gigabytes")
        return structured({name: [getattr(stage, name) for stage in self.stages] for name in names})


def _size(gigabytes: float) -> str:
    return f"{gigabytes:.3g} GB" if gigabytes >= 0.1 else f"{1e3 * gigabytes:.3g} MB"


def estimated(
    plan: StudyPlan,
    out: Path,
    state: Standing,
    costs: ExpectedCosts,
    workers: int,
    running: Mapping[Task, float] | None = None,
) -> Estimate:
    """Estimate what a study will cost.

    Parameters
    ----------
    plan : StudyPlan
    out : Path
        The directory of the study.
    state : Standing
        How far it is.
    costs : ExpectedCosts
        What tasks are expected to cost.
    workers : int
        How many tasks are done at once.
    running : mapping, optional
        For how many seconds each task that runs now has done so.

    Returns
    -------
    Estimate
    """
    seconds = {task: costs.seconds(task) for task in all_tasks(plan)}
    processor = {task: costs.seconds(task, "processor_seconds") for task in seconds}
    done, failed = set(state.done), set(state.failed)
    sizes = _sizes(plan, out, state.done)
    stages, unknown = [], []
    for protocol in plan.protocols:
        for stage in STAGES:
            tasks = [task for task in seconds if (task.protocol, task.stage) == (protocol, stage)]
            if not tasks:
                continue
            if not all(math.isfinite(seconds[task]) for task in tasks):
                unknown.append(f"{protocol} {stage}")
            further = [seconds[task] for task in tasks[1:]]
            stages.append(
                StageEstimate(
                    protocol=protocol,
                    stage=stage,
                    tasks=len(tasks),
                    done=sum(task in done for task in tasks),
                    first=seconds[tasks[0]],
                    further=float(np.mean(further)) if further else math.nan,
                    seconds=_sum(seconds[task] for task in tasks),
                    processor_seconds=_sum(processor[task] for task in tasks),
                    gigabytes=sizes[protocol, stage] * len(tasks),
                )
            )
    left = [task for task in seconds if task not in done and task not in failed]
    there = sum(_bytes(path) for path in out.rglob("*")) / 1e9
    kept = sum(stage.gigabytes * (1.0 - stage.done / stage.tasks) for stage in stages)
    return Estimate(
        workers=workers,
        seconds=time_on_the_clock(plan, list(seconds), seconds.__getitem__, workers),
        seconds_left=time_on_the_clock(plan, left, seconds.__getitem__, workers, running, failed),
        processor_seconds=_sum(processor.values()),
        processor_seconds_left=_sum(processor[task] for task in left),
        gigabytes=there + kept + _chains_to_come(plan, out, state),
        gigabytes_there=there,
        memory=costs.memory,
        stages=tuple(stages),
        unknown=tuple(unknown),
    )


def time_on_the_clock(
    plan: StudyPlan,
    tasks: Sequence[Task],
    seconds: Callable[[Task], float],
    workers: int,
    running: Mapping[Task, float] | None = None,
    failed: Collection[Task] = (),
) -> float:
    """Play through how tasks follow each other, and tell when the last one ends.

    Samples of a chain wait for each other, so that many workers do not help them.

    Parameters
    ----------
    plan : StudyPlan
    tasks : sequence of Task
        What is left, in the order in which it is begun.
    seconds : callable
        What a task takes; what is not known counts nothing.
    workers : int
        How many tasks are done at once.
    running : mapping, optional
        For how many seconds each task that runs now has done so.
    failed : collection of Task
        Tasks whose successors are not done.

    Returns
    -------
    float
        Seconds from now on.
    """
    place = {task: number for number, task in enumerate(tasks)}
    needs = {task: [needed for needed in task.needs(plan) if needed in place or needed in failed] for task in tasks}
    followers: dict[Task, list[Task]] = {}
    for task, needed in needs.items():
        for other in needed:
            followers.setdefault(other, []).append(task)
    open_needs = {task: len(needed) for task, needed in needs.items()}
    known = dict(running or {})
    # What runs now goes first.
    ready = [(task not in known, number) for task, number in place.items() if open_needs[task] == 0]
    heapq.heapify(ready)
    ends: list[tuple[float, int]] = []
    now = 0.0
    while ready or ends:
        while ready and len(ends) < max(workers, 1):
            _, number = heapq.heappop(ready)
            task = tasks[number]
            takes = seconds(task)
            # One that takes longer than others is not over at once.
            rest = max(takes - known.get(task, 0.0), 0.05 * takes) if math.isfinite(takes) else 0.0
            heapq.heappush(ends, (now + rest, number))
        now, number = heapq.heappop(ends)
        for follower in followers.get(tasks[number], ()):
            open_needs[follower] -= 1
            if open_needs[follower] == 0:
                heapq.heappush(ready, (follower not in known, place[follower]))
    return now


def _sum(values: Iterable[float]) -> float:
    return float(sum(value for value in values if math.isfinite(value)))


def _sizes(plan: StudyPlan, out: Path, done: Sequence[Task]) -> dict[tuple[str, str], float]:
    """Gigabytes of a result by protocol and stage; 0 if there is none yet."""
    found: dict[tuple[str, str], list[int]] = {}
    for task in done:
        found.setdefault((task.protocol, task.stage), []).append(_bytes(task.path(out)))
    return {
        (protocol, stage): float(np.mean(found.get((protocol, stage), [0]))) / 1e9
        for protocol in plan.protocols
        for stage in STAGES
    }


def _chains_to_come(plan: StudyPlan, out: Path, state: Standing) -> float:
    """Gigabytes by which the folders of chains and liquids will grow: those files that have a number."""
    total = 0.0
    for protocol in plan.protocols:
        glasses = [task for task in state.done if (task.protocol, task.stage) == (protocol, "glass")]
        waiting = [task for task in state.waiting if (task.protocol, task.stage) == (protocol, "glass")]
        numbered = sum(_bytes(path) for path in (out / protocol / "chains").glob("*-*.h5"))
        total += numbered / max(len(glasses), 1) * len(waiting) / 1e9
    return total


def _bytes(path: Path) -> int:
    """The size of a file, which may vanish meanwhile."""
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0
