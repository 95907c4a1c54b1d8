"""Two maps side by side with common ranges, and what chooses what they show; `explore.js` fills them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bokeh.models import (
    CheckboxButtonGroup,
    ColorBar,
    ColumnDataSource,
    CustomJSTickFormatter,
    HoverTool,
    LinearColorMapper,
    Model,
    RadioButtonGroup,
    Range1d,
    Select,
    Slider,
    TapTool,
)
from bokeh.palettes import Viridis256
from bokeh.plotting import figure

from glassplast.plot.figure import ACCENT, INK, NO_VALUE

__all__ = ["SIDES", "Maps", "maps"]

SIDES = ("left", "right")
_TOOLS = "pan,wheel_zoom,box_zoom,reset,save"
# The shades of a logarithmic scale are logarithms.
_TICKS = (
    "const value = mapper.tags.includes('logarithmic') ? 10 ** tick : tick;"
    "const size = Math.abs(value);"
    "if (value === 0) return '0';"
    "if (size >= 1e-3 && size < 1e5) return String(Number(value.toPrecision(3))).replace('-', '−');"
    "return value.toExponential(1).replace('.0e', 'e').replace('e+', 'e').replaceAll('-', '−');"
)


@dataclass(frozen=True)
class Maps:
    """The maps and their controls.

    Attributes
    ----------
    figures : dict of figure
        By side.
    controls : dict of Model
        By the name with which the page holds them.
    """

    figures: dict[str, Any]
    controls: dict[str, Model]


def maps(length: str) -> Maps:
    """Make the maps of a page without any data, which the page fills in.

    Parameters
    ----------
    length : str
        Unit of length, for the axes.

    Returns
    -------
    Maps
    """
    arrows = ColumnDataSource({name: [] for name in ("x0", "y0", "x1", "y1")}, name="arrows_source")
    cores = ColumnDataSource({name: [] for name in ("x", "y", "number", "size", "width")}, name="cores")
    outline = ColumnDataSource({"x": [], "y": []}, name="outline")
    outside = ColumnDataSource({"x": [], "y": []}, name="outside")
    marked = ColumnDataSource({"x": [], "y": [], "radius": []}, name="marked")
    ranges = Range1d(0.0, 1.0, name="x_range"), Range1d(0.0, 1.0, name="y_range")
    figures = {side: _map(side, ranges, length) for side in SIDES}
    for side, plot in figures.items():
        # What overlaps the edge of the cell is cut off there, as it comes in again at the other side.
        plot.multi_polygons("x", "y", source=outside, fill_color="white", line_color=None)
        plot.patch("x", "y", source=outline, fill_color=None, line_color=INK, line_width=1.0)
        for color, width in (("white", 3.4), (INK, 1.4)):
            plot.segment(
                "x0", "y0", "x1", "y1", source=arrows, line_color=color, line_width=width, line_cap="round",
                name=f"{side}_arrows", visible=False,
            )  # fmt: skip
        plot.circle("x", "y", radius="radius", source=marked, fill_color=None, line_color="black", line_width=2.5)
        plot.scatter("x", "y", size="size", source=cores, fill_color=None, line_color="white", line_width=4.5)
        plot.scatter("x", "y", size="size", source=cores, fill_color=None, line_color=ACCENT, line_width="width")
        # A number is drawn over its own white outline.
        for outline_color in ("white", None):
            plot.text(
                "x", "y", text="number", source=cores, x_offset=10, y_offset=-7, text_color=ACCENT,
                text_font_style="bold", text_font_size="15px", text_outline_color=outline_color,
            )  # fmt: skip
    return Maps(figures, _controls())


_DISCS = ("x", "y", "radius", "id", "kind", "particle", "value", "shade", "rank")


def _map(side: str, ranges: tuple[Range1d, Range1d], length: str) -> Any:
    # Each map has discs of its own, so that a choice on one side draws that side alone.
    discs = ColumnDataSource({name: [] for name in _DISCS}, name=f"{side}_discs")
    plot = figure(
        x_range=ranges[0],
        y_range=ranges[1],
        tools=_TOOLS,
        active_scroll="wheel_zoom",
        sizing_mode="stretch_width",
        aspect_ratio=1.0,
        min_border_right=16,
        toolbar_location="above",
        name=f"{side}_map",
    )
    plot.toolbar.logo = None
    plot.grid.visible = False
    plot.outline_line_color = None
    for axis, letter in ((plot.xaxis, "x"), (plot.yaxis, "y")):
        axis.axis_label = f"{letter} ({length})"
        axis.name = f"{side}_{letter}"
        axis.axis_label_text_font_style = "normal"
        axis.axis_line_color = axis.major_tick_line_color = "#9aa0a6"
        axis.minor_tick_line_color = None
    mapper = LinearColorMapper(palette=Viridis256, low=0.0, high=1.0, nan_color=NO_VALUE, name=f"{side}_mapper")
    drawn = plot.circle(
        "x",
        "y",
        radius="radius",
        source=discs,
        fill_color={"field": "shade", "transform": mapper},
        line_color=None,
    )
    tips = [("particle", "@id"), ("", "@kind"), ("value", "@value{%.4g}"), ("rank (1 = softest)", "@rank{%.4f}")]
    formats = {"@value": "printf", "@rank": "printf"}
    plot.add_tools(HoverTool(renderers=[drawn], tooltips=tips, formatters=formats), TapTool(renderers=[drawn]))
    plot.add_layout(
        ColorBar(
            color_mapper=mapper,
            height=12,
            padding=4,
            orientation="horizontal",
            formatter=CustomJSTickFormatter(args={"mapper": mapper}, code=_TICKS),
            name=f"{side}_bar",
        ),
        "below",
    )
    return plot


def _controls() -> dict[str, Model]:
    wide: dict[str, Any] = {"sizing_mode": "stretch_width"}
    controls: dict[str, Model] = {
        "group": Select(title="protocol", **wide),
        "sample": Select(title="sample", **wide),
        "event": Select(title="event", **wide),
        "left": Select(title="left map", **wide),
        "right": Select(title="right map", **wide),
        "scale": RadioButtonGroup(labels=["colours by value", "by rank"], active=0, **wide),
        "arrows": Select(
            title="arrows",
            options=[("", "none"), ("mode", "critical mode"), ("displacement", "displacement in the avalanche")],
            value="mode",
            **wide,
        ),
        "arrow_sides": CheckboxButtonGroup(labels=["on the left", "on the right"], active=[1], **wide),
        "arrow_scale": Slider(
            title="length of arrows (powers of two)", start=-4.0, end=4.0, step=0.25, value=0.0, **wide
        ),
        "depth": Slider(title="slice at z / height", start=0.0, end=1.0, step=0.005, value=0.5, **wide),
    }
    for name, model in controls.items():
        model.name = name
    return controls
