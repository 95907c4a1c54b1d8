"""Intervals of a mean over events, by drawing samples with replacement."""

from __future__ import annotations

from typing import Literal

import numpy as np

from glassplast.errors import ArgumentError
from glassplast.foundation.arrays import FloatArray

__all__ = ["check_resampling", "effective_samples", "mean_intervals", "pooled_means", "standard_errors"]

# How often each sample is drawn is computed in blocks of about this many numbers, 8 MB.
_BLOCK = 1_000_000


def check_resampling(confidence: float, resamples: int) -> None:
    """Check the arguments that all intervals share.

    Raises
    ------
    ArgumentError
        If `confidence` is not in (0, 1) or `resamples` is not positive.
    """
    if not 0.0 < confidence < 1.0:
        raise ArgumentError(f"confidence must lie between 0 and 1, not {confidence}")
    if resamples < 1:
        raise ArgumentError(f"resamples must be positive, not {resamples}")


def pooled_means(sums: FloatArray, counts: FloatArray) -> FloatArray:
    """Mean over the events of all samples, (M,); NaN without events."""
    total = counts.sum(axis=0)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(total > 0, sums.sum(axis=0) / total, np.nan))


def effective_samples(counts: FloatArray) -> FloatArray:
    """Number of samples with equal numbers of events that would weigh as much, (sum c)^2 / sum c^2: (M,)."""
    squares = np.sum(counts**2, axis=0)
    return np.asarray(np.sum(counts, axis=0) ** 2 / np.where(squares > 0, squares, 1.0))


def standard_errors(sums: FloatArray, counts: FloatArray) -> FloatArray:
    """Standard error of the mean over events that are grouped in samples, (M,).

    It is that of a ratio of two sums over independent samples; NaN for fewer than two samples with events.
    """
    filled = np.sum(counts > 0, axis=0)
    residual = sums - pooled_means(sums, counts) * counts
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.sqrt(np.sum(residual**2, axis=0) * filled / (filled - 1.0)) / counts.sum(axis=0)
    return np.asarray(np.where(filled > 1, error, np.nan))


def mean_intervals(
    sums: FloatArray,
    counts: FloatArray,
    *,
    confidence: float,
    resamples: int,
    seed: int,
    corrected: Literal["percentile", "bca"] = "bca",
) -> tuple[FloatArray, FloatArray]:
    """Confidence intervals of the mean over events, by drawing samples with replacement.

    All columns are resampled together: in each resample they have the same samples.

    Parameters
    ----------
    sums, counts : ndarray, shape (S, M)
        Sum of the values in each sample, and number of the values.
    confidence : float
        Probability of the interval, in (0, 1).
    resamples : int
        How often the samples are drawn.
    seed : int
        Seed of the drawing.
    corrected : {"bca", "percentile"}
        Whether the percentiles are corrected for bias and skewness.

    Returns
    -------
    low, high : ndarray, shape (M,)
        Ends of the intervals; NaN where fewer than two samples have events.

    Notes
    -----
    ``"bca"`` is the interval of B. Efron, J. Am. Stat. Assoc. 82, 171 (1987), with the acceleration from the influence
    of each sample on the mean. Both kinds are too narrow for few samples, because the spread of n samples about their
    own mean is smaller than that about the true one, by sqrt((n - 1) / n), and is itself uncertain. Therefore the
    quantiles of the normal distribution are replaced by those of Student's distribution with n - 1 degrees of freedom,
    times sqrt(n / (n - 1)) (T. C. Hesterberg, The American Statistician 69, 371 (2015)), where n is the effective
    number of samples.
    """
    means, (count, width) = pooled_means(sums, counts), sums.shape
    low, high = np.full(width, np.nan), np.full(width, np.nan)
    enough = np.flatnonzero(np.sum(counts > 0, axis=0) > 1)
    if enough.size == 0:
        return low, high
    drawn = np.empty((resamples, enough.size))
    generator, block = np.random.default_rng(seed), max(1, _BLOCK // count)
    for start in range(0, resamples, block):
        part = drawn[start : start + block]
        times = generator.multinomial(count, np.full(count, 1.0 / count), size=len(part)).astype(np.float64)
        with np.errstate(invalid="ignore"):
            part[:] = (times @ sums[:, enough]) / (times @ counts[:, enough])
    levels = _levels(confidence, effective_samples(counts[:, enough]))
    if corrected == "bca":
        influence = sums[:, enough] - means[enough] * counts[:, enough]
        levels = _corrected(levels, drawn, means[enough], influence)
    for column, values, level in zip(enough, drawn.T, levels.T, strict=True):
        # Where few samples have events, some resamples have none.
        low[column], high[column] = np.quantile(values[~np.isnan(values)], level)
    return low, high


def _levels(confidence: float, count: FloatArray) -> FloatArray:
    """Quantiles of the resampled means that bound an interval for so many samples, as probabilities: (2, M)."""
    from scipy.special import ndtr, stdtrit

    tail = 0.5 * (1.0 - confidence)
    # One sample that has nearly all events counts as little more than one.
    above_one = np.maximum(count, 1.0 + 1e-9)
    ends = stdtrit(above_one - 1.0, [[tail], [1.0 - tail]]) * np.sqrt(above_one / (above_one - 1.0))
    return np.asarray(ndtr(ends))


def _corrected(levels: FloatArray, drawn: FloatArray, mean: FloatArray, influence: FloatArray) -> FloatArray:
    """The same quantiles, corrected for the bias of the resampled means and the skewness of the samples."""
    from scipy.special import ndtr, ndtri

    # A tie counts half, so that discrete ranks make no bias; rounding makes ties only nearly equal.
    slack = 1e-12 * np.maximum(np.abs(mean), 1.0)
    known = np.sum(~np.isnan(drawn), axis=0)
    below, above = np.sum(drawn < mean - slack, axis=0) / known, np.sum(drawn > mean + slack, axis=0) / known
    bias = ndtri(np.clip(0.5 * (1.0 + below - above), 0.5 / known, 1.0 - 0.5 / known))
    spread = np.sum(influence**2, axis=0) ** 1.5
    acceleration = np.sum(influence**3, axis=0) / np.where(spread > 0.0, 6.0 * spread, 1.0)
    ends = bias + ndtri(np.clip(levels, 1e-15, 1.0 - 1e-15))
    return np.asarray(ndtr(bias + ends / (1.0 - acceleration * ends)))
