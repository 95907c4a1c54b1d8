"""Structured arrays as files of comma-separated values."""

from __future__ import annotations

import csv
import os
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassplast.files.replacing import replacing

__all__ = ["Tabulated", "write_csv"]


def write_csv(table: NDArray[Any], path: str | os.PathLike[str]) -> None:
    """Write a structured array as comma-separated values, with the names of its columns in the first line.

    Parameters
    ----------
    table : ndarray, shape (n,)
        A structured array without objects, such as `glassplast.Results.table` returns. Numbers are written with all
        their digits.
    path : path-like
        File to write; an existing file is replaced once the new one is whole.

    Raises
    ------
    FileError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from glassplast.files.csv_tables import write_csv
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     path = Path(directory) / "table.csv"
    ...     write_csv(np.array([(1, 0.5)], dtype=[("event", int), ("rank", float)]), path)
    ...     print(path.read_text())
    event,rank
    1,0.5
    <BLANKLINE>
    """
    with replacing(Path(path)) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(table.dtype.names or ())
        writer.writerows(np.atleast_1d(table).tolist())


class Tabulated(ABC):
    """A result that is a table with named columns."""

    @abstractmethod
    def table(self) -> NDArray[np.void]:
        """Return the result as a structured array, which ``pandas.DataFrame`` takes as it is."""

    def write_csv(self, path: str | os.PathLike[str]) -> None:
        """Write the rows of `table` as comma-separated values.

        Parameters
        ----------
        path : path-like
            File to write; an existing file is replaced once the new one is whole.

        Raises
        ------
        FileError
            If the file cannot be written.
        """
        write_csv(self.table(), path)
