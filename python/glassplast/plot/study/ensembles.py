"""What the figures of a study read from its tables: protocols in order, events in strain, means with intervals."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassplast.ensemble_scores import RankTable
from glassplast.ensemble_scores.resampling import mean_intervals, pooled_means
from glassplast.errors import ArgumentError, NotInStudyError
from glassplast.foundation.arrays import BoolArray, FloatArray, IntegerArray
from glassplast.plot.study.appearance import by_family, family_of
from glassplast.study import Study, Tables

__all__ = [
    "CONFIDENCE",
    "POINTS",
    "EnsembleEvents",
    "Means",
    "best_of_families",
    "by_model",
    "by_stability",
    "chosen_indicators",
    "chosen_protocol",
    "counted",
    "enough_samples",
    "events_of",
    "first_ranks",
    "gamma_min_of",
    "mean_scores",
    "means",
    "means_of_samples",
    "particles_of",
    "protocols_with",
    "samples_of",
    "strain_windows",
    "summed",
    "told_intervals",
    "told_of_few",
    "yield_strain",
]

#: Probability of all intervals.
CONFIDENCE = 0.95
#: What captions say of windows, see `enough_samples`.
POINTS = "Points are there where at least two samples have events, or one of a protocol with up to three."
_RESAMPLES = 10_000
#: Intervals over fewer samples are too narrow.
_FEW = 10


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
    return Means(pooled_means(sums, counts), low, high, filled.astype(np.int64), counts.sum(axis=0).astype(np.int64))


def means_of_samples(values: FloatArray) -> Means:
    """Means over samples that have one value or none (NaN) each, in an array of shape (S, M)."""
    known = ~np.isnan(values)
    return means(np.where(known, values, 0.0), known.astype(np.float64))


def summed(
    samples: IntegerArray, column: IntegerArray, values: FloatArray, columns: int
) -> tuple[FloatArray, FloatArray]:
    """Sums and numbers of the values of events in each sample and column, (S, M); columns outside do not count."""
    places, row = np.unique(samples, return_inverse=True)
    inside = (column >= 0) & (column < columns) & ~np.isnan(values)
    sums, counts = np.zeros((places.size, columns)), np.zeros((places.size, columns))
    np.add.at(sums, (row[inside], column[inside]), values[inside])
    np.add.at(counts, (row[inside], column[inside]), 1.0)
    return sums, counts


def enough_samples(samples: IntegerArray, tables: Tables, protocol: str) -> BoolArray:
    """Whether so many samples in each window are enough for a point: two, or one if there are three at most."""
    return np.asarray(samples >= (1 if len(samples_of(tables, protocol)) < 4 else 2))


def strain_windows(study: Study, windows: int) -> FloatArray:
    """Edges of windows of equal width from zero to the strain of the plan, without sign: (W + 1,)."""
    if windows < 1:
        raise ArgumentError(f"windows must be at least 1, not {windows}")
    return np.linspace(0.0, abs(study.plan.shear.to), windows + 1)


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


def by_model(study: Study, tables: Tables, protocols: Iterable[str]) -> dict[str, list[str]]:
    """Protocols by the title of their model and dimension, which units depend on."""
    groups: dict[str, list[str]] = {}
    for name in protocols:
        model = study.plan.protocols[name].model or "files"
        title = {"poly": "POLY", "lj": "LJ"}.get(model, model.replace("_", " "))
        solid = samples_of(tables, name)[0]["dimension"] == 3
        groups.setdefault(f"{title}, 3D" if solid else title, []).append(name)
    return groups


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


def told_intervals(numbers: Iterable[int]) -> str:
    """What captions say of intervals over so many samples of each protocol."""
    return f"Bars and bands are 95 % intervals from drawing whole samples with replacement.{told_of_few(numbers)}"


def told_of_few(numbers: Iterable[int]) -> str:
    """What captions say of intervals over few samples, with a space before it; nothing if there are enough."""
    fewest = min(numbers, default=0)
    if fewest < 2:
        return " There are none over a single sample."
    return "" if fewest >= _FEW else f" With fewer than {_FEW} samples these intervals are too narrow."


def first_ranks(study: Study, tables: Tables) -> dict[str, RankTable]:
    """The ranks of the cores of first events in the fields at the start, over which C_min averages, by protocol.

    The protocols go from the smallest mean strain of the first event to the largest; those without ranks are left out.

    Raises
    ------
    NotInStudyError
        If there is no rank at all.
    """
    found = {name: tables.rank_table(name) for name in by_stability(study, tables)}
    known = {name: ranks for name, ranks in found.items() if ranks.keys}
    if not known:
        raise NotInStudyError(
            "no indicator of the study has the rank of an event yet: run it, with registered keys under indicators"
        )
    return known


def particles_of(tables: Tables, protocol: str) -> int:
    """The number of particles of the samples of a protocol, the smallest if they differ."""
    return min(int(row["particles"]) for row in samples_of(tables, protocol))


def best_of_families(scores: Mapping[str, float]) -> list[str]:
    """The indicator of each family with the highest score, without the family of those that predict nothing."""
    best: dict[str, str] = {}
    for key in by_family(key for key in scores if not math.isnan(scores[key])):
        family = family_of(key)
        if family != "other" and (family not in best or scores[key] > scores[best[family]]):
            best[family] = key
    return list(best.values())


def mean_scores(ranks: Mapping[str, RankTable]) -> dict[str, float]:
    """C of each indicator, averaged over the protocols that have it."""
    found: dict[str, list[float]] = {}
    for table in ranks.values():
        for key, values in table.ranks.items():
            if not np.isnan(values).all():
                found.setdefault(key, []).append(2.0 * float(np.nanmean(values)) - 1.0)
    return {key: float(np.mean(values)) for key, values in found.items()}


def chosen_indicators(asked: Sequence[str] | None, known: Iterable[str], default: Sequence[str]) -> list[str]:
    """The indicators that were asked for, or those of the default that are known.

    Raises
    ------
    NotInStudyError
        If one that was asked for is not known.
    """
    there = list(known)
    missing = [key for key in asked or () if key not in there]
    if missing:
        raise NotInStudyError(
            f"the study has no ranks in {', '.join(missing)}: add it under indicators in its plan, and run it again"
        )
    return list(asked) if asked is not None else [key for key in default if key in there]


def chosen_protocol(asked: str | None, known: Sequence[str]) -> str:
    """The protocol that was asked for, or the last one, which is the most stable.

    Raises
    ------
    NotInStudyError
        If the one that was asked for is not known.
    """
    if asked is not None and asked not in known:
        raise NotInStudyError(f"the study has no scores of protocol {asked!r}; known: {', '.join(known)}")
    return known[-1] if asked is None else asked
