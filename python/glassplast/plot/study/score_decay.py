"""How the prediction fades with the number of events and with strain (paper, Figs. 4h, j and 6a to c)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from glassplast.ensemble_scores import RankTable, chance
from glassplast.errors import NotInStudyError
from glassplast.foundation.arrays import FloatArray, IntegerArray
from glassplast.plot.figure import INK
from glassplast.plot.study.appearance import (
    DOUBLE,
    GUIDE,
    SINGLE,
    indicator_looks,
    letter,
    protocol_curve,
    protocol_legend,
    score_limits,
    study_figure,
    styled,
    symbol,
)
from glassplast.plot.study.ensembles import (
    CONFIDENCE,
    POINTS,
    Means,
    best_of_families,
    chosen_indicators,
    chosen_protocol,
    counted,
    enough_samples,
    events_of,
    first_ranks,
    mean_scores,
    means,
    particles_of,
    strain_windows,
    summed,
    told_intervals,
    yield_strain,
)
from glassplast.plot.study.figure_of_study import StudyFigure
from glassplast.study import Study, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["c_gamma_by_protocol", "c_gamma_of_events"]

_DECAYING = ("plastic_strength", "vibrality", "steric_order")


@dataclass(frozen=True)
class _RankedEvents:
    """Ranks at the start for all events of a protocol, with number, strain and core of each."""

    ranks: RankTable
    number: IntegerArray
    strain: FloatArray
    core: IntegerArray


def _ranked_events(tables: Tables, protocol: str) -> _RankedEvents:
    events = events_of(tables, protocol)
    place = {event: k for k, event in enumerate(zip(events.samples.tolist(), events.number.tolist(), strict=True))}
    # The table of ranks has its events in the order in which they come first in the rows.
    order = [
        place[event]
        for event in dict.fromkeys(
            (row["sample"], row["event"])
            for row in tables.ranks
            if row["protocol"] == protocol and row["state"] == "start"
        )
    ]
    ranks = tables.rank_table(protocol, event=None)
    return _RankedEvents(ranks, events.number[order], events.strain[order], events.core[order])


def _scores_in_groups(events: _RankedEvents, key: str, group: IntegerArray, groups: int) -> Means:
    """C of an indicator over the events of each group, with intervals over samples."""
    found = means(*summed(events.ranks.samples, group, events.ranks.ranks[key], groups))
    value, low, high = (2.0 * part - 1.0 for part in (found.value, found.low, found.high))
    return Means(value, low, high, found.samples, found.count)


def _chance_in_groups(
    events: _RankedEvents, key: str, group: IntegerArray, groups: int, particles: int
) -> tuple[FloatArray, FloatArray]:
    """The interval of C of fields without any relation to plasticity in each group; NaN without events."""
    low, high = np.full(groups, np.nan), np.full(groups, np.nan)
    for k in range(groups):
        inside = (group == k) & ~np.isnan(events.ranks.ranks[key])
        if inside.any():
            table = RankTable({key: events.ranks.ranks[key][inside]}, events.ranks.samples[inside])
            found = chance(table, particles, cores=events.core[inside], confidence=CONFIDENCE)
            low[k], high[k] = found.low[0], found.high[0]
    return low, high


def c_gamma_of_events(
    study: Study,
    tables: Tables | None = None,
    *,
    indicators: Sequence[str] | None = None,
    protocols: Sequence[str] | None = None,
    windows: int = 10,
    yielding: float | None = None,
) -> StudyFigure:
    """Draw the score C_gamma of the structure at the start for later events (paper, Fig. 4h, j).

    Parameters
    ----------
    study : Study
        The study.
    tables : Tables, optional
        Its tables; by default they are collected anew.
    indicators : sequence of str, optional
        Keys of the indicators; by default the one of each family whose C_min is best on average over the protocols.
    protocols : sequence of str, optional
        The protocols, one line of panels each; by default the least and the most stable one.
    windows : int
        Number of windows of equal width into which the strain is divided.
    yielding : float, optional
        The yield strain, for the grey shade. By default it is the mean strain of the largest stress drop of each sample
        in the most stable protocol.

    Returns
    -------
    StudyFigure
        C against the number of the event, where large numbers are taken together, and against its strain. The shade
        grows from white at zero strain to grey at the yield strain.

    Raises
    ------
    NotInStudyError
        If the samples have one event only, or the study has no such protocol or indicator.
    """
    known = study.tables() if tables is None else tables
    first = first_ranks(study, known)
    scores = mean_scores(first)
    keys = chosen_indicators(indicators, scores, best_of_families(scores))
    names = list(first)
    shown = [chosen_protocol(name, names) for name in protocols or dict.fromkeys([names[0], names[-1]])]
    found = {name: _ranked_events(known, name) for name in shown}
    most = max(int(events.number.max()) for events in found.values())
    if most < 2:
        raise NotInStudyError("no sample has a second event: raise max_events or to under shear in the plan")
    ends, edges = _number_groups(most), strain_windows(study, windows)
    looks = indicator_looks(keys)
    strain_of_yield = yield_strain(study, known)[0] if yielding is None else yielding
    rows: list[dict[str, Any]] = []
    with styled():
        figure = study_figure(DOUBLE, 2.0 * len(shown) + 0.8)
        axes = figure.subplots(len(shown), 2, squeeze=False, sharey=True)
        for line, (name, events) in zip(axes, found.items(), strict=True):
            by_number = np.searchsorted(ends, events.number, side="right") - 1
            by_strain = np.searchsorted(edges, events.strain, side="left") - 1
            centers = np.sqrt(ends[:-1] * (ends[1:] - 1.0))
            for ax, group, x, what in (
                (line[0], by_number, centers, "event"),
                (line[1], by_strain, 0.5 * (edges[1:] + edges[:-1]), "strain"),
            ):
                bounds = [ends[:-1], ends[1:] - 1] if what == "event" else [edges[:-1], edges[1:]]
                rows += _draw_scores(ax, name, events, keys, looks, group, x, bounds, what, known)
            line[0].set_xscale("log")
            _plain_numbers(line[0], most)
            strains = [float(events.strain[by_number == k].mean()) for k in range(ends.size - 1) if k in by_number]
            bounds_of_numbers = np.concatenate([ends[: len(strains)] - 0.5, [ends[len(strains)] - 0.5]])
            _shade(line[0], np.maximum(bounds_of_numbers, 0.7), np.array(strains) / strain_of_yield)
            fine = np.linspace(0.0, edges[-1], 65)
            _shade(line[1], fine, 0.5 * (fine[1:] + fine[:-1]) / strain_of_yield)
            line[0].set_ylabel(r"$C_\gamma$")
            line[0].set_xlim(0.7, bounds_of_numbers[-1])
            line[1].set_xlim(0.0, edges[-1])
            for ax in line:
                ax.set_title(name)
        axes[-1, 0].set_xlabel("number of the event")
        axes[-1, 1].set_xlabel(r"strain $\gamma_\mathrm{pl}$ of the event")
        axes[0, 0].set_ylim(*score_limits(rows))
        handles, labels = axes[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=min(len(keys), 8))
        letter(axes.ravel())
    numbers = {name: int(np.unique(events.ranks.samples).size) for name, events in found.items()}
    shade = ""
    if math.isfinite(strain_of_yield):
        shade = f" The shade grows with strain, from white at 0 to grey at the yield strain {strain_of_yield:.3g}."
    caption = (
        f"Score of the structure at the start for the events of a number (left; large numbers are taken together) and "
        f"in windows of strain (right), with {counted(numbers)}. {POINTS} "
        f"Dotted lines hold 95 % of the scores of fields without any relation to plasticity.{shade} "
        f"{told_intervals(numbers.values())}"
    )
    return StudyFigure("c_gamma_of_events", "Decay of the prediction with events", caption, figure, rows)


def _number_groups(most: int) -> IntegerArray:
    """First numbers of groups of events, which grow by nearly a half, and one more at the end: 1, 2, 3, 4, 6, 9, ..."""
    ends = [1]
    while ends[-1] <= most:
        ends.append(max(ends[-1] + 1, round(1.45 * ends[-1])))
    return np.array(ends, dtype=np.int64)


def _draw_scores(
    ax: Axes,
    protocol: str,
    events: _RankedEvents,
    keys: Sequence[str],
    looks: dict[str, dict[str, Any]],
    group: IntegerArray,
    x: FloatArray,
    bounds: Sequence[Any],
    what: str,
    tables: Tables,
) -> list[dict[str, Any]]:
    """Draw C of indicators in groups of events, and return the rows."""
    rows: list[dict[str, Any]] = []
    there = [key for key in keys if key in events.ranks.ranks]
    for number, key in enumerate(there):
        c = _scores_in_groups(events, key, group, x.size)
        low, high = _chance_in_groups(events, key, group, x.size, particles_of(tables, protocol))
        enough = enough_samples(c.samples, tables, protocol)
        aside = (number - 0.5 * (len(there) - 1)) * 0.012
        places = x * np.exp(2.0 * aside) if what == "event" else x + aside * 0.35 * x[-1]
        ax.plot(places[enough], c.value[enough], **looks[key], label=symbol(key))
        ax.vlines(places[enough], c.low[enough], c.high[enough], color=looks[key]["color"], linewidth=0.7, alpha=0.7)
        if number == 0:
            for end in (low, high):
                ax.plot(x[enough], end[enough], color=GUIDE, linestyle=":", linewidth=0.8)
        rows += [
            {
                "protocol": protocol,
                "indicator": key,
                "against": what,
                "from": bounds[0][k],
                "to": bounds[1][k],
                "C": c.value[k],
                "low": c.low[k],
                "high": c.high[k],
                "chance_low": low[k],
                "chance_high": high[k],
                "samples": int(c.samples[k]),
                "events": int(c.count[k]),
            }
            for k in range(x.size)
            if c.count[k] > 0
        ]
    ax.axhline(0.0, color=INK, linewidth=0.6, zorder=1)
    return rows


def _plain_numbers(ax: Axes, most: int) -> None:
    from matplotlib.ticker import FixedLocator, NullFormatter

    wanted = [number for number in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000) if number <= 1.5 * most]
    ax.xaxis.set_major_locator(FixedLocator([float(number) for number in wanted]))
    ax.xaxis.set_major_formatter(lambda value, place: f"{value:g}")
    ax.xaxis.set_minor_formatter(NullFormatter())


def _shade(ax: Axes, edges: FloatArray, part: FloatArray) -> None:
    """A grey background that grows from nothing to full where the part of the yield strain is one."""
    if np.isfinite(part).all():
        ax.pcolormesh(
            edges,
            [0.0, 1.0],
            np.clip(part, 0.0, 1.0)[None],
            cmap="Greys",
            vmin=0.0,
            vmax=4.0,
            transform=ax.get_xaxis_transform(),
            zorder=-10,
            rasterized=True,
        )


def c_gamma_by_protocol(
    study: Study,
    tables: Tables | None = None,
    *,
    indicators: Sequence[str] | None = None,
    windows: int = 8,
) -> StudyFigure:
    """Draw the score C_gamma of the structure at the start against the strain of events (paper, Fig. 6a to c).

    Parameters
    ----------
    study : Study
        The study.
    tables : Tables, optional
        Its tables; by default they are collected anew.
    indicators : sequence of str, optional
        Keys of the indicators, one panel each; by default those of the paper that the study has, which are the plastic
        strength, the vibrality and the steric order, or else the one of each family whose C_min is best.
    windows : int
        Number of windows of equal width into which the strain is divided.

    Returns
    -------
    StudyFigure
        One curve for each protocol, through the windows in which at least two samples have events.

    Raises
    ------
    NotInStudyError
        If no indicator has a rank, or the study has no such indicator.
    """
    known = study.tables() if tables is None else tables
    first = first_ranks(study, known)
    scores = mean_scores(first)
    keys = chosen_indicators(indicators, scores, _DECAYING) or best_of_families(scores)[:3]
    found, edges = {name: _ranked_events(known, name) for name in first}, strain_windows(study, windows)
    centers = 0.5 * (edges[1:] + edges[:-1])
    columns = min(len(keys), 3)
    lines = -(-len(keys) // columns)
    rows: list[dict[str, Any]] = []
    with styled():
        figure = study_figure(SINGLE if columns == 1 else DOUBLE, 2.0 * lines + 0.6)
        axes = figure.subplots(lines, columns, squeeze=False, sharey=True, sharex=True)
        panels = axes.ravel()[: len(keys)]
        for ax, key in zip(panels, keys, strict=True):
            for name, events in found.items():
                if key not in events.ranks.ranks:
                    continue
                group = np.searchsorted(edges, events.strain, side="left") - 1
                c = _scores_in_groups(events, key, group, windows)
                low, high = _chance_in_groups(events, key, group, windows, particles_of(known, name))
                enough = enough_samples(c.samples, known, name)
                value, *ends = (np.where(enough, part, np.nan) for part in (c.value, c.low, c.high))
                protocol_curve(ax, study, list(found), name, centers, value, *ends)
                rows += [
                    {
                        "protocol": name,
                        "indicator": key,
                        "strain_low": edges[k],
                        "strain_high": edges[k + 1],
                        "C": c.value[k],
                        "low": c.low[k],
                        "high": c.high[k],
                        "chance_low": low[k],
                        "chance_high": high[k],
                        "samples": int(c.samples[k]),
                        "events": int(c.count[k]),
                    }
                    for k in range(windows)
                    if c.count[k] > 0
                ]
            ax.axhline(0.0, color=INK, linewidth=0.6, zorder=1)
            ax.set_title(symbol(key))
        for ax in axes.ravel()[len(keys) :]:
            ax.remove()
        axes[0, 0].set_ylim(*score_limits(rows))
        axes[0, 0].set_xlim(0.0, edges[-1])
        for line in axes:
            line[0].set_ylabel(r"$C_\gamma$")
        for ax in panels[-columns:]:
            ax.set_xlabel(r"strain $\gamma_\mathrm{pl}$ of the event")
        letter(panels)
        protocol_legend(figure, study, list(found))
    numbers = {name: int(np.unique(events.ranks.samples).size) for name, events in found.items()}
    caption = (
        f"Score of the structure at the start for events in windows of strain, by protocol, for "
        f"{', '.join(key.replace('_', ' ') for key in keys)}, with {counted(numbers)}. {POINTS} "
        f"{told_intervals(numbers.values())}"
    )
    return StudyFigure("c_gamma_by_protocol", "Decay of the prediction with strain", caption, figure, rows)
