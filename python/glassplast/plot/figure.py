"""The common parts of all pictures: the figure, its colours and units, and its file."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

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
    except ImportError as error:
        raise MissingExtraError("drawing pictures", "plot") from error
    return Figure(figsize=(width, height), dpi=150, layout=layout)


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
        Whether the colours are optimized, which takes longer than drawing the figure.
    """
    return _with_palette(_image(figure, "png", resolution), colors, refined).getvalue()


def _image(figure: Figure, kind: str, resolution: float | None = None) -> io.BytesIO:
    image = io.BytesIO()
    dots: float | Literal["figure"] = "figure" if resolution is None else resolution
    figure.savefig(image, format=kind, dpi=dots, facecolor="white", bbox_inches="tight", pad_inches=0.12)
    return image


def _with_palette(image: io.BytesIO, colors: int, refined: bool) -> io.BytesIO:
    """The picture with few colours, which has a quarter of the bytes; shades along the rims of disks look alike."""
    from PIL import Image

    small = io.BytesIO()
    with Image.open(image) as picture:
        # Colours are chosen by coverage and not by frequency, because the rings consist of few pixels.
        few = picture.convert("RGB").quantize(
            colors, method=Image.Quantize.MAXCOVERAGE, kmeans=int(refined), dither=Image.Dither.NONE
        )
        few.save(small, "PNG", optimize=True)
    return small


def finished(figure: Figure, path: str | os.PathLike[str] | None) -> Figure:
    """The figure, which is written to a file if there is a path."""
    if path is not None:
        save(figure, path)
    return figure
