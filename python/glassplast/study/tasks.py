"""The tasks of a study: a stage of a sample, each with one file as its result."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from glob import glob
from pathlib import Path

from glassplast.errors import FileError
from glassplast.files import count_frames
from glassplast.study.plan import (
    EventsPlan,
    FilesPlan,
    ProtocolPlan,
    SoftDisksPlan,
    StabilityPlan,
    StatesPart,
    StudyPlan,
)

__all__ = ["STAGES", "Task", "all_tasks", "sample_count", "sources"]

#: Make or read the glass, shear it, compute indicators at its start and at further states, ask further questions.
STAGES = ("glass", "run", "fields", "states", "answers")


@dataclass(frozen=True)
class Task:
    """A stage of a sample.

    Attributes
    ----------
    protocol : str
    sample : int
        From 0.
    stage : {"glass", "run", "fields", "states", "answers"}
        Make or read the glass, shear it, compute its indicators at the start and at further states, and ask further
        questions.
    """

    protocol: str
    sample: int
    stage: str

    def folder(self, out: Path) -> Path:
        """Name the directory of the results of the sample.

        Parameters
        ----------
        out : Path
            Directory of the study.

        Returns
        -------
        Path
        """
        return out / self.protocol / f"sample-{self.sample:04d}"

    def path(self, out: Path) -> Path:
        """Name the file of the result.

        Parameters
        ----------
        out : Path
            Directory of the study.

        Returns
        -------
        Path
        """
        return self.folder(out) / f"{self.stage}.h5"

    def failure(self, out: Path) -> Path:
        """Name the file of the traceback if the task failed.

        Parameters
        ----------
        out : Path
            Directory of the study.

        Returns
        -------
        Path
        """
        return self.folder(out) / f"{self.stage}.failed.txt"

    def is_done(self, out: Path) -> bool:
        """Tell whether the result is there; it is written as a whole.

        Parameters
        ----------
        out : Path
            Directory of the study.

        Returns
        -------
        bool
        """
        return self.path(out).exists()

    def needs(self, plan: StudyPlan) -> list[Task]:
        """List the tasks whose results this one needs.

        Parameters
        ----------
        plan : StudyPlan
            The plan of the study.

        Returns
        -------
        list of Task
        """
        needed = []
        if self.stage != "glass":
            needed.append(Task(self.protocol, self.sample, "glass" if self.stage == "run" else "run"))
        elif isinstance(plan.protocols[self.protocol], SoftDisksPlan) and self.sample > 0:
            # Samples of a chain follow each other.
            needed.append(Task(self.protocol, self.sample - 1, "glass"))
        return needed


def sample_count(protocol: ProtocolPlan) -> int:
    """How many samples a protocol has."""
    if not isinstance(protocol, FilesPlan):
        return protocol.samples
    found = len(sources(protocol))
    return found if protocol.samples is None else min(found, protocol.samples)


def all_tasks(plan: StudyPlan) -> Iterator[Task]:
    """All tasks of a plan: sample by sample over the protocols, so that each protocol has its first sample early."""
    counts = {name: sample_count(protocol) for name, protocol in plan.protocols.items()}
    for sample in range(max(counts.values())):
        for name, count in counts.items():
            if sample < count:
                for stage in STAGES:
                    if _is_asked(plan, sample, stage):
                        yield Task(name, sample, stage)


def _is_asked(plan: StudyPlan, sample: int, stage: str) -> bool:
    """Whether a stage is for a sample; the first three are for all."""
    parts: Sequence[StatesPart | StabilityPlan | EventsPlan]
    if stage == "states":
        parts = plan.states.parts()
    elif stage == "answers":
        parts = plan.questions.parts()
    else:
        return True
    return any(part.is_for(sample) for part in parts)


def sources(protocol: FilesPlan) -> list[tuple[str, int]]:
    """Find the user's configurations.

    Parameters
    ----------
    protocol : FilesPlan
        The pattern of their files, and which frames are meant.

    Returns
    -------
    list of (str, int)
        The file and the frame of each configuration.

    Raises
    ------
    FileError
        If no file matches.
    """
    paths = sorted(glob(protocol.files))
    if not paths:
        raise FileError(f"no file matches {protocol.files}")
    if protocol.frames == "last":
        return [(path, -1) for path in paths]
    parts = [] if protocol.frames == "all" else [int(part) if part else None for part in protocol.frames.split(":")]
    kept = slice(*parts) if parts else slice(None)
    return [(path, frame) for path in paths for frame in range(count_frames(path))[kept]]
