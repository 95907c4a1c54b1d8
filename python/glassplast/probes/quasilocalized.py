"""Quasilocalized modes beyond the harmonic ones, and the searches that find them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassplast import _engine
from glassplast.errors import ArgumentError, ConvergenceError, ModelError
from glassplast.foundation.arrays import FloatArray, IntegerArray
from glassplast.foundation.dimension import overloaded
from glassplast.foundation.one_line import constructor_like, number, span
from glassplast.foundation.progress import ProgressOption, shown
from glassplast.glass import Configuration, Glass, glass_of
from glassplast.loading import Loading, loading_matrix
from glassplast.response.analysis import Analysis, analysis_of

__all__ = ["NonlinearModes", "QuasilocalizedModes", "default_order", "nonlinear_modes", "pseudo_harmonic_modes"]

SPACING, TOLERANCE, MAX_ITERATIONS, OVERLAP, NEIGHBOURHOOD = 4.0, 1e-8, 500, 0.99, 2500


@dataclass(frozen=True, repr=False)
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
        How well each solves its equation, |H pi - (kappa/T) f(pi)| with T the form of the cost function (Q of
        pseudo-harmonic modes) and f its gradient over its degree.
    pairs : ndarray of int, shape (s,)
        The pair of the contact network (`Analysis.load_bearing_pairs`) from whose dipole each search started.
    led_to : ndarray of int, shape (s,)
        The mode that each search led to; -1 where it did not converge.
    """

    vectors: FloatArray
    stiffnesses: FloatArray
    costs: FloatArray
    residuals: FloatArray
    pairs: NDArray[np.int32]
    led_to: NDArray[np.int32]

    def __len__(self) -> int:
        return int(self.stiffnesses.size)

    def __repr__(self) -> str:
        return constructor_like("QuasilocalizedModes", **self._in_short())

    def _in_short(self) -> dict[str, Any]:
        return {
            "count": len(self),
            "N": self.vectors.shape[1],
            "dimension": self.vectors.shape[2],
            "searches": self.pairs.size,
            "stiffnesses": span(self.stiffnesses.min(), self.stiffnesses.max()) if len(self) else None,
            "largest_residual": number(self.residuals.max(), 2) if len(self) else None,
        }

    def filtered_field(self, glass: Glass | Analysis) -> FloatArray:
        r"""(N,) :math:`\sum_k |U_3 : \pi_k \pi_k|_i^2 / \kappa_k`; NaN on rattlers."""
        return analysis_of(glass).third_contraction_squares(self.vectors, 1.0 / self.stiffnesses)


