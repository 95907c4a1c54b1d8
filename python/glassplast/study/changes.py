"""What may change between two plans of a study whose results are there already, and what becomes of the results."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from glassplast.errors import FileError
from glassplast.study.plan import StudyPlan
from glassplast.study.tasks import Task, all_tasks

__all__ = ["asked_of", "set_aside", "set_aside_path"]


def asked_of(plan: StudyPlan, task: Task) -> Any:
    """Say what a plan asks of a task, apart from what its sample is already.

    Parameters
    ----------
    plan : StudyPlan
        The plan.
    task : Task
        The task.

    Returns
    -------
    JSON value
        Equal for two plans whose results of this task are the same.
    """
    loading = plan.shear.loading
    options = {key: part.options for key, part in plan.indicators.items() if part.is_for(task.sample)}
    if task.stage == "glass":
        return {"seed": plan.seed, "protocol": _without_samples(plan.protocols[task.protocol].model_dump(mode="json"))}
    if task.stage == "run":
        return plan.shear.model_dump(mode="json")
    if task.stage == "fields":
        return {"indicators": options, "all": not plan.indicators, "loading": loading}
    of = plan.states if task.stage == "states" else plan.questions
    parts = {
        name: _without_samples(part)
        for name, part in of.model_dump(mode="json").items()
        if part is not None and (part["samples"] is None or task.sample < part["samples"])
    }
    if task.stage == "answers":
        return parts
    return {"parts": parts, "indicators": options, "all": not plan.indicators, "loading": loading}


def _without_samples(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "samples"}


def set_aside_path(path: Path) -> Path:
    """Name the file to which results of an earlier plan are moved.

    Parameters
    ----------
    path : Path
        The file of the results.

    Returns
    -------
    Path
    """
    return path.with_suffix(".earlier.h5")


def set_aside(old: StudyPlan, new: StudyPlan, out: Path) -> list[Task]:
    """Set aside the results that a changed plan asks for anew.

    Samples and protocols may be added, and so may indicators, states and questions, or changed: what is asked anew is
    computed again, and indicators that are known stay. Glasses and runs stay what they are.

    Parameters
    ----------
    old, new : StudyPlan
        The plan that the results are of, and the one that is to be done.
    out : Path
        Directory of the study.

    Returns
    -------
    list of Task
        The tasks whose results were set aside.

    Raises
    ------
    FileError
        If glasses or runs of the new plan would be others than those that are there; nothing was set aside.
    """
    changed = []
    for task in all_tasks(new):
        if task.protocol not in old.protocols or not task.is_done(out):
            continue
        before, now = asked_of(old, task), asked_of(new, task)
        if before == now:
            continue
        if task.stage in ("glass", "run"):
            key = next(name for name in now if now[name] != before.get(name))
            where = "" if task.stage == "glass" else "shear."
            raise FileError(
                f"{out} belongs to another study: {where}{key} is {before.get(key)!r} in it and {now[key]!r} in this "
                "one; choose another directory, or run the same study"
            )
        changed.append(task)
    for task in changed:
        task.path(out).replace(set_aside_path(task.path(out)))
    return changed
