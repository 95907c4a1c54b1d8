"""The plan that the directory of a study has on record, and the samples that were added to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from glassplast.errors import ArgumentError, FileError, UnknownNameError, suggestion
from glassplast.files.replacing import replacing
from glassplast.study.changes import set_aside
from glassplast.study.plan import FilesPlan, StudyPlan, load_plan

__all__ = ["record_plan", "with_more_samples", "with_recorded_samples"]

_PLAN = "plan.json"


def record_plan(plan: StudyPlan, out: Path) -> None:
    """Write the plan of a study into its directory, and set aside the results that it asks for anew.

    Parameters
    ----------
    plan : StudyPlan
    out : Path
        The directory of the study.

    Raises
    ------
    FileError
        If the directory is of another study, whose glasses or runs are others, or cannot be written.
    """
    ours, theirs = plan.model_dump(mode="json"), _recorded(out)
    if theirs:
        set_aside(load_plan(theirs), plan, out)
    if ours != theirs:
        with replacing(out / _PLAN) as temporary:
            temporary.write_text(json.dumps(ours, indent=1) + "\n", encoding="utf-8")


def with_recorded_samples(plan: StudyPlan, out: Path) -> StudyPlan:
    """Give a plan the numbers of samples that its directory has on record where these are larger.

    Parameters
    ----------
    plan : StudyPlan
    out : Path
        The directory of the study, which need not exist.

    Returns
    -------
    StudyPlan
    """
    recorded = _recorded(out).get("protocols", {})
    larger = {
        name: samples
        for name, protocol in plan.protocols.items()
        if not isinstance(protocol, FilesPlan)
        and (samples := recorded.get(name, {}).get("samples") or 0) > protocol.samples
    }
    return _with_samples(plan, larger)


def with_more_samples(plan: StudyPlan, more: int, protocol: str | None = None) -> StudyPlan:
    """Raise the numbers of samples in a plan.

    Parameters
    ----------
    plan : StudyPlan
    more : int
        How many samples to add.
    protocol : str, optional
        The protocol that gets them; by default each that makes its samples itself.

    Returns
    -------
    StudyPlan

    Raises
    ------
    ArgumentError
        If the number is not positive, or the samples of the protocol are files.
    UnknownNameError
        If there is no such protocol.
    """
    if isinstance(more, bool) or int(more) != more or more < 1:
        raise ArgumentError(f"the number of samples to add must be a positive integer, not {more!r}")
    if protocol is not None and protocol not in plan.protocols:
        raise UnknownNameError(f"the study has no protocol {protocol!r}; {suggestion(protocol, plan.protocols)}")
    chosen = list(plan.protocols) if protocol is None else [protocol]
    counts = {
        name: made.samples + int(more) for name in chosen if not isinstance(made := plan.protocols[name], FilesPlan)
    }
    if not counts:
        patterns = ", ".join(made.files for name in chosen if isinstance(made := plan.protocols[name], FilesPlan))
        raise ArgumentError(
            f"samples of {', '.join(map(repr, chosen))} are files ({patterns}): add files that match the pattern, and "
            "run the study again"
        )
    return _with_samples(plan, counts)


def _with_samples(plan: StudyPlan, counts: dict[str, int]) -> StudyPlan:
    protocols = {
        name: protocol.model_copy(update={"samples": counts[name]}) if name in counts else protocol
        for name, protocol in plan.protocols.items()
    }
    return plan.model_copy(update={"protocols": protocols})


def _recorded(out: Path) -> dict[str, Any]:
    """What is on record, or nothing."""
    path = out / _PLAN
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        raise FileError(f"cannot read {path}: {error}") from error
    if not isinstance(found, dict):
        raise FileError(f"{path} is not the plan of a study")
    return found
