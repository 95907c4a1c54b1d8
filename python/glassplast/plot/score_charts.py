"""Charts of the scores of indicators."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from glassplast.indicators import registry
from glassplast.plot.figure import INK, axes, finished, new_axes
from glassplast.scores import correlation, cross_correlation
from glassplast.scores import distribution as cumulative_distribution

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["FAMILY_COLORS", "distribution", "score_chart", "similarity"]


FAMILY_COLORS = {
    "structure": "#2b6cb0",
    "learning": "#7b3fa0",
    "modes": "#c2410c",
    "response": "#15803d",
    "nonlinear": "#b91c1c",
    "other": "#4b5563",
}


def _family_color(key: str) -> str:
    return FAMILY_COLORS.get(registry.find(key).family, FAMILY_COLORS["other"])


def _row_name(key: str) -> str:
    return f"{key.replace('_', ' ')}  {registry.find(key).typeset}"


def score_chart(
    ranks: Mapping[str, Sequence[float]],
    *,
    strains: Sequence[float] | None = None,
    ax: Axes | None = None,
    path: str | os.PathLike[str] | None = None,
) -> Figure:
    """Draw a table of colours with the rank r_x of the core of each event in each field, and with C = 2<r_x> - 1.

    Parameters
    ----------
    ranks : mapping of str to sequence of float
        Rank r_x of the core of each event by the key of the indicator; NaN is left blank.
    strains : sequence of float, optional
        Strains of the events, for the headings of the columns.
    ax, path
        See `field`.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    UnknownNameError
        If a key is not registered.
    """
    keys = list(ranks)
    events = max((len(values) for values in ranks.values()), default=0)
    table = np.full((len(keys), events + 1), np.nan)
    for row, key in enumerate(keys):
        table[row, : len(ranks[key])] = ranks[key]
        table[row, events] = correlation(ranks[key]).value
    written = events <= 20
    # Sizes are in inches; the margins hold the names of the rows, the headings of the columns, and their explanations.
    rows = max(len(keys), 1)
    inner = (0.86 * (events + 1.25) if written else 0.2 * (events + 4.5), 0.36 * rows)
    left, right, top, bottom = 2.6, 0.2, 0.55, 0.85
    if ax is None:
        width, height = max(inner[0], 4.5) + left + right, inner[1] + top + bottom
        figure, ax = new_axes(width, height, layout=None)
        ax.set_position((left / width, bottom / height, 1 - (left + right) / width, inner[1] / height))
    else:
        figure, ax = axes(ax, *inner)
    from matplotlib import colormaps
    from matplotlib.patches import Patch, Rectangle

    colormap = colormaps["YlGnBu"].with_extremes(bad="#ececec")
    # A gap separates C, which is an average over the row, from the ranks.
    gap, last = (0.25, 1.0) if written else (0.5, 4.0)
    for row in range(len(keys)):
        for column in range(events + 1):
            value = table[row, column]
            left = column + (gap if column == events else 0.0)
            face = colormap(np.clip(value, 0.0, 1.0)) if math.isfinite(value) else colormap.get_bad()
            breadth = last if column == events else 1.0
            ax.add_patch(Rectangle((left, row), breadth, 1.0, facecolor=face, edgecolor="white", linewidth=1.5))
            if written or column == events:
                dark = math.isfinite(value) and value > 0.6
                # Adding zero avoids a minus sign for values that are rounded to zero.
                text = f"{round(value, 3) + 0.0:.3f}" if math.isfinite(value) else "–"
                ax.text(
                    left + 0.5 * breadth,
                    row + 0.5,
                    text.replace("-", "−"),
                    ha="center",
                    va="center",
                    color="white" if dark else INK,
                    fontsize=9,
                    fontweight="bold" if column == events else "normal",
                )
    ax.set_xlim(0.0, events + gap + last)
    ax.set_ylim(rows, 0.0)
    ax.set_yticks(np.arange(len(keys)) + 0.5, [_row_name(key) for key in keys])
    for tick, key in zip(ax.get_yticklabels(), keys, strict=True):
        tick.set_color(_family_color(key))
    heads = [f"event {n + 1}" if events <= 8 else str(n + 1) for n in range(events)]
    if strains is not None and written:
        heads = [f"{head}\nγ = {strain:.4f}".replace("-", "−") for head, strain in zip(heads, strains, strict=True)]
    shown = range(events) if written else range(0, events, 10)
    ax.set_xticks([*(n + 0.5 for n in shown), events + gap + 0.5 * last], [*(heads[n] for n in shown), "C"], fontsize=9)
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_xlabel("rank $r_x$ of the core particle: 1 = softest, ½ = chance;  C = 2⟨$r_x$⟩ − 1", fontsize=9, labelpad=6)
    families = list(dict.fromkeys(registry.find(key).family for key in keys))
    if families:
        ax.legend(
            handles=[Patch(color=FAMILY_COLORS.get(name, FAMILY_COLORS["other"]), label=name) for name in families],
            loc="upper center",
            bbox_to_anchor=(0.5, -0.4 / inner[1]),
            ncol=len(families),
            frameon=False,
            fontsize=9,
            handlelength=1.0,
        )
    return finished(figure, path)


def similarity(
    fields: Mapping[str, ArrayLike],
    *,
    ax: Axes | None = None,
    path: str | os.PathLike[str] | None = None,
) -> Figure:
    """Draw Spearman's rank correlation of all pairs of fields, oriented such that larger values are softer.

    Parameters
    ----------
    fields : mapping of str to array_like, shape (N,)
        Fields by the key of a registered indicator.
    ax, path
        See `field`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    keys = list(fields)
    matrix = cross_correlation(fields)
    side = 2.6 + 0.44 * len(keys)
    figure, ax = axes(ax, side + 0.8, side)
    image = ax.imshow(np.ma.masked_invalid(matrix), cmap="RdBu_r", vmin=-1.0, vmax=1.0)
    for row in range(len(keys)):
        for column in range(len(keys)):
            value = matrix[row, column]
            text = f"{value:.2f}".replace("-", "−") if math.isfinite(value) else "–"
            color = "white" if abs(value) > 0.65 else INK
            ax.text(column, row, text, ha="center", va="center", fontsize=7, color=color)
    ax.set_yticks(range(len(keys)), [_row_name(key) for key in keys])
    ax.set_xticks(range(len(keys)), [registry.find(key).typeset for key in keys])
    for ticks in (ax.get_xticklabels(), ax.get_yticklabels()):
        for tick, key in zip(ticks, keys, strict=True):
            tick.set_color(_family_color(key))
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    figure.colorbar(image, ax=ax, fraction=0.04, pad=0.03, label="Spearman correlation $C_s$")
    return finished(figure, path)


