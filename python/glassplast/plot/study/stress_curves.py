"""How the glasses of each protocol respond to shear (paper, Figs. 1 and 6d)."""

from __future__ import annotations

import math

import numpy as np

from glassplast.plot.study.appearance import SINGLE, protocol_color, protocol_marker, study_figure, styled
from glassplast.plot.study.ensembles import (
    INTERVALS,
    by_stability,
    counted,
    gamma_min_of,
    means_of_samples,
    yield_strain,
)
from glassplast.plot.study.figure_of_study import StudyFigure
from glassplast.study import Study, Tables

__all__ = ["gamma_min_by_protocol"]


def gamma_min_by_protocol(
    study: Study, tables: Tables | None = None, *, yielding: float | None = None
) -> StudyFigure:
    """Draw the mean strain of the first event of each protocol, with the yield strain (paper, Fig. 1c).

    Parameters
    ----------
    study : Study
        The study.
    tables : Tables, optional
        Its tables; by default they are collected anew.
    yielding : float, optional
        The yield strain. By default it is the mean strain of the largest stress drop of each sample in the most stable
        protocol, and there is none if the runs end after a number of events.

    Returns
    -------
    StudyFigure

    Raises
    ------
    NotInStudyError
        If no sample has an event.
    """
    known = study.tables() if tables is None else tables
    protocols = by_stability(study, known)
    rows, numbers = [], {}
    with styled():
        figure = study_figure(SINGLE, 2.4)
        ax = figure.add_subplot()
        for place, name in enumerate(protocols):
            values = gamma_min_of(known, name)
            values = values[np.isfinite(values)]
            mean = means_of_samples(values[:, None])
            value, low, high = (float(part[0]) for part in (mean.value, mean.low, mean.high))
            color = protocol_color(study, name)
            aside = place + np.linspace(-0.18, 0.18, values.size) if values.size > 1 else np.array([place])
            ax.plot(aside, np.sort(values), ".", markersize=2.5, color=color, alpha=0.35, markeredgewidth=0.0)
            if math.isfinite(low):
                ax.plot([place, place], [low, high], color=color, linewidth=1.4)
            ax.plot(place, value, protocol_marker(study, name), color=color, markeredgecolor="white", markersize=6.0)
            numbers[name] = values.size
            rows += [{"protocol": name, "gamma_min": value, "low": low, "high": high, "samples": values.size}]
        strain, of = yield_strain(study, known) if yielding is None else (yielding, "")
        if math.isfinite(strain):
            ax.axhline(strain, color="#4b5563", linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
            rows.append({"protocol": "yield strain", "gamma_min": strain})
        ax.set_yscale("log")
        ax.set_xticks(range(len(protocols)), protocols, rotation=0 if len(protocols) <= 4 else 45)
        ax.set_ylabel(r"strain of the first event $\langle\gamma_\mathrm{min}\rangle$")
    line = ""
    if math.isfinite(strain):
        line = f" The dashed line is the yield strain {strain:.3g}"
        line += f", the mean strain of the largest stress drop of each sample of {of}." if of else "."
    caption = (
        f"Mean strain of the first plastic event by protocol, with {counted(numbers)} that have an event; small points "
        f"are single samples.{line} {INTERVALS}"
    )
    return StudyFigure("gamma_min_by_protocol", "Strain of the first event", caption, figure, rows)
