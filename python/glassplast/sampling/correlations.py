"""Correlation functions of a trajectory, and their relaxation times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from glassplast import _engine
from glassplast.errors import ArgumentError
from glassplast.foundation.arrays import FloatArray, IntegerArray
from glassplast.foundation.one_line import without_arrays
from glassplast.glass import Box

__all__ = [
    "CorrelationFunction",
    "Correlator",
    "averaged",
    "bond_breaking",
    "cage_relative",
    "correlation_function",
    "correlation_time",
    "mean_and_error",
    "overlap",
    "self_scattering",
]

#: A long time series is divided into this many blocks, or up to twice as many, before its error is estimated.
_BLOCKS = 256
#: A function of the positions (N, d) at a time origin and their box, which returns the correlation as a function of the
#: displacements (N, d) since then; the correlation is 1 for no displacement.
Correlator = Callable[[FloatArray, Box], Callable[[FloatArray], float]]


def self_scattering(wave_number: float = 2.0 * np.pi) -> Correlator:
    """The self-intermediate scattering function, averaged over directions.

    For displacements u it is the mean of J0(k u) in 2D, and of sin(k u) / (k u) in 3D.

    Parameters
    ----------
    wave_number : float
        Wave number k (1 / length); the default is the first peak of the structure factor at density 1.

    Returns
    -------
    callable
        Correlator for `correlation_function`.
    """

    def correlate(moved: FloatArray) -> float:
        from scipy.special import j0

        argument = wave_number * np.linalg.norm(moved, axis=1)
        return float(np.mean(j0(argument) if moved.shape[1] == 2 else np.sinc(argument / np.pi)))

    return lambda origin, box: correlate


def overlap(distance: float = 0.3) -> Correlator:
    """The overlap: the fraction of particles that moved by less than a distance since the time origin.

    Parameters
    ----------
    distance : float
        Largest displacement of a particle that still counts (length).

    Returns
    -------
    callable
        Correlator for `correlation_function`.
    """
    return lambda origin, box: lambda moved: float(np.mean(np.linalg.norm(moved, axis=1) < distance))


def cage_relative(correlator: Correlator, neighbor_distance: float = 1.5) -> Correlator:
    """A correlation of displacements relative to the mean displacement of the neighbours at the time origin.

    In two dimensions, waves as long as the box move whole cages without breaking them, and dominate correlations of
    single particles. See Shiba, Yamada, Kawasaki and Kim, Phys. Rev. Lett. 117, 245701 (2016); Vivek et al., PNAS 114,
    1850 (2017).

    Parameters
    ----------
    correlator : callable
        Correlator that is applied to the relative displacements: `overlap` or `self_scattering`.
    neighbor_distance : float
        Largest distance of neighbours at the time origin (length).

    Returns
    -------
    callable
        Correlator for `correlation_function`.
    """

    def begin(origin: FloatArray, box: Box) -> Callable[[FloatArray], float]:
        first, second = _neighbors(box, origin, neighbor_distance)
        ones = np.ones(len(first))
        around = sparse.csr_array((ones, (first, second)), shape=(len(origin), len(origin)))
        count = np.maximum(np.bincount(first, minlength=len(origin)), 1)[:, None]
        inner = correlator(origin, box)
        return lambda moved: inner(moved - (around @ moved) / count)

    return begin


def bond_breaking(bond: float = 1.4, broken: float = 1.7) -> Correlator:
    """The fraction of pairs closer than `bond` at the time origin that are still closer than `broken`.

    See Yamamoto and Onuki, Phys. Rev. E 58, 3515 (1998). The distances do not depend on the diameters of the pair,
    because these change when diameters are exchanged.

    Parameters
    ----------
    bond : float
        Largest distance of pairs that are bonded at the time origin (length).
    broken : float
        Distance at which a bond counts as broken (length).

    Returns
    -------
    callable
        Correlator for `correlation_function`.
    """

    def begin(origin: FloatArray, box: Box) -> Callable[[FloatArray], float]:
        first, second = _neighbors(box, origin, bond)
        inverse = np.linalg.inv(box.reduced_cell)

        def correlate(moved: FloatArray) -> float:
            apart = origin[second] + moved[second] - origin[first] - moved[first]
            fraction = apart @ inverse.T
            apart = (fraction - np.rint(fraction)) @ box.reduced_cell.T
            return float(np.mean(np.linalg.norm(apart, axis=1) < broken)) if first.size else 1.0

        return correlate

    return begin


def _neighbors(box: Box, positions: FloatArray, distance: float) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Ordered pairs closer than a distance; each pair appears in both orders."""
    one, other, *_ = _engine.find_pairs(box, positions, distance)
    return np.concatenate([one, other]), np.concatenate([other, one])


@dataclass(frozen=True, repr=False)
class CorrelationFunction:
    """A correlation function of a trajectory.

    Attributes
    ----------
    times : ndarray, shape (M,)
        Times since the time origin, the first of which is 0.
    values : ndarray, shape (M,)
        Correlation at each time, averaged over time origins.
    origins : ndarray, shape (M,)
        Number of time origins in each average.
    """

    times: FloatArray
    values: FloatArray
    origins: FloatArray

    __repr__ = without_arrays

    @property
    def relaxation_time(self) -> float:
        """The time at which the function falls to 1/e, interpolated linearly in log t; infinite if it stays above."""
        below = np.flatnonzero(self.values <= np.exp(-1.0))
        if below.size == 0:
            return float("inf")
        k = int(below[0])
        if k <= 1:
            return float(self.times[k])
        (t0, t1), (c0, c1) = np.log(self.times[k - 1 : k + 1]), self.values[k - 1 : k + 1]
        return float(np.exp(t0 + (t1 - t0) * (c0 - np.exp(-1.0)) / (c0 - c1)))


