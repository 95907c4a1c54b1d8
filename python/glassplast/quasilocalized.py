"""Quasilocalized modes beyond the harmonic ones, and the searches that find them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassplast import _engine
from glassplast.analysis import Analysis
from glassplast.errors import ConvergenceError
from glassplast.loading import Loading, loading_matrix
from glassplast.relax import Progress

__all__ = ["QuasilocalizedModes", "pseudo_harmonic_modes"]

Field = NDArray[np.float64]


@dataclass(frozen=True)
class QuasilocalizedModes:
    """Modes found from dipole responses, each once, in the order in which they are reached.

    Attributes
    ----------
    vectors : ndarray, shape (n, N, d)
        Unit norm; NaN on rattlers.
    stiffnesses : ndarray, shape (n,)
        kappa = H : pi pi.
    costs : ndarray, shape (n,)
        The minimum of the cost function that each is.
    residuals : ndarray, shape (n,)
        How well each solves its equation; for pseudo-harmonic modes |H pi - (kappa/Q) f(pi)|.
    pairs : ndarray of int, shape (s,)
        The pair of the contact network (`Analysis.load_bearing_pairs`) from whose dipole each search started.
    found_from : ndarray of int, shape (s,)
        The mode that each search led to; -1 where it did not converge.
    """

    vectors: Field
    stiffnesses: Field
    costs: Field
    residuals: Field
    pairs: NDArray[np.int32]
    found_from: NDArray[np.int32]

    def __len__(self) -> int:
        return int(self.stiffnesses.size)

    def filtered_field(self, analysis: Analysis) -> Field:
        r"""(N,) :math:`\sum_k |U_3 : \pi_k \pi_k|_i^2 / \kappa_k`; NaN on rattlers."""
        return analysis.third_contraction_squares(self.vectors, 1.0 / self.stiffnesses)


def pseudo_harmonic_modes(
    analysis: Analysis,
    *,
    loading: Loading = 0.0,
    spacing: float = 4.0,
    tolerance: float = 1e-8,
    max_iterations: int = 500,
    overlap: float = 0.99,
    progress: Progress | None = None,
) -> QuasilocalizedModes:
    r"""Local minima of stiffness over localization, from the harmonic approximation of the energy alone.

    .. math:: C(z) = \frac{(z \cdot H z)^2}{Q(z)}, \qquad Q(z) = \sum_{\langle ij \rangle} (z_{ij} \cdot z_{ij})^2

    over the interacting pairs. A minimum solves H π = (κ/Q) f(π) with κ = π·H π and f a quarter of the gradient of Q:
    Richard, Kapteijns, Giannini, Manning & Lerner, Phys. Rev. Lett. 126, 015501 (2021), whose mapping
    :math:`z \leftarrow H^{-1} f(z)` is here the first step of a conjugate-gradient search in the metric of H.

    The searches start from the responses H d = ∂φ/∂x of single pairs: the box is cut into ceil(L / spacing) parts along
    each cell vector, and of the pairs with their middle in a part the one is taken with the largest |∂φ/∂x · xdot|, the
    one whose energy answers the loading fastest.

    Parameters
    ----------
    analysis : Analysis
        Of a minimum.
    loading : float or (d, d) array_like
        Which nonaffine velocity xdot chooses the starts.
    spacing : float
        Largest side of a part.
    tolerance : float
        Largest |H π - (κ/Q) f(π)| of a unit vector π.
    max_iterations : int
        Of each search; each takes one solve.
    overlap : float
        Modes with a larger |π·π'| are one.
    progress : callable, optional
        Called now and then with the number of searches done, and of all.

    Raises
    ------
    ConvergenceError
        If no search converges.
    InstabilityError
        If the configuration is no minimum.
    GeometryError
        If the spacing is not positive.
    """
    glass = analysis.glass
    solver = analysis.minimum
    network = analysis.load_bearing_pairs
    velocity = np.nan_to_num(analysis.nonaffine_velocity(loading_matrix(loading, glass.dimension)))
    # The overloads are told apart by the dimension, which no type checker knows here.
    choose: Any = _engine.susceptible_pairs
    search: Any = _engine.pseudo_harmonic_modes
    pairs = choose(glass.box, glass.positions, network, velocity, spacing)
    found = search(solver, network, pairs, tolerance, max_iterations, overlap, analysis.threads, progress)
    if found["stiffness"].size == 0:
        raise ConvergenceError(
            f"none of {len(pairs)} searches for pseudo-harmonic modes reached a residual of {tolerance:g} in "
            f"{max_iterations} iterations; allow more"
        )
    return QuasilocalizedModes(
        found["vectors"],
        found["stiffness"],
        found["stiffness"] ** 2 / found["form"],
        found["residual"],
        np.asarray(pairs),
        found["found_from"],
    )
