"""Differences of the scores of each two indicators on the same events."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from glassplast.ensemble_scores.rank_table import RankTable
from glassplast.ensemble_scores.resampling import check_resampling, mean_intervals, pooled_means
from glassplast.files.csv_tables import Tabulated
from glassplast.foundation.arrays import FloatArray, IntegerArray
from glassplast.foundation.one_line import without_arrays
from glassplast.foundation.tables import structured

__all__ = ["PairedDifferences", "differences"]


@dataclass(frozen=True, repr=False)
class PairedDifferences(Tabulated):
    """The differences C_a - C_b of the scores of each two of K indicators, on events in which both have a rank.

    Attributes
    ----------
    keys : tuple of str
        Keys of the indicators, in the order of rows and columns.
    value : ndarray, shape (K, K)
        C of the indicator of the row minus C of the indicator of the column; 0 on the diagonal, and NaN if they have no
        event in common.
    low, high : ndarray, shape (K, K)
        Ends of the confidence interval over samples; NaN if fewer than two samples have such events.
    samples, events : ndarray of int, shape (K, K)
        Numbers of samples and of events in which both have a rank.
    confidence : float
        Probability of each interval. Among many pairs some intervals miss the true value by chance.
    """

    keys: tuple[str, ...]
    value: FloatArray
    low: FloatArray
    high: FloatArray
    samples: IntegerArray
    events: IntegerArray
    confidence: float

    __repr__ = without_arrays

    @property
    def distinct(self) -> NDArray[np.bool_]:
        """Whether the interval of each pair excludes zero, (K, K)."""
        return np.asarray((self.low > 0.0) | (self.high < 0.0))

    def table(self) -> NDArray[np.void]:
        """Return one row for each pair of indicators as a structured array, which ``pandas.DataFrame`` takes as it is.

        Returns
        -------
        ndarray, shape (K (K - 1) / 2,)
            The columns are ``first``, ``second``, ``difference`` (of the scores, first minus second), ``low``,
            ``high``, ``samples``, ``events`` and ``distinct``.
        """
        first, second = np.triu_indices(len(self.keys), k=1)
        keys = np.array(self.keys, dtype=np.str_)
        columns = {"first": keys[first], "second": keys[second], "difference": self.value[first, second]}
        others = {name: getattr(self, name)[first, second] for name in ("low", "high", "samples", "events", "distinct")}
        return structured(columns | others)


def differences(
    ranks: RankTable, *, confidence: float = 0.95, resamples: int = 10_000, seed: int = 0
) -> PairedDifferences:
    """Compare the scores of each two indicators on the same samples.

    Indicators that are soft in the same places have high or low ranks in the same samples. The interval of their
    difference is then narrower than the intervals of the two scores suggest.

    Parameters
    ----------
    ranks : RankTable
        Ranks of the cores of all events, with the sample of each event.
    confidence : float
        Probability of each interval, in (0, 1).
    resamples : int
        How often the samples are drawn with replacement.
    seed : int
        Seed of the drawing; the same seed gives the same intervals.

    Returns
    -------
    PairedDifferences

    Raises
    ------
    ArgumentError
        If `confidence` is not in (0, 1) or `resamples` is not positive.

    Notes
    -----
    The intervals are those of `glassplast.ensemble_scores.correlations`, of the mean of r_a - r_b over the events in
    which both indicators have a rank. In an ensemble where ranks are missing, the difference can therefore differ from
    that of the two scores.

    Examples
    --------
    >>> import numpy as np
    >>> from glassplast.ensemble_scores import RankTable, differences
    >>> uniform = np.random.default_rng(1).uniform(size=50)
    >>> table = RankTable({"good": uniform ** (1 / 3), "fair": uniform ** (1 / 2)}, samples=np.arange(50))
    >>> found = differences(table)
    >>> bool(found.low[0, 1] > 0.0), bool(found.distinct[0, 1])
    (True, True)
    """
    check_resampling(confidence, resamples)
    matrix, count = ranks.matrix, len(ranks.keys)
    pairs = list(combinations(range(count), 2))
    first, second = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    sums, counts = ranks.totals(matrix[:, first] - matrix[:, second])
    low, high = mean_intervals(sums, counts, confidence=confidence, resamples=resamples, seed=seed)
    value = pooled_means(sums, counts)
    _, alone = ranks.totals(matrix)

    def square(upper: FloatArray, lower: FloatArray, diagonal: FloatArray) -> FloatArray:
        filled = np.diag(diagonal)
        filled[first, second], filled[second, first] = upper, lower
        return filled

    samples, events = np.sum(counts > 0, axis=0), counts.sum(axis=0)
    nothing = np.where(alone.sum(axis=0) > 0, 0.0, np.nan)
    unsure = np.where(np.sum(alone > 0, axis=0) > 1, 0.0, np.nan)
    return PairedDifferences(
        ranks.keys,
        square(2.0 * value, -2.0 * value, nothing),
        square(2.0 * low, -2.0 * high, unsure),
        square(2.0 * high, -2.0 * low, unsure),
        square(samples, samples, np.sum(alone > 0, axis=0)).astype(np.int64),
        square(events, events, alone.sum(axis=0)).astype(np.int64),
        confidence,
    )