def correlation_function(
    frames: Sequence[FloatArray] | FloatArray,
    interval: float,
    box: Box,
    correlator: Correlator,
    lags: int = 24,
    origins: Sequence[int] | IntegerArray | None = None,
) -> CorrelationFunction:
    """Average a correlation function over the time origins of a trajectory.

    Parameters
    ----------
    frames : array_like, shape (T, N, d)
        Unwrapped positions at equal intervals of time (length).
    interval : float
        Time between two frames.
    box : Box
        Periodic cell of the frames.
    correlator : callable
        One of `overlap`, `self_scattering` and `bond_breaking`, or `cage_relative` of one of the first two.
    lags : int
        Approximate number of times, spread evenly in log t up to three quarters of the trajectory.
    origins : sequence of int, optional
        Indices of the frames that serve as time origins; by default all, or about 32 of a long trajectory, since closer
        origins add little information.

    Returns
    -------
    CorrelationFunction

    Raises
    ------
    ArgumentError
        If there are fewer than two frames.
    """
    trajectory = np.asarray(frames, dtype=np.float64)
    if len(trajectory) < 2:
        raise ArgumentError("frames must be two at least")
    # In Monte Carlo the centre of mass performs a random walk, which has no physical meaning.
    trajectory = trajectory - trajectory.mean(axis=1, keepdims=True)
    longest = max(1, 3 * (len(trajectory) - 1) // 4)
    steps = np.unique(np.rint(np.geomspace(1, longest, lags)).astype(int))
    sums = np.zeros(len(steps))
    counts = np.zeros(len(steps))
    if origins is None:
        origins = range(0, len(trajectory) - 1, max(1, len(trajectory) // 32))
    for t in origins:
        correlate = correlator(trajectory[t], box)
        for k, step in enumerate(steps[steps < len(trajectory) - t]):
            sums[k] += correlate(trajectory[t + step] - trajectory[t])
            counts[k] += 1
    seen = counts > 0
    return CorrelationFunction(
        interval * np.concatenate([[0.0], steps[seen]]),
        np.concatenate([[1.0], sums[seen] / counts[seen]]),
        np.concatenate([[float(len(origins))], counts[seen]]),
    )


def averaged(parts: Sequence[CorrelationFunction]) -> CorrelationFunction:
    """The mean of several correlation functions, weighted with their numbers of time origins."""
    times, place = np.unique(np.concatenate([part.times for part in parts]), return_inverse=True)
    origins = np.concatenate([part.origins for part in parts])
    values = np.concatenate([part.values for part in parts])
    count = np.bincount(place, origins).astype(np.float64)
    return CorrelationFunction(times, np.bincount(place, origins * values) / count, count)


def correlation_time(series: FloatArray) -> float:
    """The integrated autocorrelation time of a time series, 1/2 + sum of the autocorrelation.

    The sum runs over pairs of successive entries and ends where the sum of a pair is negative. The sums of pairs are
    made to decrease monotonically, as they do for a reversible Markov chain; see Geyer, Stat. Sci. 7, 473 (1992).

    Parameters
    ----------
    series : array_like, shape (M,)
        Values at equal intervals of time.

    Returns
    -------
    float
        Autocorrelation time, in units of the interval.
    """
    values = np.asarray(series, dtype=np.float64)
    values = values - values.mean()
    size = len(values)
    variance = float(values @ values)
    if size < 4 or variance == 0.0:
        return 0.5
    power = np.abs(np.fft.rfft(values, 2 * size)) ** 2
    normalized = np.fft.irfft(power)[: size - size % 2] / variance
    pairs = normalized.reshape(-1, 2).sum(axis=1)
    negative = np.flatnonzero(pairs <= 0.0)
    kept = np.minimum.accumulate(pairs[: negative[0]] if negative.size else pairs)
    return float(max(kept.sum() - 0.5, 0.5))


def mean_and_error(series: FloatArray) -> tuple[float, float]:
    """The mean of a correlated time series, and its standard error sqrt(2 tau var / M).

    The error of a long series is computed from averages over blocks, because in a cold liquid fast vibrations would
    hide the slow fluctuations of the energy.

    Parameters
    ----------
    series : array_like, shape (M,)
        Values at equal intervals of time.

    Returns
    -------
    mean, error : float

    Raises
    ------
    ArgumentError
        If there are fewer than two values.
    """
    values = np.asarray(series, dtype=np.float64)
    if len(values) < 2:
        raise ArgumentError("series must have two values at least")
    length = max(1, len(values) // _BLOCKS)
    blocks = values[: len(values) // length * length].reshape(-1, length).mean(axis=1)
    error = np.sqrt(2.0 * correlation_time(blocks) * blocks.var(ddof=1) / len(blocks))
    return float(values.mean()), float(error)
