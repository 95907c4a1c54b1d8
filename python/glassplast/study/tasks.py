"""The tasks of a study: a stage of a sample, each with one file as its result."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from typing import Any

import numpy as np

from glassplast import indicators
from glassplast.errors import FileError, GlassplastError
from glassplast.files import count_frames, read, write
from glassplast.foundation.environment import provenance
from glassplast.foundation.seeds import child
from glassplast.glass import Glass
from glassplast.prepare import kob_andersen, lj, poly_chains
from glassplast.quasistatic import Run, shear
from glassplast.relax import minimize
from glassplast.response import Analysis
from glassplast.results import Results, describe
from glassplast.study.plan import FilesPlan, KobAndersenPlan, LennardJonesPlan, ProtocolPlan, SoftDisksPlan, StudyPlan

__all__ = ["STAGES", "Task", "all_tasks", "perform", "sample_count"]

STAGES = ("glass", "run", "fields")


@dataclass(frozen=True)
class Task:
    """A stage of a sample.

    Attributes
    ----------
    protocol : str
    sample : int
        From 0.
    stage : {"glass", "run", "fields"}
        Make or read the glass, shear it, compute its indicators.
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
            needed.append(Task(self.protocol, self.sample, STAGES[STAGES.index(self.stage) - 1]))
        elif isinstance(plan.protocols[self.protocol], SoftDisksPlan) and self.sample > 0:
            # Samples of a chain follow each other.
            needed.append(Task(self.protocol, self.sample - 1, "glass"))
        return needed


def sample_count(protocol: ProtocolPlan) -> int:
    """How many samples a protocol has."""
    if not isinstance(protocol, FilesPlan):
        return protocol.samples
    found = len(_sources(protocol))
    return found if protocol.samples is None else min(found, protocol.samples)


def all_tasks(plan: StudyPlan) -> Iterator[Task]:
    """All tasks of a plan: sample by sample over the protocols, so that each protocol has its first sample early."""
    counts = {name: sample_count(protocol) for name, protocol in plan.protocols.items()}
    for sample in range(max(counts.values())):
        for name, count in counts.items():
            if sample < count:
                for stage in STAGES:
                    yield Task(name, sample, stage)


def perform(task: Task, plan: StudyPlan, out: Path) -> dict[str, Any]:
    """Do a task and write its result.

    Returns
    -------
    dict
        What it cost: seconds, seconds of processor time, and the peak of memory of the process in GB.
    """
    began, spent = time.perf_counter(), time.process_time()
    task.folder(out).mkdir(parents=True, exist_ok=True)
    {"glass": _make, "run": _shear, "fields": _compute}[task.stage](task, plan, out)
    task.failure(out).unlink(missing_ok=True)
    return {
        "seconds": time.perf_counter() - began,
        "processor_seconds": time.process_time() - spent,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
    }


# --- the stages -------------------------------------------------------------------------------------------------------


def _make(task: Task, plan: StudyPlan, out: Path) -> None:
    protocol = plan.protocols[task.protocol]
    # The place of a protocol in the file says nothing: its name does.
    seed = child(plan.seed, *task.protocol.encode())
    glass = _glass(protocol, task.sample, seed, out / task.protocol / "chains")
    write(glass, task.path(out))


def _glass(protocol: ProtocolPlan, sample: int, seed: np.random.SeedSequence, chains: Path) -> Glass:
    if isinstance(protocol, SoftDisksPlan):
        glasses = poly_chains(
            protocol.size,
            protocol.temperature,
            sample + 1,
            seed,
            spacing=protocol.spacing,
            most_sweeps=protocol.most_sweeps,
            annealing_sweeps=protocol.annealing_sweeps,
            tempering=protocol.tempering,
            checkpoint=chains,
            threads=1,
            progress=False,
        )
        *_, glass = glasses
        return glass
    if isinstance(protocol, LennardJonesPlan):
        return lj(
            protocol.size,
            protocol.protocol,
            child(seed, sample),
            duration=protocol.duration,
            equilibration=protocol.equilibration,
            checkpoint=_beside(chains, sample),
            progress=False,
        )
    if isinstance(protocol, KobAndersenPlan):
        return kob_andersen(
            protocol.size,
            protocol.temperature,
            child(seed, sample),
            dimension=protocol.dimension,
            final_temperature=protocol.final_temperature,
            duration=protocol.duration,
            equilibration=protocol.equilibration,
            checkpoint=_beside(chains, sample),
            progress=False,
        )
    path, frame = _sources(protocol)[sample]
    return minimize(read(path, protocol.model, frame=frame), progress=False)


def _beside(chains: Path, sample: int) -> Path:
    chains.mkdir(parents=True, exist_ok=True)
    return chains / f"dynamics-{sample:04d}.h5"


def _sources(protocol: FilesPlan) -> list[tuple[str, int]]:
    """Paths and frames of the user's configurations."""
    paths = sorted(glob(protocol.files))
    if not paths:
        raise FileError(f"no file matches {protocol.files}")
    if protocol.frames == "last":
        return [(path, -1) for path in paths]
    return [(path, frame) for path in paths for frame in range(count_frames(path))]


def _shear(task: Task, plan: StudyPlan, out: Path) -> None:
    glass = read(Task(task.protocol, task.sample, "glass").path(out))
    options = plan.shear.model_dump(exclude={"to"})
    run = shear(glass, glass.strain + plan.shear.to, **options, threads=1, progress=False)
    run.save(task.path(out))


def _compute(task: Task, plan: StudyPlan, out: Path) -> None:
    run = Run.load(Task(task.protocol, task.sample, "run").path(out))
    analysis = Analysis(run.start, threads=1, progress=False)
    options = {key: asked.options for key, asked in plan.indicators.items()}
    keys = [
        key
        for key in (plan.indicators or indicators.default_keys(run.start, options))
        if key not in plan.indicators or task.sample < (plan.indicators[key].samples or task.sample + 1)
    ]
    results = Results(run.start, run, state=describe(analysis), provenance=provenance([]))
    direction = plan.shear.loading if plan.shear.loading is not None else 0.0 if plan.shear.to >= 0.0 else 90.0
    for key in keys:
        try:
            results.fields |= indicators.compute(
                analysis, [key], loading=direction, options={key: options.get(key, {})}, progress=False
            )
        except GlassplastError as error:
            results.failures[key] = str(error)
    results.save(task.path(out))
