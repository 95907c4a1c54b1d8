"""Doing a task of a study, from the glass to its tables."""

from __future__ import annotations

import resource
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from glassplast import indicators
from glassplast.errors import GlassplastError
from glassplast.files import read, write
from glassplast.files.hdf5_layer import replace_file
from glassplast.files.json_text import json_mapping, json_text
from glassplast.files.run_states import RESULTS_SCHEMA, RESULTS_VERSION
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.environment import provenance
from glassplast.foundation.seeds import child
from glassplast.glass import Glass
from glassplast.prepare import kob_andersen, lj, poly_chains
from glassplast.quasistatic import Run, shear
from glassplast.relax import minimize
from glassplast.response import Analysis
from glassplast.results import Results, describe, write_results
from glassplast.study.answers import asked, write_answers
from glassplast.study.changes import set_aside_path
from glassplast.study.plan import (
    KobAndersenPlan,
    LennardJonesPlan,
    ProtocolPlan,
    SoftDisksPlan,
    StatesPart,
    StatesPlan,
    StudyPlan,
)
from glassplast.study.rows import Rows, answer_rows, field_rows, state_rows, write_rows
from glassplast.study.states import StudyState, made_states, write_states
from glassplast.study.tasks import Task, sources
from glassplast.study.watch import Watch

__all__ = ["perform"]


def perform(task: Task, plan: StudyPlan, out: Path, watch: Watch) -> dict[str, Any]:
    """Do a task and write its result.

    Returns
    -------
    dict
        What it cost: seconds, seconds of processor time, the peak of memory of the process in GB, and the seconds of
        parts that are not for every sample.
    """
    began, spent = time.perf_counter(), time.process_time()
    task.folder(out).mkdir(parents=True, exist_ok=True)
    _STAGES[task.stage](task, plan, out, watch)
    task.failure(out).unlink(missing_ok=True)
    set_aside_path(task.path(out)).unlink(missing_ok=True)
    return {
        "seconds": time.perf_counter() - began,
        "processor_seconds": time.process_time() - spent,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
        "parts": watch.parts,
    }


# --- the stages -------------------------------------------------------------------------------------------------------


def _make(task: Task, plan: StudyPlan, out: Path, watch: Watch) -> None:
    protocol = plan.protocols[task.protocol]
    # The place of a protocol in the file says nothing: its name does.
    seed = child(plan.seed, *task.protocol.encode())
    glass = _glass(protocol, task.sample, seed, out / task.protocol / "chains", watch)
    write(glass, task.path(out))


def _glass(protocol: ProtocolPlan, sample: int, seed: np.random.SeedSequence, chains: Path, watch: Watch) -> Glass:
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
            progress=watch.tell,
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
            progress=watch.tell,
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
            progress=watch.tell,
        )
    path, frame = sources(protocol)[sample]
    return minimize(read(path, protocol.model, frame=frame), progress=watch.tell)


def _beside(chains: Path, sample: int) -> Path:
    chains.mkdir(parents=True, exist_ok=True)
    return chains / f"dynamics-{sample:04d}.h5"


def _shear(task: Task, plan: StudyPlan, out: Path, watch: Watch) -> None:
    glass = read(Task(task.protocol, task.sample, "glass").path(out))
    options = plan.shear.model_dump(exclude={"to"})
    run = shear(glass, glass.strain + plan.shear.to, **options, threads=1, progress=watch.tell)
    run.save(task.path(out))


def _compute(task: Task, plan: StudyPlan, out: Path, watch: Watch) -> None:
    run = _run(task, out)
    analysis = Analysis(run.start, threads=1, progress=watch.tell)
    options = {key: part.options for key, part in plan.indicators.items()}
    results = Results(
        run.start, state=describe(analysis), configuration={"options": options}, provenance=provenance([])
    )
    known = _known(task, plan, out)
    results.fields, results.failures = _fields(analysis, plan, task.sample, None, "", watch, known)
    rows = field_rows(task, run, results.fields, results.failures, results.state)

    def fill(file: Any) -> None:
        # The run lies in its own file.
        write_results(file, results)
        write_rows(file, rows)

    replace_file(task.path(out), RESULTS_SCHEMA, RESULTS_VERSION, fill)


def _known(task: Task, plan: StudyPlan, out: Path) -> dict[str, FloatArray]:
    """Fields that were computed before indicators were added to the plan."""
    path = set_aside_path(task.path(out))
    if not path.exists():
        return {}
    earlier = Results.load(path)
    options = json_mapping(json_text({key: part.options for key, part in plan.indicators.items()}), str(path))
    known = earlier.configuration.get("options", {})
    return {key: field for key, field in earlier.fields.items() if known.get(key, {}) == options.get(key, {})}


def _follow(task: Task, plan: StudyPlan, out: Path, watch: Watch) -> None:
    run = _run(task, out)
    rows: Rows = {}
    kept = []
    for made in made_states(plan.states, run, task.sample):
        try:
            glass = made.make()
        except GlassplastError as error:
            where = f"{made.kind}{f' {made.event}' if made.event else ''}"
            row = {"protocol": task.protocol, "sample": task.sample, "stage": where, "reason": str(error)}
            rows.setdefault("failures", []).append(row)
            continue
        analysis = Analysis(glass, threads=1, progress=watch.tell)
        found_there = _fields(
            analysis, plan, task.sample, made.part.indicators, f"{_name(plan.states, made.part)}.", watch
        )
        state = StudyState(made.kind, made.event, made.distance, glass, *found_there)
        for table, found in state_rows(task, run, state).items():
            rows.setdefault(table, []).extend(found)
        if state.kind != "before_event":
            kept.append(state)
    write_states(task.path(out), kept, lambda file: write_rows(file, rows))


def _name(states: StatesPlan, part: StatesPart) -> str:
    return next(name for name in StatesPlan.model_fields if getattr(states, name) is part)


def _ask(task: Task, plan: StudyPlan, out: Path, watch: Watch) -> None:
    run = _run(task, out)
    answers = asked(plan.questions, run, task.sample, watch)
    rows = answer_rows(task, run, answers)
    write_answers(task.path(out), answers, lambda file: write_rows(file, rows))


def _run(task: Task, out: Path) -> Run:
    return Run.load(Task(task.protocol, task.sample, "run").path(out))


def _fields(
    analysis: Analysis,
    plan: StudyPlan,
    sample: int,
    asked_for: list[str] | None,
    prefix: str,
    watch: Watch,
    known: Mapping[str, FloatArray] | None = None,
) -> tuple[dict[str, FloatArray], dict[str, str]]:
    """Indicators of a configuration by their keys, and why others could not be computed."""
    options = {key: part.options for key, part in plan.indicators.items()}
    keys = asked_for or plan.indicators or indicators.default_keys(analysis.glass, options)
    loading = plan.shear.loading if plan.shear.loading is not None else 0.0 if plan.shear.to >= 0.0 else 90.0
    fields: dict[str, FloatArray] = {}
    failures: dict[str, str] = {}
    for key in keys:
        if key in plan.indicators and not plan.indicators[key].is_for(sample):
            continue
        if known is not None and key in known:
            fields[key] = known[key]
            continue
        try:
            with watch.part(prefix + key):
                fields |= indicators.compute(
                    analysis, [key], loading=loading, options={key: options.get(key, {})}, progress=watch.tell
                )
        except GlassplastError as error:
            failures[key] = str(error)
    return fields, failures


_STAGES = {"glass": _make, "run": _shear, "fields": _compute, "states": _follow, "answers": _ask}
