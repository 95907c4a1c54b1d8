"""Energy lost in plastic events, in windows of strain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from glassplast.errors import ArgumentError
from glassplast.foundation.arrays import FloatArray
from glassplast.quasistatic.run import Run

__all__ = ["Dissipation", "dissipation"]


@dataclass(frozen=True)
class Dissipation:
    r"""Energy lost in windows of strain, averaged over runs.

    .. math:: \Gamma = \left\langle \sum_e \Delta U_e \right\rangle / (V \Delta\gamma)

    Attributes
    ----------
    edges : ndarray, shape (W + 1,)
        Of the windows, in the order of loading; an event on an edge counts in the window that it ends.
    rate : ndarray, shape (W,)
        Gamma (energy / volume): energy lost in the events of a window, over its width and the volume.
    balance : ndarray, shape (W,)
        The same from work and energy, U_start - U_end + V integral sigma dgamma, without any event. In exact stepping
        it agrees with `rate` to the error of the curve's interpolation.
    error : ndarray, shape (W,)
        Standard error of `rate` over the runs; NaN for one.
    events : ndarray, shape (W,)
        Mean number of events in a window.
    mean_event_size : ndarray, shape (W,)
        Energy lost in an event of the window, averaged over the events of all runs; NaN without any.
    """

    edges: FloatArray
    rate: FloatArray
    balance: FloatArray
    error: FloatArray
    events: FloatArray
    mean_event_size: FloatArray


def dissipation(runs: Run | Sequence[Run], edges: ArrayLike) -> Dissipation:
    """Energy lost in plastic events in windows of strain.

    Parameters
    ----------
    runs : Run or sequence of Run
        Of one sample, or of an ensemble in one direction of loading.
    edges : array_like, shape (W + 1,)
        Strains between windows, in the order of loading; all runs must cover them.

    Returns
    -------
    Dissipation

    Raises
    ------
    ArgumentError
        If the edges are not in the order of loading.
    GlassplastError
        If a run does not cover them.
    """
    ensemble = [runs] if isinstance(runs, Run) else list(runs)
    if not ensemble:
        raise ArgumentError("dissipation needs at least one run")
    bounds = np.asarray(edges, dtype=np.float64)
    direction = ensemble[0].direction
    width = direction * np.diff(bounds)
    if bounds.ndim != 1 or bounds.size < 2 or not (width > 0.0).all():
        raise ArgumentError(f"the edges must be strains in the order of loading, not {bounds.tolist()}")
    rates, balances, counts, losses = [], [], [], []
    for run in ensemble:
        if run.direction != direction:
            raise ArgumentError("all runs must go in one direction of strain")
        strains = direction * np.array([event.strain for event in run.events])
        drops = np.array([event.energy_drop for event in run.events])
        window = np.searchsorted(direction * bounds, strains, side="left") - 1
        inside = (window >= 0) & (window < width.size)
        lost = np.bincount(window[inside], drops[inside], width.size)
        energy = run.energy_at(bounds)
        work = np.array([run.work(a, b) for a, b in pairwise(bounds.tolist())])
        rates.append(lost / (run.start.volume * width))
        balances.append((energy[:-1] - energy[1:] + work) / (run.start.volume * width))
        counts.append(np.bincount(window[inside], minlength=width.size))
        losses.append(lost)
    number = len(ensemble)
    total = np.sum(counts, axis=0)
    with np.errstate(invalid="ignore"):
        size = np.where(total > 0, np.sum(losses, axis=0) / total, np.nan)
    spread = np.std(rates, axis=0, ddof=1) / np.sqrt(number) if number > 1 else np.full(width.size, np.nan)
    return Dissipation(
        bounds, np.mean(rates, axis=0), np.mean(balances, axis=0), np.asarray(spread), total / number, size
    )
