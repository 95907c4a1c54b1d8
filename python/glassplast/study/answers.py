"""What a study asks of a sample besides its indicators: how stable it is, and what its first events are like."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from glassplast import stability
from glassplast.errors import GlassplastError
from glassplast.files.glass_group import read_glass, write_glass
from glassplast.files.hdf5_layer import opened, read_array, replace_file, require_schema, set_attributes, write_dataset
from glassplast.quasistatic import ModeConvergence, Reversal, Run, mode_convergence, reversal
from glassplast.quasistatic.storage import read_run, write_run
from glassplast.stability import Stability
from glassplast.study.plan import EventsPlan, QuestionsPlan, StabilityPlan
from glassplast.study.watch import Watch

__all__ = ["Answers", "asked", "read_answers", "write_answers"]

SCHEMA, VERSION = "glassplast study answers", 1


@dataclass(frozen=True)
class Answers:
    """What was asked of a sample.

    Attributes
    ----------
    stability : Stability, optional
        How stable the glass is.
    reversals : dict of int to Reversal
        What became of the shear back after an event, by the number of the event, from 1.
    mode_convergence : dict of int to ModeConvergence
        The softest mode on the way to an event, by the number of the event.
    failures : dict of str to str
        Reasons why a question has no answer, by the question.
    """

    stability: Stability | None
    reversals: dict[int, Reversal]
    mode_convergence: dict[int, ModeConvergence]
    failures: dict[str, str]


def asked(plan: QuestionsPlan, run: Run, sample: int, watch: Watch) -> Answers:
    """Ask the questions of a plan.

    Parameters
    ----------
    plan : QuestionsPlan
        The questions.
    run : Run
        The run of the sample.
    sample : int
        Number of the sample, which may lie beyond the number of samples that a question is for.
    watch : Watch
        What looks on.

    Returns
    -------
    Answers
    """
    failures: dict[str, str] = {}

    def wanted(part: StabilityPlan | EventsPlan | None) -> bool:
        return part is not None and part.is_for(sample)

    def answer(question: str, name: str, find: Callable[[], Any]) -> Any:
        try:
            with watch.part(question):
                return find()
        except GlassplastError as error:
            failures[name] = str(error)
            return None

    measured = None
    if plan.stability is not None and wanted(plan.stability):
        measured = answer("stability", "stability", partial(_measured, run, plan.stability.frequency, watch))
    reversals: dict[int, Reversal] = {}
    approaches: dict[int, ModeConvergence] = {}
    for place, event in enumerate(run.events, start=1):
        back, approach = plan.reversals, plan.mode_convergence
        if back is not None and wanted(back) and place <= back.events:
            turn = partial(reversal, event, threads=1, progress=watch.tell)
            found = answer("reversals", f"reversal of event {place}", turn)
            if found is not None:
                reversals[place] = found
        if approach is not None and wanted(approach) and place <= approach.events:
            converge = partial(mode_convergence, event, threads=1)
            found = answer("mode_convergence", f"mode convergence of event {place}", converge)
            if found is not None:
                approaches[place] = found
    return Answers(measured, reversals, approaches, failures)


def _measured(run: Run, frequency: float | None, watch: Watch) -> Stability:
    """The stability of the start; its first event is known already."""
    found = stability.measure(run.start, frequency=frequency, to=0.0, progress=watch.tell)
    first = abs(run.events[0].strain - run.start.strain) if run.events else math.nan
    return dataclasses.replace(found, gamma_min=first)


# --- on disk ----------------------------------------------------------------------------------------------------------


def write_answers(path: Path, answers: Answers, fill: Callable[[Any], None]) -> None:
    """Write answers.

    Parameters
    ----------
    path : Path
        File to write.
    answers : Answers
        The answers.
    fill : callable
        Function of the open file that adds to it.
    """

    def write(file: Any) -> None:
        fill(file)
        if answers.stability is not None:
            set_attributes(file.create_group("stability"), **vars(answers.stability))
        for place, back in answers.reversals.items():
            group = file.create_group(f"reversals/event-{place:04d}")
            set_attributes(group, strain=back.strain, branch_end=back.branch_end)
            write_glass(group.create_group("glass"), back.run.start)
            write_run(group, back.run)
        for place, approach in answers.mode_convergence.items():
            group = file.create_group(f"mode_convergence/event-{place:04d}")
            for name, values in vars(approach).items():
                write_dataset(group, name, values, "")

    replace_file(path, SCHEMA, VERSION, write)


def read_answers(path: Path, run: Run) -> Answers:
    """Read the answers that `write_answers` wrote.

    Parameters
    ----------
    path : Path
        File to read.
    run : Run
        The run of the sample.

    Returns
    -------
    Answers

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FileError
        If the file is corrupt or of another kind.
    """
    with opened(path, SCHEMA) as file:
        require_schema(file, path, SCHEMA, VERSION)
        measured = None
        if "stability" in file:
            values = {name: value.item() for name, value in file["stability"].attrs.items()}
            measured = Stability(**values)
        reversals = {}
        for name, group in file.get("reversals", {}).items():
            place = int(name.rpartition("-")[2])
            back = Run.of_parts(read_run(group, read_glass(group["glass"], str(path)), str(path)))
            attributes = group.attrs
            reversals[place] = Reversal(
                run.events[place - 1], float(attributes["strain"]), float(attributes["branch_end"]), back
            )
        approaches = {
            int(name.rpartition("-")[2]): ModeConvergence(**{key: read_array(values) for key, values in group.items()})
            for name, group in file.get("mode_convergence", {}).items()
        }
        return Answers(measured, reversals, approaches, {})
