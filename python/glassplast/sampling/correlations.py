"""How fast a liquid forgets: correlation functions of a trajectory and their relaxation times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, special

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

#: Into how many blocks, or up to twice as many, a long time series is divided before its error is estimated.
_BLOCKS = 256
#: For positions (N, d) at a time origin and their box: a function of the displacements from there that is 1 at first.
Correlator = Callable[[FloatArray, Box], Callable[[FloatArray], float]]


def self_scattering(wave_number: float = 2.0 * np.pi) -> Correlator:
    """Self-intermediate scattering function, averaged over directions: J0(k u) in 2D, sin(k u) / (k u) in 3D.

    By default k = 2 pi, the first peak of the structure factor at density 1.
    """

    def correlate(moved: FloatArray) -> float:
        argument = wave_number * np.linalg.norm(moved, axis=1)
        return float(np.mean(special.j0(argument) if moved.shape[1] == 2 else np.sinc(argument / np.pi)))

    return lambda origin, box: correlate


def overlap(distance: float = 0.3) -> Correlator:
    """Part of the particles that are still within a distance of where they were."""
    return lambda origin, box: lambda moved: float(np.mean(np.linalg.norm(moved, axis=1) < distance))


def cage_relative(correlator: Correlator, neighbor_distance: float = 1.5) -> Correlator:
    """The same for displacements relative to the mean of the neighbours at the time origin.

    In two dimensions waves as long as the box move cages without breaking them, and spoil what follows single
    particles: Shiba, Yamada, Kawasaki and Kim, Phys. Rev. Lett. 117, 245701 (2016); Vivek et al., PNAS 114, 1850
    (2017).
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
    """Part of the pairs closer than `bond` that are still closer than `broken`.

    Yamamoto and Onuki, Phys. Rev. E 58, 3515 (1998). Distances in mean diameters: the contact distance of a pair does
    not last when diameters are exchanged.
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
    """Ordered pairs closer than a distance: each pair both ways."""
    one, other, *_ = _engine.find_pairs(box, positions, distance)
    return np.concatenate([one, other]), np.concatenate([other, one])


@dataclass(frozen=True, repr=False)
class CorrelationFunction:
    """A correlation function.

    Attributes
    ----------
    times : (M,) array
        Of the trajectory, from 0.
    values : (M,) array
        Averages over all time origins.
    origins : (M,) array
        How many those were.
    """

    times: FloatArray
    values: FloatArray
    origins: FloatArray

    __repr__ = without_arrays

    @property
    def relaxation_time(self) -> float:
        """Where it falls through 1/e, linear in log t between times; infinite if it does not."""
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
    frames : (T, N, d)
        Positions at equal intervals on paths without jumps.
    interval : float
        Between them.
    box : Box
        Of them.
    correlator : callable
        `overlap`, `self_scattering`, `bond_breaking`, or `cage_relative` of one of the former.
    lags : int
        About how many times, spread evenly over log t, up to three quarters of the trajectory.
    origins : sequence of int, optional
        Frames to take for time origins; by default all, or about 32 of many: closer ones tell little new.
    """
    trajectory = np.asarray(frames, dtype=np.float64)
    if len(trajectory) < 2:
        raise ArgumentError("frames must be two at least")
    # The centre of mass of Monte Carlo wanders, and means nothing.
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
    """One correlation function from those of several trajectories at the same times, weighted with their origins."""
    times, place = np.unique(np.concatenate([part.times for part in parts]), return_inverse=True)
    origins = np.concatenate([part.origins for part in parts])
    values = np.concatenate([part.values for part in parts])
    count = np.bincount(place, origins).astype(np.float64)
    return CorrelationFunction(times, np.bincount(place, origins * values) / count, count)


def correlation_time(series: FloatArray) -> float:
    """Integrated autocorrelation time of a time series, in its own steps: 1/2 + sum of the autocorrelation.

    The sum ends where two entries that follow each other are negative together, and never grows on the way there, as
    it cannot for a reversible Markov chain: Geyer, Stat. Sci. 7, 473 (1992).
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
    """Mean of a correlated time series and its standard error, sqrt(2 tau var / M).

    Of averages over blocks where there are many values: vibrations would hide how slowly the rest of a cold liquid's
    energy fluctuates.
    """
    values = np.asarray(series, dtype=np.float64)
    if len(values) < 2:
        raise ArgumentError("series must have two values at least")
    length = max(1, len(values) // _BLOCKS)
    blocks = values[: len(values) // length * length].reshape(-1, length).mean(axis=1)
    error = np.sqrt(2.0 * correlation_time(blocks) * blocks.var(ddof=1) / len(blocks))
    return float(values.mean()), float(error)
