"""Ranks of the cores of many events, with the sample that each event belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassplast.errors import ArgumentError
from glassplast.files.csv_tables import Tabulated
from glassplast.foundation.arrays import FloatArray, IntegerArray
from glassplast.foundation.one_line import constructor_like
from glassplast.foundation.tables import structured

__all__ = ["RankTable"]


@dataclass(frozen=True, repr=False)
class RankTable(Tabulated):
    """The ranks of the cores of E events in the fields of K indicators.

    Attributes
    ----------
    ranks : mapping of str to ndarray, shape (E,)
        Key of an indicator and the rank r_x of the core of each event in its field, in (0, 1]; NaN where the core has
        no rank.
    samples : ndarray of int, shape (E,)
        Number of the sample in which each event takes place. A sample may have any number of events.

    Raises
    ------
    ArgumentError
        If a rank lies outside (0, 1], or there is not one sample number and one rank for each event.

    Examples
    --------
    >>> import numpy as np
    >>> from glassplast.ensemble_scores import RankTable
    >>> table = RankTable({"density": [0.5, 0.75, np.nan], "softness": [1.0, 0.9, 0.95]}, samples=[1, 1, 2])
    >>> table
    RankTable(indicators=2, samples=2, events=3)
    """

    ranks: Mapping[str, FloatArray]
    samples: IntegerArray

    def __post_init__(self) -> None:
        given = np.asarray(self.samples)
        if given.ndim != 1 or (given.size > 0 and not np.issubdtype(given.dtype, np.integer)):
            raise ArgumentError(f"samples must be integers of shape (E,), not {given.dtype} of shape {given.shape}")
        ranks = {key: np.asarray(values, dtype=np.float64) for key, values in self.ranks.items()}
        for key, values in ranks.items():
            if values.shape != given.shape:
                raise ArgumentError(f"ranks of {key!r} must have shape {given.shape}, not {values.shape}")
            if not (np.isnan(values) | ((values > 0.0) & (values <= 1.0))).all():
                raise ArgumentError(f"ranks of {key!r} must lie in (0, 1], or be NaN")
        object.__setattr__(self, "ranks", ranks)
        object.__setattr__(self, "samples", given.astype(np.int64))

    @classmethod
    def of_samples(cls, tables: Sequence[Mapping[str, ArrayLike]], numbers: Sequence[int] | None = None) -> RankTable:
        """Join the ranks of several samples.

        Parameters
        ----------
        tables : sequence of mappings of str to array_like, shape (events of the sample,)
            One mapping for each sample, from the key of an indicator to the rank of the core of each event, such as
            `glassplast.Results.ranks`. An indicator that some sample lacks has no rank (NaN) there.
        numbers : sequence of int, optional
            Number of each sample; by default 0, 1, 2, ...

        Returns
        -------
        RankTable

        Raises
        ------
        ArgumentError
            If the indicators of a sample have different numbers of events, or two samples have the same number.

        Examples
        --------
        >>> from glassplast.ensemble_scores import RankTable
        >>> table = RankTable.of_samples([{"density": [0.5, 0.25]}, {"density": [1.0], "softness": [0.75]}])
        >>> table.samples
        array([0, 0, 1])
        >>> table.ranks["softness"]
        array([ nan,  nan, 0.75])
        """
        names = list(range(len(tables))) if numbers is None else list(numbers)
        if len(names) != len(tables) or len(set(names)) != len(names):
            raise ArgumentError(f"numbers must name each of the {len(tables)} samples once, not {names}")
        counts = []
        for name, ranks in zip(names, tables, strict=True):
            sizes = {np.size(values) for values in ranks.values()}
            if len(sizes) > 1:
                raise ArgumentError(f"the indicators of sample {name} have ranks of different numbers of events")
            counts.append(sizes.pop() if sizes else 0)
        joined = {
            key: np.concatenate(
                [
                    np.asarray(ranks[key], dtype=np.float64).ravel() if key in ranks else np.full(count, np.nan)
                    for ranks, count in zip(tables, counts, strict=True)
                ]
            )
            for key in dict.fromkeys(key for ranks in tables for key in ranks)
        }
        return cls(joined, np.repeat(np.asarray(names, dtype=np.int64), counts))

    def __repr__(self) -> str:
        return constructor_like(
            "RankTable", indicators=len(self.ranks), samples=np.unique(self.samples).size, events=self.samples.size
        )

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the indicators, in the order of `ranks`."""
        return tuple(self.ranks)

    @property
    def matrix(self) -> FloatArray:
        """The ranks as an array of shape (E, K), with the indicators in the order of `keys`."""
        return np.stack([*self.ranks.values()], axis=1) if self.ranks else np.empty((self.samples.size, 0))

    def totals(self, values: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Sum values of the events over each sample.

        Parameters
        ----------
        values : ndarray, shape (E, M)
            Values of the events; NaN does not count.

        Returns
        -------
        sums, counts : ndarray, shape (S, M)
            Sum of the values in each of the S samples, in the order of their numbers, and how many values there are.
        """
        names, place = np.unique(self.samples, return_inverse=True)
        known = ~np.isnan(values)
        sums, counts = np.zeros((names.size, values.shape[1])), np.zeros((names.size, values.shape[1]))
        np.add.at(sums, place, np.where(known, values, 0.0))
        np.add.at(counts, place, known.astype(np.float64))
        return sums, counts

    def table(self) -> NDArray[np.void]:
        """Return one row for each event: a structured array of its sample and its rank for each indicator.

        ``pandas.DataFrame(ranks.table())`` takes it as it is.

        Returns
        -------
        ndarray, shape (E,)
            The columns are ``sample`` and the keys of the indicators.
        """
        columns: dict[str, Any] = {"sample": self.samples}
        return structured(columns | dict(self.ranks))
