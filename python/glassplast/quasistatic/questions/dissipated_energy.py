"""The energy dissipated in plastic events, in windows of strain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from glassplast.errors import ArgumentError
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.one_line import without_arrays
from glassplast.quasistatic.run import Run

__all__ = ["Dissipation", "dissipation"]


@dataclass(frozen=True, repr=False)
class Dissipation:
    r"""The energy dissipated in windows of strain, averaged over runs.

    .. math:: \Gamma = \left\langle \sum_e \Delta U_e \right\rangle / (V \Delta\gamma)

    Attributes
    ----------
    edges : ndarray, shape (W + 1,)
        Strains at the edges of the windows, in the order of loading. An event on an edge counts in the window that ends
        there.
    rate : ndarray, shape (W,)
        Gamma (energy / volume): energy dissipated in the events of a window, divided by the width of the window and the
        volume.
    balance : ndarray, shape (W,)
        The same rate from the balance of work and energy, U_start - U_end + V integral sigma dgamma, without use of the
        events. In exact stepping it agrees with `rate` to the accuracy of the interpolated curve.
    error : ndarray, shape (W,)
        Standard error of `rate` over the runs; NaN for a single run.
    events : ndarray, shape (W,)
        Mean number of events in a window.
    mean_event_size : ndarray, shape (W,)
        Energy dissipated in an event of the window, averaged over the events of all runs; NaN if there is none.
    """

    edges: FloatArray
    rate: FloatArray
    balance: FloatArray
    error: FloatArray
    events: FloatArray
    mean_event_size: FloatArray

    __repr__ = without_arrays


def dissipation(runs: Run | Sequence[Run], edges: ArrayLike) -> Dissipation:
    """Compute the energy dissipated in plastic events in windows of strain.

    Parameters
    ----------
    runs : Run or sequence of Run
        One run, or the runs of an ensemble of samples, all in the same direction of strain.
    edges : array_like, shape (W + 1,)
        Absolute strains at the edges of the W windows, in the order of loading; all runs must cover them.

    Returns
    -------
    Dissipation

    Raises
    ------
    ArgumentError
        If there is no run, the runs go in different directions, or the edges are not in the order of loading.
    GlassplastError
        If a run does not cover the edges.

    Examples
    --------
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> run = gp.shear(glass, to=0.1, max_events=2)
    >>> lost = gp.dissipation(run, edges=[0.0, run.strain[-1]])
    >>> lost.events
    array([2.])
    >>> bool(abs(lost.rate[0] / lost.balance[0] - 1.0) < 1e-3)
    True
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
