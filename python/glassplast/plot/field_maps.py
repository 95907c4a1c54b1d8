"""Maps of fields over configurations."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal, cast

import numpy as np
from numpy.typing import ArrayLike

from glassplast.errors import GeometryError
from glassplast.foundation.arrays import FloatArray
from glassplast.glass import Configuration, Glass, glass_of
from glassplast.indicators import registry
from glassplast.plot.disks import draw_cell, draw_disks, in_cell, require_planar
from glassplast.plot.figure import ACCENT, NO_VALUE, NUMBERED_EVENTS, axes, finished, length_unit
from glassplast.scores import Triggered

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap, Normalize
    from matplotlib.figure import Figure

__all__ = ["COLORMAP", "LOGARITHMIC_SPAN", "ROBUST_LIMITS", "field"]


#: A perceptually uniform colour map, whose bright end stands for soft particles.
COLORMAP = "viridis"
#: Percentiles of the values at the ends of the colours.
ROBUST_LIMITS = (1.0, 99.0)
#: Positive fields whose values span a larger factor are shown on a logarithmic scale.
LOGARITHMIC_SPAN = 100.0


def _events(event: Triggered | Iterable[Triggered] | None) -> list[Triggered]:
    if event is None:
        return []
    if hasattr(event, "core"):
        return [cast(Triggered, event)]
    return list(event)


def _color_scale(values: FloatArray, scale: str, limits: tuple[float, float] | None, known: FloatArray) -> Normalize:
    from matplotlib.colors import LogNorm, Normalize

    low, high = np.percentile(known, ROBUST_LIMITS) if limits is None and known.size else limits or (0.0, 1.0)
    if scale == "auto":
        scale = "log" if known.size and known.min() > 0.0 and high > LOGARITHMIC_SPAN * low else "linear"
    if not high > low:
        # The field has nearly everywhere the same value. The limits are extended to all values, or around this value.
        low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
        if not high > low:
            margin = 0.5 * abs(high) or 0.5
            low, high = low - margin, high + margin
            scale = "linear"
    return LogNorm(low, high, clip=True) if scale == "log" else Normalize(low, high, clip=True)


def field(
    glass: Configuration,
    values: ArrayLike,
    event: Triggered | Iterable[Triggered] | None = None,
    *,
    key: str | None = None,
    softer: Literal["large", "small"] | None = None,
    label: str | None = None,
    title: str | None = None,
    scale: Literal["auto", "linear", "log"] = "auto",
    limits: tuple[float, float] | None = None,
    colorbar: bool = True,
    ax: Axes | None = None,
    path: str | os.PathLike[str] | None = None,
) -> Figure:
    """Draw a field as a map, in which each particle is a disk of its diameter in the periodic cell.

    Parameters
    ----------
    glass : Glass or Analysis
        A configuration in two dimensions.
    values : array_like, shape (N,)
        Value of each particle, which determines its colour; NaN is grey. By default the ends of the colours are the 1st
        and 99th percentile.
    event : object with `core`, or several, optional
        Events whose core particles are marked with a ring, and with a number if there are several.
    key : str, optional
        Key of a registered indicator, from which `softer`, `label` and `title` are taken if they are not given.
    softer : {"large", "small"}, optional
        Whether large or small values are drawn bright and at the top of the colour bar.
    label, title : str, optional
        Label of the colour bar, and title of the picture.
    scale : {"auto", "linear", "log"}
        Scale of the colours; by default it is logarithmic for positive values that span more than two decades.
    limits : (float, float), optional
        Values at the ends of the colours.
    colorbar : bool
        Whether to draw a colour bar.
    ax : matplotlib Axes, optional
        Axes to draw into; by default a new figure is made.
    path : path-like, optional
        File to which the picture is written (png, pdf, svg).

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    GeometryError
        If the glass is not two-dimensional, or the number of values is not that of particles.
    MissingExtraError
        If Matplotlib is not installed.
    """
    glass = glass_of(glass)
    require_planar(glass)
    colors = np.asarray(values, dtype=np.float64)
    if colors.shape != (len(glass),):
        raise GeometryError(f"the field must have shape ({len(glass)},), not {colors.shape}")
    if key is not None:
        indicator = registry.find(key)
        softer = softer or indicator.softer
        label = indicator.typeset if label is None else label
        title = key.replace("_", " ") if title is None else title
    figure, ax = axes(ax, 7.0, 6.2)
    from matplotlib import colormaps

    colormap: Colormap = colormaps[COLORMAP if softer != "small" else f"{COLORMAP}_r"].with_extremes(bad=NO_VALUE)
    norm = _color_scale(colors, scale, limits, colors[np.isfinite(colors)])
    disks, owners = draw_disks(ax, glass, draw_cell(ax, glass), cmap=colormap, norm=norm)
    disks.set_array(np.ma.masked_invalid(np.where(np.isinf(colors), np.sign(colors) * 1e300, colors)[owners]))
    _mark_cores(ax, glass, _events(event))
    ax.set_xlabel(f"x ({length_unit(glass)})")
    ax.set_ylabel(f"y ({length_unit(glass)})")
    if title:
        ax.set_title(title)
    if colorbar:
        bar = figure.colorbar(disks, ax=ax, fraction=0.046, pad=0.03)
        if label:
            bar.set_label(label)
        if softer is not None:
            bar.ax.set_title("▲ softer", fontsize="small", pad=7)
        if softer == "small":
            bar.ax.invert_yaxis()
    return finished(figure, path)


def _mark_cores(ax: Axes, glass: Glass, events: Sequence[Triggered]) -> None:
    if not events:
        return
    from matplotlib.patheffects import withStroke

    cell, origin = glass.cell, np.asarray(glass.box.origin)
    points = in_cell(glass, glass.positions[np.array([event.core for event in events])])
    numbered = 1 < len(events) <= NUMBERED_EVENTS
    ring = 150.0 if len(events) <= NUMBERED_EVENTS else 60.0
    for color, width in (("white", 4.0), (ACCENT, 1.9)):
        ax.scatter(points[:, 0], points[:, 1], s=ring, facecolors="none", edgecolors=color, linewidths=width, zorder=4)
    if not numbered:
        return
    # Each number is placed at the one of eight places around its ring that is furthest from other rings and numbers.
    reach = 0.042 * float(np.abs(cell).max())
    center = origin + cell @ np.array([0.5, 0.5])
    angles = np.deg2rad(np.arange(0, 360, 45) + 22.5)
    taken = [*points]
    for number, point in enumerate(points, start=1):
        places = point + reach * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        others = np.array([p for p in taken if p is not point])
        room = np.linalg.norm(places[:, None] - others[None], axis=2).min(axis=1)
        inward = -np.linalg.norm(places - center, axis=1) / float(np.abs(cell).max())
        best = places[int(np.argmax(np.minimum(room, 2.0 * reach) / reach + 0.5 * inward))]
        taken.append(best)
        text = ax.annotate(
            str(number), best, color=ACCENT, fontsize=11, fontweight="bold", ha="center", va="center", zorder=5
        )
        text.set_path_effects([withStroke(linewidth=3.0, foreground="white")])
