"""The nonaffine modulus: what each particle contributes to the softening of the glass by nonaffine motion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from glassplast.analysis import Analysis
from glassplast.errors import GeometryError
from glassplast.indicators.registry import Field, register
from glassplast.loading import Loading, loading_matrix, symmetric_components, unit_strain

#: Particles up to which all modes are found unasked: minutes, where the next decade takes hours.
UNASKED_PARTICLES = 20_000
#: Largest residual of a mode allowed, relative to a bound on the largest eigenvalue.
TOLERANCE = 1e-10


@dataclass(frozen=True)
class NonaffineDecomposition:
    r"""What the modes of one glass contribute to its response along any loading.

    A loading matrix G has the symmetric components :math:`g_k = G_{xx}, G_{yy}, \ldots, G_{xy} + G_{yx}, \ldots`, and
    Xi is linear in them (at equilibrium a rotation gives none). So the nonaffine modulus is a quadratic form in g:

    .. math:: \mathrm{naf}\mu_i(G) = \sum_{kl} g_k g_l A^{kl}_i, \qquad
        A^{kl}_i = \frac1V \sum_m \frac{(\Psi_m \cdot \Xi_k)(\Psi_m \cdot \Xi_l)}{\lambda_m} |\Psi_m|_i^2

    Attributes
    ----------
    eigenvalues : ndarray, shape (n,)
        Of the modes in the sums, ascending, translations left out; as many as the inertia of H counts.
    complete : bool
        Whether these are all.
    products : ndarray, shape (K, K, N)
        A; NaN on rattlers. K = d (d + 1) / 2.
    totals : ndarray, shape (K, K)
        :math:`\Xi_k \cdot H^{-1} \cdot \Xi_l / V`, from solves: what the sums over particles and all modes must give.
    largest_residual : float
        Largest |H Psi - lambda Psi|.
    """

    eigenvalues: Field
    complete: bool
    products: Field
    totals: Field
    largest_residual: float

    def field(self, loading: Loading = 0.0) -> Field:
        """(N,): the nonaffine modulus of each particle along a loading; NaN on rattlers."""
        g = self._components(loading)
        field: Field = np.einsum("k,l,kli->i", g, g, self.products)
        return field

    def total(self, loading: Loading = 0.0) -> float:
        """Xi . H^-1 . Xi / V along a loading: by how much nonaffine motion lowers the modulus."""
        g = self._components(loading)
        return float(g @ self.totals @ g)

    def missing(self, loading: Loading = 0.0) -> float:
        """The part of `total` that the field lacks: of a complete sum, its error."""
        return 1.0 - float(np.nansum(self.field(loading))) / self.total(loading)

    def _components(self, loading: Loading) -> Field:
        dimension = {1: 1, 3: 2, 6: 3}[len(self.totals)]
        matrix = loading_matrix(loading, dimension)
        return np.array([matrix[a, b] + (matrix[b, a] if a != b else 0.0) for a, b in symmetric_components(dimension)])


def decompose(analysis: Analysis, modes: int | Literal["all"] | None = None) -> NonaffineDecomposition:
    """The decomposition behind the nonaffine modulus, remembered by the analysis.

    Parameters
    ----------
    analysis : Analysis
        Of a minimum.
    modes : int or "all", optional
        Sum over the lowest so many modes, or over all. By default all, up to 20 000 particles.

    Raises
    ------
    GeometryError
        If there are more particles and nothing was said, or not so many modes.
    InstabilityError
        If the glass is no minimum.
    ConvergenceError
        If the inertia of H counts another number of modes than were found.
    """
    count = len(analysis.glass)
    if modes is None:
        if count > UNASKED_PARTICLES:
            raise GeometryError(
                f"the nonaffine modulus is a sum over all modes, which takes hours for {count} particles: ask for "
                "modes='all', or for modes=n of the lowest and see what the sum rule says is missing"
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

    upper = np.triu_indices(len(pairs))
    products = np.empty((len(pairs), len(pairs), len(glass)))
    if modes == "all":
        eigenvalues, sums, residual = solver.nonaffine_sums(loads, TOLERANCE, analysis.progress)
    else:
        lowest = analysis.modes(modes, tolerance=TOLERANCE)
        eigenvalues, residual = lowest.eigenvalues, lowest.largest_residual
        vectors = np.nan_to_num(lowest.vectors)
        overlaps = flat @ vectors.reshape(len(lowest), -1).T
        weights = overlaps[upper[0]] * overlaps[upper[1]] / eigenvalues
        sums = weights @ np.sum(vectors**2, axis=2)
    products[upper] = sums / glass.volume
    products[upper[1], upper[0]] = products[upper]
    products[:, :, analysis.rattlers] = np.nan
    freedom = dimension * int(np.count_nonzero(~analysis.rattlers)) - solver.translations
    for array in (eigenvalues, products, totals):
        array.setflags(write=False)
    return NonaffineDecomposition(
        eigenvalues, len(eigenvalues) == freedom, products, 0.5 * (totals + totals.T), residual
    )


@register(
    "nonaffine_modulus",
    symbol="nafmu",
    family="response",
    softer="large",
    cost="all modes: minutes at N = 10^4",
    loading_dependent=True,
    fits=lambda glass: len(glass) <= UNASKED_PARTICLES,
)
def nonaffine_modulus(
    analysis: Analysis, *, loading: Loading = 0.0, modes: int | Literal["all"] | None = None
) -> Field:
    r"""What each particle contributes to the softening of the glass by nonaffine motion.

    .. math:: \mathrm{naf}\mu_i = \frac1V \sum_m \frac{(\Psi_m \cdot \Xi)^2}{\lambda_m} |\Psi_m|_i^2

    Paper Eq. (B17), whose sign is the opposite. The sum over the particles is :math:`\Xi \cdot H^{-1} \cdot \Xi / V`.
    Further loadings of the same analysis cost nothing: see `decompose`.

    Parameters
    ----------
    analysis : Analysis
        Of a minimum.
    loading : float or (d, d) array_like
        Direction: an angle in degrees or a matrix.
    modes : int or "all", optional
        Sum over the lowest so many modes, or over all. By default all, up to 20 000 particles; a sum that leaves
        modes out ranks particles differently.

    Returns
    -------
    ndarray, shape (N,)
        NaN on rattlers.
    """
    return decompose(analysis, modes).field(loading)
