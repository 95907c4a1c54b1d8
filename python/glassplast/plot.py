"""Pictures of fields, stress-strain curves and scores.

Every function returns a `matplotlib.figure.Figure` that belongs to nobody else (pyplot is not used), draws into
`ax` if one is given, and writes to `path` if one is given. Matplotlib is imported when a picture is made.
"""

from __future__ import annotations

import io
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassplast.errors import GeometryError, GlassplastError, MissingExtraError
from glassplast.files.replacing import replacing
from glassplast.glass import Glass, simple_shear
from glassplast.indicators import registry
from glassplast.scores import Triggered, correlation, cross_correlation
from glassplast.scores import distribution as cumulative_distribution

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap, Normalize
    from matplotlib.figure import Figure

    from glassplast.quasistatic import Run

FloatArray = NDArray[np.float64]

#: Perceptually uniform; its bright end is the soft one.
COLORMAP = "viridis"
#: Part of the values (in per cent) between the ends of the colours.
ROBUST_LIMITS = (1.0, 99.0)
#: Positive fields that span more than this are shown on a logarithmic scale.
LOGARITHMIC_SPAN = 100.0
#: More events than this are marked without their numbers.
NUMBERED_EVENTS = 12

_NO_VALUE = "#b9b9b9"
_INK = "#22262b"
_ACCENT = "#d1105a"
FAMILY_COLORS = {
    "structure": "#2b6cb0",
    "learning": "#7b3fa0",
    "modes": "#c2410c",
    "response": "#15803d",
    "nonlinear": "#b91c1c",
    "other": "#4b5563",
}


def length_unit(glass: Glass) -> str:
    """The symbol of the unit of length of a glass's model."""
    return _units(glass)[0]


def energy_unit(glass: Glass) -> str:
    """The symbol of the unit of energy of a glass's model."""
    return _units(glass)[1]


def _units(glass: Glass) -> tuple[str, str]:
    known = {"lj": ("σ", "ε"), "kob_andersen": ("σ", "ε"), "poly": ("⟨d⟩", "v₀")}
    return known.get(glass.model.name if glass.model is not None else "", ("ℓ", "ε"))


def _new_axes(
    width: float, height: float, layout: Literal["constrained"] | None = "constrained"
) -> tuple[Figure, Axes]:
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("drawing pictures", "plot") from error
    figure = Figure(figsize=(width, height), dpi=150, layout=layout)
    return figure, figure.add_subplot()


def _axes(ax: Axes | None, width: float, height: float) -> tuple[Figure, Axes]:
    if ax is None:
        return _new_axes(width, height)
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure, ax


