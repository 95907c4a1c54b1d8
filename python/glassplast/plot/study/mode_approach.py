"""How the softest mode becomes the critical mode as an event comes closer (paper, Fig. 11)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from glassplast.errors import NotInStudyError
from glassplast.foundation.arrays import FloatArray
from glassplast.plot.study.appearance import (
    DOUBLE,
    letter,
    protocol_color,
    protocol_legend,
    study_figure,
    styled,
)
from glassplast.plot.study.ensembles import counted
from glassplast.plot.study.figure_of_study import StudyFigure
from glassplast.study import Study, Tables

__all__ = ["mode_convergence"]

_PANELS = {
    "normalized_stress": r"stress $\sigma/\sigma_c$",
    "overlap_deficit": r"$1 - |\Psi_c\cdot\Psi_\gamma|$",
    "rank_difference": r"$r_c - r_\gamma$",
}


#: With more branches, medians are drawn.
_LINES = 40


def mode_convergence(study: Study, tables: Tables | None = None) -> StudyFigure:
    r"""Draw stress, mode and rank of the core as an instability is approached (paper, Fig. 11).

    Parameters
    ----------
    study : Study
        The study.
    tables : Tables, optional
        Its tables; by default they are collected anew.

    Returns
    -------
    StudyFigure
        One thin line for each branch, against the distance to the instability at its end; with many branches the
        median of each protocol, with a band from the tenth to the ninetieth percentile.

    Raises
    ------
    NotInStudyError
        If no branch was followed back from its event.

    See Also
    --------
    glassplast.mode_convergence : What is drawn, of one event.
    """
    known = study.tables() if tables is None else tables
    rows = [row for row in known.mode_convergence if np.isfinite(row["normalized_stress"])]
    approaches: dict[str, dict[tuple[int, int], list[dict[str, Any]]]] = {}
    for row in rows:
        approaches.setdefault(row["protocol"], {}).setdefault((row["sample"], row["event"]), []).append(row)
    if not approaches:
        raise NotInStudyError(
            "no branch was followed back from an event: ask for questions.mode_convergence in the plan"
        )
    with styled():
        figure = study_figure(DOUBLE, 2.5)
        panels = figure.subplots(1, len(_PANELS))
        many = sum(map(len, approaches.values())) > _LINES
        for ax, quantity in zip(panels, _PANELS, strict=True):
            for name, branches in approaches.items():
                color = protocol_color(study, name)
                if many:
                    distance, low, middle, high = _quantiles(branches.values(), quantity)
                    ax.plot(distance, middle, color=color)
                    ax.fill_between(distance, low, high, color=color, alpha=0.12, linewidth=0.0)
                    continue
                for branch in branches.values():
                    line = [[row[column] for row in branch] for column in ("distance", quantity)]
                    ax.plot(*line, color=color, linewidth=0.8, alpha=0.7)
        for ax, (quantity, label) in zip(panels, _PANELS.items(), strict=True):
            ax.set_xscale("log")
            ax.set_ylabel(label)
            ax.set_xlabel(r"distance $\gamma_c - \gamma$")
            if quantity == "overlap_deficit":
                ax.set_yscale("log")
        # Far away the stress may be many times that at the instability, if that is small.
        stress = [row["normalized_stress"] for row in rows]
        low, high = np.quantile(stress, [0.01, 0.99])
        panels[0].set_ylim(low - 0.1 * (high - low) - 0.01, high + 0.1 * (high - low) + 0.01)
        outside = sum(not panels[0].get_ylim()[0] <= value <= panels[0].get_ylim()[1] for value in stress)
        panels[2].set_ylim(min(-0.02, panels[2].get_ylim()[0]), max(0.02, panels[2].get_ylim()[1]))
        letter(panels)
        protocol_legend(figure, study, list(approaches), markers=False)
    columns = ("protocol", "sample", "event", "distance", *_PANELS)
    data = [{column: row[column] for column in columns} for row in rows]
    drawn = "medians, and bands from the tenth to the ninetieth percentile" if many else "one line each"
    leaving = f" ({outside} of {len(stress)} points lie outside)" if outside else ""
    numbers = {name: len(branches) for name, branches in approaches.items()}
    caption = (
        f"Approach to an instability against the distance in strain, {counted(numbers, 'events')}, {drawn}: (a) "
        f"stress divided by that at the instability{leaving}; (b) difference of the selected mode from the critical "
        "mode; (c) rank of the core in the critical mode minus its rank in the selected mode, 0 where the core is the "
        "same."
    )
    return StudyFigure("mode_convergence", "Convergence of the critical mode", caption, figure, data)


def _quantiles(branches: Iterable[Sequence[dict[str, Any]]], quantity: str) -> tuple[FloatArray, ...]:
    """Distances, and at each the tenth percentile, the median and the ninetieth percentile over branches."""
    values: dict[float, list[float]] = {}
    for branch in branches:
        for row in branch:
            values.setdefault(row["distance"], []).append(row[quantity])
    distance = np.array(sorted(values))
    found = np.array([np.quantile(values[one], [0.1, 0.5, 0.9]) for one in distance.tolist()])
    return distance, found[:, 0], found[:, 1], found[:, 2]
