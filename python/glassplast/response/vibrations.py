"""The vibrational density of states of an ensemble of glasses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from glassplast.errors import ArgumentError, GeometryError
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.one_line import constructor_like, span
from glassplast.glass import Glass
from glassplast.response.analysis import Analysis, analysis_of
from glassplast.response.modes import Modes
from glassplast.response.nonaffine_sums import nonaffine_decomposition

__all__ = ["DensityOfStates", "density_of_states"]


@dataclass(frozen=True, repr=False)
class DensityOfStates:
    """The vibrational density of states D(omega), averaged over samples.

    Attributes
    ----------
    edges : ndarray, shape (B + 1,)
        Edges of the bins in omega.
    density : ndarray, shape (B,)
        Number of modes of a sample in a bin, divided by the number of all its modes and by the width of the bin; the
        integral over the whole spectrum is 1.
    error : ndarray, shape (B,)
        Standard error of the mean over samples; NaN for a single sample.
    samples : int
        Number of samples.
    """

    edges: FloatArray
    density: FloatArray
    error: FloatArray
    samples: int

    def __repr__(self) -> str:
        reach = span(self.edges[0], self.edges[-1])
        part = float(np.sum(self.density * np.diff(self.edges)))
        return constructor_like(
            "DensityOfStates", samples=self.samples, bins=self.density.size, frequencies=reach, part_of_all_modes=part
        )

    @property
    def centers(self) -> FloatArray:
        """Middle of each bin, shape (B,)."""
        return 0.5 * (self.edges[1:] + self.edges[:-1])


def density_of_states(
    samples: Iterable[Glass | Analysis | Modes | ArrayLike],
    bins: int | ArrayLike = 50,
    *,
    count: int | None = None,
    total: int | None = None,
) -> DensityOfStates:
    """Compute the vibrational density of states of an ensemble.

    .. math:: D(\\omega) = \\frac{1}{n} \\sum_m \\delta(\\omega - \\omega_m)

    for each sample, where n is the number of its modes without translations; all samples have the same weight.

    Parameters
    ----------
    samples : iterable of Glass, Analysis, Modes or array_like
        Minima, their modes, or arrays of frequencies.
    bins : int or array_like, shape (B + 1,)
        Number of bins of equal width, or the edges of the bins. Bins of equal width end at the highest frequency that
        all samples reach, since the density above is not known for all of them.
    count : int, optional
        Number of lowest modes to compute for samples that are minima; by default all modes, certified by inertia.
    total : int, optional
        Number of all modes of a sample, for normalization, if fewer are given as modes or frequencies. By default the
        modes that are given are all.

    Returns
    -------
    DensityOfStates

    Raises
    ------
    ArgumentError
        If there are no samples, a frequency is not finite, more modes are given than `total`, or the edges do not
        ascend.
    GeometryError
        If the frequencies of a sample are not a one-dimensional array with at least one entry.

    Examples
    --------
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> spectrum = gp.density_of_states([glass], bins=20)
    >>> spectrum.density.shape
    (20,)
    """
    spectra: list[FloatArray] = []
    totals: list[int] = []
    for sample in samples:
        if isinstance(sample, (Glass, Analysis)):
            sample = analysis_of(sample)
            frequencies = (
                np.sqrt(nonaffine_decomposition(sample, "all").eigenvalues)
                if count is None
                else sample.modes(count).frequencies
            )
            freedom = sample.glass.dimension * int(np.count_nonzero(~sample.rattlers))
            number = freedom - sample.solver.translations
        else:
            frequencies = sample.frequencies if isinstance(sample, Modes) else np.asarray(sample, dtype=np.float64)
            number = frequencies.size if total is None else total
        if frequencies.ndim != 1 or frequencies.size == 0:
            raise GeometryError(f"frequencies of a sample must be an array (n,), not {frequencies.shape}")
        if not np.isfinite(frequencies).all():
            raise ArgumentError("frequencies must be finite: the sample is no minimum")
        if frequencies.size > number:
            raise ArgumentError(f"total must be at least the number of frequencies, {frequencies.size}, not {number}")
        spectra.append(frequencies)
        totals.append(number)
    if not spectra:
        raise ArgumentError("samples must not be empty")
    if np.ndim(bins) == 0:
        reach = min(float(frequencies.max()) for frequencies in spectra)
        edges = np.linspace(0.0, reach, int(np.asarray(bins)) + 1)
    else:
        edges = np.asarray(bins, dtype=np.float64)
    if edges.ndim != 1 or edges.size < 2 or not (np.diff(edges) > 0.0).all():
        raise ArgumentError("bins must be two or more bounds that ascend, or a positive number of bins")
    single = np.array(
        [
            np.histogram(frequencies, edges)[0] / (number * np.diff(edges))
            for frequencies, number in zip(spectra, totals, strict=True)
        ]
    )
    several = len(spectra) > 1
    error = single.std(axis=0, ddof=1) / np.sqrt(len(spectra)) if several else np.full(edges.size - 1, np.nan)
    return DensityOfStates(edges, single.mean(axis=0), error, len(spectra))