def save(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write a figure in the format of the path's ending, in one piece.

    Raises
    ------
    FileError
        If the file cannot be written.
    """
    target = Path(path)
    kind = target.suffix.lstrip(".").lower() or "png"
    known = figure.canvas.get_supported_filetypes()
    if kind not in known:
        raise GlassplastError(f"no picture can be written as .{kind}; known: {', '.join(sorted(known))}")
    image = io.BytesIO()
    figure.savefig(image, format=kind, facecolor="white", bbox_inches="tight", pad_inches=0.12)
    if kind == "png":
        image = _with_palette(image)
    with replacing(target) as temporary:
        temporary.write_bytes(image.getvalue())


def _with_palette(image: io.BytesIO) -> io.BytesIO:
    """A quarter of the bytes: few of the shades along the rims of thousands of disks can be told apart."""
    from PIL import Image

    small = io.BytesIO()
    with Image.open(image) as picture:
        # By coverage, not by frequency: the rings are few pixels, and must keep their colour.
        few = picture.convert("RGB").quantize(
            256, method=Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE
        )
        few.save(small, "PNG", optimize=True)
    return small


def _finished(figure: Figure, path: str | os.PathLike[str] | None) -> Figure:
    if path is not None:
        save(figure, path)
    return figure


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
        # One value nearly everywhere: take in what differs, or make room around it.
        low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
        if not high > low:
            margin = 0.5 * abs(high) or 0.5
            low, high = low - margin, high + margin
            scale = "linear"
    return LogNorm(low, high, clip=True) if scale == "log" else Normalize(low, high, clip=True)


def field(
    glass: Glass,
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
    """A field as a map: each particle a disk of its size in the periodic cell.

    Parameters
    ----------
    glass : Glass
        In two dimensions.
    values : array_like, shape (N,)
        Colours; NaN is grey. The ends of the colours are the 1st and 99th percentile.
    event : object with `core`, or several, optional
        A ring marks the core particle of each, with its number if there are several.
    key : str, optional
        Key of a registered indicator: gives `softer`, `label` and `title` where they are not given.
    softer : {"large", "small"}, optional
        Which values are drawn bright, and are up in the colour bar.
    label, title : str, optional
        Of the colour bar and the picture.
    scale : {"auto", "linear", "log"}
        Of the colours. By default logarithmic for positive values that span more than two decades.
    limits : (float, float), optional
        Values at the ends of the colours.
    colorbar : bool
        Whether to draw one.
    ax : matplotlib Axes, optional
        Where to draw.
    path : path-like, optional
        Where to write the picture (png, pdf, svg).

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    GeometryError
        If the glass is not planar, or there is not one value for each particle.
    MissingExtraError
        Without Matplotlib.
    """
    if glass.dimension != 2:
        raise GeometryError("maps of fields exist in two dimensions only")
    colors = np.asarray(values, dtype=np.float64)
    if colors.shape != (len(glass),):
        raise GeometryError(f"the field must have shape ({len(glass)},), not {colors.shape}")
    if key is not None:
        indicator = registry.find(key)
        softer = softer or indicator.softer
        label = indicator.symbol if label is None else label
        title = key.replace("_", " ") if title is None else title
    figure, ax = _axes(ax, 7.0, 6.2)
    from matplotlib import colormaps
    from matplotlib.collections import EllipseCollection

    colormap: Colormap = colormaps[COLORMAP if softer != "small" else f"{COLORMAP}_r"].with_extremes(bad=_NO_VALUE)
    norm = _color_scale(colors, scale, limits, colors[np.isfinite(colors)])
    centers, owners = _disks_in_cell(glass)
    outline = _draw_cell(ax, glass)
    size = glass.diameters[owners]
    disks = EllipseCollection(
        size,
        size,
        np.zeros(size.size),
        units="xy",
        offsets=centers,
        offset_transform=ax.transData,
        cmap=colormap,
        norm=norm,
        linewidths=0.0,
        edgecolors="none",
    )
    disks.set_array(np.ma.masked_invalid(np.where(np.isinf(colors), np.sign(colors) * 1e300, colors)[owners]))
    ax.add_collection(disks)
    disks.set_clip_path(outline)
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
    return _finished(figure, path)


def _disks_in_cell(glass: Glass) -> tuple[FloatArray, NDArray[np.intp]]:
    """Centers of all disks, images included, that show in the cell, and the particles they belong to."""
    cell = glass.cell
    fractions = glass.box.fractional(glass.positions) % 1.0
    widths = 1.0 / np.linalg.norm(np.linalg.inv(cell), axis=1)
    margin = 0.5 * glass.diameters[:, None] / widths
    centers, owners = [], []
    # A disk wider than the cell would need more; a neighbouring image on each side does for any glass.
    for shift in np.stack(np.meshgrid([-1, 0, 1], [-1, 0, 1], indexing="ij"), axis=-1).reshape(-1, 2):
        moved = fractions + shift
        inside = np.flatnonzero(((moved > -margin) & (moved < 1.0 + margin)).all(axis=1))
        centers.append(np.asarray(glass.box.origin) + moved[inside] @ cell.T)
        owners.append(inside)
    return np.concatenate(centers), np.concatenate(owners)


def _draw_cell(ax: Axes, glass: Glass) -> Any:
    from matplotlib.patches import Polygon

    corners = np.asarray(glass.box.origin) + np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) @ glass.cell.T
    outline = Polygon(corners, closed=True, facecolor="#f4f4f2", edgecolor=_INK, linewidth=0.8)
    ax.add_patch(outline)
    low, high = corners.min(axis=0), corners.max(axis=0)
    pad = 0.02 * (high - low).max()
    ax.set_xlim(low[0] - pad, high[0] + pad)
    ax.set_ylim(low[1] - pad, high[1] + pad)
    ax.set_aspect("equal")
    ax.spines[:].set_visible(False)
    ax.tick_params(color="#9aa0a6")
    return outline


def _mark_cores(ax: Axes, glass: Glass, events: Sequence[Triggered]) -> None:
    if not events:
        return
    from matplotlib.patheffects import withStroke

    cell, origin = glass.cell, np.asarray(glass.box.origin)
    cores = np.array([event.core for event in events])
    fractions = glass.box.fractional(glass.positions[cores]) % 1.0
    points = origin + fractions @ cell.T
    numbered = 1 < len(events) <= NUMBERED_EVENTS
    ring = 150.0 if len(events) <= NUMBERED_EVENTS else 60.0
    for color, width in (("white", 4.0), (_ACCENT, 1.9)):
        ax.scatter(points[:, 0], points[:, 1], s=ring, facecolors="none", edgecolors=color, linewidths=width, zorder=4)
    if not numbered:
        return
    # Each number goes where, of eight places around its ring, it is furthest from other rings and numbers.
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
            str(number), best, color=_ACCENT, fontsize=11, fontweight="bold", ha="center", va="center", zorder=5
        )
        text.set_path_effects([withStroke(linewidth=3.0, foreground="white")])


def stress_strain(
    run: Run,
    *,
    ax: Axes | None = None,
    path: str | os.PathLike[str] | None = None,
) -> Figure:
    """The stress-strain curve with its events.

    Parameters
    ----------
    run : Run
    ax, path
        As of `field`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, ax = _axes(ax, 8.0, 4.6)
    length, energy = _units(run.start)
    power = "²" if run.start.dimension == 2 else "³"
    ax.plot(*run.smooth_curve(), color="#2b6cb0", linewidth=1.2, zorder=2)
    numbered = len(run.events) <= NUMBERED_EVENTS
    if run.events:
        strains = [event.strain for event in run.events]
        for strain in strains:
            ax.axvline(strain, color=_ACCENT, linewidth=0.7, linestyle=(0, (3, 3)), zorder=1, ymax=0.93)
        ax.plot(
            strains,
            [event.stress_before for event in run.events],
            linestyle="none",
            marker="o",
            markersize=7.0 if numbered else 3.5,
            markerfacecolor="white",
            markeredgecolor=_ACCENT,
            markeredgewidth=1.6,
            label="plastic event",
            zorder=3,
        )
    ax.margins(x=0.02)
    if numbered:
        low, high = ax.get_ylim()
        ax.set_ylim(low, high + 0.07 * (high - low))
        _number_events(ax, [event.strain for event in run.events])
    simple = np.array_equal(run.loading, simple_shear(run.start.dimension))
    ax.set_xlabel("shear strain γ" if simple else "strain γ along the loading")
    stress = "shear stress $\\sigma_{xy}$" if simple else "stress $\\sigma : G$ along the loading"
    ax.set_ylabel(f"{stress} ({energy}/{length}{power})")
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="y", color="#e5e7eb", linewidth=0.8)
    ax.set_axisbelow(True)
    if run.events:
        ax.legend(frameon=False, loc="upper left")
    return _finished(figure, path)


