"""The contribution of each mode of a glass to its softening by nonaffine motion, along any loading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from glassplast.errors import ArgumentError
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.one_line import without_arrays
from glassplast.foundation.progress import counted, shown
from glassplast.glass import Glass
from glassplast.loading import Loading, loading_matrix, symmetric_components, unit_strain
from glassplast.response.analysis import Analysis, analysis_of

__all__ = ["UNASKED_PARTICLES", "NonaffineDecomposition", "nonaffine_decomposition"]

#: Largest number of particles for which all modes are computed by default, which takes minutes; for ten times as many
#: particles it takes hours.
UNASKED_PARTICLES = 20_000
#: Largest residual of a mode allowed, relative to a bound on the largest eigenvalue.
TOLERANCE = 1e-10


@dataclass(frozen=True, repr=False)
class NonaffineDecomposition:
    r"""The contribution of the modes of one glass to its nonaffine response along any loading.

    A loading matrix G has the symmetric components :math:`g_k = G_{xx}, G_{yy}, \ldots, G_{xy} + G_{yx}, \ldots`, and
    Xi is linear in them (at equilibrium a rotation makes no contribution). The nonaffine modulus is therefore a
    quadratic form in g:

    .. math:: \mathrm{naf}\mu_i(G) = \sum_{kl} g_k g_l A^{kl}_i, \qquad
        A^{kl}_i = \frac1V \sum_m \frac{(\Psi_m \cdot \Xi_k)(\Psi_m \cdot \Xi_l)}{\lambda_m} |\Psi_m|_i^2

    Attributes
    ----------
    eigenvalues : ndarray, shape (n,)
        Eigenvalues of the modes in the sums in ascending order, without translations; their number agrees with the
        inertia of the Hessian H.
    complete : bool
        Whether the sums run over all modes.
    products : ndarray, shape (K, K, N)
        The coefficients A of each particle (energy / volume), with K = d (d + 1) / 2; NaN for rattlers.
    totals : ndarray, shape (K, K)
        :math:`\Xi_k \cdot H^{-1} \cdot \Xi_l / V` from the solution of linear equations (energy / volume). The sum of A
        over particles must equal it if all modes are included.
    largest_residual : float
        Largest |H Psi - lambda Psi| of a mode.
    """

    eigenvalues: FloatArray
    complete: bool
    products: FloatArray
    totals: FloatArray
    largest_residual: float

    __repr__ = without_arrays

    def field(self, loading: Loading = 0.0) -> FloatArray:
        """The nonaffine modulus of each particle along a loading.

        Parameters
        ----------
        loading : float or (d, d) array_like
            Angle in degrees or loading matrix, see `glassplast.loading.loading_matrix`.

        Returns
        -------
        ndarray, shape (N,)
            Nonaffine modulus (energy / volume); NaN for rattlers.
        """
        g = self._components(loading)
        field: FloatArray = np.einsum("k,l,kli->i", g, g, self.products)
        return field

    def total(self, loading: Loading = 0.0) -> float:
        """The amount Xi . H^-1 . Xi / V by which nonaffine motion lowers the modulus along a loading.

        Parameters
        ----------
        loading : float or (d, d) array_like
            Angle in degrees or loading matrix, see `glassplast.loading.loading_matrix`.

        Returns
        -------
        float
            Modulus (energy / volume).
        """
        g = self._components(loading)
        return float(g @ self.totals @ g)

    def missing(self, loading: Loading = 0.0) -> float:
        """The fraction of `total` that is missing in the sum of `field` over particles.

        If the sum runs over all modes, this is its error.

        Parameters
        ----------
        loading : float or (d, d) array_like
            Angle in degrees or loading matrix, see `glassplast.loading.loading_matrix`.

        Returns
        -------
        float
        """
        return 1.0 - float(np.nansum(self.field(loading))) / self.total(loading)

    def _components(self, loading: Loading) -> FloatArray:
        dimension = {1: 1, 3: 2, 6: 3}[len(self.totals)]
        matrix = loading_matrix(loading, dimension)
        return np.array([matrix[a, b] + (matrix[b, a] if a != b else 0.0) for a, b in symmetric_components(dimension)])


def nonaffine_decomposition(
    glass: Glass | Analysis, modes: int | Literal["all"] | None = None
) -> NonaffineDecomposition:
    """Compute the contributions of the modes to the nonaffine modulus; an `Analysis` keeps the result.

    Parameters
    ----------
    glass : Glass or Analysis
        A minimum.
    modes : int or "all", optional
        Number of lowest modes to sum over, or all of them. By default all modes, up to 20 000 particles.

    Returns
    -------
    NonaffineDecomposition

    Raises
    ------
    ArgumentError
        If `modes` is not given for more than 20 000 particles, or exceeds the number of modes.
    InstabilityError
        If the glass is not a minimum.
    ConvergenceError
        If the number of modes found differs from the count by the inertia of the Hessian.
    """
    analysis = analysis_of(glass)
    count = len(analysis.glass)
    if modes is None:
        if count > UNASKED_PARTICLES:
            raise ArgumentError(
                f"the nonaffine modulus is a sum over all modes, which takes hours for {count} particles: pass "
                "modes='all', or modes=n for the n lowest modes; response.mode_sums estimates the sum over all modes"
            )
        modes = "all"
    asked = modes
    return analysis.remember(("nonaffine_decomposition", asked), lambda: _decompose(analysis, asked))


def _decompose(analysis: Analysis, modes: int | Literal["all"]) -> NonaffineDecomposition:
    solver = analysis.minimum
    glass = analysis.glass
    dimension = glass.dimension
    pairs = symmetric_components(dimension)
    loads = [analysis.affine_gradient(unit_strain(a, b, dimension)) for a, b in pairs]
    flat = np.array([load.ravel() for load in loads])
    responses = np.array([np.nan_to_num(analysis.solve(load)).ravel() for load in loads])
    totals = flat @ responses.T / glass.volume

    freedom = dimension * int(np.count_nonzero(~analysis.rattlers)) - solver.translations
    upper = np.triu_indices(len(pairs))
    products = np.empty((len(pairs), len(pairs), len(glass)))
    if modes == "all":
        with shown(analysis.progress) as tell:
            callback = counted(tell, "all modes", freedom, "{0:.0f} modes")
            eigenvalues, sums, residual = solver.nonaffine_sums(loads, TOLERANCE, callback)
    else:
        if not 1 <= modes <= freedom:
            raise ArgumentError(f"modes must be 'all' or between 1 and {freedom}, not {modes}")
        lowest = analysis.modes(modes, tolerance=TOLERANCE)
        eigenvalues, residual = lowest.eigenvalues, lowest.largest_residual
        vectors = np.nan_to_num(lowest.vectors)
        overlaps = flat @ vectors.reshape(len(lowest), -1).T
        weights = overlaps[upper[0]] * overlaps[upper[1]] / eigenvalues
        sums = weights @ np.sum(vectors**2, axis=2)
    products[upper] = sums / glass.volume
    products[upper[1], upper[0]] = products[upper]
    products[:, :, analysis.rattlers] = np.nan
    for array in (eigenvalues, products, totals):
        array.setflags(write=False)
    return NonaffineDecomposition(
        eigenvalues, len(eigenvalues) == freedom, products, 0.5 * (totals + totals.T), residual
    )
