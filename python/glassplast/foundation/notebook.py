"""What notebooks show of a thing: a small table, and a small picture where somebody can draw one.

Tables are made here, from what each class says of itself. Pictures are drawn storeys above: the top of the package
says where they come from (`pictures_from`), so that nobody has to import or to enable anything, and nothing below has
to know how pictures are drawn. The top of the package imports this: nothing here may take time to import.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from numbers import Real
from typing import Any

from glassplast.foundation.one_line import number

__all__ = ["card", "pictures_from", "table"]

#: Draws a thing: a PNG, or None where there is nothing to draw or nothing to draw with.
Artist = Callable[[object], "bytes | None"]

_CELL = "text-align:left;padding:1px 10px 1px 0;vertical-align:top"
_LONGEST_WORD = 120


def _nobody_draws(thing: object) -> bytes | None:
    return None


_artist: Artist = _nobody_draws


def pictures_from(artist: Artist) -> None:
    """Say who draws the small pictures."""
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
    """HTML of a table; numbers are rounded, and all text is escaped.

    Parameters
    ----------
    rows : iterable of sequences
    head : sequence of str, optional
        Names of the columns.
    """
    top = f"<thead>{_rows([head], 'th')}</thead>" if head else ""
    return f'<table style="border-collapse:collapse">{top}<tbody>{_rows(rows, "td")}</tbody></table>'


def card(thing: object, title: str, facts: Mapping[str, Any], *more: str) -> str:
    """What a notebook shows of a thing.

    Parameters
    ----------
    thing : object
        Is drawn, if somebody can.
    title : str
    facts : mapping
        Names and values; those that are None are left out.
    *more : str
        Tables below the first (`table`).
    """
    known = [(name, value) for name, value in facts.items() if value is not None]
    words = f"<div><b>{_text(title)}</b>{table(known)}{''.join(more)}</div>"
    picture = _artist(thing)
    if picture is not None:
        data = base64.b64encode(picture).decode("ascii")
        words += f'<div><img alt="{_text(title)}" src="data:image/png;base64,{data}"></div>'
    return f'<div style="display:flex;flex-wrap:wrap;gap:20px;align-items:flex-start">{words}</div>'
