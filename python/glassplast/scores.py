"""Scores of how well fields predict where plastic events begin: ranks of the core, averages, and similarities.

The definitions are those of Patinet, Vandembroucq, Falk, Phys. Rev. Lett. 117, 045501 (2016) and Richard et al., Phys.
Rev. Materials 4, 113609 (2020), section II C.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike

from glassplast.errors import ArgumentError
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.ranks import ranks, spearman
from glassplast.indicators import registry

__all__ = ["Correlation", "correlation", "cross_correlation", "distribution", "ranks", "score", "spearman"]

# Resamples are drawn in blocks of about this many numbers, 8 MB.
_BLOCK = 1_000_000


class Triggered(Protocol):
    """An object with the particle at which an event begins, such as an `Event`."""

    @property
    def core(self) -> int:
        """The index of the particle with the largest component of the critical mode."""


class Correlation(NamedTuple):
    """The score C of an indicator over many events.

    Attributes
    ----------
    value : float
        C = 2<r> − 1, which is 1 if the core is always the softest particle, and about 0 if it is a random particle.
    low, high : float
        Limits of the confidence interval.
    events : int
        Number of events that have a rank.
    """

    value: float
    low: float
    high: float
    events: int


def score(fields: Mapping[str, ArrayLike], event: Triggered) -> dict[str, float]:
    """Compute the rank r_x of the core of an event in each field.

    Parameters
    ----------
    fields : mapping of str to array_like, shape (N,)
        Fields by the key of a registered indicator, which determines whether large or small values are soft.
    event : object with an attribute `core`
        An `Event`, or another object with the index of the particle at which an event begins.

    Returns
    -------
    dict of str to float
        Rank in (0, 1] for each field, where 1 means that the core is the softest particle; NaN if the field has no
        value for the core.

    Raises
    ------
    UnknownNameError
        If a key is not registered.
    ArgumentError
        If a field has no particle with this index.

    Examples
    --------
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> run = gp.shear(glass, to=0.1, max_events=1)
    >>> fields = gp.indicators.compute(glass, ["density", "vibrality"])
    >>> gp.score(fields, run.events[0])
    {'density': ..., 'vibrality': ...}
    """
    result = {}
    for key, field in fields.items():
        ranked = ranks(field, registry.find(key).softer)
        if not 0 <= event.core < ranked.size:
            raise ArgumentError(f"the core of the event is particle {event.core}; {key!r} has {ranked.size}")
        result[key] = float(ranked[event.core])
    return result


def correlation(ranks: ArrayLike, *, confidence: float = 0.95, resamples: int = 10_000, seed: int = 0) -> Correlation:
    """Compute C = 2<r> − 1 over many events, with a bootstrap confidence interval.

    A random field has C = 1/N on average, since the ranks are 1/N, 2/N, ... 1.

    Parameters
    ----------
    ranks : array_like, shape (n,)
        Rank of the core in each event; events with NaN do not count.
    confidence : float
        Probability of the confidence interval, in (0, 1).
    resamples : int
        Number of bootstrap samples.
    seed : int
        Seed of the bootstrap.

    Returns
    -------
    Correlation
        All values are NaN if there is no event; for a single event both limits equal its value.

    Raises
    ------
    ArgumentError
        If `confidence` is not in (0, 1) or `resamples` is not positive.

    Notes
    -----
    C is defined in Patinet et al. (2016). The interval is given by percentiles of the mean over events drawn with
    replacement (B. Efron, R. Tibshirani, An Introduction to the Bootstrap (1993), chapter 13).
    """
    if not 0.0 < confidence < 1.0:
        raise ArgumentError(f"confidence must lie between 0 and 1, not {confidence}")
    if resamples < 1:
        raise ArgumentError(f"resamples must be positive, not {resamples}")
    given = np.asarray(ranks, dtype=np.float64)
    known = given[~np.isnan(given)]
    if known.size == 0:
        return Correlation(np.nan, np.nan, np.nan, 0)
    generator = np.random.default_rng(seed)
    block = max(1, _BLOCK // known.size)
    means = np.empty(resamples)
    for start in range(0, resamples, block):
        part = means[start : start + block]
        part[:] = known[generator.integers(known.size, size=(part.size, known.size))].mean(axis=1)
    tail = 0.5 * (1.0 - confidence)
    low, high = np.quantile(2.0 * means - 1.0, [tail, 1.0 - tail])
    return Correlation(float(2.0 * known.mean() - 1.0), float(low), float(high), int(known.size))


def distribution(ranks: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Compute the empirical cumulative distribution F(1 − r_x).

    Parameters
    ----------
    ranks : array_like, shape (n,)
        Rank of the core in each event; events with NaN do not count.

    Returns
    -------
    x : ndarray, shape (n,)
        The values of 1 − r_x in ascending order.
    F : ndarray, shape (n,)
        Fraction of the events with 1 − r_x of at most x. It is a step at 0 for a perfect indicator, and F = x for a
        random one.
    """
    given = np.asarray(ranks, dtype=np.float64)
    x = np.sort(1.0 - given[~np.isnan(given)])
    return x, np.searchsorted(x, x, side="right") / max(x.size, 1)


def cross_correlation(fields: Mapping[str, ArrayLike]) -> FloatArray:
    """Compute the similarity C_s of all pairs of fields, oriented such that larger values are softer.

    Parameters
    ----------
    fields : mapping of str to array_like, shape (N,)
        Fields by the key of a registered indicator.

    Returns
    -------
    ndarray, shape (K, K)
        Spearman's rank correlation of each pair; rows and columns are in the order of `fields`.

    Raises
    ------
    UnknownNameError
        If a key is not registered.

    Notes
    -----
    C_s is defined in equation 1 of Richard et al. (2020).
    """
    oriented = [registry.find(key).oriented(np.asarray(field, dtype=np.float64)) for key, field in fields.items()]
    matrix = np.empty((len(oriented), len(oriented)))
    for row, a in enumerate(oriented):
        for column, b in enumerate(oriented[: row + 1]):
            matrix[row, column] = matrix[column, row] = spearman(a, b)
    return matrix


def __dir__() -> list[str]:
    return __all__
