"""How the prediction improves as an event comes closer (paper, Fig. 4i, k)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from glassplast.ensemble_scores import RankTable, chance
from glassplast.errors import NotInStudyError
from glassplast.plot.figure import INK
from glassplast.plot.study.appearance import (
    CHANCE,
    DOUBLE,
    SINGLE,
    indicator_looks,
    letter,
    score_limits,
    study_figure,
    styled,
    symbol,
)
from glassplast.plot.study.ensembles import (
    CONFIDENCE,
    best_of_families,
    by_stability,
    chosen_indicators,
    chosen_protocol,
    counted,
    enough_samples,
    means,
    particles_of,
    summed,
    told_intervals,
)
from glassplast.plot.study.figure_of_study import StudyFigure
from glassplast.study import Study, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["c_delta_gamma"]


def c_delta_gamma(
    study: Study,
    tables: Tables | None = None,
    *,
    indicators: Sequence[str] | None = None,
    protocols: Sequence[str] | None = None,
) -> StudyFigure:
    """Draw the score of the structure at a strain before events against that distance (paper, Fig. 4i, k).

    Parameters
    ----------
    study : Study
        The study.
    tables : Tables, optional
        Its tables; by default they are collected anew.
    indicators : sequence of str, optional
        Keys of the indicators; by default the one of each family whose score is best on average over the protocols,
        among those that were computed before events.
    protocols : sequence of str, optional
        The protocols, one panel each; by default the least and the most stable one of those with such states.

    Returns
    -------
    StudyFigure
        C against the distance in strain, on a logarithmic axis, over all events that have a state so far before them.

    Raises
    ------
    NotInStudyError
        If the study has no states before events, or no such protocol or indicator.
    """
    known = study.tables() if tables is None else tables
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in by_stability(study, known)}
    for row in known.ranks:
        if row["state"] == "before_event":
            found[row["protocol"]].append(row)
    found = {name: before for name, before in found.items() if before}
    if not found:
        raise NotInStudyError("no sample has fields before its events: ask for states.before_events in the plan")
    names = list(found)
    shown = [chosen_protocol(name, names) for name in protocols or dict.fromkeys([names[0], names[-1]])]
    ranks: dict[str, list[float]] = {}
    for row in (row for before in found.values() for row in before):
        ranks.setdefault(row["indicator"], []).append(row["rank"])
    scores = {key: float(np.nanmean(values)) for key, values in ranks.items()}
    keys = chosen_indicators(indicators, scores, best_of_families(scores))
    looks = indicator_looks(keys)
    rows: list[dict[str, Any]] = []
    with styled():
        figure = study_figure(SINGLE if len(shown) == 1 else DOUBLE, 2.7)
        panels = figure.subplots(1, len(shown), squeeze=False, sharey=True, sharex=True)[0]
        for ax, name in zip(panels, shown, strict=True):
            rows += _draw_approach(ax, name, found[name], keys, looks, known)
            ax.set_xscale("log")
            ax.axhline(0.0, color=INK, linewidth=0.6, zorder=1)
            ax.set_title(name)
            ax.set_xlabel(r"strain before the event $\Delta\gamma$")
        panels[0].set_ylabel(r"$C_{\Delta\gamma}$")
        panels[0].set_ylim(*score_limits(rows))
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=min(len(keys), 8))
        letter(panels)
    numbers = {name: len({row["sample"] for row in found[name]}) for name in shown}
    caption = (
        f"Score of the structure at a strain before each event, against that distance, with {counted(numbers)}. Grey "
        f"is what fields without any relation to plasticity would have on as many events. "
        f"{told_intervals(numbers.values())}"
    )
    return StudyFigure("c_delta_gamma", "Prediction while an event comes closer", caption, figure, rows)


def _draw_approach(
    ax: Axes,
    protocol: str,
    found: Sequence[Any],
    keys: Sequence[str],
    looks: dict[str, dict[str, Any]],
    tables: Tables,
) -> list[dict[str, Any]]:
    """Draw C of indicators against the distance of the states from their events, and return the rows."""
    distances = np.unique([row["distance"] for row in found])
    band = np.full((2, distances.size), np.nan)
    rows: list[dict[str, Any]] = []
    for number, key in enumerate(keys):
        own = [row for row in found if row["indicator"] == key]
        if not own:
            continue
        samples = np.array([row["sample"] for row in own], dtype=np.int64)
        column = np.searchsorted(distances, [row["distance"] for row in own])
        ranks = np.array([row["rank"] for row in own], dtype=np.float64)
        mean = means(*summed(samples, column, ranks, distances.size))
        value, low, high = (2.0 * part - 1.0 for part in (mean.value, mean.low, mean.high))
        for k in range(distances.size):
            inside = (column == k) & ~np.isnan(ranks)
            if inside.any():
                random = chance(
                    RankTable({key: ranks[inside]}, samples[inside]),
                    particles_of(tables, protocol),
                    confidence=CONFIDENCE,
                )
                band[:, k] = np.fmin(band[0, k], random.low[0]), np.fmax(band[1, k], random.high[0])
        enough = enough_samples(mean.samples, tables, protocol)
        places = distances * np.exp(0.04 * (number - 0.5 * (len(keys) - 1)))
        ax.plot(places[enough], value[enough], **looks[key], label=symbol(key))
        ax.vlines(places[enough], low[enough], high[enough], color=looks[key]["color"], linewidth=0.7, alpha=0.7)
        rows += [
            {
                "protocol": protocol,
                "indicator": key,
                "distance": distances[k],
                "C": value[k],
                "low": low[k],
                "high": high[k],
                "samples": int(mean.samples[k]),
                "events": int(mean.count[k]),
            }
            for k in range(distances.size)
            if mean.count[k] > 0
        ]
    ax.fill_between(distances, band[0], band[1], color=CHANCE, linewidth=0, zorder=0)
    return rows
