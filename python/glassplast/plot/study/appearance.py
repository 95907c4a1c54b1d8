"""The looks that all figures of a study share: widths, letters, and the colours of protocols and families."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from glassplast.errors import MissingExtraError
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
    "SINGLE",
    "family_color",
    "letter",
    "protocol_color",
    "protocol_marker",
    "styled",
    "study_figure",
    "symbol",
]

#: Widths of one and of two columns of a journal, in inches.
SINGLE, DOUBLE = 3.4, 7.0
#: The colour of what unrelated fields would reach.
CHANCE = "#c9ccd1"

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

_STYLE = {
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


def family_color(key: str) -> str:
    """The colour of the family of an indicator."""
    family = registry.find(key).family if key in registry.keys() else "other"
    return FAMILY_COLORS.get(family, FAMILY_COLORS["other"])


def symbol(key: str) -> str:
    """The typeset symbol of an indicator, or its key if it is not registered here."""
    return registry.find(key).typeset if key in registry.keys() else key.replace("_", " ")


def letter(axes: Iterable[Axes], **options: Any) -> None:
    """Write (a), (b), ... before the titles of panels; not if there is one panel only."""
    panels = list(axes)
    for place, ax in enumerate(panels if len(panels) > 1 else ()):
        ax.set_title(f"({chr(ord('a') + place)})", loc="left", fontweight="bold", **options)
