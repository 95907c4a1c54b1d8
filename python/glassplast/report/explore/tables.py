"""Tables that can be sorted by a click on a heading."""

from __future__ import annotations

from collections.abc import Sequence

from bokeh.models import CellFormatter, ColumnDataSource, DataTable, HTMLTemplateFormatter, StringFormatter, TableColumn

__all__ = ["event_columns", "indicator_columns", "numbers", "sortable", "words"]

ROW_HEIGHT = 26
#: More rows than this are scrolled.
MOST_ROWS = 24


def numbers(digits: int = 3, fixed: bool = True) -> CellFormatter:
    """A format of numbers, with a dash where there is none.

    Parameters
    ----------
    digits : int
        Decimals, or significant digits.
    fixed : bool
        Whether they are decimals.

    Returns
    -------
    CellFormatter
    """
    method = f"toFixed({digits})" if fixed else f"toPrecision({digits})"
    shown = f"Number(value).{method}.replace(/-/g, '−')"
    missing = "value === null || Number.isNaN(Number(value))"
    return HTMLTemplateFormatter(template=f"<div style='text-align:right'><%= {missing} ? '–' : {shown} %></div>")


def words(markup: bool = False) -> CellFormatter:
    """A format of text, which may be HTML of the page's own."""
    return HTMLTemplateFormatter(template="<%= value %>") if markup else StringFormatter()


def sortable(
    source: ColumnDataSource, columns: Sequence[tuple[str, str, CellFormatter, int]], name: str, rows: int
) -> DataTable:
    """A table of the columns of a source.

    Parameters
    ----------
    source : ColumnDataSource
        The rows.
    columns : sequence of (str, str, CellFormatter, int)
        Of each column its name in the source, its heading, its format, and its width.
    name : str
        Name of the table on the page.
    rows : int
        How many there are, for the height.

    Returns
    -------
    DataTable
    """
    return DataTable(
        source=source,
        columns=[
            TableColumn(field=field, title=heading, formatter=form, width=width)
            for field, heading, form, width in columns
        ],
        index_position=None,
        row_height=ROW_HEIGHT,
        height=ROW_HEIGHT * min(rows, MOST_ROWS) + 32,
        sizing_mode="stretch_width",
        reorderable=False,
        min_width=sum(width for *_, width in columns),
        name=name,
    )


def event_columns() -> list[tuple[str, str, CellFormatter, int]]:
    """The columns of the table of events."""
    few = numbers(3, fixed=False)
    return [
        ("event", "event", numbers(0), 60),
        ("strain", "strain γ", numbers(6), 100),
        ("stress_drop", "stress drop", few, 100),
        ("energy_drop", "energy drop", few, 100),
        ("core_id", "core (id)", numbers(0), 80),
        ("mode_particles", "particles in mode", few, 120),
        ("eigenvalue", "stiffness", few, 100),
        ("irreversible", "irreversible", words(), 90),
    ]


def indicator_columns(events: int) -> list[tuple[str, str, CellFormatter, int]]:
    """The columns of the table of indicators with the ranks of a number of events."""
    return [
        ("name", "indicator", words(markup=True), 250),
        ("family", "family", words(markup=True), 90),
        ("C", "C", numbers(), 70),
        ("low", "95 % from", numbers(), 80),
        ("high", "to", numbers(), 70),
        ("chosen", "this event", numbers(), 80),
        *((f"rank_{number}", f"r {number}", numbers(), 62) for number in range(1, events + 1)),
        ("missing", "no value", numbers(0), 70),
    ]
