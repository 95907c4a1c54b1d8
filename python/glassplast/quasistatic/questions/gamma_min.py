"""The strain gamma_min of the first plastic event, and its dependence on system size."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from glassplast.errors import ArgumentError
from glassplast.quasistatic.run import Run

__all__ = ["FirstEvents", "SizeScaling", "first_events", "size_scaling"]


class FirstEvents(NamedTuple):
    """Statistics of gamma_min, the strain from the start of a run to its first event, over an ensemble of runs.

    Attributes
    ----------
    mean, error : float
        Mean of gamma_min and its standard error (NaN for a single run).
    median : float
        Median of gamma_min, in which runs without an event count as larger than all others; it is infinite if half of
        the runs have none.
    runs, without : int
        Number of runs, and number of runs without an event. The latter are left out of the mean, which is then too
        small.
    """

    mean: float
    error: float
    median: float
    runs: int
    without: int


class SizeScaling(NamedTuple):
    """The fit <gamma_min> = prefactor N^(-1 / (1 + theta)) to ensembles of several sizes.

    Attributes
    ----------
    theta, theta_error : float
        Exponent of the distribution of local distances to yielding, P(x) ~ x^theta, and its standard error, which
        follows from the standard errors of the means.
    exponent, exponent_error : float
        Exponent of N in the fit, -1 / (1 + theta), and its standard error.
    prefactor : float
        Prefactor of the power law (strain).
    """

    theta: float
    theta_error: float
    exponent: float
    exponent_error: float
    prefactor: float


def first_events(runs: Sequence[Run]) -> FirstEvents:
    """Average gamma_min, the strain from the start of a run to its first event, over an ensemble.

    Parameters
    ----------
    runs : sequence of Run
        One run for each sample of the ensemble.

    Returns
    -------
    FirstEvents

    Raises
    ------
    ArgumentError
        If no run has an event.

    Examples
    --------
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> runs = [gp.shear(glass, to=to, max_events=1) for to in (0.1, -0.1)]
    >>> gp.first_events(runs)
    FirstEvents(mean=0.0..., error=0.0..., median=0.0..., runs=2, without=0)
    """
    distances = np.array([abs(run.events[0].strain - run.start.strain) if run.events else np.inf for run in runs])
    found = distances[np.isfinite(distances)]
    if found.size == 0:
        raise ArgumentError("no run has an event")
    error = float(found.std(ddof=1) / math.sqrt(found.size)) if found.size > 1 else math.nan
    middle = np.sort(distances)[[(distances.size - 1) // 2, distances.size // 2]]
    return FirstEvents(
        float(found.mean()), error, float(middle.mean()), distances.size, int(distances.size - found.size)
    )


def size_scaling(ensembles: Mapping[int, FirstEvents]) -> SizeScaling:
    r"""Fit <gamma_min> ~ N^(-1 / (1 + theta)) over system sizes.

    The fit is a least-squares fit to the logarithms, weighted by the errors of the means. See Karmakar, Lerner,
    Procaccia, Phys. Rev. E 82, 055103 (2010).

    Parameters
    ----------
    ensembles : mapping of int to FirstEvents
        Statistics of `first_events` for each number of particles N; each needs at least two runs.

    Returns
    -------
    SizeScaling

    Raises
    ------
    ArgumentError
        If there are fewer than two sizes, or a mean has no error.

    Examples
    --------
    >>> from glassplast.quasistatic import FirstEvents
    >>> import glassplast as gp
    >>> small = FirstEvents(mean=0.02, error=0.001, median=0.02, runs=10, without=0)
    >>> large = FirstEvents(mean=0.01, error=0.001, median=0.01, runs=10, without=0)
    >>> fit = gp.size_scaling({1000: small, 4000: large})
    >>> round(fit.theta, 6)
    1.0
    """
    if len(ensembles) < 2:
        raise ArgumentError("a fit over sizes needs at least two of them")
    sizes = np.log([float(size) for size in ensembles])
    means = np.array([found.mean for found in ensembles.values()])
    errors = np.array([found.error for found in ensembles.values()]) / means
    if not (errors > 0.0).all():
        raise ArgumentError("each size needs a mean with an error: at least two runs with different first events")
    weights = errors**-2
    centre = np.average(sizes, weights=weights)
    spread = float(np.sum(weights * (sizes - centre) ** 2))
    slope = float(np.sum(weights * (sizes - centre) * np.log(means)) / spread)
    slope_error = spread**-0.5
    intercept = float(np.average(np.log(means), weights=weights) - slope * centre)
    # theta = -1/slope - 1.
    return SizeScaling(-1.0 / slope - 1.0, slope_error / slope**2, slope, slope_error, math.exp(intercept))
