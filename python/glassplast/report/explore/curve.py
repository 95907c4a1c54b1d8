"""The stress-strain curve, on which an event is chosen by a click."""

from __future__ import annotations

from typing import Any

from bokeh.models import ColumnDataSource, HoverTool, Range1d, Span, TapTool
from bokeh.plotting import figure

from glassplast.plot.figure import ACCENT

__all__ = ["EVENT_COLUMNS", "curve"]

EVENT_COLUMNS = (
    "event", "strain", "text", "stress", "stress_drop", "energy_drop", "core", "core_id", "mode_particles",
    "eigenvalue", "irreversible",
)  # fmt: skip


def curve(strain: str, stress: str) -> tuple[Any, ColumnDataSource]:
    """Make the figure of the curve without any data, and the source of its events.

    Parameters
    ----------
    strain, stress : str
        Labels of the axes.

    Returns
    -------
    figure : figure
        A Bokeh figure.
    events : ColumnDataSource
        The events, which a table can show as well; what is selected in one is selected in the other.
    """
    line = ColumnDataSource({"strain": [], "stress": []}, name="curve")
    events = ColumnDataSource({name: [] for name in EVENT_COLUMNS}, name="events")
    plot = figure(
        x_range=Range1d(0.0, 1.0, name="strain_range"),
        y_range=Range1d(0.0, 1.0, name="stress_range"),
        tools="pan,wheel_zoom,box_zoom,reset,save",
        active_scroll="wheel_zoom",
        sizing_mode="stretch_width",
        height=340,
        toolbar_location="above",
        name="curve_figure",
    )
    plot.toolbar.logo = None
    plot.xaxis.axis_label, plot.yaxis.axis_label = strain, stress
    plot.yaxis[0].name = "stress_axis"
    plot.xgrid.visible = False
    plot.outline_line_color = None
    plot.axis.axis_label_text_font_style = "normal"
    plot.add_layout(Span(dimension="height", line_color=ACCENT, line_alpha=0.35, line_width=6, name="chosen"))
    plot.line("strain", "stress", source=line, line_color="#2b6cb0", line_width=1.6)
    drawn = plot.scatter(
        "strain", "stress", source=events, size=11, fill_color="white", line_color=ACCENT, line_width=2,
        selection_fill_color=ACCENT, nonselection_fill_alpha=1.0, nonselection_line_alpha=1.0,
        hover_fill_color="#f7c6da",
    )  # fmt: skip
    tips = [
        ("event", "@event"),
        ("strain", "@text"),
        ("stress drop", "@stress_drop{%.3g}"),
        ("core (id)", "@core_id"),
    ]
    plot.add_tools(
        HoverTool(renderers=[drawn], tooltips=tips, formatters={"@stress_drop": "printf"}),
        TapTool(renderers=[drawn]),
    )
    return plot, events
