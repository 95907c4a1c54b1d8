"""What a task of a study is expected to cost, from what others of its protocol and stage cost."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from glassplast.errors import FileError
from glassplast.files import read_frames
from glassplast.study.costs import recorded_costs
from glassplast.study.plan import IndicatorPlan, SoftDisksPlan, StudyPlan
from glassplast.study.tasks import Task

__all__ = ["ExpectedCosts"]


class ExpectedCosts:
    """What tasks are expected to cost.

    Tasks of one protocol and stage cost the same, with two exceptions. Parts that are for some samples only were
    measured one by one, so that samples without them are known beforehand. And samples of chains: the first one pays
    the equilibration, and every second one was made with the one before it.

    Parameters
    ----------
    plan : StudyPlan
    out : Path
        The directory of the study, with the costs on record.
    """

    def __init__(self, plan: StudyPlan, out: Path) -> None:
        self._plan, self._out = plan, out
        self._measured: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
        self._means: dict[tuple[Any, ...], float] = {}
        self._sampling: dict[str, float] = {}
        for task, cost in recorded_costs(out).items():
            # What was set aside, because the plan has changed, costs something else now.
            if task.protocol in plan.protocols and task.is_done(out):
                self.add(task, cost)

    def add(self, task: Task, cost: Mapping[str, Any]) -> None:
        """Learn what a task cost."""
        self._measured.setdefault(self._key(task), []).append(cost)
        self._means.clear()

    def seconds(self, task: Task, measure: str = "seconds") -> float:
        """Tell what a task is expected to take.

        Parameters
        ----------
        task : Task
            The task.
        measure : {"seconds", "processor_seconds"}
            Time on the clock, or on the processor.

        Returns
        -------
        float
            NaN as long as nothing like it was measured.
        """
        key = (*self._key(task), measure)
        if key not in self._means:
            self._means[key] = self._mean(task, measure)
        return self._means[key]

    @property
    def memory(self) -> float:
        """The largest peak of memory of a process so far, in GB."""
        peaks = [cost["memory"] for costs in self._measured.values() for cost in costs]
        return float(max(peaks, default=np.nan))

    def _mean(self, task: Task, measure: str) -> float:
        known = self._measured.get(self._key(task))
        if known:
            return float(np.mean([cost[measure] for cost in known]))
        if self._place(task) == "first":
            return np.nan
        if self._place(task) == "made":
            return self._sampling_part(task.protocol) * self.seconds(Task(task.protocol, 0, task.stage), measure)
        if self._place(task) == "made before":
            return 0.0
        # A sample with other parts was measured: only those count that are for this one as well.
        others = [
            (self._without_foreign_parts(task, cost), cost)
            for key, costs in self._measured.items()
            if key[:2] == (task.protocol, task.stage)
            for cost in costs
        ]
        # A sample that had more parts knows more of them.
        most = max((len(cost.get("parts", ())) for _, cost in others), default=0)
        parts = [part * cost[measure] for part, cost in others if len(cost.get("parts", ())) == most]
        return float(np.mean(parts)) if parts else np.nan

    def _key(self, task: Task) -> tuple[Any, ...]:
        return task.protocol, task.stage, self._place(task), self._limits(task)

    def _place(self, task: Task) -> str:
        """The place of a sample in its chain."""
        if task.stage != "glass" or not isinstance(self._plan.protocols[task.protocol], SoftDisksPlan):
            return ""
        if task.sample == 0:
            return "first"
        return "made before" if task.sample % 2 else "made"

    def _limits(self, task: Task) -> tuple[bool, ...]:
        """Which parts of the plan that are for some samples only are for this one."""
        if task.stage in ("glass", "run"):
            return ()
        plan = self._plan
        parts = [*plan.indicators.values(), *plan.states.parts(), *plan.questions.parts()]
        return tuple(task.sample < part.samples for part in parts if part.samples is not None)

    def _without_foreign_parts(self, task: Task, cost: Mapping[str, Any]) -> float:
        """How much of a cost remains without the parts that are not for a task."""
        foreign: float = sum(seconds for name, seconds in cost.get("parts", {}).items() if not self._is_for(task, name))
        return max(1.0 - foreign / max(float(cost["seconds"]), 1e-9), 0.0)

    def _is_for(self, task: Task, name: str) -> bool:
        group, _, key = name.rpartition(".")
        parts = [getattr(self._plan.states, group, None), getattr(self._plan.questions, name, None)]
        parts.append(self._plan.indicators.get(key, IndicatorPlan()))
        return all(part is None or part.is_for(task.sample) for part in parts)

    def _sampling_part(self, protocol: str) -> float:
        """The part of the sweeps for the first sample that the next ones need as well."""
        if protocol not in self._sampling:
            try:
                # Unlike `read`, this does not say which file it reads.
                glass = next(iter(read_frames(Task(protocol, 0, "glass").path(self._out))))
            except (FileNotFoundError, FileError):
                return np.nan
            made = glass.provenance["preparation"]
            apart = 2 * made["sweeps_apart"]
            self._sampling[protocol] = apart / (apart + 2 * made["sweeps"] + made["annealing_sweeps"])
        return self._sampling[protocol]