def distribution(
    ranks: Mapping[str, Sequence[float]],
    *,
    ax: Axes | None = None,
    path: str | os.PathLike[str] | None = None,
) -> Figure:
    """Draw the cumulative distribution F(1 - r_x) of each indicator.

    Parameters
    ----------
    ranks : mapping of str to sequence of float
        Rank r_x of the core of each event by the key of the indicator.
    ax, path
        See `field`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, ax = axes(ax, 6.8, 5.0)
    from matplotlib import colormaps

    ax.plot([0, 1], [0, 1], color="#9aa0a6", linestyle="--", linewidth=1.0, label="no knowledge")
    palette = colormaps["tab20"]
    styles = ("-", "--")
    for index, (key, values) in enumerate(ranks.items()):
        x, fraction = cumulative_distribution(values)
        if x.size == 0:
            continue
        ax.step(
            [0.0, *x, 1.0],
            [0.0, *fraction, 1.0],
            where="post",
            color=palette((2 * index) % 20 + (index >= 10)),
            linestyle=styles[index % 2],
            linewidth=1.4,
            label=_row_name(key),
        )
    ax.set_xlim(0.0, 1.0)
    ax.set_ylim(0.0, 1.02)
    ax.set_xlabel("1 − $r_x$")
    ax.set_ylabel("F(1 − $r_x$): part of the events")
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return finished(figure, path)
