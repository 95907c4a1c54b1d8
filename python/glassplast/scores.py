"""How well a field tells where the next event begins: ranks of the core, scores over samples, similarities.

After Patinet, Vandembroucq, Falk, Phys. Rev. Lett. 117, 045501 (2016) and Richard et al., Phys. Rev.
Materials 4, 113609 (2020), section II C.
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
    """Anything that says which particle an event begins at."""

    @property
    def core(self) -> int:
        """The particle with the largest component of the critical mode."""


class Correlation(NamedTuple):
    """The score C of an indicator over many events.

    Attributes
    ----------
    value : float
        C = 2<r> − 1: 1 if the core is always the softest particle, 0 if it could be any.
    low, high : float
        Ends of the confidence interval.
    events : int
        Number of events that have a rank.
    """

    value: float
    low: float
    high: float
    events: int


def score(fields: Mapping[str, ArrayLike], event: Triggered) -> dict[str, float]:
    """The rank r_x of the core of an event in each field.

    Parameters
    ----------
    fields : mapping of str to (N,) array_like
        By the key of the registered indicator, which says which way is softer.
    event : object with an attribute `core`
        The index of the particle with the largest component of the critical mode.

    Returns
    -------
    dict of str to float
        In (0, 1], 1 where the core is the softest particle; NaN where it has no value.

    Raises
    ------
    UnknownNameError
        For a key that is not registered.
    ArgumentError
        If a field has no particle of this index.
    """
    result = {}
    for key, field in fields.items():
        ranked = ranks(field, registry.find(key).softer)
        if not 0 <= event.core < ranked.size:
            raise ArgumentError(f"the core of the event is particle {event.core}; {key!r} has {ranked.size}")
        result[key] = float(ranked[event.core])
    return result


def correlation(ranks: ArrayLike, *, confidence: float = 0.95, resamples: int = 10_000, seed: int = 0) -> Correlation:
    """C = 2<r> − 1 over many events, with a bootstrap confidence interval.

    A field that knows nothing has C = 1/N, as ranks are 1/N, 2/N, ... 1.

    Parameters
    ----------
    ranks : (n,) array_like
        Rank of the core in each event; events where it is NaN do not count.
    confidence : float
        Probability of the interval, in (0, 1).
    resamples : int
        Number of bootstrap samples.
    seed : int
        Of the resampling.

    Returns
    -------
    Correlation
        All NaN without events; with one, the interval is that one value.

    Raises
    ------
    ArgumentError
        If `confidence` is not in (0, 1) or `resamples` not positive.

    Notes
    -----
    Patinet et al. (2016). The interval is that of percentiles of the mean over events drawn with replacement
    (B. Efron, R. Tibshirani, An Introduction to the Bootstrap (1993), chapter 13).
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
    """The empirical cumulative distribution F(1 − r_x).

    Parameters
    ----------
    ranks : (n,) array_like
        Rank of the core in each event; NaN does not count.

    Returns
    -------
    x : (n,) float array
        1 − r_x, sorted.
    F : (n,) float array
        Fraction of the events with 1 − r_x of at most x. A step at 0 for a perfect indicator, F = x for a
        random one.
    """
    given = np.asarray(ranks, dtype=np.float64)
    x = np.sort(1.0 - given[~np.isnan(given)])
    return x, np.searchsorted(x, x, side="right") / max(x.size, 1)


def cross_correlation(fields: Mapping[str, ArrayLike]) -> FloatArray:
    """The similarity C_s of each two fields, both oriented such that larger is softer.

    Parameters
    ----------
    fields : mapping of str to (N,) array_like
        By the key of the registered indicator.

    Returns
    -------
    (K, K) float array
        `spearman`, symmetric, rows and columns in the order of `fields`.

    Raises
    ------
    UnknownNameError
        For a key that is not registered.

    Notes
    -----
    Equation 1 of Richard et al. (2020).
    """
    oriented = [registry.find(key).oriented(np.asarray(field, dtype=np.float64)) for key, field in fields.items()]
    matrix = np.empty((len(oriented), len(oriented)))
    for row, a in enumerate(oriented):
        for column, b in enumerate(oriented[: row + 1]):
            matrix[row, column] = matrix[column, row] = spearman(a, b)
    return matrix


def __dir__() -> list[str]:
    return __all__
