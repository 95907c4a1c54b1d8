"""The cumulative distribution F(1 - r_x) over an ensemble of samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassplast.ensemble_scores.rank_table import RankTable
from glassplast.ensemble_scores.resampling import check_resampling, mean_intervals, pooled_means
from glassplast.errors import ArgumentError
from glassplast.files.csv_tables import Tabulated
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.one_line import without_arrays
from glassplast.foundation.tables import structured

__all__ = ["RankDistributions", "distributions"]


@dataclass(frozen=True, repr=False)
class RankDistributions(Tabulated):
    """The cumulative distribution F(1 - r_x) of K indicators at X points, with a pointwise band.

    Attributes
    ----------
    keys : tuple of str
        Keys of the indicators.
    x : ndarray, shape (X,)
        Values of 1 - r_x.
    value : ndarray, shape (K, X)
        Fraction of the events with 1 - r_x of at most x.
    low, high : ndarray, shape (K, X)
        Ends of the confidence interval at each point; NaN if fewer than two samples have ranks.
    confidence : float
        Probability of the interval at each point. The whole curve lies within the band with a lower probability.
    """

    keys: tuple[str, ...]
    x: FloatArray
    value: FloatArray
    low: FloatArray
    high: FloatArray
    confidence: float

    __repr__ = without_arrays

    def table(self) -> NDArray[np.void]:
        """Return one row for each point of each curve as a structured array, which ``pandas.DataFrame`` takes as it is.

        Returns
        -------
        ndarray, shape (K X,)
            The columns are ``key``, ``x``, ``F``, ``F_low`` and ``F_high``.
        """
        return structured(
            {
                "key": np.repeat(np.array(self.keys, dtype=np.str_), self.x.size),
                "x": np.tile(self.x, len(self.keys)),
                "F": self.value.ravel(),
                "F_low": self.low.ravel(),
                "F_high": self.high.ravel(),
            }
        )


def distributions(
    ranks: RankTable,
    x: ArrayLike | None = None,
    *,
    confidence: float = 0.95,
    resamples: int = 10_000,
    seed: int = 0,
) -> RankDistributions:
    """Compute the cumulative distribution F(1 - r_x) of each indicator with a pointwise band.

    Parameters
    ----------
    ranks : RankTable
        Ranks of the cores of all events, with the sample of each event.
    x : array_like, shape (X,), optional
        Values of 1 - r_x; by default 101 points from 0 to 1.
    confidence : float
        Probability of the interval at each point, in (0, 1).
    resamples : int
        How often the samples are drawn with replacement.
    seed : int
        Seed of the drawing; the same seed gives the same band.

    Returns
    -------
    RankDistributions

    Raises
    ------
    ArgumentError
        If `confidence` is not in (0, 1), `resamples` is not positive, or `x` is not one row of numbers.

    Notes
    -----
    Whole samples are drawn with replacement. The band consists of percentiles, widened for small numbers of samples as
    in `glassplast.ensemble_scores.correlations`. Where no event or every event counts, the band has no width; it is too
    narrow where fewer than about five samples lie on one side of the point.

    Examples
    --------
    >>> import numpy as np
    >>> from glassplast.ensemble_scores import RankTable, distributions
    >>> table = RankTable({"density": [0.75, 0.25, 0.5, 1.0]}, samples=[1, 2, 3, 4])
    >>> distributions(table, [0.0, 0.25, 0.5, 0.75, 1.0]).value
    array([[0.25, 0.5 , 0.75, 1.  , 1.  ]])
    """
    check_resampling(confidence, resamples)
    points = np.linspace(0.0, 1.0, 101) if x is None else np.asarray(x, dtype=np.float64)
    if points.ndim != 1 or np.isnan(points).any():
        raise ArgumentError(f"x must be numbers of shape (X,), not {points.tolist()}")
    curves = np.empty((3, len(ranks.keys), points.size))
    for place, values in enumerate(ranks.matrix.T):
        # A rank is a fraction with the number of particles below: 1 - r is rounded.
        reached = (1.0 - values)[:, None] <= points + 1e-12
        sums, counts = ranks.totals(np.where(np.isnan(values)[:, None], np.nan, reached.astype(np.float64)))
        curves[0, place] = pooled_means(sums, counts)
        curves[1:, place] = mean_intervals(
            sums, counts, confidence=confidence, resamples=resamples, seed=seed, corrected="percentile"
        )
    return RankDistributions(ranks.keys, points, curves[0], curves[1], curves[2], confidence)
