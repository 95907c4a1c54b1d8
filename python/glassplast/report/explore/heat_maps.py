"""Tables of colours: ranks of cores by indicator and event, and the similarity of fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bokeh.models import ColorBar, ColumnDataSource, FixedTicker, HoverTool, LinearColorMapper, Range1d
from bokeh.palettes import YlGnBu9, interp_palette
from bokeh.plotting import figure
from bokeh.transform import transform

from glassplast.foundation.arrays import FloatArray
from glassplast.plot.figure import INK

__all__ = ["DIVERGING", "SEQUENTIAL", "cells", "heat_map"]

#: From white for small values to dark blue for large ones.
SEQUENTIAL = tuple(reversed(YlGnBu9))
#: From blue for negative values to red for positive ones.
DIVERGING = ("#2166ac", "#67a9cf", "#d1e5f0", "#f7f7f7", "#fddbc7", "#ef8a62", "#b2182b")

_CELL = ("row", "column", "value", "text", "ink", "row_name", "column_name")


def cells(values: FloatArray, rows: Sequence[str], columns: Sequence[str], low: float, high: float) -> dict[str, Any]:
    """The cells of a heat map, row by row.

    Parameters
    ----------
    values : ndarray, shape (rows, columns)
        The values; NaN is left blank.
    rows, columns : sequence of str
        Names for what is shown under the pointer.
    low, high : float
        Values at the ends of the colours, which say whether a number is written in white.

    Returns
    -------
    dict
        Columns for the source of `heat_map`.
    """
    made: dict[str, list[Any]] = {name: [] for name in _CELL}
    middle, half = 0.5 * (low + high), 0.5 * (high - low)
    for row, name in enumerate(rows):
        for column, other in enumerate(columns):
            value = float(values[row, column])
            known = value == value
            # The dark colours of a diverging palette are at both ends, those of a sequential one at the upper end.
            far = abs(value - middle) / half if low < 0.0 else (value - middle) / half
            made["row"].append(row)
            made["column"].append(column)
            made["value"].append(value)
            made["text"].append(f"{value + 0.0:.2f}".replace("-", "−") if known else "–")
            made["ink"].append("white" if known and far > (0.7 if low < 0.0 else 0.2) else INK)
            made["row_name"].append(name)
            made["column_name"].append(other)
    return made


def heat_map(
    name: str,
    what: str,
    *,
    low: float,
    high: float,
    palette: Sequence[str] = SEQUENTIAL,
    filled: Mapping[str, Any] | None = None,
    rows: Sequence[str] = (),
    columns: Sequence[str] = (),
    upright: bool = False,
) -> Any:
    """Make a heat map with a colour bar.

    Parameters
    ----------
    name : str
        Name of the figure; its source is ``NAME_cells``, its ranges ``NAME_rows`` and ``NAME_columns``.
    what : str
        What the values are.
    low, high : float
        Values at the ends of the colours.
    palette : sequence of str
        Colours from low to high.
    filled : mapping, optional
        Columns from `cells`; by default the page fills it.
    rows, columns : sequence of str
        Labels of rows, from the top, and of columns.
    upright : bool
        Whether labels of columns are written upright.

    Returns
    -------
    figure
    """
    source = ColumnDataSource(dict(filled or {column: [] for column in _CELL}), name=f"{name}_cells")
    high_rows, wide = max(len(rows), 1), max(len(columns), 1)
    plot = figure(
        x_range=Range1d(-0.5, wide - 0.5, name=f"{name}_columns"),
        # Rows are read from the top.
        y_range=Range1d(high_rows - 0.5, -0.5, name=f"{name}_rows"),
        tools="save",
        toolbar_location=None,
        sizing_mode="stretch_width",
        height=26 * high_rows + 130,
        x_axis_location="above",
        name=name,
    )
    plot.grid.visible = False
    plot.outline_line_color = None
    plot.axis.axis_line_color = plot.axis.major_tick_line_color = None
    plot.axis.major_label_text_color = INK
    for axis, labels in ((plot.xaxis[0], columns), (plot.yaxis[0], rows)):
        axis.ticker = FixedTicker(ticks=list(range(len(labels))), minor_ticks=[])
        axis.major_label_overrides = dict(enumerate(labels))
        axis.major_label_text_font_size = "13px"
        axis.name = f"{name}_{'column' if axis is plot.xaxis[0] else 'row'}_axis"
    if upright:
        plot.xaxis.major_label_orientation = "vertical"
    colors = interp_palette(list(palette), 256)
    mapper = LinearColorMapper(palette=colors, low=low, high=high, nan_color="#ececec")
    drawn = plot.rect(
        "column", "row", 1.0, 1.0, source=source, fill_color=transform("value", mapper), line_color="white"
    )
    plot.text(
        "column", "row", text="text", source=source, text_color="ink", text_align="center", text_baseline="middle",
        text_font_size="11px", name=f"{name}_text",
    )  # fmt: skip
    tips = [("", "@row_name"), ("", "@column_name"), (what, "@text")]
    plot.add_tools(HoverTool(renderers=[drawn], tooltips=tips))
    bar = ColorBar(color_mapper=mapper, height=10, padding=6, orientation="horizontal", title=what)
    bar.title_text_font_style = "normal"
    plot.add_layout(bar, "below")
    return plot
