"""The interactive parts of the page of a study: scores by protocol, and its samples."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from itertools import zip_longest
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, FixedTicker, HoverTool, Model, Range1d, Select, Span, Whisker
from bokeh.plotting import figure

from glassplast.ensemble_scores import EnsembleCorrelations
from glassplast.indicators import registry
from glassplast.plot import FAMILY_COLORS
from glassplast.plot.figure import INK
from glassplast.report.explore.data import Sample, mapped_bytes
from glassplast.report.explore.heat_maps import DIVERGING, cells, heat_map
from glassplast.report.explore.page import Explorer, placed, table_card
from glassplast.report.explore.tables import numbers, sortable, words
from glassplast.report.study_sections import name_of, sorted_keys
from glassplast.report.symbols import tex_label, title
from glassplast.study import Study

__all__ = ["SAMPLE_BYTES", "StudyParts", "study_parts"]

#: Bytes on the page that the particles of samples may take.
SAMPLE_BYTES = 7_000_000
#: Largest number of samples whose curves are on the page.
MOST_SAMPLES = 200
#: Largest number of events of a sample that have maps.
MAPPED_EVENTS = 3


class StudyParts:
    """The interactive parts of the page of a study.

    Attributes
    ----------
    explorer : Explorer or None
        The samples; None if there is none yet.
    script : str
        The script of Bokeh.
    scores, samples : str
        The sections.
    data : dict
        What the script of the page reads.
    """

    def __init__(self, scores: Mapping[str, EnsembleCorrelations], samples: Sequence[Sample]) -> None:
        models = _score_models(scores)
        self.explorer = Explorer(samples, chosen=True, most_events=MAPPED_EVENTS) if samples else None
        if self.explorer is not None:
            models |= self.explorer.models
        self.script, places = placed(models)
        self.scores = _score_section(models, places, scores)
        self.samples = "" if self.explorer is None else self.explorer.sections(places)
        self.data = {} if self.explorer is None else self.explorer.data()
        self.data["scores"] = {protocol: _score_rows(known) for protocol, known in scores.items()}


def study_parts(study: Study, scores: Mapping[str, EnsembleCorrelations]) -> StudyParts:
    """Make the interactive parts.

    Parameters
    ----------
    study : Study
        The study.
    scores : mapping of str to EnsembleCorrelations
        C of the first events by protocol.

    Returns
    -------
    StudyParts
    """
    samples: list[Sample] = []
    left = SAMPLE_BYTES
    # Sample by sample over the protocols, so that each has a map of its first sample.
    columns = [[(name, number) for number in study.samples(name)] for name in study.plan.protocols]
    turns = [entry for row in zip_longest(*columns) for entry in row if entry is not None]
    for name, number in turns[:MOST_SAMPLES]:
        results = study.results(name, number)
        size = mapped_bytes(results, MAPPED_EVENTS)
        mapped = size <= left
        left -= size if mapped else 0
        samples.append(Sample(results, f"sample {number}", name, mapped))
    order = list(study.plan.protocols)
    samples.sort(key=lambda sample: order.index(sample.group))
    return StudyParts(scores, samples)


def _score_rows(known: EnsembleCorrelations) -> list[dict[str, Any]]:
    rows = [
        {
            "key": key,
            "name": title(key),
            "C": float(known.value[place]),
            "low": float(known.low[place]),
            "high": float(known.high[place]),
            "samples": int(known.samples[place]),
            "color": FAMILY_COLORS.get(_family(key), FAMILY_COLORS["other"]),
        }
        for place, key in enumerate(known.keys)
    ]
    return sorted(rows, key=lambda row: -row["C"] if math.isfinite(row["C"]) else 2.0)


def _family(key: str) -> str:
    return registry.find(key).family if key in registry.keys() else "other"  # noqa: SIM118


def _label(key: str) -> str:
    return tex_label(key) if key in registry.keys() else title(key)  # noqa: SIM118


def _score_models(scores: Mapping[str, EnsembleCorrelations]) -> dict[str, Model]:
    keys = sorted_keys(scores)
    if not keys:
        return {}
    protocols = list(scores)
    matrix = np.full((len(keys), len(protocols)), np.nan)
    columns: dict[str, list[Any]] = {"name": [name_of(key) for key in keys], "family": [_family(key) for key in keys]}
    shown = [("name", "indicator", words(markup=True), 250), ("family", "family", words(), 80)]
    for place, (protocol, known) in enumerate(scores.items()):
        rows = {row["key"]: row for row in _score_rows(known)}
        for column, heading in (("C", protocol), ("low", "from"), ("high", "to"), ("samples", "n")):
            columns[f"{column}_{place}"] = [rows[key][column] if key in rows else math.nan for key in keys]
            digits = 0 if column == "samples" else 2
            shown.append((f"{column}_{place}", heading, numbers(digits), 90 if column == "C" else 52))
        matrix[:, place] = columns[f"C_{place}"]
    source = ColumnDataSource(columns, name="study_scores")
    names = [title(key) for key in keys]
    heat = heat_map(
        "study_heat",
        "C of the first event",
        low=-1.0,
        high=1.0,
        palette=DIVERGING,
        filled=cells(matrix, names, protocols, -1.0, 1.0),
        rows=[_label(key) for key in keys],
        columns=protocols,
        upright=max(map(len, protocols)) * len(protocols) > 90,
    )
    choice = Select(title="protocol", options=protocols, value=protocols[0], name="score_protocol", width=220)
    return {
        "study_table": sortable(source, shown, "study_table", len(keys)),
        "study_heat": heat,
        "score_protocol": choice,
        "score_chart": _score_chart(len(keys)),
    }


def _score_chart(rows: int) -> Any:
    source = ColumnDataSource(
        {name: [] for name in ("row", "name", "C", "low", "high", "samples", "color")}, name="score_chart_rows"
    )
    plot = figure(
        x_range=Range1d(-1.0, 1.0),
        y_range=Range1d(rows - 0.5, -0.5, name="score_chart_range"),
        tools="save",
        toolbar_location=None,
        sizing_mode="stretch_width",
        height=24 * rows + 70,
        name="score_chart",
    )
    plot.outline_line_color = None
    plot.ygrid.visible = False
    plot.xaxis.axis_label = r"$$C = 2\langle r_x\rangle - 1$$ of the first event, with the interval over samples"
    plot.axis.axis_label_text_font_style = "normal"
    plot.yaxis.axis_line_color = plot.yaxis.major_tick_line_color = None
    plot.yaxis.major_label_text_color = INK
    plot.yaxis.major_label_text_font_size = "13px"
    plot.yaxis[0].ticker = FixedTicker(ticks=[], minor_ticks=[])
    plot.yaxis[0].name = "score_chart_axis"
    plot.add_layout(Span(location=0.0, dimension="height", line_color="#9aa0a6", line_dash="dashed"))
    plot.add_layout(
        Whisker(source=source, base="row", lower="low", upper="high", dimension="width", line_color="color")
    )
    drawn = plot.scatter("C", "row", source=source, size=9, fill_color="color", line_color="white")
    tips = [("", "@name"), ("C", "@C{0.00} (@low{0.00} to @high{0.00})"), ("samples", "@samples")]
    plot.add_tools(HoverTool(renderers=[drawn], tooltips=tips))
    return plot


def _score_section(
    models: Mapping[str, Model], places: Mapping[str, str], scores: Mapping[str, EnsembleCorrelations]
) -> str:
    if "study_table" not in places:
        return ""
    count = ", ".join(f"{escape(name)} n = {max(known.samples, default=0)}" for name, known in scores.items())
    least = 260 + 90 * len(scores)
    return (
        "<section id='study_scores'><h2>Which indicators knew where it would yield?</h2><p>C = 2⟨r<sub>x</sub>⟩ − 1 of "
        "the first plastic event in the structure at the start: 1 for a perfect predictor, 0 for chance. Intervals of "
        f"95 % are over samples ({count}). Click a heading to sort.</p>"
        f"{table_card(models, places, 'study_table')}"
        f"<div class='card'><div class='controls'><div>{places['score_protocol']}</div></div>"
        f"<div class='scroll'><div class='wide' style='--least:400px'>{places['score_chart']}</div></div></div>"
        f"<div class='card scroll'><div class='wide' style='--least:{least}px'>{places['study_heat']}</div></div>"
        "</section>"
    )
