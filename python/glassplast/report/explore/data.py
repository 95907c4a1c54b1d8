"""The data of a page that is explored: JSON with arrays in base64, which the page decodes when it needs them."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassplast.fields import d2min
from glassplast.files.json_text import json_text
from glassplast.foundation.ranks import mean_ranks
from glassplast.glass import Glass, simple_shear
from glassplast.indicators import registry
from glassplast.plot import LOGARITHMIC_SPAN, ROBUST_LIMITS, energy_unit, length_unit
from glassplast.quasistatic import Event, Run
from glassplast.report import wording
from glassplast.report.symbols import html_symbol, html_unit, tex_unit, title
from glassplast.results import Results

__all__ = ["EVENT_BYTES", "Sample", "data_block", "decoded", "encoded", "mapped_bytes", "sample_data", "stress_label"]

#: Bytes on the page that vectors of events may take; further events have no maps.
EVENT_BYTES = 5_000_000
#: Largest number of points of a curve; a screen shows no more.
CURVE_POINTS = 4000
#: The same for a sample without maps, one of many.
FEW_POINTS = 400

_CODES = {"f4": "<f4", "i4": "<i4", "u2": "<u2", "u4": "<u4", "u1": "|u1"}


@dataclass(frozen=True)
class Sample:
    """A sample for the page.

    Attributes
    ----------
    results : Results
        What was found.
    name : str
        Its name.
    group : str
        The name of its protocol; empty for a single run.
    mapped : bool
        Whether its particles are on the page, or only its curve.
    """

    results: Results
    name: str
    group: str = ""
    mapped: bool = True


def encoded(values: ArrayLike, code: str) -> dict[str, Any]:
    """An array as base64 of its bytes, little-endian and row by row.

    Parameters
    ----------
    values : array_like
        The values.
    code : {"f4", "i4", "u1", "u2", "u4"}
        Kind of a number and its bytes.

    Returns
    -------
    dict
        Its type and data.
    """
    array = np.ascontiguousarray(values, dtype=_CODES[code])
    return {"type": code, "data": base64.b64encode(array.tobytes()).decode("ascii")}


def decoded(record: Mapping[str, Any]) -> NDArray[Any]:
    """The array that `encoded` has written, with one axis."""
    return np.frombuffer(base64.b64decode(record["data"]), dtype=_CODES[record["type"]])


def data_block(data: Any) -> str:
    """JSON as an element of a page; no text in it can end the element, or make a comment of what follows."""
    text = json.dumps(_finite(json.loads(json_text(data))), separators=(",", ":"), allow_nan=False)
    safe = text.replace("<", "\\u003c")
    return f'<script type="application/json" id="data">{safe}</script>'


def _finite(value: Any) -> Any:
    """The value with null for all numbers that JSON does not know."""
    if isinstance(value, dict):
        return {key: _finite(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_finite(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def mapped_bytes(results: Results, events: int) -> int:
    """Bytes on the page that the particles, fields and a number of events of a sample take."""
    count, dimension, fields = len(results.start), results.start.dimension, len(results.fields)
    shown = min(events, len(results.events))
    return count * (4 * dimension + 8 + 6 * fields + shown * (8 * dimension + 8)) * 4 // 3


def sample_data(sample: Sample, event_bytes: int = EVENT_BYTES, *, most_events: int | None = None) -> dict[str, Any]:
    """What the page knows of a sample.

    Parameters
    ----------
    sample : Sample
        The sample.
    event_bytes : int
        Bytes that the vectors of its events may take.
    most_events : int, optional
        Largest number of events with vectors.

    Returns
    -------
    dict
    """
    results, events = sample.results, sample.results.events
    entry: dict[str, Any] = {
        "name": sample.name,
        "group": sample.group,
        "strain": results.start.strain,
        "stress_label": stress_label(results),
        "curve": _curve(results.run, CURVE_POINTS if sample.mapped else FEW_POINTS),
        "events": [_event_numbers(number, event) for number, event in enumerate(events, start=1)],
    }
    if not sample.mapped:
        return entry
    entry |= _particles(results.start)
    entry["fields"] = list(_fields(results))
    # Mode and displacement have d numbers of four bytes each, both D2min one; base64 takes four bytes for three.
    one = len(results.start) * 4 * (2 * results.start.dimension + 2) * 4 / 3
    count = int(event_bytes // one) if most_events is None else most_events
    for record, event in zip(entry["events"][:count], events, strict=False):
        record |= _event_fields(event)
    return entry


def stress_label(results: Results) -> str:
    """What the axis of the stress is called, with its unit, for Bokeh."""
    glass, run = results.start, results.run
    unit = tex_unit(f"{energy_unit(glass)}/{length_unit(glass)}{'²' if glass.dimension == 2 else '³'}")
    if run is None or np.array_equal(run.loading, simple_shear(glass.dimension)):
        return rf"shear stress $$\sigma_{{xy}}\ ({unit})$$"
    return rf"stress along the loading $$({unit})$$"


def _particles(glass: Glass) -> dict[str, Any]:
    fractions = glass.box.fractional(glass.positions) % 1.0
    record: dict[str, Any] = {
        "particles": len(glass),
        "dimension": glass.dimension,
        "cell": glass.cell.tolist(),
        "origin": np.asarray(glass.box.origin).tolist(),
        "length": length_unit(glass),
        "fractions": encoded(fractions, "f4"),
        "diameters": encoded(glass.diameters, "f4"),
        "ids": encoded(glass.ids, "i4"),
    }
    # Soft disks are of one species and have diameters.
    if glass.species is not None and glass.species.max() > 0:
        record["species"] = encoded(glass.species, "u1")
    return record


def _fields(results: Results) -> Iterable[dict[str, Any]]:
    registered, ranks, scores = registry.keys(), results.ranks, results.correlations
    for key, values in results.fields.items():
        if key not in registered:
            continue
        indicator, found = registry.find(key), scores[key]
        yield {
            "key": key,
            "title": title(key),
            "symbol": html_symbol(key),
            "unit": html_unit(key, results.start),
            "family": indicator.family,
            "sentence": escape(indicator.sentence),
            "softer": indicator.softer,
            **_scale(values),
            "values": encoded(values, "f4"),
            "ranks": _doubled_ranks(indicator.oriented(values)),
            "missing": int(np.isnan(values).sum()),
            "events": ranks[key],
            "C": found.value,
            "low": found.low,
            "high": found.high,
        }


def _scale(values: NDArray[Any]) -> dict[str, Any]:
    """The values at the ends of the colours, and whether the scale is logarithmic, as in the pictures."""
    known = values[np.isfinite(values)]
    if not known.size:
        return {"limits": [0.0, 1.0], "logarithmic": False}
    low, high = (float(limit) for limit in np.percentile(known, ROBUST_LIMITS))
    if not high > low:
        low, high = float(known.min()), float(known.max())
        margin = 0.0 if high > low else 0.5 * abs(high) or 0.5
        low, high = low - margin, high + margin
    return {"limits": [low, high], "logarithmic": bool(known.min() > 0.0 and high > LOGARITHMIC_SPAN * low)}


def _doubled_ranks(oriented: NDArray[Any]) -> dict[str, Any]:
    """Twice the rank of each particle from 1 for the hardest, an integer even where equals share one; 0 without one."""
    doubled = np.zeros(oriented.size, dtype=np.int64)
    known = ~np.isnan(oriented)
    doubled[known] = np.rint(2.0 * mean_ranks(oriented[known]))
    return encoded(doubled, "u2" if 2 * oriented.size < 65536 else "u4")


def _curve(run: Run | None, points: int) -> dict[str, Any] | None:
    if run is None:
        return None
    strain, stress = run.smooth_curve()
    if strain.size > points:
        # The ends of branches stay, so that events stay vertical.
        kept = np.zeros(strain.size, dtype=bool)
        kept[:: math.ceil(strain.size / points)] = kept[-1] = True
        vertical = np.flatnonzero(np.diff(strain) == 0.0)
        kept[vertical] = kept[vertical + 1] = True
        strain, stress = strain[kept], stress[kept]
    return {"strain": encoded(strain, "f4"), "stress": encoded(stress, "f4")}


def _event_numbers(number: int, event: Event) -> dict[str, Any]:
    return {
        "event": number,
        "strain": event.strain,
        "text": wording.event_strain(event, 6),
        "stress": event.stress_before,
        "stress_drop": event.stress_drop,
        "energy_drop": event.energy_drop,
        "core": event.core,
        "core_id": event.core_id,
        "mode_particles": event.participation * len(event.before),
        "eigenvalue": event.eigenvalue,
        "irreversible": "yes" if event.irreversible else "no",
    }


def _event_fields(event: Event) -> dict[str, Any]:
    return {
        "mode": encoded(event.mode, "f4"),
        "displacement": encoded(event.displacement, "f4"),
        "mode_d2min": encoded(event.d2min(), "f4"),
        "displacement_d2min": encoded(d2min(event.before, event.displacement), "f4"),
    }
