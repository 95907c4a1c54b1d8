"""Conversion of columns to a structured array, from which a data frame can be made directly."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["structured"]


def structured(columns: Mapping[str, ArrayLike]) -> NDArray[np.void]:
    """A structured array of columns of the same length.

    Numbers keep their types. Text has a fixed width, that of its longest word, which pandas converts to its own
    strings. Since the array holds no Python objects, it can be written to a file and mapped into memory.

    Parameters
    ----------
    columns : mapping of str to array_like, shape (n,)
        Values of each column by its name, in the order of the columns.

    Returns
    -------
    ndarray, shape (n,)
    """
    arrays = {name: np.asarray(column) for name, column in columns.items()}
    count = len(next(iter(arrays.values())))
    rows = np.empty(count, dtype=[(name, array.dtype) for name, array in arrays.items()])
    for name, array in arrays.items():
        rows[name] = array
    return rows
