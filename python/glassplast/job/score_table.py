"""The table of scores of one job, as rows and as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from glassplast import indicators as registered
from glassplast.files.replacing import replacing
from glassplast.results import Results

__all__ = ["table_rows", "write_table"]


def table_rows(results: Results) -> Iterable[list[Any]]:
    """The rows of the table of scores: headings, then key, symbol, family, ranks r_x and C of each indicator."""
    yield ["indicator", "symbol", "family", *(f"event {n + 1}" for n in range(len(results.events))), "C"]
    correlations = results.correlations
    for key, ranks in results.ranks.items():
        indicator = registered.find(key)
        yield [key, indicator.symbol, indicator.family, *ranks, correlations[key].value]


def write_table(results: Results, path: Path) -> Path:
    """Write the table of scores as CSV.

    Raises
    ------
    FileError
        If the file cannot be written.
    """
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(table_rows(results))
    return path
