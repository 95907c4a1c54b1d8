"""The score C of each indicator over an ensemble of samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassplast.ensemble_scores.rank_table import RankTable
from glassplast.ensemble_scores.resampling import (
    check_resampling,
    effective_samples,
    mean_intervals,
    pooled_means,
    standard_errors,
)
from glassplast.files.csv_tables import Tabulated
from glassplast.foundation.arrays import FloatArray, IntegerArray
from glassplast.foundation.one_line import without_arrays
from glassplast.foundation.tables import structured

__all__ = ["EnsembleCorrelations", "correlations"]


@dataclass(frozen=True, repr=False)
class EnsembleCorrelations(Tabulated):
    """The score C = 2<r_x> - 1 of K indicators over an ensemble of samples.

    Attributes
    ----------
    keys : tuple of str
        Keys of the indicators.
    value : ndarray, shape (K,)
        C, where the mean is taken over all events; NaN for an indicator without ranks.
    low, high : ndarray, shape (K,)
        Ends of the confidence interval over samples; NaN if fewer than two samples have ranks.
    standard_error : ndarray, shape (K,)
        Standard error of C over samples.
    samples, events : ndarray of int, shape (K,)
        Numbers of samples and of events in which the indicator has a rank.
    effective_samples : ndarray, shape (K,)
        Number of samples with equal numbers of events that would weigh as much, (sum c)^2 / sum c^2, where c is the
        number of ranks in a sample.
    effective_events : ndarray, shape (K,)
        Number of independent events that would give the same standard error. It is well below `events` if the ranks in
        one sample are alike.
    confidence : float
        Probability of the intervals.
    """

    keys: tuple[str, ...]
    value: FloatArray
    low: FloatArray
    high: FloatArray
    standard_error: FloatArray
    samples: IntegerArray
    events: IntegerArray
    effective_samples: FloatArray
    effective_events: FloatArray
    confidence: float

    __repr__ = without_arrays

    def table(self) -> NDArray[np.void]:
        """Return one row for each indicator as a structured array, which ``pandas.DataFrame`` takes as it is.

        Returns
        -------
        ndarray, shape (K,)
            The columns are ``key``, ``C``, ``C_low``, ``C_high``, ``standard_error``, ``samples``, ``events``,
            ``effective_samples`` and ``effective_events``.
        """
        return structured(
            {
                "key": np.array(self.keys, dtype=np.str_),
                "C": self.value,
                "C_low": self.low,
                "C_high": self.high,
                "standard_error": self.standard_error,
                "samples": self.samples,
                "events": self.events,
                "effective_samples": self.effective_samples,
                "effective_events": self.effective_events,
            }
        )


def correlations(
    ranks: RankTable, *, confidence: float = 0.95, resamples: int = 10_000, seed: int = 0
) -> EnsembleCorrelations:
    """Compute the score C = 2<r_x> - 1 of each indicator, with confidence intervals over samples.

    Parameters
    ----------
    ranks : RankTable
        Ranks of the cores of all events, with the sample of each event.
    confidence : float
        Probability of the intervals, in (0, 1).
    resamples : int
        How often the samples are drawn with replacement.
    seed : int
        Seed of the drawing; the same seed gives the same intervals.

    Returns
    -------
    EnsembleCorrelations

    Raises
    ------
    ArgumentError
        If `confidence` is not in (0, 1) or `resamples` is not positive.

    See Also
    --------
    glassplast.scores.correlation : C of one indicator, with an interval over independent events.

    Notes
    -----
    Whole samples are drawn with replacement, with all their events, since events in one sample are not independent.
    The intervals are corrected for bias and skewness (BCa, B. Efron, J. Am. Stat. Assoc. 82, 171 (1987)), and widened
    for small numbers of samples (T. C. Hesterberg, The American Statistician 69, 371 (2015)). Simulated intervals of
    95 % with 20, 50 and 100 samples cover the true value in 93 to 97 % of the cases, for C from 0 to 0.9 and with one
    or several events for each sample. With fewer than 10 samples intervals are too narrow.

    Examples
    --------
    >>> import numpy as np
    >>> from glassplast.ensemble_scores import RankTable, correlations
    >>> uniform = np.random.default_rng(1).uniform(size=100)
    >>> table = RankTable({"good": uniform ** (1 / 3)}, samples=np.arange(100) // 2)
    >>> score = correlations(table)  # the ranks have the mean 3/4
    >>> bool(score.low[0] < 0.5 < score.high[0])
    True
    >>> int(score.samples[0]), int(score.events[0])
    (50, 100)
    """
    check_resampling(confidence, resamples)
    matrix = ranks.matrix
    sums, counts = ranks.totals(matrix)
    mean = pooled_means(sums, counts)
    low, high = mean_intervals(sums, counts, confidence=confidence, resamples=resamples, seed=seed)
    error = standard_errors(sums, counts)
    events = counts.sum(axis=0)
    deviations = np.nansum((matrix - mean) ** 2, axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        independent = deviations / (events - 1.0) / error**2
    return EnsembleCorrelations(
        ranks.keys,
        2.0 * mean - 1.0,
        2.0 * low - 1.0,
        2.0 * high - 1.0,
        2.0 * error,
        np.sum(counts > 0, axis=0).astype(np.int64),
        events.astype(np.int64),
        effective_samples(counts),
        np.asarray(independent),
        confidence,
    )
