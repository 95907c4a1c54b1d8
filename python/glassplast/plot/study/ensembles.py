"""What the figures of a study read from its tables: protocols in order, events in strain, means with intervals."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassplast.ensemble_scores import RankTable
from glassplast.ensemble_scores.resampling import mean_intervals, pooled_means
from glassplast.errors import NotInStudyError
from glassplast.foundation.arrays import FloatArray, IntegerArray
from glassplast.study import Study, Tables

__all__ = [
    "CONFIDENCE",
    "INTERVALS",
    "EnsembleEvents",
    "Means",
    "by_stability",
    "counted",
    "events_of",
    "gamma_min_of",
    "means",
    "means_of_samples",
    "protocols_with",
    "ranks_of",
    "samples_of",
    "yield_strain",
]

#: Probability of all intervals.
CONFIDENCE = 0.95
#: What captions say of intervals.
INTERVALS = "Bars and bands are 95 % intervals from drawing whole samples with replacement."
_RESAMPLES = 10_000


@dataclass(frozen=True)
class EnsembleEvents:
    """The events of all samples of a protocol, E in number.

    Attributes
    ----------
    samples : ndarray of int, shape (E,)
        Number of the sample of each event.
    number : ndarray of int, shape (E,)
        Number of the event in its sample, from 1.
    strain : ndarray, shape (E,)
        Strain of the event, counted along the loading from that of the sample at its start.
    stress_drop, energy_drop : ndarray, shape (E,)
        Fall of stress and energy.
    core : ndarray of int, shape (E,)
        Particle at which the event begins.
    """

    samples: IntegerArray
    number: IntegerArray
    strain: FloatArray
    stress_drop: FloatArray
    energy_drop: FloatArray
    core: IntegerArray


@dataclass(frozen=True)
class Means:
    """Means of M columns over an ensemble of samples, with intervals.

    Attributes
    ----------
    value, low, high : ndarray, shape (M,)
        Means over all values, and the ends of the intervals over samples; NaN where there are too few.
    samples, count : ndarray of int, shape (M,)
        Numbers of samples that have values, and of values.
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray
    samples: IntegerArray
    count: IntegerArray


def means(sums: FloatArray, counts: FloatArray) -> Means:
    """Means over all values of samples, given their sums and numbers in each of S samples, both of shape (S, M)."""
    low, high = mean_intervals(sums, counts, confidence=CONFIDENCE, resamples=_RESAMPLES, seed=0)
    filled = np.sum(counts > 0, axis=0)
    return Means(
        pooled_means(sums, counts), low, high, filled.astype(np.int64), counts.sum(axis=0).astype(np.int64)
    )


def means_of_samples(values: FloatArray) -> Means:
    """Means over samples that have one value or none (NaN) each, in an array of shape (S, M)."""
    known = ~np.isnan(values)
    return means(np.where(known, values, 0.0), known.astype(np.float64))


def samples_of(tables: Tables, protocol: str) -> list[Mapping[str, Any]]:
    """The rows of the samples of a protocol."""
    return [row for row in tables.samples if row["protocol"] == protocol]


def protocols_with(study: Study, rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """The protocols of the rows, in the order of the plan."""
    there = {row["protocol"] for row in rows}
    return [name for name in study.plan.protocols if name in there]


def events_of(tables: Tables, protocol: str) -> EnsembleEvents:
    """The events of a protocol."""
    starts = {row["sample"]: row["strain"] for row in samples_of(tables, protocol)}
    rows = [row for row in tables.events if row["protocol"] == protocol]

    def column(name: str, kind: type) -> Any:
        return np.array([row[name] for row in rows], dtype=kind)

    strain = np.array([abs(row["strain"] - starts[row["sample"]]) for row in rows], dtype=np.float64)
    return EnsembleEvents(
        column("sample", np.int64),
        column("event", np.int64),
        strain,
        column("stress_drop", np.float64),
        column("energy_drop", np.float64),
        column("core", np.int64),
    )


def gamma_min_of(tables: Tables, protocol: str) -> FloatArray:
    """The strains of first events of the samples of a protocol; NaN for a sample without any."""
    return np.array([row["gamma_min"] for row in samples_of(tables, protocol)], dtype=np.float64)


def by_stability(study: Study, tables: Tables) -> list[str]:
    """The protocols in which some sample has an event, from the smallest mean gamma_min to the largest.

    Raises
    ------
    NotInStudyError
        If there is no event at all.
    """
    found = {name: gamma_min_of(tables, name) for name in study.plan.protocols}
    known = {name: float(np.nanmean(values)) for name, values in found.items() if np.isfinite(values).any()}
    if not known:
        raise NotInStudyError(
            "no sample of the study has a plastic event yet: run it, or shear further (shear.to in its plan)"
        )
    return sorted(known, key=lambda name: known[name])


def yield_strain(study: Study, tables: Tables) -> tuple[float, str]:
    """The strain at which the glasses yield, and the protocol that tells it.

    It is the mean strain of the largest stress drop of each sample in the most stable protocol, where that drop is
    the formation of a shear band. NaN if runs end after a number of events, or at strains too small for yielding.
    """
    protocol = by_stability(study, tables)[-1]
    if study.plan.shear.max_events is not None or study.plan.shear.stop is not None:
        return math.nan, protocol
    events = events_of(tables, protocol)
    largest = [
        events.strain[inside][np.argmax(events.stress_drop[inside])]
        for sample in np.unique(events.samples)
        if (inside := events.samples == sample).any()
    ]
    return float(np.mean(largest)), protocol


def counted(numbers: Mapping[str, int], what: str = "samples") -> str:
    """How many there are of each protocol, as captions say it: ``n = 12 samples of each protocol``."""
    kinds = set(numbers.values())
    if len(numbers) == 1:
        ((name, number),) = numbers.items()
        return f"n = {number} {what} of {name}"
    if len(kinds) == 1:
        return f"n = {kinds.pop()} {what} of each protocol"
    return "n = " + ", ".join(f"{number} ({name})" for name, number in numbers.items()) + f" {what}"


def ranks_of(rows: Sequence[Mapping[str, Any]]) -> RankTable:
    """The table of ranks of some rows of ``Tables.ranks`` of one protocol and one state before each event."""
    places = {place: number for number, place in enumerate(dict.fromkeys((r["sample"], r["event"]) for r in rows))}
    ranks: dict[str, FloatArray] = {}
    for row in rows:
        column = ranks.setdefault(row["indicator"], np.full(len(places), np.nan))
        column[places[row["sample"], row["event"]]] = row["rank"]
    return RankTable(ranks, np.array([sample for sample, _ in places], dtype=np.int64))
