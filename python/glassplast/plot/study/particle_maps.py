"""Small maps of particles for the figures of a study: bare axes, soft regions, marks and a scale."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from glassplast.foundation.arrays import BoolArray, FloatArray
from glassplast.glass import Glass
from glassplast.plot.disks import draw_cell, draw_disks, in_cell, require_planar
from glassplast.plot.figure import INK, NO_VALUE, length_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patches import Polygon

__all__ = ["HARD", "MANY", "SOFT", "alike", "bare_cell", "cross", "particle_rows", "scale_bar", "soft_regions"]

#: Colours of particles outside and inside of soft regions; the background is that of hard ones.
HARD, SOFT = "#8fa3bd", "#ffffff"
#: More disks than this are pixels in a PDF as well, which is otherwise slow to show.
MANY = 2000


def bare_cell(ax: Axes, glass: Glass, background: str = "white") -> Polygon:
    """The outline of the cell in axes without ticks and labels.

    Raises
    ------
    GeometryError
        If the glass is not two-dimensional.
    """
    require_planar(glass)
    outline = draw_cell(ax, glass, background)
    outline.set_linewidth(0.5)
    ax.set_xticks([])
    ax.set_yticks([])
    return outline


def alike(maps: Sequence[Axes]) -> None:
    """Give maps of cells that are sheared by different amounts the same scale."""
    limits = [(ax.get_xlim(), ax.get_ylim()) for ax in maps]
    width, height = (max(high - low for low, high in pairs) for pairs in zip(*limits, strict=True))
    for ax, ((left, right), (bottom, top)) in zip(maps, limits, strict=True):
        ax.set_xlim(0.5 * (left + right - width), 0.5 * (left + right + width))
        ax.set_ylim(0.5 * (bottom + top - height), 0.5 * (bottom + top + height))


def soft_regions(ax: Axes, glass: Glass, soft: BoolArray, known: BoolArray) -> None:
    """Draw soft particles bright, hard ones dark, and those without a value grey."""
    outline = bare_cell(ax, glass, HARD)
    colors = np.where(soft, SOFT, np.where(known, HARD, NO_VALUE))
    disks, owners = draw_disks(ax, glass, outline)
    disks.set_facecolor(list(colors[owners]))
    disks.set_rasterized(len(glass) > MANY)


def cross(ax: Axes, glass: Glass, points: FloatArray) -> None:
    """Mark points of the cell with crosses, which are smaller in large samples."""
    size, width = (4.0, 0.9) if len(glass) <= MANY else (2.6, 0.7)
    if len(points):
        ax.plot(*in_cell(glass, points).T, "x", color="black", markersize=size, markeredgewidth=width, zorder=4)


def scale_bar(ax: Axes, glass: Glass) -> None:
    """A bar below the cell whose length is a round number, about a quarter of the width of the cell."""
    wanted = 0.25 * float(np.linalg.norm(glass.cell[:, 0]))
    decade = 10.0 ** math.floor(math.log10(wanted))
    length = max(step * decade for step in (1.0, 2.0, 5.0) if step * decade <= wanted)
    left, (bottom, top) = float(glass.box.origin[0]), ax.get_ylim()
    height = top - bottom
    ax.set_ylim(bottom - 0.13 * height, top)
    ax.plot([left, left + length], [bottom - 0.03 * height] * 2, color=INK, linewidth=1.4, solid_capstyle="butt")
    ax.text(
        left + length + 0.03 * height,
        bottom - 0.03 * height,
        f"{length:g} {length_unit(glass)}",
        fontsize=7.0,
        va="center",
        ha="left",
    )


def particle_rows(glass: Glass, head: dict[str, Any], **columns: Any) -> Iterator[dict[str, Any]]:
    """One row for each particle, with its id, its position in the cell, and further columns."""
    places = in_cell(glass, glass.positions)
    entries = {"particle": glass.ids, "x": places[:, 0], "y": places[:, 1], **columns}
    for values in zip(*(np.asarray(column).tolist() for column in entries.values()), strict=True):
        yield head | dict(zip(entries, values, strict=True))
