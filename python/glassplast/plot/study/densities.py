"""Probability densities of fields over the samples of a protocol, with the scatter of the samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from glassplast.errors import NotInStudyError
from glassplast.foundation.arrays import FloatArray, IntegerArray
from glassplast.plot.study.appearance import plain_logarithm

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Density", "density", "draw_density", "linear_edges", "logarithmic_axis", "logarithmic_edges"]

#: Fewer samples do not tell how much they differ.
_FEWEST = 3
#: From so many values on bins are narrow.
_MANY = 5000


@dataclass(frozen=True)
class Density:
    """The probability density of a field in B bins.

    Attributes
    ----------
    edges : ndarray, shape (B + 1,)
    value : ndarray, shape (B,)
        Mean over samples of the density of one sample.
    error : ndarray, shape (B,)
        Standard error of this mean; NaN for fewer than three samples.
    count : ndarray of int, shape (B,)
        Number of particles in each bin.
    samples, particles : int
        Numbers of samples, and of particles that have a value.
    """

    edges: FloatArray
    value: FloatArray
    error: FloatArray
    count: IntegerArray
    samples: int
    particles: int

    @property
    def centers(self) -> FloatArray:
        """The middle of each bin, on a logarithmic scale if the edges are on one."""
        low, high = self.edges[:-1], self.edges[1:]
        steps = np.diff(self.edges)
        return np.asarray(0.5 * (low + high) if np.allclose(steps, steps[0]) else np.sqrt(low * high))

    def rows(self, **head: Any) -> list[dict[str, Any]]:
        """One row for each bin."""
        columns = (self.edges[:-1], self.edges[1:], self.value, self.error, self.count)
        names = ("low", "high", "density", "standard_error", "particles")
        return [
            {**head, **dict(zip(names, (entry.item() for entry in entries), strict=True)), "samples": self.samples}
            for entries in zip(*columns, strict=True)
        ]


def density(samples: Sequence[FloatArray], edges: FloatArray) -> Density:
    """The density of the values of several samples; all finite values count, also those outside of the edges."""
    counts = np.zeros((len(samples), edges.size - 1))
    totals = np.zeros(len(samples))
    for place, values in enumerate(samples):
        known = values[np.isfinite(values)]
        counts[place], _ = np.histogram(known, edges)
        totals[place] = known.size
    filled = totals > 0
    each = counts[filled] / (totals[filled, None] * np.diff(edges))
    error = np.full(edges.size - 1, np.nan)
    if len(each) >= _FEWEST:
        error = each.std(axis=0, ddof=1) / np.sqrt(len(each))
    value = each.mean(axis=0) if len(each) else error
    return Density(edges, value, error, counts.sum(axis=0).astype(np.int64), int(filled.sum()), int(totals.sum()))


def logarithmic_edges(samples: Sequence[FloatArray]) -> FloatArray:
    """Edges of bins of equal breadth on a logarithmic scale, which hold all positive values but the smallest 1e-4.

    Raises
    ------
    NotInStudyError
        If no value is positive.
    """
    joined = np.concatenate([values[np.isfinite(values) & (values > 0.0)] for values in samples])
    if joined.size == 0:
        raise NotInStudyError("no value of the field is positive, as a logarithmic axis needs it")
    each_decade = 3 if joined.size < _MANY else 5
    low, high = np.log10(np.quantile(joined, 1e-4)), np.log10(joined.max())
    first, last = np.floor(low * each_decade), np.floor(high * each_decade) + 1.0
    return np.asarray(10.0 ** (np.arange(first, last + 1.0) / each_decade))


def linear_edges(samples: Sequence[FloatArray], count: int = 30) -> FloatArray:
    """Edges of bins of equal breadth that hold all finite values."""
    joined = np.concatenate([values[np.isfinite(values)] for values in samples])
    return np.linspace(joined.min(), np.nextafter(joined.max(), np.inf), count + 1)


def draw_density(ax: Axes, found: Density, *, color: str, **style: Any) -> None:
    """Draw a density as a line with a band of one standard error, without its empty bins."""
    shown = found.count > 0
    x, y, error = found.centers[shown], found.value[shown], found.error[shown]
    ax.plot(x, y, color=color, **style)
    known = np.isfinite(error)
    # On a logarithmic axis a band cannot reach zero.
    low = np.maximum(y - error, 0.05 * y)
    ax.fill_between(x[known], low[known], (y + error)[known], color=color, alpha=0.18, linewidth=0.0)


def logarithmic_axis(ax: Axes, which: Literal["x", "y"]) -> None:
    """Make an axis logarithmic, with labels that do not overlap however short it is; after the curves are drawn."""
    from matplotlib.ticker import NullFormatter

    axis = ax.xaxis if which == "x" else ax.yaxis
    (ax.set_xscale if which == "x" else ax.set_yscale)("log")
    low, high = axis.get_view_interval()
    if np.floor(np.log10(high)) > np.ceil(np.log10(low)):
        # At least two powers of ten stand at the axis.
        axis.set_minor_formatter(NullFormatter())
    else:
        plain_logarithm(axis)
