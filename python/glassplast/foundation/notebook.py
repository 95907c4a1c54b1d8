"""The display of objects in notebooks: a small table, and a small picture if one can be drawn.

Tables are made here, from properties that each class provides. Pictures are drawn by modules above this one. The top of
the package registers the function that draws them (`pictures_from`), so that a user need not import or enable anything,
and modules below need not know how pictures are drawn. The top of the package imports this module, so that its import
must be fast.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from numbers import Real
from typing import Any

from glassplast.foundation.one_line import number

__all__ = ["card", "pictures_from", "table"]

#: Function that draws an object as a PNG; it returns None if the object has no picture or Matplotlib is missing.
Artist = Callable[[object], "bytes | None"]

_CELL = "text-align:left;padding:1px 10px 1px 0;vertical-align:top"
_LONGEST_WORD = 120


def _nobody_draws(thing: object) -> bytes | None:
    return None


_artist: Artist = _nobody_draws


def pictures_from(artist: Artist) -> None:
    """Register the function that draws the small pictures."""
    global _artist
    _artist = artist


def _text(value: Any) -> str:
    if isinstance(value, Real):
        value = number(value)
    words = str(value)
    return escape(words if len(words) <= _LONGEST_WORD else f"{words[:_LONGEST_WORD]}…")


def _rows(rows: Iterable[Sequence[Any]], tag: str) -> str:
    lines = ("".join(f'<{tag} style="{_CELL}">{_text(value)}</{tag}>' for value in row) for row in rows)
    return "".join(f"<tr>{line}</tr>" for line in lines)


def table(rows: Iterable[Sequence[Any]], head: Sequence[str] = ()) -> str:
    """A table as HTML; numbers are rounded, and all text is escaped.

    Parameters
    ----------
    rows : iterable of sequences
        Values in each row.
    head : sequence of str, optional
        Names of the columns.
    """
    top = f"<thead>{_rows([head], 'th')}</thead>" if head else ""
    return f'<table style="border-collapse:collapse">{top}<tbody>{_rows(rows, "td")}</tbody></table>'


def card(thing: object, title: str, facts: Mapping[str, Any], *more: str) -> str:
    """The HTML that a notebook shows for an object.

    Parameters
    ----------
    thing : object
        The object, which is drawn if possible.
    title : str
        Title of the table.
    facts : mapping
        Values of properties by name; those that are None are left out.
    *more : str
        Further tables (`table`) below the first.
    """
    known = [(name, value) for name, value in facts.items() if value is not None]
    words = f"<div><b>{_text(title)}</b>{table(known)}{''.join(more)}</div>"
    picture = _artist(thing)
    if picture is not None:
        data = base64.b64encode(picture).decode("ascii")
        words += f'<div><img alt="{_text(title)}" src="data:image/png;base64,{data}"></div>'
    return f'<div style="display:flex;flex-wrap:wrap;gap:20px;align-items:flex-start">{words}</div>'