def _number_events(ax: Axes, strains: Sequence[float]) -> None:
    """Numbers above the curve; events that are close to each other share a place."""
    low, high = ax.get_xlim()
    groups: list[list[int]] = []
    for number in np.argsort(strains, kind="stable"):
        if groups and strains[number] - strains[groups[-1][-1]] < 0.018 * (high - low):
            groups[-1].append(int(number))
        else:
            groups.append([int(number)])
    for group in groups:
        ax.annotate(
            ", ".join(str(number + 1) for number in sorted(group)),
            (float(np.mean([strains[number] for number in group])), 1.0),
            xycoords=("data", "axes fraction"),
            ha="center",
            va="top",
            color=_ACCENT,
            fontweight="bold",
        )


def _family_color(key: str) -> str:
    return FAMILY_COLORS.get(registry.find(key).family, FAMILY_COLORS["other"])


def _row_name(key: str) -> str:
    return f"{key.replace('_', ' ')}  {registry.find(key).symbol}"


def score_chart(
    ranks: Mapping[str, Sequence[float]],
    *,
    strains: Sequence[float] | None = None,
    ax: Axes | None = None,
    path: str | os.PathLike[str] | None = None,
) -> Figure:
    """The rank r_x of the core of each event in each field, as a table of colours, with C = 2<r_x> - 1.

    Parameters
    ----------
    ranks : mapping of str to sequence of float
        Key of an indicator -> r_x of each event; NaN is left blank.
    strains : sequence of float, optional
        Of the events, for the heads of the columns.
    ax, path
        As of `field`.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    UnknownNameError
        For a key that is not registered.
    """
    keys = list(ranks)
    events = max((len(values) for values in ranks.values()), default=0)
    table = np.full((len(keys), events + 1), np.nan)
    for row, key in enumerate(keys):
        table[row, : len(ranks[key])] = ranks[key]
        table[row, events] = correlation(ranks[key]).value
    written = events <= 20
    # In inches; the margins hold the names of the rows, the heads of the columns, and what explains them.
    rows = max(len(keys), 1)
    inner = (0.86 * (events + 1.25) if written else 0.2 * (events + 4.5), 0.36 * rows)
    left, right, top, bottom = 2.6, 0.2, 0.55, 0.85
    if ax is None:
        width, height = max(inner[0], 4.5) + left + right, inner[1] + top + bottom
        figure, ax = _new_axes(width, height, layout=None)
        ax.set_position((left / width, bottom / height, 1 - (left + right) / width, inner[1] / height))
    else:
        figure, ax = _axes(ax, *inner)
    from matplotlib import colormaps
    from matplotlib.patches import Patch, Rectangle

    colormap = colormaps["YlGnBu"].with_extremes(bad="#ececec")
    # A gap sets C, which averages over the row, apart from the ranks.
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
                # Adding zero makes no minus of what rounds to zero.
                text = f"{round(value, 3) + 0.0:.3f}" if math.isfinite(value) else "–"
                ax.text(
                    left + 0.5 * breadth,
                    row + 0.5,
                    text.replace("-", "−"),
                    ha="center",
                    va="center",
                    color="white" if dark else _INK,
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
    return _finished(figure, path)


def similarity(
    fields: Mapping[str, ArrayLike],
    *,
    ax: Axes | None = None,
    path: str | os.PathLike[str] | None = None,
) -> Figure:
    """The Spearman correlation of each two fields, both oriented such that larger is softer.

    Parameters
    ----------
    fields : mapping of str to array_like, shape (N,)
        By the keys of registered indicators.
    ax, path
        As of `field`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    keys = list(fields)
    matrix = cross_correlation(fields)
    side = 2.6 + 0.44 * len(keys)
    figure, ax = _axes(ax, side + 0.8, side)
    image = ax.imshow(np.ma.masked_invalid(matrix), cmap="RdBu_r", vmin=-1.0, vmax=1.0)
    for row in range(len(keys)):
        for column in range(len(keys)):
            value = matrix[row, column]
            text = f"{value:.2f}".replace("-", "−") if math.isfinite(value) else "–"
            color = "white" if abs(value) > 0.65 else _INK
            ax.text(column, row, text, ha="center", va="center", fontsize=7, color=color)
    ax.set_yticks(range(len(keys)), [_row_name(key) for key in keys])
    ax.set_xticks(range(len(keys)), [registry.find(key).symbol for key in keys])
    for ticks in (ax.get_xticklabels(), ax.get_yticklabels()):
        for tick, key in zip(ticks, keys, strict=True):
            tick.set_color(_family_color(key))
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    figure.colorbar(image, ax=ax, fraction=0.04, pad=0.03, label="Spearman correlation $C_s$")
    return _finished(figure, path)


def distribution(
    ranks: Mapping[str, Sequence[float]],
    *,
    ax: Axes | None = None,
    path: str | os.PathLike[str] | None = None,
) -> Figure:
    """The cumulative distribution F(1 - r_x) of each indicator.

    Parameters
    ----------
    ranks : mapping of str to sequence of float
        Key of an indicator -> r_x of each event.
    ax, path
        As of `field`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, ax = _axes(ax, 6.8, 5.0)
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
    return _finished(figure, path)
