"""How well each indicator predicts the first event (paper, Figs. 3 and 4b to g)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from glassplast.ensemble_scores import RankTable, chance, correlations, differences, distributions
from glassplast.errors import NotInStudyError
from glassplast.plot.figure import INK
from glassplast.plot.study.appearance import (
    CHANCE,
    DOUBLE,
    GUIDE,
    SINGLE,
    by_family,
    family_color,
    family_legend,
    indicator_looks,
    letter,
    name_indicators,
    name_protocols,
    score_limits,
    square_table,
    study_figure,
    styled,
    symbol,
)
from glassplast.plot.study.ensembles import (
    CONFIDENCE,
    best_of_families,
    by_model,
    chosen_indicators,
    chosen_protocol,
    counted,
    first_ranks,
    mean_scores,
    particles_of,
    told_intervals,
    told_of_few,
)
from glassplast.plot.study.figure_of_study import StudyFigure
from glassplast.study import Study, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["c_min_against_stability", "c_min_of_indicators", "indicator_differences", "rank_distributions"]

#: What the paper takes as examples: an indicator that predicts nothing, a fair one, and a good one.
_EXAMPLES = ("thermal_expansion", "free_volume", "shear_modulus")


def rank_distributions(
    study: Study,
    tables: Tables | None = None,
    *,
    protocol: str | None = None,
    indicators: Sequence[str] | None = None,
) -> StudyFigure:
    """Draw the cumulative distribution F(1 - r) of the ranks of first events, and the scores C (paper, Fig. 3b, c).

    Parameters
    ----------
    study : Study
        The study.
    tables : Tables, optional
        Its tables; by default they are collected anew.
    protocol : str, optional
        The protocol; by default the most stable one.
    indicators : sequence of str, optional
        Keys of the indicators; by default those of the paper that the study has, which are the thermal expansion, the
        free volume and the local shear modulus, or the best, the middle and the worst one.

    Returns
    -------
    StudyFigure

    Raises
    ------
    NotInStudyError
        If the study has no such protocol or indicator.
    """
    known = study.tables() if tables is None else tables
    ranks = first_ranks(study, known)
    name = chosen_protocol(protocol, list(ranks))
    scores = mean_scores({name: ranks[name]})
    keys = chosen_indicators(indicators, scores, _EXAMPLES)
    if not keys:
        ordered = sorted(scores, key=lambda key: scores[key])
        keys = list(dict.fromkeys([ordered[0], ordered[len(ordered) // 2], ordered[-1]]))
    table = RankTable({key: ranks[name].ranks[key] for key in keys}, ranks[name].samples)
    curves, c = distributions(table, confidence=CONFIDENCE), correlations(table, confidence=CONFIDENCE)
    random = chance(table, particles_of(known, name), confidence=CONFIDENCE)
    looks = indicator_looks(keys)
    rows: list[dict[str, Any]] = []
    with styled():
        figure = study_figure(DOUBLE, 2.6)
        left, right = figure.subplots(1, 2, width_ratios=(1.5, 1.0))
        left.plot([0, 1], [0, 1], color=GUIDE, linestyle=(0, (4, 3)), linewidth=0.8, label="chance")
        for place, key in enumerate(keys):
            look = {"color": looks[key]["color"], "linestyle": looks[key]["linestyle"]}
            left.step(curves.x, curves.value[place], where="post", label=symbol(key), **look)
            band: dict[str, Any] = {"step": "post", "color": look["color"], "alpha": 0.15, "linewidth": 0.0}
            left.fill_between(curves.x, curves.low[place], curves.high[place], **band)
            rows += [
                {
                    "indicator": key, "quantity": "F", "x": x, "value": value, "low": low, "high": high,
                    "samples": int(c.samples[place]),
                }
                for x, value, low, high in zip(
                    curves.x.tolist(), curves.value[place].tolist(), curves.low[place].tolist(),
                    curves.high[place].tolist(), strict=True,
                )
            ]  # fmt: skip
            rows.append(
                {
                    "indicator": key,
                    "quantity": "C",
                    "value": c.value[place],
                    "low": c.low[place],
                    "high": c.high[place],
                    "samples": int(c.samples[place]),
                }
            )
        left.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="$1 - r_x$", ylabel="$F(1 - r_x)$")
        left.legend(loc="lower right")
        _bars(right, keys, c.value, c.low, c.high, (float(random.low.min()), float(random.high.max())))
        name_indicators(right, keys)
        right.set_ylabel(r"$C_\mathrm{min}$")
        letter([left, right])
    caption = (
        f"(a) Cumulative distribution of 1 - r, where r is the rank of the core of the first event in each field at "
        f"the start, in {name}; the dashed line is that of fields without any relation to plasticity. (b) The score "
        f"C = 2<r> - 1, with {counted({name: int(c.samples.max())})}; the grey band holds 95 % of the scores of such "
        f"fields. {told_intervals([int(c.samples.max())])}"
    )
    return StudyFigure("rank_distributions", f"Ranks of first events in {name}", caption, figure, rows)


#: Bars are at most so wide that this many fill a panel.
_WIDE = 6


def _bars(ax: Axes, keys: Sequence[str], value: Any, low: Any, high: Any, band: tuple[float, float]) -> None:
    """Bars of scores in the colours of families, with intervals, over the band of chance."""
    ax.axhspan(*band, color=CHANCE, linewidth=0, zorder=0)
    ax.axhline(0.0, color=INK, linewidth=0.6, zorder=1)
    for place, key in enumerate(keys):
        ax.bar(place, value[place], width=0.72, color=family_color(key), alpha=0.55, zorder=2)
        if np.isfinite(low[place]):
            ax.plot([place, place], [low[place], high[place]], color=family_color(key), linewidth=1.5, zorder=3)
        elif not np.isfinite(value[place]):
            ax.text(place, 0.0, "–", ha="center", va="bottom", fontsize=7)
    # A few bars are as wide as many.
    beside = 0.7 + 0.5 * max(0, _WIDE - len(keys))
    ax.set_xlim(-beside, len(keys) - 1 + beside)
    ax.tick_params(axis="x", length=0)
    ax.set_ylim(bottom=max(-1.0, float(np.nanmin([*low, *value, band[0], 0.0])) - 0.03), top=1.03)


def c_min_of_indicators(
    study: Study, tables: Tables | None = None, *, protocols: Sequence[str] | None = None
) -> StudyFigure:
    """Draw the score C_min of every indicator, one panel for each protocol (paper, Fig. 4b, c, f, g).

    Parameters
    ----------
    study : Study
        The study.
    tables : Tables, optional
        Its tables; by default they are collected anew.
    protocols : sequence of str, optional
        The protocols; by default all, from the smallest mean strain of the first event to the largest.

    Returns
    -------
    StudyFigure
        Indicators are ordered by family. The grey band holds 95 % of the scores of fields without any relation to
        plasticity, on as many events.

    Raises
    ------
    NotInStudyError
        If no indicator has a rank, or the study has no such protocol.
    """
    known = study.tables() if tables is None else tables
    ranks = first_ranks(study, known)
    shown = [chosen_protocol(name, list(ranks)) for name in protocols] if protocols is not None else list(ranks)
    keys = by_family(dict.fromkeys(key for name in shown for key in ranks[name].keys))
    columns = 1 if len(shown) in (1, 2, 3, 5) else 2
    lines = -(-len(shown) // columns)
    rows: list[dict[str, Any]] = []
    with styled():
        figure = study_figure(DOUBLE, (1.35 if lines > 1 else 1.8) * lines + 1.05)
        axes = figure.subplots(lines, columns, squeeze=False, sharey=True)
        panels = axes.ravel()[: len(shown)]
        for ax, name in zip(panels, shown, strict=True):
            c, random = _scores(ranks[name], keys, particles_of(known, name))
            band = float(np.nanmin(random.low)), float(np.nanmax(random.high))
            _bars(ax, keys, c.value, c.low, c.high, band)
            rows += [
                {
                    "protocol": name,
                    "indicator": key,
                    "C": c.value[k],
                    "low": c.low[k],
                    "high": c.high[k],
                    "chance_low": random.low[k],
                    "chance_high": random.high[k],
                    "p_value": random.p_value[k],
                    "samples": int(c.samples[k]),
                }
                for k, key in enumerate(keys)
            ]
            ax.set_title(f"{name}, n = {int(c.samples.max())}")
        for place, ax in enumerate(panels):
            last = place + columns >= len(shown)
            name_indicators(ax, keys) if last else ax.set_xticks(range(len(keys)), [])
            if place % columns == 0:
                ax.set_ylabel(r"$C_\mathrm{min}$")
        for ax in axes.ravel()[len(shown) :]:
            ax.remove()
        lowest = min(row["chance_low"] for row in rows if np.isfinite(row["chance_low"]))
        panels[0].set_ylim(min(score_limits(rows)[0], lowest - 0.03), 1.03)
        letter(panels)
        family_legend(figure, keys)
    numbers = {name: int(correlations(ranks[name], resamples=1).samples.max()) for name in shown}
    caption = (
        f"Score C_min = 2<r> - 1 of each indicator at the start for the first event, by protocol, with "
        f"{counted(numbers)}; colours are families. The grey band holds 95 % of the scores that fields without any "
        f"relation to plasticity would have. {told_intervals(numbers.values())}"
    )
    return StudyFigure("c_min_of_indicators", "Prediction of the first event", caption, figure, rows)


def _scores(table: RankTable, keys: Sequence[str], particles: int) -> tuple[Any, Any]:
    """Scores of all keys, NaN for those that the protocol lacks, and what chance makes of them."""
    empty = np.full(table.samples.shape, np.nan)
    whole = RankTable({key: table.ranks.get(key, empty) for key in keys}, table.samples)
    return correlations(whole, confidence=CONFIDENCE), chance(whole, particles, confidence=CONFIDENCE)


def c_min_against_stability(
    study: Study, tables: Tables | None = None, *, indicators: Sequence[str] | None = None
) -> StudyFigure:
    """Draw the score C_min of chosen indicators against the stability of the protocols (paper, Fig. 4d, e).

    Parameters
    ----------
    study : Study
        The study.
    tables : Tables, optional
        Its tables; by default they are collected anew.
    indicators : sequence of str, optional
        Keys of the indicators; by default the one of each family whose score is best on average over the protocols.

    Returns
    -------
    StudyFigure
        The protocols of each model are ordered by the mean strain of the first event.

    Raises
    ------
    NotInStudyError
        If the study has one protocol only, or no such indicator.
    """
    known = study.tables() if tables is None else tables
    ranks = first_ranks(study, known)
    if len(ranks) < 2:
        raise NotInStudyError("scores of one protocol do not depend on stability: add another one under protocols")
    scores = mean_scores(ranks)
    keys = chosen_indicators(indicators, scores, best_of_families(scores))
    groups, looks = by_model(study, known, ranks), indicator_looks(keys)
    rows: list[dict[str, Any]] = []
    with styled():
        few = max(map(len, groups.values())) < 5 and len(groups) == 1
        figure = study_figure(SINGLE if few else DOUBLE, 2.9)
        widths = [len(protocols) + 0.4 for protocols in groups.values()]
        panels = figure.subplots(1, len(groups), squeeze=False, sharey=True, width_ratios=widths)[0]
        for ax, (model, protocols) in zip(panels, groups.items(), strict=True):
            found = [_scores(ranks[name], keys, particles_of(known, name)) for name in protocols]
            for place, (_, random) in enumerate(found):
                ax.fill_between(
                    [place - 0.6, place + 0.6], np.nanmin(random.low), np.nanmax(random.high), color=CHANCE, linewidth=0
                )
            for number, key in enumerate(keys):
                places = np.arange(len(protocols)) + 0.09 * (number - 0.5 * (len(keys) - 1))
                value, low, high = (np.array([getattr(c, part)[number] for c, _ in found]) for part in _PARTS)
                ax.plot(places, value, **looks[key], label=symbol(key))
                ax.vlines(places, low, high, color=looks[key]["color"], linewidth=1.0)
                rows += [
                    {
                        "protocol": name,
                        "indicator": key,
                        "C": value[place],
                        "low": low[place],
                        "high": high[place],
                        "samples": int(found[place][0].samples[number]),
                    }
                    for place, name in enumerate(protocols)
                ]
            name_protocols(ax, protocols)
            ax.set_title(model)
            ax.axhline(0.0, color=INK, linewidth=0.6, zorder=1)
        panels[0].set_ylabel(r"$C_\mathrm{min}$")
        panels[0].set_ylim(top=1.03)
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=min(len(keys), 6))
        letter(panels)
    numbers = {name: int(np.unique(table.samples).size) for name, table in ranks.items()}
    caption = (
        f"Score C_min of indicators for the first event against stability, with {counted(numbers)}: in each panel the "
        f"protocols of a model from the smallest mean strain of the first event to the largest. Grey is what fields "
        f"without any relation to plasticity would have. {told_intervals(numbers.values())}"
    )
    return StudyFigure("c_min_against_stability", "Prediction against stability", caption, figure, rows)


_PARTS = ("value", "low", "high")


def indicator_differences(study: Study, tables: Tables | None = None, *, protocol: str | None = None) -> StudyFigure:
    """Draw the differences of the scores C_min of each two indicators, and which of them are significant.

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
        Indicators are ordered by their scores. A dot marks each pair whose interval, from the same samples for both,
        excludes zero.

    Raises
    ------
    NotInStudyError
        If the study has no such protocol, or fewer than two indicators.
    """
    known = study.tables() if tables is None else tables
    ranks = first_ranks(study, known)
    name = chosen_protocol(protocol, list(ranks))
    scores = mean_scores({name: ranks[name]})
    if len(scores) < 2:
        raise NotInStudyError("differences need two indicators with ranks: add some under indicators in the plan")
    keys = sorted(scores, key=lambda key: -scores[key])
    found = differences(RankTable({key: ranks[name].ranks[key] for key in keys}, ranks[name].samples))
    with styled():
        figure, ax, bar = square_table(keys)
        largest = float(np.nanmax(np.abs(found.value))) or 1.0
        shown = np.ma.masked_invalid(np.where(np.eye(len(keys), dtype=bool), np.nan, found.value))
        image = ax.imshow(shown, cmap="RdBu_r", vmin=-largest, vmax=largest, aspect="auto")
        dots = np.argwhere(found.distinct)
        pale = np.abs(found.value[found.distinct]) < 0.5 * largest
        ax.scatter(dots[:, 1], dots[:, 0], s=7.0, c=np.where(pale, INK, "white"), linewidths=0)
        figure.colorbar(image, cax=bar, label=r"$C$ of the row − $C$ of the column")
        family_legend(figure, keys)
    rows: list[dict[str, Any]] = [
        dict(zip(found.table().dtype.names or (), row, strict=True)) for row in found.table().tolist()
    ]
    samples = int(np.unique(ranks[name].samples).size)
    pairs = len(keys) * (len(keys) - 1) // 2
    caption = (
        f"Difference of the scores C_min of each two indicators in {name}, {counted({name: samples})}, from the best "
        f"to the worst. A dot marks the {int(found.distinct.sum()) // 2} of {pairs} pairs whose 95 % interval, from "
        f"drawing whole samples with replacement, excludes zero; of pairs without any difference, one in twenty is "
        f"marked by chance.{told_of_few([samples])}"
    )
    return StudyFigure("indicator_differences", f"Which indicator is better in {name}", caption, figure, rows)
