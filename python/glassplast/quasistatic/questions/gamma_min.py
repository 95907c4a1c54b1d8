"""How far glasses can be sheared before anything yields: gamma_min, and how it depends on size."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from glassplast.errors import ArgumentError
from glassplast.quasistatic.run import Run

__all__ = ["FirstEvents", "SizeScaling", "first_events", "size_scaling"]


class FirstEvents(NamedTuple):
    """gamma_min over an ensemble.

    Attributes
    ----------
    mean, error : float
        Mean distance from the start of a run to its first event, and its standard error (NaN for one run).
    median : float
        Runs without an event count as larger than all others; infinite if half of them have none.
    runs, without : int
        Number of runs, and of those that saw no event; these are left out of the mean, which is then too small.
    """

    mean: float
    error: float
    median: float
    runs: int
    without: int


class SizeScaling(NamedTuple):
    """<gamma_min> = prefactor N^(-1 / (1 + theta)).

    Attributes
    ----------
    theta, theta_error : float
        Exponent of the density of local distances to yielding, P(x) ~ x^theta; its standard error comes from those of
        the means.
    exponent, exponent_error : float
        -1 / (1 + theta), the slope of the logarithms.
    prefactor : float
    """

    theta: float
    theta_error: float
    exponent: float
    exponent_error: float
    prefactor: float


def first_events(runs: Sequence[Run]) -> FirstEvents:
    """gamma_min, the strain from the start of a run to its first event, over an ensemble.

    Parameters
    ----------
    runs : sequence of Run

    Returns
    -------
    FirstEvents

    Raises
    ------
    ArgumentError
        If no run has an event.
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

    Least squares of the logarithms, weighted by the errors of the means. Karmakar, Lerner, Procaccia, Phys. Rev. E 82,
    055103 (2010).

    Parameters
    ----------
    ensembles : mapping of int to FirstEvents
        By the number of particles; each with at least two runs.

    Returns
    -------
    SizeScaling

    Raises
    ------
    ArgumentError
        If there are fewer than two sizes, or a mean has no error.
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
