"""The common parts of all pictures: the figure, its colours and units, and its file."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from glassplast.errors import GlassplastError, MissingExtraError
from glassplast.files.replacing import replacing
from glassplast.glass import Configuration, glass_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "ACCENT",
    "INK",
    "NO_VALUE",
    "NUMBERED_EVENTS",
    "axes",
    "energy_unit",
    "finished",
    "length_unit",
    "new_axes",
    "new_figure",
    "save",
    "units",
]

#: Largest number of events that are marked with their numbers.
NUMBERED_EVENTS = 12

NO_VALUE = "#b9b9b9"
INK = "#22262b"
ACCENT = "#d1105a"

#: What is left white around the content of a picture, in inches.
MARGIN = 0.12


def length_unit(glass: Configuration) -> str:
    """The symbol of the unit of length in the model of a glass.

    Parameters
    ----------
    glass : Glass or Analysis
        The configuration.

    Returns
    -------
    str
    """
    return units(glass)[0]


def energy_unit(glass: Configuration) -> str:
    """The symbol of the unit of energy in the model of a glass.

    Parameters
    ----------
    glass : Glass or Analysis
        The configuration.

    Returns
    -------
    str
    """
    return units(glass)[1]


def units(glass: Configuration) -> tuple[str, str]:
    """The symbols of the units of length and energy."""
    model = glass_of(glass).model
    return (model.kind.length_unit, model.kind.energy_unit) if model is not None else ("ℓ", "ε")


def new_figure(width: float, height: float, layout: Literal["constrained"] | None = "constrained") -> Figure:
    """An empty figure; its width and height are in inches."""
    try:
        from matplotlib.figure import Figure
        from matplotlib.layout_engine import ConstrainedLayoutEngine
    except ImportError as error:
        raise MissingExtraError("drawing pictures", "plot") from error
    # Labels pass the edges a little where the axes have a fixed aspect; the picture is cut at its content later.
    engine = None if layout is None else ConstrainedLayoutEngine(w_pad=0.18, h_pad=0.08)
    return Figure(figsize=(width, height), dpi=150, layout=engine)


def new_axes(width: float, height: float, layout: Literal["constrained"] | None = "constrained") -> tuple[Figure, Axes]:
    """A new figure with one pair of axes; its width and height are in inches."""
    figure = new_figure(width, height, layout)
    return figure, figure.add_subplot()


def axes(ax: Axes | None, width: float, height: float) -> tuple[Figure, Axes]:
    """The axes to draw into, with their figure; both are new if no axes are given."""
    if ax is None:
        return new_axes(width, height)
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure, ax


def save(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write a figure to a file, in the format of the ending of its name.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    path : path-like
        File to write; an old file is replaced only when the new one is complete.

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
    with replacing(target) as temporary:
        temporary.write_bytes(png(figure) if kind == "png" else _image(figure, kind).getvalue())


def png(figure: Figure, resolution: float | None = None, *, colors: int = 256, refined: bool = True) -> bytes:
    """The bytes of a figure as a PNG file.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    resolution : float, optional
        Dots per inch; by default those of the figure.
    colors : int
        Largest number of colours.
    refined : bool
        Whether the colours are optimized.

    Notes
    -----
    The picture has a palette, and with it a quarter of the bytes; shades along the rims of disks look alike.
    """
    from PIL import Image

    pixels = _pixels(figure, resolution)
    # Colours are chosen by coverage and not by frequency, because the rings consist of few pixels. They are shifted
    # until a round moves fewer pixels than this to another: more rounds take longer than drawing and change nothing.
    unmoved = pixels.shape[0] * pixels.shape[1] // 400 if refined else 0
    few = Image.fromarray(pixels).quantize(
        colors, method=Image.Quantize.MAXCOVERAGE, kmeans=unmoved, dither=Image.Dither.NONE
    )
    small = io.BytesIO()
    few.save(small, "PNG", optimize=True)
    return small.getvalue()


def _pixels(figure: Figure, resolution: float | None) -> NDArray[np.uint8]:
    """The figure as an array (rows, columns, 3), cut at its content."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    canvas, dots, face = figure.canvas, figure.dpi, figure.get_facecolor()
    try:
        figure.set_dpi(dots if resolution is None else resolution)
        figure.set_facecolor("white")
        drawn = FigureCanvasAgg(figure)
        drawn.draw()  # type: ignore[no-untyped-call] # Matplotlib does not type its canvas
        ink, paper = figure.get_tightbbox(), figure.bbox_inches
        if ink.x0 < paper.x0 or ink.y0 < paper.y0 or ink.x1 > paper.x1 or ink.y1 > paper.y1:
            # Drawn once more, with all that lies beyond the edges.
            with Image.open(_image(figure, "png")) as picture:
                return np.asarray(picture.convert("RGB"))
        pixels = np.asarray(drawn.buffer_rgba())[:, :, :3]  # type: ignore[no-untyped-call] # the same
        margin = round(MARGIN * figure.dpi)
    finally:
        figure.set_dpi(dots)
        figure.set_facecolor(face)
        figure.set_canvas(canvas)
    inked = (pixels != 255).any(axis=2)
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    content = pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] if len(rows) else pixels
    return np.pad(content, ((margin, margin), (margin, margin), (0, 0)), constant_values=255)


def _image(figure: Figure, kind: str) -> io.BytesIO:
    image = io.BytesIO()
    figure.savefig(image, format=kind, facecolor="white", bbox_inches="tight", pad_inches=MARGIN)
    return image


def finished(figure: Figure, path: str | os.PathLike[str] | None) -> Figure:
    """The figure, which is written to a file if there is a path."""
    if path is not None:
        save(figure, path)
    return figure
