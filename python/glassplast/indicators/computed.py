"""The dictionary of the computed fields of one configuration."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import numpy as np

from glassplast.errors import UnknownNameError
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.notebook import card, table
from glassplast.foundation.one_line import constructor_like
from glassplast.glass import Glass, in_short
from glassplast.indicators import registry

__all__ = ["Fields"]


class Fields(dict[str, FloatArray]):
    """A dictionary of fields over the particles of one glass, with a reference to the glass.

    Parameters
    ----------
    glass : Glass
        The configuration that the fields belong to.
    fields : mapping of str to array_like, shape (N,), optional
        Values of each particle by the key of the indicator.
    notes : mapping of str to str, optional
        See the attribute.

    Attributes
    ----------
    glass : Glass
        The configuration that the fields belong to.
    notes : dict of str to str
        How fields were computed and how accurate they are, by the key of the indicator, where there is more to say than
        its definition says.
    """

    def __init__(
        self, glass: Glass, fields: Mapping[str, FloatArray] | None = None, notes: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(fields or {})
        self.glass = glass
        self.notes: dict[str, str] = dict(notes or {})

    def __repr__(self) -> str:
        held = f"{len(self)}: {', '.join(self)}" if self else "0"
        return constructor_like(
            "Fields", **in_short(self.glass), fields=textwrap.shorten(held, 150, placeholder=" ...")
        )

    def __reduce__(self) -> Any:
        return Fields, (self.glass, dict(self), self.notes)

    def _repr_html_(self) -> str:
        facts = {"particles": len(self.glass), "fields": len(self)}
        head = ["key", "symbol", "family", "softer", "least", "median", "most", "without a value"]
        return card(self, "Indicators", facts, table([_row(key, field) for key, field in self.items()], head))


def _row(key: str, field: FloatArray) -> list[Any]:
    try:
        indicator = registry.find(key)
        words = [indicator.symbol, indicator.family, indicator.softer]
    except UnknownNameError:
        words = ["", "", ""]
    known = field[~np.isnan(field)]
    numbers = [known.min(), np.median(known), known.max()] if known.size else [np.nan] * 3
    return [key, *words, *numbers, field.size - known.size]
