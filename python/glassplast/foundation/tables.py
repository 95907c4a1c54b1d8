"""Columns as one structured array, which data frames take as it is."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["structured"]


def structured(columns: Mapping[str, ArrayLike]) -> NDArray[np.void]:
    """A structured array of columns of one length.

    Numbers keep their types. Text has a fixed width, that of its longest word: pandas makes its own strings of it, and
    there are no Python objects in the array, so that it can be written and mapped into memory.

    Parameters
    ----------
    columns : mapping of str to array_like, shape (n,)
        In the order of the columns.

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
