"""What the tasks of a study cost, on record line by line."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from glassplast.study.tasks import Task

__all__ = ["CostRecord", "recorded_costs"]

_FILE = "costs.jsonl"


class CostRecord:
    """The file of costs, to which lines are added.

    Parameters
    ----------
    out : Path
        The directory of the study.
    """

    def __init__(self, out: Path) -> None:
        self._path = out / _FILE
        self._unwritten: list[str] = []

    def add(self, task: Task, cost: Mapping[str, Any]) -> None:
        """Add what a task cost.

        Raises
        ------
        OSError
            If it cannot be written; it is then written with the next one.
        """
        entry = {"protocol": task.protocol, "sample": task.sample, "stage": task.stage, **cost}
        self._unwritten.append(json.dumps(entry) + "\n")
        self.write()

    def write(self) -> None:
        """Write what could not be written before."""
        if not self._unwritten:
            return
        with self._path.open("ab+", buffering=0) as stream:
            end = stream.seek(0, os.SEEK_END)
            # A process that was killed, or a full disk, may have left half a line.
            if end > 0:
                stream.seek(-1, os.SEEK_END)
                if stream.read(1) != b"\n":
                    stream.write(b"\n")
            text = "".join(self._unwritten).encode()
            if stream.write(text) != len(text):
                raise OSError(28, os.strerror(28), str(self._path))
        self._unwritten = []


def recorded_costs(out: Path) -> dict[Task, dict[str, Any]]:
    """Read what tasks cost; of a task that was done twice the last time.

    Parameters
    ----------
    out : Path
        The directory of the study.

    Returns
    -------
    dict
        Seconds, seconds of processor time and peak memory in GB by task.
    """
    path = out / _FILE
    known: dict[Task, dict[str, Any]] = {}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else ():
        try:
            row = json.loads(line)
            task = Task(row.pop("protocol"), row.pop("sample"), row.pop("stage"))
        except (ValueError, KeyError, AttributeError, TypeError):
            # A line that a killed process left half-written.
            continue
        known[task] = row
    return known
