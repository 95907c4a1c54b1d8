"""The scores that fields without any relation to plasticity would have by chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassplast.ensemble_scores.rank_table import RankTable
from glassplast.ensemble_scores.resampling import check_resampling, pooled_means
from glassplast.errors import ArgumentError
from glassplast.files.csv_tables import Tabulated
from glassplast.foundation.arrays import FloatArray, IntegerArray
from glassplast.foundation.one_line import without_arrays
from glassplast.foundation.tables import structured

__all__ = ["ChanceCorrelations", "chance", "chance_moments"]


@dataclass(frozen=True, repr=False)
class ChanceCorrelations(Tabulated):
    """The scores of K indicators beside those that random fields would have on as many events.

    Attributes
    ----------
    keys : tuple of str
        Keys of the indicators.
    value : ndarray, shape (K,)
        C of each indicator; NaN without ranks.
    mean, standard_deviation : ndarray, shape (K,)
        Mean and standard deviation of C of random fields.
    low, high : ndarray, shape (K,)
        Interval that holds C of a random field with the probability `confidence`.
    p_value : ndarray, shape (K,)
        Probability that C of a random field lies at least as far from its mean as that of the indicator, on either
        side.
    confidence : float
        Probability of the intervals.
    """

    keys: tuple[str, ...]
    value: FloatArray
    mean: FloatArray
    standard_deviation: FloatArray
    low: FloatArray
    high: FloatArray
    p_value: FloatArray
    confidence: float

    __repr__ = without_arrays

    def table(self) -> NDArray[np.void]:
        """Return one row for each indicator as a structured array, which ``pandas.DataFrame`` takes as it is.

        Returns
        -------
        ndarray, shape (K,)
            The columns are ``key``, ``C``, ``mean``, ``standard_deviation``, ``low``, ``high`` and ``p_value``.
        """
        columns: dict[str, ArrayLike] = {"key": np.array(self.keys, dtype=np.str_), "C": self.value}
        names = ("mean", "standard_deviation", "low", "high", "p_value")
        return structured(columns | {name: getattr(self, name) for name in names})


def chance_moments(particles: int, events: ArrayLike) -> tuple[float, FloatArray]:
    """Compute the mean and the standard deviation of C for random fields and independent events.

    The ranks of the cores are then drawn from 1/N, 2/N, ..., 1 with equal probabilities, so that C has the mean 1/N and
    the variance (N^2 - 1) / (3 N^2 n) for n events.

    Parameters
    ----------
    particles : int
        Number N of the particles that have a rank.
    events : array_like of int
        Numbers of events.

    Returns
    -------
    mean : float
        Mean of C, the same for any number of events.
    standard_deviation : ndarray
        Standard deviation of C in the shape of `events`; NaN without events.

    Raises
    ------
    ArgumentError
        If there is no particle.

    Examples
    --------
    >>> from glassplast.ensemble_scores import chance_moments
    >>> mean, deviation = chance_moments(10_000, 100)
    >>> mean, round(float(deviation), 6)
    (0.0001, 0.057735)
    """
    if particles < 1:
        raise ArgumentError(f"particles must be at least 1, not {particles}")
    count = np.asarray(events, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        deviation = np.sqrt(np.where(count > 0, (1.0 - float(particles) ** -2) / (3.0 * count), np.nan))
    return 1.0 / particles, deviation


def chance(
    ranks: RankTable, particles: int, *, cores: ArrayLike | None = None, confidence: float = 0.95
) -> ChanceCorrelations:
    """Compare the score of each indicator with those that random fields would have on the same events.

    Parameters
    ----------
    ranks : RankTable
        Ranks of the cores of all events, with the sample of each event.
    particles : int
        Number N of the particles of each sample that have a rank.
    cores : array_like of int, shape (E,), optional
        Core particle of each event. If it is given, each sample has one random field for all its events, so that events
        with the same core have the same rank; that makes the spread larger. By default all ranks are independent, as
        those of fields that are computed anew before each event.
    confidence : float
        Probability of the intervals, in (0, 1).

    Returns
    -------
    ChanceCorrelations

    Raises
    ------
    ArgumentError
        If `confidence` is not in (0, 1), there is no particle, or `cores` has another shape.

    Notes
    -----
    Mean and variance are exact, see `glassplast.ensemble_scores.chance_moments`. In one field the ranks of two
    different cores have the covariance -1/(N - 1) times the variance. The distribution is taken to be normal, which
    changes probabilities by less than 0.002 from five events on; intervals end at C = 2/N - 1 and 1.

    Examples
    --------
    >>> import numpy as np
    >>> from glassplast.ensemble_scores import RankTable, chance
    >>> table = RankTable({"good": np.full(30, 0.9), "useless": np.full(30, 0.52)}, samples=np.arange(30))
    >>> found = chance(table, particles=1000)
    >>> [f"{p:.2g}" for p in found.p_value]
    ['3.5e-14', '0.71']
    """
    from scipy.special import ndtr, ndtri

    check_resampling(confidence, 1)
    matrix = ranks.matrix
    value = 2.0 * pooled_means(*ranks.totals(matrix)) - 1.0
    known = ~np.isnan(matrix)
    mean, deviation = chance_moments(particles, known.sum(axis=0))
    if cores is not None:
        given = np.asarray(cores)
        if given.shape != ranks.samples.shape:
            raise ArgumentError(f"cores must have shape {ranks.samples.shape}, not {given.shape}")
        deviation = deviation * np.sqrt(_variance_factors(known, ranks.samples, given, particles))
    half = ndtri(0.5 * (1.0 + confidence)) * deviation
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.where(deviation > 0.0, np.abs(value - mean) / deviation, 0.0)
    return ChanceCorrelations(
        ranks.keys,
        value,
        np.full(len(ranks.keys), mean),
        deviation,
        np.maximum(mean - half, 2.0 / particles - 1.0),
        np.minimum(mean + half, 1.0),
        np.where(np.isnan(value), np.nan, 2.0 * ndtr(-distance)),
        confidence,
    )


def _variance_factors(
    known: NDArray[np.bool_], samples: IntegerArray, cores: NDArray[np.generic], particles: int
) -> FloatArray:
    """Variance of the mean of ranks that share fields, over that of as many independent ranks: (K,)."""
    _, place = np.unique(samples, return_inverse=True)
    _, site = np.unique(np.stack([place, cores], axis=1), axis=0, return_inverse=True)
    in_sample = np.zeros((place.max(initial=-1) + 1, known.shape[1]))
    at_core = np.zeros((site.max(initial=-1) + 1, known.shape[1]))
    np.add.at(in_sample, place, known)
    np.add.at(at_core, site.ravel(), known)
    same = np.sum(at_core**2, axis=0)
    different = np.sum(in_sample**2, axis=0) - same
    total = np.maximum(known.sum(axis=0), 1)
    return np.asarray((same - different / max(particles - 1, 1)) / total)
