"""The small pictures that a notebook shows beside the table of an object.

The function that draws an object is found by the name of its type, so that no other types have to be imported. A
picture is a PNG of at most `LARGEST_PICTURE` bytes; if it has more, it is drawn again at a lower resolution. There is
no picture of a three-dimensional glass, or of one with too many particles to distinguish them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from glassplast.errors import MissingExtraError
from glassplast.foundation.arrays import FloatArray
from glassplast.glass import Glass
from glassplast.indicators import registry
from glassplast.plot.curves import stress_strain
from glassplast.plot.field_maps import COLORMAP, field
from glassplast.plot.figure import new_axes, new_figure, png

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["LARGEST_PICTURE", "MOST_PARTICLES", "picture"]

#: Largest size of a picture in bytes.
LARGEST_PICTURE = 60_000
#: Largest number of particles of a glass that is drawn.
MOST_PARTICLES = 20_000
#: Largest number of fields that are drawn.
_THUMBNAILS = 6
#: Dots an inch.
_RESOLUTION, _LEAST_RESOLUTION = 110.0, 30.0


def picture(thing: Any) -> bytes | None:
    """The small picture of an object as a PNG; None if there is none, or if Matplotlib is not installed."""
    drawing = next((_DRAWINGS[kind.__name__] for kind in type(thing).__mro__ if kind.__name__ in _DRAWINGS), None)
    try:
        figure = None if drawing is None else drawing(thing)
    except MissingExtraError:
        return None
    if figure is None:
        return None
    resolution = _RESOLUTION
    while resolution > _LEAST_RESOLUTION:
        image = png(figure, resolution, colors=64, refined=False)
        if len(image) <= LARGEST_PICTURE:
            return image
        # It takes long to draw: bytes grow nearly as the points do, so that one more time is enough.
        resolution *= 0.95 * math.sqrt(LARGEST_PICTURE / len(image))
    return None


def _drawable(glass: Glass) -> bool:
    return glass.dimension == 2 and len(glass) <= MOST_PARTICLES


def _bare(ax: Axes) -> None:
    ax.set_xticks([])
    ax.set_yticks([])
    ax.set_xlabel("")
    ax.set_ylabel("")


def _map(glass: Glass, values: FloatArray, **options: Any) -> Figure | None:
    if not _drawable(glass):
        return None
    figure, ax = new_axes(3.2, 3.2)
    field(glass, values, ax=ax, colorbar=False, **options)
    _bare(ax)
    return figure


def _of_glass(glass: Glass) -> Figure | None:
    return _map(glass, glass.diameters)


def _of_analysis(analysis: Any) -> Figure | None:
    return _of_glass(analysis.glass)


def _of_event(event: Any) -> Figure | None:
    return _map(event.before, np.linalg.norm(event.mode, axis=1), event=event, softer="large", scale="log")


def _of_run(run: Any) -> Figure:
    figure, ax = new_axes(4.2, 2.8)
    stress_strain(run, ax=ax)
    legend = ax.get_legend()
    if legend is not None:
        legend.remove()
    return figure


def _of_fields(fields: Any) -> Figure | None:
    return _thumbnails(fields.glass, dict(fields))


def _of_results(results: Any) -> Figure | None:
    if results.run is not None and results.run.strain.size > 1:
        return _of_run(results.run)
    return _thumbnails(results.start, results.fields)


def _thumbnails(glass: Glass, fields: dict[str, FloatArray]) -> Figure | None:
    chosen = list(fields.items())[:_THUMBNAILS]
    if not chosen or not _drawable(glass):
        return None
    known = registry.keys()
    columns = min(len(chosen), 3)
    rows = -(-len(chosen) // columns)
    figure = new_figure(1.7 * columns, 1.85 * rows)
    places = figure.subplots(rows, columns, squeeze=False).ravel()
    for ax, (key, values) in zip(places, chosen, strict=False):
        softer = registry.find(key).softer if key in known else None
        field(glass, values, softer=softer, ax=ax, colorbar=False)
        _bare(ax)
        ax.set_title(key.replace("_", " "), fontsize=7)
    for ax in places[len(chosen) :]:
        ax.remove()
    return figure


def _of_yield_map(yield_map: Any) -> Figure:
    figure, ax = new_axes(3.4, 3.2)
    strength = yield_map.strength()
    x, y = yield_map.nodes.T
    # The area of the markers in square points is such that neighbours on a grid nearly touch.
    size = min(150.0**2 / len(x), 900.0)
    shown = ax.scatter(x, y, c=strength, cmap=f"{COLORMAP}_r", s=size, marker="s", linewidths=0.0)
    ax.set_aspect("equal")
    _bare(ax)
    ax.spines[:].set_visible(False)
    figure.colorbar(shown, ax=ax, fraction=0.046, pad=0.03, label="residual strength")
    return figure


def _of_saddles(catalogue: Any) -> Figure | None:
    if len(catalogue) < 2:
        return None
    figure, ax = new_axes(3.4, 2.4)
    ax.hist(catalogue.barrier, bins=20, color="#2b6cb0")
    ax.set_xlabel("barrier")
    ax.set_ylabel("saddle points")
    ax.spines[["top", "right"]].set_visible(False)
    return figure


_DRAWINGS: dict[str, Callable[[Any], Figure | None]] = {
    "Analysis": _of_analysis,
    "Event": _of_event,
    "Fields": _of_fields,
    "Glass": _of_glass,
    "Results": _of_results,
    "Run": _of_run,
    "SaddleCatalogue": _of_saddles,
    "YieldMap": _of_yield_map,
}
