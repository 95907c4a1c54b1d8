"""Parts of the page of a study, as HTML."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from glassplast.ensemble_scores import EnsembleCorrelations
from glassplast.files.json_text import json_text
from glassplast.indicators import registry
from glassplast.plot.study import StudyFigure
from glassplast.plot.study.figure_of_study import RESOLUTION
from glassplast.report.sections import entries, number, table
from glassplast.report.symbols import html_symbol, title
from glassplast.study import Study, Tables

__all__ = [
    "costs_of_study",
    "failures_of_study",
    "figures_of_study",
    "name_of",
    "plan_of_study",
    "protocols_of_study",
    "scores_of_study",
    "sorted_keys",
    "top_of_study",
]


def top_of_study(study: Study, tables: Tables) -> str:
    """The top of the page: how far the study is."""
    standing = study.standing()
    total = len(standing.done) + len(standing.failed) + len(standing.waiting)
    events = len(tables.events)
    story = (
        f"{len(study.plan.protocols)} protocols, {len(tables.samples)} samples, {events} plastic events; "
        f"{len(standing.done)} of {total} tasks done"
        + (f", {len(standing.failed)} failed" if standing.failed else "")
        + (f", {len(standing.waiting)} wait" if standing.waiting else "")
    )
    return f"<header><p class='brand'>glassplast study</p><h1>{escape(study.plan.name)}</h1><p>{story}.</p></header>"


def protocols_of_study(study: Study, tables: Tables) -> str:
    """How each protocol is prepared, and means over its samples."""
    rows = []
    for name, protocol in study.plan.protocols.items():
        samples = [row for row in tables.samples if row["protocol"] == name]
        settings = protocol.model_dump(exclude={"samples"}, exclude_none=True, exclude_defaults=False)
        told = ", ".join(f"{title(key)} {_plain(value)}" for key, value in settings.items())
        firsts = [row["gamma_min"] for row in samples if math.isfinite(row.get("gamma_min", math.nan))]
        rows.append(
            (
                escape(name),
                escape(told),
                str(len(samples)),
                _mean(samples, "energy_per_particle", 6),
                _mean(samples, "shear_modulus", 4),
                number(float(np.mean(firsts)), 3) if firsts else "–",
                _mean(samples, "events", 3),
            )
        )
    head = ("protocol", "preparation", "samples", "energy per particle", "shear modulus", "⟨γ<sub>min</sub>⟩", "events")
    return f"<section id='protocols'><h2>Protocols</h2>{table(head, rows, 'protocols')}</section>"


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _mean(rows: Sequence[Mapping[str, Any]], column: str, digits: int) -> str:
    values = [float(row[column]) for row in rows if column in row]
    return number(float(np.mean(values)), digits) if values else "–"


def name_of(key: str) -> str:
    """Name and symbol of an indicator as HTML, also of one that is not registered here."""
    if key not in registry.keys():  # noqa: SIM118
        return escape(title(key))
    return f"{escape(title(key))} <span class='symbol'>{html_symbol(key)}</span>"


def sorted_keys(scores: Mapping[str, EnsembleCorrelations]) -> list[str]:
    """All indicators, those with the largest mean of C over the protocols first."""
    found: dict[str, list[float]] = {}
    for known in scores.values():
        for key, value in zip(known.keys, known.value, strict=True):
            found.setdefault(key, []).append(float(value))
    means = {
        key: np.mean([value for value in values if math.isfinite(value)] or [-2.0]) for key, values in found.items()
    }
    return sorted(means, key=lambda key: -means[key])


def scores_of_study(scores: Mapping[str, EnsembleCorrelations]) -> str:
    """C of the first events by protocol as a table that does not need JavaScript."""
    rows = []
    for key in sorted_keys(scores):
        cells = []
        for known in scores.values():
            place = known.keys.index(key) if key in known.keys else -1
            if place < 0 or not math.isfinite(known.value[place]):
                cells.append("–")
                continue
            value, low, high = (float(values[place]) for values in (known.value, known.low, known.high))
            cells.append(f"<b>{value:.2f}</b> ({low:.2f} to {high:.2f})".replace("-", "−"))
        rows.append((name_of(key), *cells))
    head = ("indicator", *(escape(name) for name in scores))
    return table(head, rows)


def figures_of_study(figures: Sequence[StudyFigure], lacking: Mapping[str, str], folder: Path, beside: Path) -> str:
    """The figures with captions and links to their files, and why others are not there.

    Parameters
    ----------
    figures : sequence of StudyFigure
        Figures that were written into the folder.
    lacking : mapping of str to str
        Why other figures were not drawn.
    folder : Path
        Folder of the files.
    beside : Path
        Directory of the page, for the links.

    Returns
    -------
    str
    """
    if not figures and not lacking:
        return ""
    parts = []
    for figure in figures:
        picture = (folder / f"{figure.name}.png").read_bytes()
        image = base64.b64encode(picture).decode("ascii")
        # The width is written in the header of a PNG; a letter is to be as large in each figure.
        width = round(int.from_bytes(picture[16:20], "big") * 110.0 / RESOLUTION)
        place = quote((folder.relative_to(beside) / figure.name).as_posix())
        parts.append(
            f"<article class='figure' id='{escape(figure.name)}'><h3>{escape(figure.title)}</h3>"
            f"<div class='scroll'><img width='{width}' src='data:image/png;base64,{image}' "
            f"alt='{escape(figure.title)}'></div><p>{escape(figure.caption)}</p>"
            f"<p class='quiet'><a href='{place}.pdf'>PDF</a> · "
            f"<a href='{place}.csv'>numbers (CSV)</a> · <a href='{place}.png'>PNG</a></p></article>"
        )
    body = f"<div class='figures'>{''.join(parts)}</div>"
    if lacking:
        rows = [(escape(title(name)), escape(why)) for name, why in lacking.items()]
        body += f"<h3>Figures that were not drawn, and why</h3>{table(('figure', 'why'), rows, 'reasons')}"
    return f"<section id='figures'><h2>Figures</h2>{body}</section>"


def failures_of_study(tables: Tables, study: Study) -> str:
    """Tasks that failed and indicators that samples lack, with the reasons; what no sample has."""
    parts = []
    counted: dict[tuple[str, str, str], list[int]] = {}
    for row in tables.failures:
        counted.setdefault((row["protocol"], row["stage"], row["reason"]), []).append(row["sample"])
    if counted:
        rows = [
            (escape(protocol), escape(title(stage)), _numbers(samples), escape(reason))
            for (protocol, stage, reason), samples in counted.items()
        ]
        head = ("protocol", "stage or indicator", "samples", "why")
        parts.append(f"<h3>What failed</h3>{table(head, rows, 'failures')}")
    have = {row["indicator"] for row in tables.ranks}
    absent = [key for key in registry.keys() if key not in have]  # noqa: SIM118
    if absent and tables.samples:
        asked = study.plan.indicators
        reasons = [
            (
                name_of(key),
                "it is in the plan, but no sample has a rank in it"
                if key in asked
                else "the plan names indicators, and not this one"
                if asked
                else "it is computed only if the plan names it, or not for such a glass",
            )
            for key in absent
        ]
        parts.append(f"<h3>Indicators without a score</h3>{table(('indicator', 'why'), reasons, 'reasons')}")
    if not parts:
        return ""
    return f"<section id='failures'><h2>What was not computed, and why</h2>{''.join(parts)}</section>"


def _numbers(samples: Sequence[int]) -> str:
    shown = ", ".join(str(sample) for sample in sorted(samples)[:12])
    return f"{shown}, …" if len(samples) > 12 else shown


def costs_of_study(tables: Tables) -> str:
    """What each stage of each protocol cost."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in tables.costs:
        groups.setdefault((row["protocol"], row["stage"]), []).append(row)
    if not groups:
        return ""
    longest = max(sum(row["processor_seconds"] for row in rows) for rows in groups.values()) or 1.0
    cells = []
    for (protocol, stage), rows in groups.items():
        spent = sum(float(row["processor_seconds"]) for row in rows)
        cells.append(
            (
                escape(protocol),
                escape(title(stage)),
                str(len(rows)),
                number(spent / 3600.0, 3),
                number(spent / len(rows), 3),
                number(max(float(row["memory"]) for row in rows), 2),
                f"<span class='bar' style='width:{100.0 * spent / longest:.1f}%'></span>",
            )
        )
    head = ("protocol", "stage", "tasks", "processor hours", "seconds of one", "most memory (GB)", "")
    return f"<section id='costs'><h2>What it cost</h2>{table(head, cells, 'costs')}</section>"


def plan_of_study(study: Study, versions: Mapping[str, Any]) -> str:
    """The plan, and what computed it."""
    plan = json.loads(json_text(study.plan.model_dump(mode="json", exclude_none=True)))
    text = json.dumps(plan, indent=1, ensure_ascii=False)
    return (
        f"<section id='plan'><h2>Provenance</h2><p>Seed {study.plan.seed}: from it and the plan all else follows.</p>"
        f"<details><summary>The plan</summary><pre class='scroll'>{escape(text)}</pre></details>"
        f"<h3>What computed it</h3>{entries(dict(versions))}"
        "<p class='quiet'>All numbers are in the tables (CSV) beside this page.</p></section>"
    )
