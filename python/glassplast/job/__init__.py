"""The main job: read a configuration, shear it through its first events, compute and score fields, and write all."""

from glassplast.job.job import JobInterrupted, main_job
from glassplast.job.task import Task

__all__ = ["JobInterrupted", "Task", "main_job"]


def __dir__() -> list[str]:
    return __all__