def pseudo_harmonic_modes(
    glass: Glass | Analysis,
    *,
    loading: Loading = 0.0,
    spacing: float = SPACING,
    tolerance: float = TOLERANCE,
    max_iterations: int = MAX_ITERATIONS,
    overlap: float = OVERLAP,
    neighbourhood: int = NEIGHBOURHOOD,
    progress: ProgressOption = None,
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
    glass : Glass or Analysis
        A minimum.
    loading : float or (d, d) array_like
        Which nonaffine velocity xdot chooses the starts.
    spacing : float
        Largest side of a part.
    tolerance : float
        Largest |H π - (κ/Q) f(π)| of a unit vector π.
    max_iterations : int
        Of each part of a search; each takes one solve.
    overlap : float
        Modes with a larger |π·π'| are one.
    neighbourhood : int
        In a glass at least four times as large (16 times in 3D) a search begins among so many particles around its
        start and up to seven beside it, with those beyond at rest, and goes on with all from a residual of κ/1000:
        it costs less, and solves the same equation to the same tolerance. 0 for all particles throughout.
    progress : callable, False or None
        Called with the stage, the fraction done, and a note; see `glassplast.foundation.progress.shown`.

    Raises
    ------
    ConvergenceError
        If no search converges.
    InstabilityError
        If the configuration is no minimum.
    ArgumentError
        For a spacing, a tolerance, a number of iterations or particles or an overlap that cannot be meant.
    """
    found, pairs = _found(
        _engine.pseudo_harmonic_modes,
        analysis_of(glass),
        (),
        loading,
        spacing,
        tolerance,
        max_iterations,
        overlap,
        neighbourhood,
        progress,
    )
    return QuasilocalizedModes(
        found["vectors"],
        found["stiffness"],
        found["stiffness"] ** 2 / found["form"],
        found["residual"],
        pairs,
        found["found_from"],
    )


@dataclass(frozen=True, repr=False)
class NonlinearModes(QuasilocalizedModes):
    """Nonlinear plastic modes; vectors have the sign of a negative third coefficient: +pi leads over the barrier.

    Attributes
    ----------
    order : int
        3 or 4: n of the equation that they solve.
    third, fourth : ndarray, shape (n,)
        tau = U3 . pi^3 and chi = U4 . pi^4.
    barriers : ndarray, shape (n,)
        The first maximum of kappa s^2/2 + tau s^3/6 + chi s^4/24 for s > 0; NaN where there is none.
    cubic_barriers : ndarray, shape (n,)
        2 kappa^3 / (3 tau^2), the same without the fourth order.
    cores : ndarray of int, shape (n,)
        The particle that moves most.
    core_positions : ndarray, shape (n, d)
        Where it is.
    """

    order: int
    third: FloatArray
    fourth: FloatArray
    barriers: FloatArray
    cubic_barriers: FloatArray
    cores: IntegerArray
    core_positions: FloatArray

    def __repr__(self) -> str:
        known = self.barriers[np.isfinite(self.barriers)]
        lowest = known.min() if known.size else None
        return constructor_like("NonlinearModes", order=self.order, **self._in_short(), lowest_barrier=lowest)


def default_order(glass: Configuration) -> int:
    """The order of nonlinear modes that the model of a glass takes: 3 for ``lj`` and ``kob_andersen``, else 4."""
    model = glass_of(glass).model
    if model is None:
        raise ModelError("nonlinear modes need a potential: give the glass a model, e.g. model='poly'")
    return model.kind.nonlinear_order


def nonlinear_modes(
    glass: Glass | Analysis,
    *,
    order: int | None = None,
    loading: Loading = 0.0,
    spacing: float = SPACING,
    tolerance: float = TOLERANCE,
    max_iterations: int = MAX_ITERATIONS,
    overlap: float = OVERLAP,
    neighbourhood: int = NEIGHBOURHOOD,
    progress: ProgressOption = None,
) -> NonlinearModes:
    r"""Nonlinear plastic modes: displacements along which the energy is soft and bends most.

    .. math:: H \pi = \frac{H : \pi\pi}{U^{(n)} \cdot \pi^n} \, U^{(n)} \cdot \pi^{n-1}

    Gartner & Lerner, Phys. Rev. E 93, 011001 (2016), SciPost Phys. 1, 016 (2016); paper Sec. B 13. They are critical
    points of :math:`(H:zz)^n / (U^{(n)} \cdot z^n)^2`, for n = 3 three halves of the barrier of the cubic expansion
    along z. Minima are found by conjugate gradients in the metric of H, from the same responses to dipoles and in the
    same way as pseudo-harmonic modes (`pseudo_harmonic_modes`): the cost falls in every step, so that nothing cycles.

    Parameters
    ----------
    glass : Glass or Analysis
        A minimum.
    order : {3, 4}, optional
        n; by default 3 for ``lj`` and ``kob_andersen``, 4 for repulsive models.
    loading, spacing, tolerance, max_iterations, overlap, neighbourhood, progress
        As of `pseudo_harmonic_modes`.

    Returns
    -------
    NonlinearModes
        With `order` 4 the coefficient of a mode can be negative as well as positive: both solve the equation.

    Raises
    ------
    ConvergenceError
        If no search converges.
    InstabilityError
        If the configuration is no minimum.
    ArgumentError
        If the order is neither 3 nor 4, or the spacing is not positive.
    ModelError
        If the glass has no model.
    ArgumentError
        For a tolerance, a number of iterations or particles or an overlap that cannot be meant.
    """
    if order not in (None, 3, 4):
        raise ArgumentError(f"order must be 3 or 4, not {order!r}")
    analysis = analysis_of(glass)
    chosen = default_order(analysis.glass) if order is None else int(order)
    found, pairs = _found(
        _engine.nonlinear_modes,
        analysis,
        (chosen,),
        loading,
        spacing,
        tolerance,
        max_iterations,
        overlap,
        neighbourhood,
        progress,
    )
    stiffness, vectors = found["stiffness"], found["vectors"]
    third, fourth = np.empty_like(stiffness), np.empty_like(stiffness)
    cores = np.empty(stiffness.size, dtype=np.int64)
    # One after the other: all of them at once are the largest thing in memory.
    for k, vector in enumerate(vectors):
        third[k] = np.nansum(vector * analysis.third_contraction(vector, vector))
        fourth[k] = np.nansum(vector * analysis.fourth_contraction(vector, vector, vector))
        cores[k] = np.nanargmax(np.sum(vector**2, axis=1))
        vector *= -1.0 if third[k] > 0.0 else 1.0
    third = -np.abs(third)
    return NonlinearModes(
        vectors=vectors,
        stiffnesses=stiffness,
        costs=stiffness**chosen / found["form"] ** 2,
        residuals=found["residual"],
        pairs=pairs,
        led_to=found["found_from"],
        order=chosen,
        third=third,
        fourth=fourth,
        barriers=_first_maximum(stiffness, third, fourth),
        cubic_barriers=2.0 * stiffness**3 / (3.0 * third**2),
        cores=cores,
        core_positions=analysis.glass.positions[cores],
    )


def _first_maximum(kappa: FloatArray, tau: FloatArray, chi: FloatArray) -> FloatArray:
    """Of kappa s^2/2 + tau s^3/6 + chi s^4/24 for s > 0, tau <= 0: the first zero of kappa + tau s/2 + chi s^2/6."""
    with np.errstate(invalid="ignore", divide="ignore"):
        s = 2.0 * kappa / (-0.5 * tau + np.sqrt(0.25 * tau**2 - 2.0 * kappa * chi / 3.0))
        barriers: FloatArray = kappa * s**2 / 2.0 + tau * s**3 / 6.0 + chi * s**4 / 24.0
    return barriers


def _found(
    search: Any,
    analysis: Analysis,
    which: tuple[int, ...],
    loading: Loading,
    spacing: float,
    tolerance: float,
    max_iterations: int,
    overlap: float,
    neighbourhood: int,
    progress: ProgressOption,
) -> tuple[dict[str, Any], NDArray[np.int32]]:
    """What searches from the responses of dipoles lead to, and the pairs whose dipoles these are."""
    if not (math.isfinite(tolerance) and tolerance > 0.0):
        raise ArgumentError(f"tolerance must be positive and finite, not {tolerance}")
    if isinstance(max_iterations, bool) or int(max_iterations) != max_iterations or max_iterations < 1:
        raise ArgumentError(f"max_iterations must be a whole number of at least 1, not {max_iterations}")
    if isinstance(neighbourhood, bool) or int(neighbourhood) != neighbourhood or neighbourhood < 0:
        raise ArgumentError(f"neighbourhood must be a whole number of particles, 0 for all, not {neighbourhood}")
    if not 0.0 < overlap <= 1.0:
        raise ArgumentError(f"overlap must lie between 0 and 1, not be {overlap}")
    glass = analysis.glass
    solver = analysis.minimum
    network = analysis.load_bearing_pairs
    velocity = np.nan_to_num(analysis.nonaffine_velocity(loading_matrix(loading, glass.dimension)))
    pairs = overloaded(_engine.susceptible_pairs)(glass.box, glass.positions, network, velocity, spacing)
    with shown(analysis.progress if progress is None else progress) as tell:

        def callback(done: float, total: float) -> None:
            tell("quasilocalized modes", done / max(total, 1.0), f"{done:.0f} of {total:.0f} searches")

        found: dict[str, Any] = search(
            solver,
            network,
            pairs,
            *which,
            tolerance,
            max_iterations,
            overlap,
            neighbourhood,
            analysis.threads,
            callback,
        )
    if found["stiffness"].size == 0:
        raise ConvergenceError(
            f"none of {len(pairs)} searches for quasilocalized modes reached a residual of {tolerance:g} in "
            f"{max_iterations} iterations; allow more"
        )
    return found, np.asarray(pairs)
