"""What all pictures share: the figure, its colours and units, and how it is written."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from glassplast.errors import GlassplastError, MissingExtraError
from glassplast.files.replacing import replacing
from glassplast.glass import Glass

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

#: More events than this are marked without their numbers.
NUMBERED_EVENTS = 12

NO_VALUE = "#b9b9b9"
INK = "#22262b"
ACCENT = "#d1105a"


def length_unit(glass: Glass) -> str:
    """The symbol of the unit of length of a glass's model."""
    return units(glass)[0]


def energy_unit(glass: Glass) -> str:
    """The symbol of the unit of energy of a glass's model."""
    return units(glass)[1]


def units(glass: Glass) -> tuple[str, str]:
    """Of length and energy."""
    model = glass.model
    return (model.kind.length_unit, model.kind.energy_unit) if model is not None else ("ℓ", "ε")


def new_figure(width: float, height: float, layout: Literal["constrained"] | None = "constrained") -> Figure:
    """An empty figure, in inches."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("drawing pictures", "plot") from error
    return Figure(figsize=(width, height), dpi=150, layout=layout)


def new_axes(width: float, height: float, layout: Literal["constrained"] | None = "constrained") -> tuple[Figure, Axes]:
    """A figure with one pair of axes."""
    figure = new_figure(width, height, layout)
    return figure, figure.add_subplot()


def axes(ax: Axes | None, width: float, height: float) -> tuple[Figure, Axes]:
    """The axes to draw into, with their figure: new ones if there are none."""
    if ax is None:
        return new_axes(width, height)
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
    with replacing(target) as temporary:
        temporary.write_bytes(png(figure) if kind == "png" else _image(figure, kind).getvalue())


def png(figure: Figure, resolution: float | None = None, *, colors: int = 256, refined: bool = True) -> bytes:
    """A figure as a PNG.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    resolution : float, optional
        Dots an inch; by default those of the figure.
    colors : int
        How many there may be.
    refined : bool
        Whether to choose them with care, which takes longer than to draw the figure.
    """
    return _with_palette(_image(figure, "png", resolution), colors, refined).getvalue()


def _image(figure: Figure, kind: str, resolution: float | None = None) -> io.BytesIO:
    image = io.BytesIO()
    dots: float | Literal["figure"] = "figure" if resolution is None else resolution
    figure.savefig(image, format=kind, dpi=dots, facecolor="white", bbox_inches="tight", pad_inches=0.12)
    return image


def _with_palette(image: io.BytesIO, colors: int, refined: bool) -> io.BytesIO:
    """A quarter of the bytes: few of the shades along the rims of thousands of disks can be told apart."""
    from PIL import Image

    small = io.BytesIO()
    with Image.open(image) as picture:
        # By coverage, not by frequency: the rings are few pixels, and must keep their colour.
        few = picture.convert("RGB").quantize(
            colors, method=Image.Quantize.MAXCOVERAGE, kmeans=int(refined), dither=Image.Dither.NONE
        )
        few.save(small, "PNG", optimize=True)
    return small


def finished(figure: Figure, path: str | os.PathLike[str] | None) -> Figure:
    """The figure, written if there is a path."""
    if path is not None:
        save(figure, path)
    return figure
