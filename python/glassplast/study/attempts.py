"""An attempt at a task by a worker, and what comes back from it."""

from __future__ import annotations

import errno
import os
import socket
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glassplast.study.plan import StudyPlan
from glassplast.study.stages import perform
from glassplast.study.tasks import Task
from glassplast.study.watch import Watch

__all__ = ["ONE_THREAD", "Outcome", "attempt", "is_disk_full"]

#: The environment of a worker, which computes with one thread.
ONE_THREAD = dict.fromkeys(
    ("GLASSPLAST_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)

_FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class Outcome:
    """What became of an attempt.

    Attributes
    ----------
    cost : dict
        What it cost; empty if it failed.
    failure : str
        The traceback; empty if it did not fail.
    full_disk : str
        The message if it failed because a disk is full, which is no fault of the task.
    """

    cost: dict[str, Any] = field(default_factory=dict)
    failure: str = ""
    full_disk: str = ""


def attempt(task: Task, plan: StudyPlan, out: Path, watch: Watch) -> Outcome:
    """Do a task; a failure comes back as text, which crosses processes whatever the error holds."""
    try:
        cost = perform(task, plan, out, watch)
    except Exception as error:
        return Outcome(failure=traceback.format_exc(), full_disk=str(error) if is_disk_full(error) else "")
    return Outcome(cost={**cost, "host": socket.gethostname()})


def is_disk_full(error: BaseException | None) -> bool:
    """Tell whether an error, or one that led to it, says that a disk or a quota is full."""
    while error is not None:
        # HDF5 tells the number of the system's error in its text alone.
        if (isinstance(error, OSError) and error.errno in _FULL) or any(
            os.strerror(number) in str(error) for number in _FULL
        ):
            return True
        error = error.__cause__ or error.__context__
    return False
