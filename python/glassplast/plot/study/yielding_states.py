"""The states of a sample on its way through yielding, of which the figures of the paper number four."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from glassplast.errors import NotInStudyError
from glassplast.foundation.arrays import FloatArray
from glassplast.glass import Glass
from glassplast.plot.study.ensembles import by_stability, events_of
from glassplast.quasistatic import Run
from glassplast.study import Study, Tables

__all__ = [
    "ON_THE_WAY",
    "Stage",
    "computed_stages",
    "least_and_most_stable",
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
    """The protocols with the smallest and the largest mean strain of the first event, or those that are given.

    Raises
    ------
    NotInStudyError
        If a protocol that is given is not in the study, or there is no event.
    """
    for name in (ductile, brittle):
        if name is not None and name not in study.plan.protocols:
            raise NotInStudyError(f"the study has no protocol {name!r}; known: {', '.join(study.plan.protocols)}")
    ordered = by_stability(study, tables) if ductile is None or brittle is None else []
    return list(dict.fromkeys([ductile or ordered[0], brittle or ordered[-1]]))


def samples_by_drop(tables: Tables, protocol: str) -> list[int]:
    """The samples of a protocol, from the one with the largest stress drop to that with the smallest."""
    found = {sample: drop for sample, (drop, _) in _largest_drops(tables, protocol).items()}
    return sorted(found, key=lambda sample: -found[sample])


def _largest_drops(tables: Tables, protocol: str) -> dict[int, tuple[float, float]]:
    """The largest stress drop of each sample that has events, and its strain from the start along the loading.

    In a brittle glass this event is yielding.
    """
    events = events_of(tables, protocol)
    found: dict[int, tuple[float, float]] = {}
    for pair in zip(events.samples.tolist(), events.stress_drop.tolist(), events.strain.tolist(), strict=True):
        sample, drop, strain = pair
        if sample not in found or drop > found[sample][0]:
            found[sample] = drop, strain
    return found


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


def computed_stages(study: Study, protocol: str, sample: int, kinds: Collection[str] = ON_THE_WAY) -> list[Stage]:
    """The start of a sample and its further states of some kinds, in the order of strain, numbered from 1."""
    known = study.start(protocol, sample)
    direction = math.copysign(1.0, study.plan.shear.to)
    found = [Stage(1, "start", 0.0, known.start, known.fields)]
    found += [
        Stage(0, state.kind, direction * (state.strain - known.start.strain), state.glass, state.fields)
        for state in study.states(protocol, sample)
        if state.kind in kinds
    ]
    # An event has two states at nearly one strain, of which the one before comes first.
    order = sorted(found, key=lambda stage: (stage.strain, stage.kind == "after_yielding"))
    return _numbered(order)


def numbered_stages(study: Study, tables: Tables, protocol: str, sample: int, keys: Sequence[str]) -> list[Stage]:
    """The states 1 to 4 of a sample: the start, on the way, just before, and just after its largest stress drop.

    State 2 is the one whose strain is nearest to two thirds of that of the drop. Only states with all fields count, and
    what is not there is left out: there are at least the start and one state after it.

    Raises
    ------
    NotInStudyError
        If there is no event, the start lacks a field, or there is no other state with all fields.
    """
    drops = _largest_drops(tables, protocol)
    if sample not in drops:
        raise NotInStudyError(
            f"sample {sample} of {protocol!r} has no plastic event; run it, or shear further (shear.to)"
        )
    _, drop = drops[sample]
    start, *stages = computed_stages(study, protocol, sample)
    for key in keys:
        if key not in start.fields:
            raise NotInStudyError(
                f"sample {sample} of {protocol!r} has no field of {key!r} at its start; [indicators.{key}] of the plan "
                "asks for it"
            )
    kept = [stage for stage in stages if all(key in stage.fields for key in keys)]
    if not kept:
        raise NotInStudyError(
            f"sample {sample} of {protocol!r} has no state but its start with {' and '.join(keys)}; {planned(*keys)}"
        )
    # In exact stepping the state after an event has the strain of the event itself.
    count = sum(stage.strain < drop and stage.kind != "after_yielding" for stage in kept)
    before, after = kept[:count], kept[count:]
    on_the_way = sorted(before[:-1], key=lambda stage: abs(stage.strain - 2.0 / 3.0 * drop))
    return _numbered([start, *on_the_way[:1], *before[-1:], *after[:1]])


def _numbered(stages: Sequence[Stage]) -> list[Stage]:
    return [replace(stage, number=number) for number, stage in enumerate(stages, start=1)]
