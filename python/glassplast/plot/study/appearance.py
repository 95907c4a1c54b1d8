"""The looks that all figures of a study share: widths, letters, and the colours of protocols and families."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from glassplast.errors import MissingExtraError, UnknownNameError
from glassplast.indicators import registry
from glassplast.plot.figure import INK, new_figure
from glassplast.plot.score_charts import FAMILY_COLORS
from glassplast.study import Study

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "CHANCE",
    "DOUBLE",
    "GUIDE",
    "SINGLE",
    "by_family",
    "family_color",
    "family_legend",
    "family_of",
    "indicator_looks",
    "letter",
    "name_indicators",
    "name_protocols",
    "plain_logarithm",
    "protocol_color",
    "protocol_curve",
    "protocol_legend",
    "protocol_marker",
    "score_limits",
    "square_table",
    "study_figure",
    "styled",
    "symbol",
]

#: Widths of one and of two columns of a journal, in inches.
SINGLE, DOUBLE = 3.4, 7.0
#: The colour of what unrelated fields would reach, and of lines that guide the eye.
CHANCE, GUIDE = "#d5d8dc", "#4b5563"

#: One colour and marker for each protocol of a plan, in its order. They can be told apart without seeing red or green.
_PROTOCOLS = (
    ("#3b6fb6", "o"),
    ("#e0533d", "s"),
    ("#2a8f4c", "^"),
    ("#a8326e", "D"),
    ("#e39a1c", "v"),
    ("#35b0c9", "P"),
    ("#6b4c9a", "X"),
    ("#8c6239", "<"),
    ("#7a7f87", ">"),
    ("#1f2a44", "*"),
)

#: Symbols of more indicators than this stand on their sides.
_UPRIGHT = 8

#: With more curves in a panel, their bands would hide each other.
_BANDS = 4

_STYLE: dict[Any, Any] = {
    "font.size": 8.0,
    "axes.titlesize": 8.0,
    "axes.labelsize": 8.0,
    "xtick.labelsize": 7.0,
    "ytick.labelsize": 7.0,
    "legend.fontsize": 7.0,
    "legend.frameon": False,
    "legend.handlelength": 1.6,
    "axes.linewidth": 0.6,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "lines.linewidth": 1.2,
    "lines.markersize": 4.0,
    "errorbar.capsize": 0.0,
    "pdf.fonttype": 42,
    "figure.constrained_layout.h_pad": 0.05,
    "figure.constrained_layout.w_pad": 0.05,
}


@contextmanager
def styled() -> Iterator[None]:
    """Draw with the sizes of letters and lines that suit the columns of a journal, for a ``with`` block.

    Raises
    ------
    MissingExtraError
        If Matplotlib is not installed.
    """
    try:
        from matplotlib import rc_context
    except ImportError as error:
        raise MissingExtraError("drawing pictures", "plot") from error
    with rc_context(_STYLE):
        yield


def study_figure(width: float, height: float) -> Figure:
    """An empty figure of a width and height in inches; to be made and filled within `styled`."""
    return new_figure(width, height)


def protocol_color(study: Study, protocol: str) -> str:
    """The colour of a protocol, the same in all figures of a study."""
    return _PROTOCOLS[_place(study, protocol) % len(_PROTOCOLS)][0]


def protocol_marker(study: Study, protocol: str) -> str:
    """The marker of a protocol, the same in all figures of a study."""
    return _PROTOCOLS[_place(study, protocol) % len(_PROTOCOLS)][1]


def _place(study: Study, protocol: str) -> int:
    return list(study.plan.protocols).index(protocol)


def protocol_legend(figure: Figure, study: Study, protocols: Sequence[str], *, markers: bool = True) -> None:
    """The names of protocols above a figure, with line and marker."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=protocol_color(study, name), marker=shape if markers else "", label=name)
        for name in protocols
        for shape in [protocol_marker(study, name)]
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=_columns(figure, protocols))


