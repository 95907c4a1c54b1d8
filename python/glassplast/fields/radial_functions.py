"""Radial structure functions of a configuration: g(r), around each particle and on average.

All sums run over all periodic images, so that the range may exceed the box.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from glassplast import _engine
from glassplast.errors import ArgumentError, GeometryError
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.threads import thread_count
from glassplast.glass import Configuration, glass_of

__all__ = ["first_minimum", "local_radial_distribution", "radial_distribution", "radial_histogram"]


def local_radial_distribution(glass: Configuration, r: ArrayLike, *, delta: float = 0.12) -> FloatArray:
    r"""Compute the smoothed radial distribution around each particle.

    .. math::

        g_i(r) = \frac{1}{S_d r^{d-1} \rho} \sum_j
                 \frac{e^{-(r - r_{ij})^2 / 2 \delta^2}}{\sqrt{2 \pi \delta^2}}

    Here :math:`S_d r^{d-1}` is the surface of the sphere, 2πr in two dimensions and 4πr² in three.

    Parameters
    ----------
    glass : Glass or Analysis
        The configuration.
    r : array_like, shape (R,)
        Distances (length), positive and increasing.
    delta : float
        Standard deviation of the Gaussians (length).

    Returns
    -------
    ndarray, shape (N, R)
        Dimensionless distribution, which is 1 for an ideal gas.

    Raises
    ------
    ArgumentError
        If the distances are not positive and increasing, or `delta` is not positive.

    Notes
    -----
    See P. M. Piaggi, O. Valsson, M. Parrinello, Phys. Rev. Lett. 119, 015701 (2017); Richard et al., Phys. Rev.
    Materials 4, 113609 (2020), equation B4, which does not specify the prefactor. The Gaussians are cut off at 8 δ,
    where they have fallen to 1.3e-14.
    """
    glass = glass_of(glass)
    return _engine.local_radial_distribution(glass.box, glass.positions, r, delta)


def radial_distribution(
    glass: Configuration, r: ArrayLike, *, delta: float = 0.12, threads: int | None = None
) -> FloatArray:
    """Compute the mean of `local_radial_distribution` over all particles.

    Parameters
    ----------
    glass : Glass or Analysis
        The configuration.
    r : array_like, shape (R,)
        Distances (length), positive and increasing.
    delta : float
        Standard deviation of the Gaussians (length).
    threads : int, optional
        Number of threads; by default ``GLASSPLAST_NUM_THREADS``, or all cores. No result depends on it.

    Returns
    -------
    ndarray, shape (R,)
        Dimensionless distribution, which is 1 for an ideal gas.

    Raises
    ------
    ArgumentError
        If the distances are not positive and increasing, or `delta` is not positive.
    """
    glass = glass_of(glass)
    return _engine.radial_distribution(glass.box, glass.positions, r, delta, thread_count(threads))


def radial_histogram(glass: Configuration, r_max: float, *, bins: int = 100) -> tuple[FloatArray, FloatArray]:
    """Compute g(r) as a histogram: the number of pairs in shells of equal width, divided by that in an ideal gas.

    Parameters
    ----------
    glass : Glass or Analysis
        The configuration.
    r_max : float
        Outer radius of the last shell (length).
    bins : int
        Number of shells.

    Returns
    -------
    edges : ndarray, shape (bins + 1,)
        Radii of the shells (length).
    g : ndarray, shape (bins,)
        Dimensionless distribution in each shell.

    Raises
    ------
    ArgumentError
        If `r_max` or `bins` is not positive.
    """
    glass = glass_of(glass)
    g = _engine.pair_histogram(glass.box, glass.positions, r_max, bins)
    return np.linspace(0.0, r_max, bins + 1), g


def first_minimum(glass: Configuration, *, delta: float = 0.12, threads: int | None = None) -> float:
    """Find the first local minimum of `radial_distribution` after its highest peak.

    The minimum ends the first shell of neighbours; it is the default range of the excess entropy. In Lennard-Jones
    glasses a smaller peak of S-S pairs precedes the highest peak.

    Parameters
    ----------
    glass : Glass or Analysis
        The configuration.
    delta : float
        Standard deviation of the Gaussians (length).
    threads : int, optional
        Number of threads; by default ``GLASSPLAST_NUM_THREADS``, or all cores. No result depends on it.

    Returns
    -------
    float
        Distance of the minimum (length), accurate to about 1e-6 δ.

    Raises
    ------
    GeometryError
        If there is no such minimum within three mean spacings, as in a dilute gas.
    ArgumentError
        For `delta` not positive.
    """
    glass = glass_of(glass)
    if not (math.isfinite(delta) and delta > 0.0):
        raise ArgumentError(f"delta must be positive and finite, not {delta}")
    step = delta / 6.0
    longest = 3.0 * glass.number_density ** (-1.0 / glass.dimension)
    r = np.arange(step, longest + step, step)
    g = radial_distribution(glass, r, delta=delta, threads=threads)
    inner = g[1:-1]
    peaks = 1 + np.flatnonzero((inner > g[:-2]) & (inner >= g[2:]))
    minima = 1 + np.flatnonzero((inner < g[:-2]) & (inner <= g[2:]))
    if peaks.size:
        minima = minima[minima > peaks[np.argmax(g[peaks])]]
    if not (peaks.size and minima.size):
        raise GeometryError(
            f"g(r) smoothed by delta = {delta:g} has no peak and minimum below r = {longest:g}; give r_max"
        )
    position = float(r[minima[0]])
    # Finer grids locate the minimum, then the vertex of a parabola, whose error decreases with the square of the step.
    for points in (13, 13, 13):
        fine = np.linspace(position - step, position + step, points)
        position = float(fine[np.argmin(radial_distribution(glass, fine, delta=delta, threads=threads))])
        step = 2.0 * step / (points - 1)
    around = position + step * np.array([-1.0, 0.0, 1.0])
    left, middle, right = radial_distribution(glass, around, delta=delta, threads=threads)
    return position + 0.5 * step * float((left - right) / (left - 2.0 * middle + right))
