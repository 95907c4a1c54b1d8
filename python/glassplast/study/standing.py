"""How far a study is, from what lies in its directory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from glassplast.study.plan import StudyPlan
from glassplast.study.tasks import Task, all_tasks

__all__ = ["Standing", "standing"]


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