def protocol_curve(
    ax: Axes, study: Study, protocols: Sequence[str], protocol: str, x: Any, value: Any, low: Any, high: Any
) -> Any:
    """Draw the curve of one of several protocols with its intervals: as a band, or as bars if there are many curves.

    Bars lie beside each other; the places of the points are returned.
    """
    color, there = protocol_color(study, protocol), np.isfinite(value)
    known = there & np.isfinite(low) & np.isfinite(high)
    if len(protocols) <= _BANDS:
        ax.fill_between(x, low, high, where=known, color=color, alpha=0.15, linewidth=0.0)
    else:
        x = x + 0.07 * (x[-1] - x[0]) / len(x) * (protocols.index(protocol) - 0.5 * (len(protocols) - 1))
        ax.vlines(x[known], low[known], high[known], color=color, linewidth=0.7, alpha=0.6)
    ax.plot(x[there], value[there], color=color, marker=protocol_marker(study, protocol))
    return x


def _columns(figure: Figure, labels: Sequence[str], beside: int = 6) -> int:
    """How many entries of a legend fit into a line, for letters of 7 points with `beside` letters between them."""
    longest = max(map(len, labels), default=1) + beside
    most = max(1, int(figure.get_figwidth() * 72.0 / (longest * 4.4)))
    # As many in each line, rather than one alone in the last.
    return -(-len(labels) // -(-len(labels) // most)) if labels else 1


def name_protocols(ax: Axes, protocols: Sequence[str]) -> None:
    """Write the names of protocols below the places 0, 1, ..., aslant where they are long."""
    inches = ax.get_figure(root=True).get_figwidth()  # type: ignore[union-attr] # axes have a figure
    panels = ax.get_subplotspec().get_gridspec().ncols if ax.get_subplotspec() is not None else 1  # type: ignore[union-attr]
    room = 0.8 * inches / panels * 72.0 / max(len(protocols), 1)
    long = max(map(len, protocols), default=0) * 4.4 > room
    aslant: dict[str, Any] = {"rotation": 40.0, "ha": "right", "rotation_mode": "anchor"} if long else {}
    ax.set_xticks(range(len(protocols)), protocols, **aslant)
    ax.set_xlim(-0.6, len(protocols) - 0.4)


def name_indicators(ax: Axes, keys: Sequence[str]) -> None:
    """Write the symbols of indicators below the places 0, 1, ... in the colours of their families."""
    ax.set_xticks(range(len(keys)), [symbol(key) for key in keys], rotation=0 if len(keys) <= _UPRIGHT else 90)
    for tick, key in zip(ax.get_xticklabels(), keys, strict=True):
        tick.set_color(family_color(key))
    ax.tick_params(axis="x", length=0)


def score_limits(rows: Sequence[dict[str, Any]]) -> tuple[float, float]:
    """Limits of an axis of scores that hold all intervals."""
    ends = [row[end] for row in rows for end in ("low", "C") if math.isfinite(row[end])]
    return max(-1.0, min([-0.25, *(end - 0.03 for end in ends)])), 1.03


def by_family(keys: Iterable[str]) -> list[str]:
    """Indicators in the order of their families, and within a family in that of the registry."""
    order = {key: place for place, key in enumerate(registry.keys())}
    families = {family: place for place, family in enumerate(FAMILY_COLORS)}
    return sorted(keys, key=lambda key: (families.get(family_of(key), len(families)), order.get(key, len(order))))


def family_legend(figure: Figure, keys: Sequence[str]) -> None:
    """The names of the families of indicators above a figure, in their colours."""
    from matplotlib.patches import Patch

    families = list(dict.fromkeys(map(family_of, by_family(keys))))
    handles = [Patch(color=FAMILY_COLORS.get(name, FAMILY_COLORS["other"]), label=name) for name in families]
    looks: dict[str, Any] = {"ncols": _columns(figure, families), "handlelength": 1.0, "handleheight": 1.0}
    if figure.get_layout_engine() is None:
        figure.legend(handles=handles, loc="upper center", **looks)
    else:
        figure.legend(handles=handles, loc="outside upper center", **looks)


def indicator_looks(keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Colour, line and marker of each indicator: the colour is a shade of that of its family, the others differ."""
    from matplotlib.colors import to_hex, to_rgb

    lines, markers = ("-", (0, (4, 1.5)), (0, (1, 1)), (0, (4, 1, 1, 1))), ("o", "s", "^", "D", "v", "P", "X")
    shades = ((0.0, 0.0), (0.45, 1.0), (0.45, 0.0))
    looks, in_family = {}, dict.fromkeys((family_color(key) for key in keys), 0)
    for number, key in enumerate(keys):
        color = family_color(key)
        place = in_family[color]
        in_family[color] += 1
        part, toward = shades[place % len(shades)]
        red, green, blue = ((1.0 - part) * channel + part * toward for channel in to_rgb(color))
        looks[key] = {
            "color": to_hex((red, green, blue)),
            "linestyle": lines[place % len(lines)],
            "marker": markers[number % len(markers)],
        }
    return looks


def square_table(keys: Sequence[str]) -> tuple[Figure, Axes, Axes]:
    """A figure with the axes of a table with a row and a column for each indicator, and those of its colour bar."""
    # The margins hold the names of the rows on the left and the numbers of the colour bar on the right, in inches.
    left = 0.3 + 0.055 * max(len(f"{key} {symbol(key, plain=True)}") for key in keys)
    bottom = 0.2 + 0.05 * max(len(symbol(key, plain=True)) for key in keys)
    side, right, top = max(1.8, 0.175 * len(keys)), 0.85, 0.4
    width, height = side + left + right, side + bottom + top
    figure = new_figure(width, height, layout=None)
    ax = figure.add_axes((left / width, bottom / height, side / width, side / height))
    bar = figure.add_axes(((left + side + 0.12) / width, bottom / height, 0.12 / width, side / height))
    ax.set_xlim(-0.5, len(keys) - 0.5)
    ax.set_ylim(len(keys) - 0.5, -0.5)
    ax.set_yticks(range(len(keys)), [f"{key.replace('_', ' ')}  {symbol(key)}" for key in keys])
    name_indicators(ax, keys)
    for tick, key in zip(ax.get_yticklabels(), keys, strict=True):
        tick.set_color(family_color(key))
    for part in (ax, bar):
        part.spines[:].set_visible(False)
    ax.tick_params(length=0)
    return figure, ax, bar


def plain_logarithm(axis: Any) -> None:
    """Write 0.01, 0.02, 0.05, 0.1 beside a logarithmic axis that spans up to two decades, and powers of ten else."""
    from matplotlib.ticker import LogLocator, NullFormatter

    low, high = axis.get_view_interval()
    if high < 100.0 * low:
        axis.set_major_locator(LogLocator(10.0, subs=(1.0, 2.0, 5.0)))
        axis.set_major_formatter(lambda value, place: f"{value:g}")
    axis.set_minor_formatter(NullFormatter())


def family_color(key: str) -> str:
    """The colour of the family of an indicator."""
    return FAMILY_COLORS.get(family_of(key), FAMILY_COLORS["other"])


def family_of(key: str) -> str:
    """The family of an indicator; ``other`` if it is not registered here."""
    try:
        return registry.find(key).family
    except UnknownNameError:
        return "other"


def symbol(key: str, *, plain: bool = False) -> str:
    """The typeset symbol of an indicator, or the one of plain text; its key if it is not registered here."""
    try:
        return registry.find(key).symbol if plain else registry.find(key).typeset
    except UnknownNameError:
        return key.replace("_", " ")


def letter(axes: Iterable[Axes], **options: Any) -> None:
    """Write (a), (b), ... before the titles of panels; not if there is one panel only."""
    panels = list(axes)
    for place, ax in enumerate(panels if len(panels) > 1 else ()):
        ax.set_title(f"({chr(ord('a') + place)})", loc="left", fontweight="bold", **options)
