"""Pseudo-harmonic and nonlinear quasilocalized modes, and the searches that find them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassplast import _engine
from glassplast.errors import ArgumentError, ConvergenceError, ModelError
from glassplast.foundation.arguments import finite_number, whole_number
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
    """Quasilocalized modes found from dipole responses; each mode appears once, in the order in which it was found.

    Attributes
    ----------
    vectors : ndarray, shape (n, N, d)
        Modes pi with unit norm; NaN for rattlers.
    stiffnesses : ndarray, shape (n,)
        Stiffnesses kappa = H : pi pi (energy / length^2).
    costs : ndarray, shape (n,)
        Value of the cost function at its minimum, for each mode.
    residuals : ndarray, shape (n,)
        Residual |H pi - (kappa/T) f(pi)| of the equation of each mode. Here T is the homogeneous form in the
        denominator of the cost function (Q for pseudo-harmonic modes), and f is its gradient divided by its degree.
    pairs : ndarray of int, shape (s,)
        Index of the pair (in `glassplast.Analysis.load_bearing_pairs`) from whose dipole each search started.
    led_to : ndarray of int, shape (s,)
        Index of the mode that each search led to; -1 if it did not converge.
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
        r"""The field :math:`\sum_k |U_3 : \pi_k \pi_k|_i^2 / \kappa_k`, summed over the modes.

        Parameters
        ----------
        glass : Glass or Analysis
            The minimum whose modes these are.

        Returns
        -------
        ndarray, shape (N,)
            The field; NaN for rattlers.
        """
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
    r"""Find pseudo-harmonic modes, which are soft and localized, from the harmonic approximation of the energy.

    They are local minima of the cost function

    .. math:: C(z) = \frac{(z \cdot H z)^2}{Q(z)}, \qquad Q(z) = \sum_{\langle ij \rangle} (z_{ij} \cdot z_{ij})^2

    with a sum over the interacting pairs. A minimum solves H π = (κ/Q) f(π), where κ = π·H π and f is a quarter of the
    gradient of Q. See Richard, Kapteijns, Giannini, Manning & Lerner, Phys. Rev. Lett. 126, 015501 (2021). Their
    mapping :math:`z \leftarrow H^{-1} f(z)` is here the first step of a conjugate-gradient search in the metric of H.

    The searches start from the responses d of single pairs, H d = ∂φ/∂x. The box is divided into ceil(L / spacing)
    parts along each cell vector. Among the pairs with their midpoint in a part, the one with the largest |∂φ/∂x · xdot|
    is taken, whose energy changes fastest with the loading.

    Parameters
    ----------
    glass : Glass or Analysis
        A minimum, for example from `glassplast.minimize`.
    loading : float or (d, d) array_like
        Loading whose nonaffine velocity xdot selects the starts: an angle in degrees or a matrix, see
        `glassplast.loading.loading_matrix`.
    spacing : float
        Largest side of a part of the box (length).
    tolerance : float
        Largest residual |H π - (κ/Q) f(π)| for a unit vector π.
    max_iterations : int
        Largest number of iterations in each part of a search; an iteration takes one solution of a linear system.
    overlap : float
        Two modes with a larger |π·π'| count as one.
    neighbourhood : int
        Number of particles with which a search begins, around its start and up to seven neighbouring starts, while the
        others are at rest. It continues with all particles once the residual is below κ/1000. This takes less time, and
        solves the same equation to the same tolerance. It is done in glasses of at least four times as many particles
        (16 times in 3D); 0 for all particles from the beginning.
    progress : callable, False or None
        Called with the stage, the fraction done, and a note; see `glassplast.foundation.progress.shown`.

    Returns
    -------
    QuasilocalizedModes

    Raises
    ------
    ConvergenceError
        If no search converges.
    InstabilityError
        If the configuration is not a minimum.
    ArgumentError
        If the spacing, tolerance, number of iterations or particles, or overlap is out of range.

    Examples
    --------
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> modes = gp.pseudo_harmonic_modes(glass)
    >>> modes.vectors.shape[1:]
    (64, 2)
    >>> bool((modes.stiffnesses > 0.0).all())
    True
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
    """Nonlinear plastic modes.

    The sign of a mode pi is chosen so that its third coefficient is negative and +pi leads over the barrier. The first
    six attributes are described in `QuasilocalizedModes`.

    Attributes
    ----------
    vectors, stiffnesses, costs, residuals, pairs, led_to : ndarray
        See `QuasilocalizedModes`.
    order : {3, 4}
        Order n of the equation that the modes solve.
    third, fourth : ndarray, shape (n,)
        Coefficients tau = U3 . pi^3 and chi = U4 . pi^4 of the energy along each mode.
    barriers : ndarray, shape (n,)
        First maximum of kappa s^2/2 + tau s^3/6 + chi s^4/24 for s > 0 (energy); NaN if there is none.
    cubic_barriers : ndarray, shape (n,)
        The maximum 2 kappa^3 / (3 tau^2) without the fourth order (energy).
    cores : ndarray of int, shape (n,)
        Index of the particle that moves most in each mode.
    core_positions : ndarray, shape (n, d)
        Position of that particle (length).
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
    """The default order of nonlinear modes for the model of a glass: 3 for ``lj`` and ``kob_andersen``, else 4."""
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
    r"""Find nonlinear plastic modes: soft displacements along which the energy is most anharmonic.

    They solve the equation

    .. math:: H \pi = \frac{H : \pi\pi}{U^{(n)} \cdot \pi^n} \, U^{(n)} \cdot \pi^{n-1}

    of Gartner & Lerner, Phys. Rev. E 93, 011001 (2016), SciPost Phys. 1, 016 (2016); see also paper Sec. B 13. They are
    stationary points of :math:`(H:zz)^n / (U^{(n)} \cdot z^n)^2`, which for n = 3 is three halves of the barrier of the
    cubic expansion along z. Minima of this function are found by conjugate gradients in the metric of H, from the same
    starts as those of `pseudo_harmonic_modes`. The function decreases in every step, so that a search cannot cycle.

    Parameters
    ----------
    glass : Glass or Analysis
        A minimum, for example from `glassplast.minimize`.
    order : {3, 4}, optional
        Order n of the derivative; by default 3 for ``lj`` and ``kob_andersen``, 4 for repulsive models.
    loading, spacing, tolerance, max_iterations, overlap, neighbourhood, progress
        See `pseudo_harmonic_modes`.

    Returns
    -------
    NonlinearModes
        With `order` 4 the fourth coefficient of a mode can have either sign, since both solve the equation.

    Raises
    ------
    ConvergenceError
        If no search converges.
    InstabilityError
        If the configuration is not a minimum.
    ModelError
        If the glass has no model.
    ArgumentError
        If the order is neither 3 nor 4, or the spacing, tolerance, number of iterations or particles, or overlap is out
        of range.

    Examples
    --------
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> modes = gp.nonlinear_modes(glass, order=3)
    >>> bool((modes.third <= 0.0).all())
    True
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
    # The modes are treated one after the other, since the contractions of all at once would dominate the memory.
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
    """The first maximum of kappa s^2/2 + tau s^3/6 + chi s^4/24 for s > 0 and tau <= 0.

    It lies at the first zero of kappa + tau s/2 + chi s^2/6.
    """
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
    """The result of searches from dipole responses, and the pairs whose dipoles these are."""
    finite_number("spacing", spacing, "distance", positive=True)
    finite_number("tolerance", tolerance, positive=True)
    max_iterations = whole_number("max_iterations", max_iterations)
    neighbourhood = whole_number("neighbourhood", neighbourhood, least=0)
    if not 0.0 < finite_number("overlap", overlap) <= 1.0:
        raise ArgumentError(f"overlap must lie between 0 and 1, not {overlap}")
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
            f"{max_iterations} iterations; allow more iterations"
        )
    return found, np.asarray(pairs)
