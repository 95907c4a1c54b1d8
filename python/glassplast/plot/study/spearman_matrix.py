"""How alike the fields of indicators are (paper, Fig. 4a)."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassplast.errors import NotInStudyError
from glassplast.plot.figure import INK
from glassplast.plot.study.appearance import (
    by_family,
    family_color,
    family_legend,
    square_table,
    styled,
)
from glassplast.plot.study.ensembles import by_stability, chosen_protocol, counted
from glassplast.plot.study.figure_of_study import StudyFigure
from glassplast.study import Study, Tables

__all__ = ["indicator_similarity"]

#: With more indicators, the numbers would be too small to be read.
_NUMBERED = 10


def indicator_similarity(study: Study, tables: Tables | None = None, *, protocol: str | None = None) -> StudyFigure:
    """Draw Spearman's rank correlation of each two indicators at the start, averaged over samples (paper, Fig. 4a).

    Parameters
    ----------
    study : Study
        The study.
    tables : Tables, optional
        Its tables; by default they are collected anew.
    protocol : str, optional
        The protocol; by default the most stable one.

    Returns
    -------
    StudyFigure
        Indicators are ordered by family, and fields are oriented so that larger values are softer.

    Raises
    ------
    NotInStudyError
        If the study has no such protocol, or fewer than two indicators.
    """
    known = study.tables() if tables is None else tables
    there = {row["protocol"] for row in known.spearman}
    if not there:
        raise NotInStudyError(
            "no sample has fields of two indicators yet: run the study, with some under indicators in its plan"
        )
    ordered = [name for name in by_stability(study, known) if name in there]
    name = chosen_protocol(protocol, ordered or sorted(there))
    found: dict[tuple[str, str], list[float]] = {}
    samples = set()
    for row in known.spearman:
        if row["protocol"] == name:
            samples.add(row["sample"])
            for pair in {(row["indicator"], row["other"]), (row["other"], row["indicator"])}:
                found.setdefault(pair, []).append(row["spearman"])
    keys = by_family(dict.fromkeys(key for pair in found for key in pair))
    matrix, counts = np.full((len(keys), len(keys)), np.nan), np.zeros((len(keys), len(keys)), dtype=np.int64)
    for (a, b), values in found.items():
        finite = [value for value in values if np.isfinite(value)]
        place = keys.index(a), keys.index(b)
        matrix[place], counts[place] = (np.mean(finite) if finite else np.nan), len(finite)
    np.fill_diagonal(matrix, 1.0)
    with styled():
        figure, ax, bar = square_table(keys)
        image = ax.imshow(np.ma.masked_invalid(matrix), cmap="RdBu_r", vmin=-1.0, vmax=1.0, aspect="auto")
        if len(keys) <= _NUMBERED:
            for i, j in np.argwhere(np.isfinite(matrix)).tolist():
                color = "white" if abs(matrix[i, j]) > 0.65 else INK
                text = f"{matrix[i, j]:.2f}".replace("-", "−")
                ax.text(j, i, text, ha="center", va="center", fontsize=7, color=color)
        for first in range(1, len(keys)):
            if family_color(keys[first]) != family_color(keys[first - 1]):
                for line in (ax.axhline, ax.axvline):
                    line(first - 0.5, color="white", linewidth=2.0)
        figure.colorbar(image, cax=bar, label="Spearman correlation $C_s$")
        family_legend(figure, keys)
    rows: list[dict[str, Any]] = [
        {"protocol": name, "indicator": a, "other": b, "spearman": matrix[i, j], "samples": int(counts[i, j])}
        for i, a in enumerate(keys)
        for j, b in enumerate(keys)
        if i < j
    ]
    caption = (
        f"Spearman's rank correlation of the fields of each two indicators at the start in {name}, averaged over "
        f"samples, {counted({name: len(samples)})}. Fields are oriented so that larger values are softer; colours of "
        "the names are families."
    )
    return StudyFigure("indicator_similarity", f"Similarity of indicators in {name}", caption, figure, rows)
