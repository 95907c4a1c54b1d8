"""The states of a sample on its way through yielding, of which the figures of the paper number four."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from glassplast.errors import NotInStudyError
from glassplast.foundation.arrays import FloatArray
from glassplast.glass import Glass
from glassplast.plot.study.ensembles import by_stability
from glassplast.quasistatic import Event, Run
from glassplast.results import Results
from glassplast.study import Study, Tables

__all__ = [
    "ON_THE_WAY",
    "Stage",
    "computed_stages",
    "largest_drop",
    "least_and_most_stable",
    "loaded",
    "numbered_stages",
    "planned",
    "run_of",
    "samples_by_drop",
]

#: The kinds of states that lie on the path of a run, whichever event comes next.
ON_THE_WAY = ("along", "before_yielding", "after_yielding", "end")


@dataclass(frozen=True)
class Stage:
    """A state of a sample with the fields that were computed in it.

    Attributes
    ----------
    number : int
        Its number in the figure, from 1.
    kind : str
        ``start``, or the kind of the state in the study.
    strain : float
        Strain along the loading, counted from the start of the run.
    glass : Glass
    fields : mapping of str to ndarray, shape (N,)
    """

    number: int
    kind: str
    strain: float
    glass: Glass
    fields: Mapping[str, FloatArray]


def planned(*keys: str) -> str:
    """How a plan asks for indicators in the states on the way."""
    return (
        "the plan asks for it with strains in [states.along] and with [states.yielding], whose lists of indicators "
        f"hold {' and '.join(map(repr, keys))}"
    )


def least_and_most_stable(
    study: Study, tables: Tables, ductile: str | None = None, brittle: str | None = None
) -> list[str]:
    """The protocols with the smallest and the largest mean strain of the first event, or those that are given."""
    ordered = by_stability(study, tables)
    return list(dict.fromkeys([ductile or ordered[0], brittle or ordered[-1]]))


def samples_by_drop(tables: Tables, protocol: str) -> list[int]:
    """The samples of a protocol, from the one with the largest stress drop to that with the smallest."""
    largest: dict[int, float] = {}
    for row in tables.events:
        if row["protocol"] == protocol:
            largest[row["sample"]] = max(row["stress_drop"], largest.get(row["sample"], -np.inf))
    return sorted(largest, key=lambda sample: -largest[sample])


def run_of(study: Study, protocol: str, sample: int) -> Run:
    """The run of a sample.

    Raises
    ------
    NotInStudyError
        If there is none.
    """
    if sample not in study.samples(protocol):
        raise NotInStudyError(f"the study has no results of sample {sample} of {protocol!r} yet; run it")
    return study.sheared(protocol, sample)


def loaded(study: Study, protocol: str, sample: int) -> tuple[Results, Run]:
    """The results of a sample, and its run; see `run_of`."""
    run = run_of(study, protocol, sample)
    return study.results(protocol, sample), run


def largest_drop(run: Run) -> Event | None:
    """The event of a run with the largest stress drop, which is yielding in a brittle glass; None without events."""
    return max(run.events, key=lambda event: event.stress_drop, default=None)


def computed_stages(study: Study, protocol: str, sample: int, kinds: Collection[str] = ON_THE_WAY) -> list[Stage]:
    """The start of a sample and its further states of some kinds, in the order of strain, numbered from 1."""
    results, run = loaded(study, protocol, sample)
    start, direction = results.start, run.direction
    found = [Stage(1, "start", 0.0, start, results.fields)]
    found += [
        Stage(0, state.kind, direction * (state.strain - start.strain), state.glass, state.fields)
        for state in study.states(protocol, sample)
        if state.kind in kinds
    ]
    # An event has two states at nearly one strain, of which the one before comes first.
    order = sorted(found, key=lambda stage: (stage.strain, stage.kind == "after_yielding"))
    return [Stage(number, s.kind, s.strain, s.glass, s.fields) for number, s in enumerate(order, start=1)]


def numbered_stages(study: Study, protocol: str, sample: int, keys: Sequence[str]) -> list[Stage]:
    """The states 1 to 4 of a sample: the start, on the way, just before, and just after its largest stress drop.

    State 2 is the one whose strain is nearest to two thirds of that of the drop. Only states with all fields count, and
    what is not there is left out: there are at least the start and one state after it.

    Raises
    ------
    NotInStudyError
        If there is no event, the start lacks a field, or there is no other state with all fields.
    """
    run = run_of(study, protocol, sample)
    event = largest_drop(run)
    if event is None:
        raise NotInStudyError(f"sample {sample} of {protocol!r} has no plastic event; shear further (shear.to)")
    stages = computed_stages(study, protocol, sample)
    for key in keys:
        if key not in stages[0].fields:
            raise NotInStudyError(
                f"sample {sample} of {protocol!r} has no field of {key!r} at its start; [indicators.{key}] of the plan "
                "asks for it"
            )
    kept = [stage for stage in stages if all(key in stage.fields for key in keys)]
    drop = run.direction * (event.strain - run.start.strain)
    before = [s for s in kept if s.kind != "start" and s.strain < drop and s.kind != "after_yielding"]
    after = [s for s in kept if s.kind != "start" and s not in before]
    chosen = [kept[0], *before[-1:], *after[:1]]
    earlier = before[:-1]
    if earlier:
        chosen.insert(1, min(earlier, key=lambda stage: abs(stage.strain - 2.0 / 3.0 * drop)))
    if len(chosen) == 1:
        raise NotInStudyError(
            f"sample {sample} of {protocol!r} has no state but its start with {' and '.join(keys)}; {planned(*keys)}"
        )
    return [Stage(number, s.kind, s.strain, s.glass, s.fields) for number, s in enumerate(chosen, start=1)]
