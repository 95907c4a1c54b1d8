"""Everything that indicators share about one configuration; each quantity is computed when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

import numpy as np
import scipy.sparse
from numpy.typing import ArrayLike

from glassplast import _engine
from glassplast.errors import InstabilityError, UnknownNameError, suggestion
from glassplast.fields.tessellation import Tessellation
from glassplast.foundation.arguments import finite_number, whole_number
from glassplast.foundation.arrays import BoolArray, FloatArray
from glassplast.foundation.dimension import engine_class
from glassplast.foundation.notebook import card
from glassplast.foundation.one_line import constructor_like
from glassplast.foundation.progress import Progress, ProgressOption, counted, shown
from glassplast.foundation.threads import thread_count
from glassplast.glass import Configuration, Glass, facts_of, glass_of, in_short, simple_shear
from glassplast.loading import Loading, loading_matrix
from glassplast.relax import EQUILIBRIUM_TOLERANCE
from glassplast.response.modes import Modes

Network = _engine.ContactNetwork2D | _engine.ContactNetwork3D
Solver = _engine.ElasticSolver2D | _engine.ElasticSolver3D
T = TypeVar("T")

__all__ = ["MODE_SOLVERS", "Analysis", "InverseBlocks", "analysis_of"]

#: What finds modes: the name of each eigensolver and the method of the factorized Hessian that runs it.
MODE_SOLVERS = {"block_lanczos": "lowest_modes", "spectra": "spectra_modes"}


class InverseBlocks(NamedTuple):
    """Blocks of the Moore-Penrose inverse of the Hessian.

    Attributes
    ----------
    diagonal : ndarray, shape (N, d, d)
        Block of each particle with itself (length^2 / energy); NaN for rattlers.
    pairs : ndarray, shape (P, d, d)
        Block of the first with the second particle of each load-bearing pair (length^2 / energy).
    """

    diagonal: FloatArray
    pairs: FloatArray


class Analysis:
    """One configuration with its energy, network, Hessian, modes and responses.

    Parameters
    ----------
    glass : Glass or Analysis
        The configuration. Mechanical quantities need its model; responses and modes need it to be a minimum.
    progress : callable, False or None
        Called in long computations with the stage, the fraction done, and a note; see
        `glassplast.foundation.progress.shown`.
    threads : int, optional
        Number of threads; by default ``GLASSPLAST_NUM_THREADS``, or all cores. No result depends on it.

    Examples
    --------
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> analysis = gp.Analysis(glass)
    >>> analysis.forces.shape
    (64, 2)
    >>> analysis.modes(3).eigenvalues.shape
    (3,)
    """

    def __init__(self, glass: Configuration, *, progress: ProgressOption = None, threads: int | None = None) -> None:
        self._glass = glass_of(glass)
        self._threads = thread_count(threads)
        self._progress = progress
        self._memory: dict[Hashable, Any] = {}

    def __repr__(self) -> str:
        known = self._facts()
        short = {
            "energy_per_particle": known.get("energy per particle"),
            "largest_force": known.get("largest force"),
        }
        return constructor_like("Analysis", **in_short(self._glass), strain=self._glass.strain, **short)

    def _repr_html_(self) -> str:
        return card(self, "Analysis", facts_of(self._glass) | self._facts())

    def _facts(self) -> dict[str, Any]:
        """The quantities that are known already, since a display must not start a computation."""
        known = self.__dict__
        return {
            "energy per particle": known["energy"] / len(self._glass) if "energy" in known else None,
            "largest force": known.get("largest_force"),
            "rattlers": int(np.count_nonzero(known["rattlers"])) if "rattlers" in known else None,
            "threads": self._threads,
        }

    def __getstate__(self) -> dict[str, Any]:
        # Results are not pickled but computed again, since they hold objects of the engine and would be large.
        return {"_glass": self._glass, "_threads": self._threads, "_progress": None, "_memory": {}}

    @property
    def glass(self) -> Glass:
        """The configuration."""
        return self._glass

    @property
    def threads(self) -> int:
        """Number of threads that long computations use."""
        return self._threads

    @property
    def progress(self) -> ProgressOption:
        """The progress option, through which long computations report the fraction done."""
        return self._progress

    @contextmanager
    def telling(self, progress: Progress) -> Iterator[None]:
        """Report progress to another callable within a ``with`` block.

        Parameters
        ----------
        progress : callable
            Called with the stage, the fraction done, and a note.
        """
        before, self._progress = self._progress, progress
        try:
            yield
        finally:
            self._progress = before

    @cached_property
    def pairs(self) -> Network:
        """The contact network, which holds arrays over all interacting pairs with first < second.

        Its arrays are `first` and `second` (indices of the particles), `separation` (x_second - x_first), `distance`,
        `direction`, `length` (contact distance), and `phi`, `phi1` to `phi4` (pair energy and its derivatives with
        respect to r). They are views, not copies.
        """
        return self._glass.potential_energy().network(self._glass.positions)

    @cached_property
    def load_bearing_pairs(self) -> Network:
        """The contact network without the contacts of rattlers, which carries the elastic response."""
        return _engine.load_bearing(self.pairs)

    @cached_property
    def energy(self) -> float:
        """The potential energy U."""
        return _engine.energy(self.pairs)

    @cached_property
    def forces(self) -> FloatArray:
        """The forces -dU/dx, shape (N, d)."""
        return _engine.forces(self.pairs)

    @cached_property
    def stress(self) -> FloatArray:
        """The stress sigma = (1/V) sum over pairs of phi' r r / |r|, shape (d, d), positive under tension."""
        return _engine.virial(self.pairs) / self._glass.volume

    @cached_property
    def largest_force(self) -> float:
        """The largest norm of the force on any particle."""
        return float(np.linalg.norm(self.forces, axis=1).max())

    @cached_property
    def typical_force(self) -> float:
        """The median of |phi'| over the pairs; 0 if there are none."""
        return _engine.typical_force(self.pairs)

    @cached_property
    def hessian(self) -> scipy.sparse.csc_matrix:
        """The Hessian, second derivatives of U, shape (d N, d N); the coordinates of a particle are adjacent."""
        size = self._glass.positions.size
        return scipy.sparse.csc_matrix(_engine.hessian(self.pairs), shape=(size, size))

    @cached_property
    def solver(self) -> Solver:
        """The factorized Hessian without rattlers; the configuration need not be a minimum, see `minimum`."""
        maker = engine_class("ElasticSolver", self._glass.dimension)
        solver: Solver = maker(self.pairs, self._glass.box, self._glass.positions, self._threads)
        return solver

    @cached_property
    def minimum(self) -> Solver:
        """The factorized Hessian of a minimum.

        Raises
        ------
        InstabilityError
            If the forces are not zero, or the Hessian has negative eigenvalues or zero modes beyond translations.
        """
        if not self.largest_force <= EQUILIBRIUM_TOLERANCE * self.typical_force:
            raise InstabilityError(
                f"the configuration is not in mechanical equilibrium: largest force {self.largest_force:.3g}, median "
                f"pair force {self.typical_force:.3g}; call glassplast.minimize first"
            )
        solver = self.solver
        if solver.negative or solver.further_zero_modes:
            raise InstabilityError(
                f"the configuration is no minimum: its Hessian has {solver.negative} negative eigenvalues and "
                f"{solver.further_zero_modes} zero modes beyond translations; "
                f"{'call glassplast.minimize with leave_saddles=True' if solver.negative else 'see glassplast.verify'}"
            )
        return solver

    @cached_property
    def rattlers(self) -> BoolArray:
        """Rattlers, shape (N,): particles with fewer than d + 1 interacting neighbours, removed recursively."""
        return np.asarray(self.solver.core_index) < 0

    @cached_property
    def tessellation(self) -> Tessellation:
        """The radical Voronoi tessellation with weights (d_i / 2)^2, in two dimensions."""
        return Tessellation(self._glass)

    def modes(self, count: int, *, tolerance: float = 1e-10, solver: str = "block_lanczos") -> Modes:
        """The `count` lowest modes of the Hessian.

        Parameters
        ----------
        count : int
            Number of modes; translations are left out.
        tolerance : float
            Largest residual allowed, relative to a bound on the largest eigenvalue.
        solver : {"block_lanczos", "spectra"}
            The eigensolver. "block_lanczos" is the engine's own. "spectra" is a second opinion: the iteration of the
            library Spectra, which other people wrote, on the engine's factorization of the Hessian. It is slower, and
            what both find is the same up to round-off, judged by the same residuals and the same count.

        Returns
        -------
        Modes

        Raises
        ------
        UnknownNameError
            If there is no such solver.
        ArgumentError
            If `count` is no whole number, or less than 1, or the configuration has fewer modes.
        ConvergenceError
            If a residual is too large, or the number of modes differs from the count by the inertia of the Hessian.
        """
        if solver not in MODE_SOLVERS:
            raise UnknownNameError(f"unknown solver of modes {solver!r}; {suggestion(solver, MODE_SOLVERS)}")
        count, tolerance = whole_number("count", count, least=None), finite_number("tolerance", tolerance, least=0.0)
        known: Modes | None
        known, reached = self._memory.get(("modes", solver), (None, np.inf))
        if known is None or not 1 <= count <= len(known) or tolerance < reached:
            find = getattr(self.solver, MODE_SOLVERS[solver])
            with shown(self._progress) as tell:
                callback = counted(tell, "modes", None, "{0:.0f} applications of the inverse")
                values, vectors, certificate = find(count, tolerance, callback)
            values.setflags(write=False)
            vectors.setflags(write=False)
            known = Modes(values, vectors, certificate["largest_residual"], certificate["bound"], certificate["count"])
            self._memory["modes", solver] = (known, tolerance)
        return known.head(count)

    def affine_gradient(self, loading: Loading = 0.0) -> FloatArray:
        """The derivative Xi of the energy gradient with respect to gamma, when the positions move affinely.

        Parameters
        ----------
        loading : float or (d, d) array_like
            Angle in degrees or loading matrix, see `glassplast.loading.loading_matrix`.

        Returns
        -------
        ndarray, shape (N, d)
            Xi (energy / length).
        """
        return _engine.affine_gradient(self.load_bearing_pairs, loading_matrix(loading, self._glass.dimension))

    def solve(self, right: ArrayLike) -> FloatArray:
        """Apply the pseudo-inverse of the Hessian H to a field.

        Parameters
        ----------
        right : array_like, shape (N, d)
            Field of forces.

        Returns
        -------
        ndarray, shape (N, d)
            Field of displacements; NaN for rattlers.

        Raises
        ------
        InstabilityError
            If the configuration is not a minimum.
        GeometryError
            If the field has the wrong shape.
        """
        return self.minimum.solve(np.asarray(right, dtype=np.float64))

    @cached_property
    def inverse_blocks(self) -> InverseBlocks:
        """Blocks of the pseudo-inverse of the Hessian, computed by selected inversion of its factor.

        Raises
        ------
        InstabilityError
            If the Hessian has zero modes beyond translations.
        MemoryError
            If the computation would need more memory than the machine has.
        """
        with shown(self._progress) as tell:
            diagonal, pairs = self.solver.inverse_blocks(counted(tell, "selected inverse", None, ""))
        for blocks in (diagonal, pairs):
            blocks.setflags(write=False)
        return InverseBlocks(diagonal, pairs)

    def nonaffine_velocity(self, loading: Loading = 0.0) -> FloatArray:
        """The nonaffine velocity xdot, the solution of H xdot = -Xi.

        See Maloney & Lemaitre, Phys. Rev. E 74, 016118 (2006).

        Parameters
        ----------
        loading : float or (d, d) array_like
            Angle in degrees or loading matrix, see `glassplast.loading.loading_matrix`.

        Returns
        -------
        ndarray, shape (N, d)
            Displacement per strain (length); NaN for rattlers.

        Raises
        ------
        InstabilityError
            If the configuration is not a minimum.
        """
        matrix = loading_matrix(loading, self._glass.dimension)
        key = ("nonaffine_velocity", matrix.tobytes())

        def respond() -> FloatArray:
            velocity = self.solve(-self.affine_gradient(matrix))
            velocity.setflags(write=False)
            return velocity

        return self.remember(key, respond)

    def remember(self, key: Hashable, compute: Callable[[], T]) -> T:
        """The result of a function, which is called only once for each key.

        Parameters
        ----------
        key : hashable
            Name under which the result is kept.
        compute : callable
            Function without arguments.

        Returns
        -------
        object
            The result of `compute`.
        """
        if key not in self._memory:
            self._memory[key] = compute()
        value: T = self._memory[key]
        return value

    def born_modulus(self, loading: Loading | None = None) -> float:
        """The Born modulus (1/V) d^2U/dgamma^2, without nonaffine displacements.

        Parameters
        ----------
        loading : float or (d, d) array_like, optional
            Angle in degrees or loading matrix, see `glassplast.loading.loading_matrix`; by default simple shear.

        Returns
        -------
        float
            Modulus (energy / volume).
        """
        matrix = self._simple_or(loading)
        return _engine.born_curvature(self.load_bearing_pairs, matrix) / self._glass.volume

    def shear_modulus(self, loading: Loading | None = None) -> float:
        """The slope of the relaxed stress with strain, which is the Born modulus minus Xi . H^-1 . Xi / V.

        Parameters
        ----------
        loading : float or (d, d) array_like, optional
            Angle in degrees or loading matrix, see `glassplast.loading.loading_matrix`; by default simple shear.

        Returns
        -------
        float
            Modulus (energy / volume).

        Raises
        ------
        InstabilityError
            If the configuration is not a minimum.
        """
        matrix = self._simple_or(loading)
        relaxed = np.nansum(self.affine_gradient(matrix) * self.nonaffine_velocity(matrix))
        return self.born_modulus(matrix) + float(relaxed) / self._glass.volume

    def _simple_or(self, loading: Loading | None) -> FloatArray:
        dimension = self._glass.dimension
        return simple_shear(dimension) if loading is None else loading_matrix(loading, dimension)

    def third_contraction(self, a: ArrayLike, b: ArrayLike) -> FloatArray:
        """Contract the third derivatives of U with two fields, U3 : a b.

        Parameters
        ----------
        a, b : array_like, shape (N, d)
            Fields, which may be NaN for rattlers, since these take no part.

        Returns
        -------
        ndarray, shape (N, d)
            The contraction; NaN for rattlers that are NaN in a field.

        Raises
        ------
        InstabilityError
            If a field is not finite for a particle that is not a rattler.
        """
        return self._contract(_engine.third_contraction, a, b)

    def third_contraction_squares(self, vectors: ArrayLike, weights: ArrayLike) -> FloatArray:
        """The weighted sum over fields Psi of |U3 : Psi Psi|_i^2 for each particle i.

        Parameters
        ----------
        vectors : array_like, shape (n, N, d)
            The fields Psi.
        weights : array_like, shape (n,)
            Weight of each field in the sum.

        Returns
        -------
        ndarray, shape (N,)
            The sum; NaN for rattlers.
        """
        result = _engine.third_contraction_squares(
            self.load_bearing_pairs, np.asarray(vectors, dtype=np.float64), np.asarray(weights, dtype=np.float64)
        )
        result[self.rattlers] = np.nan
        return result

    def fourth_contraction(self, a: ArrayLike, b: ArrayLike, c: ArrayLike) -> FloatArray:
        """Contract the fourth derivatives of U with three fields, U4 : a b c.

        Parameters
        ----------
        a, b, c : array_like, shape (N, d)
            Fields, which may be NaN for rattlers, since these take no part.

        Returns
        -------
        ndarray, shape (N, d)
            The contraction; NaN for rattlers that are NaN in a field.

        Raises
        ------
        InstabilityError
            If a field is not finite for a particle that is not a rattler.
        """
        return self._contract(_engine.fourth_contraction, a, b, c)

    def _contract(self, contraction: Any, *fields: ArrayLike) -> FloatArray:
        arrays = [np.asarray(field, dtype=np.float64) for field in fields]
        missing = np.any([~np.isfinite(array).all(axis=1) for array in arrays], axis=0)
        if np.any(missing & ~self.rattlers):
            raise InstabilityError(f"the field has no value at particle {np.flatnonzero(missing & ~self.rattlers)[0]}")
        filled = [np.where(missing[:, None], 0.0, array) for array in arrays]
        result: FloatArray = contraction(self.load_bearing_pairs, *filled)
        result[missing] = np.nan
        return result


def analysis_of(glass: Glass | Analysis, *, threads: int | None = None, progress: ProgressOption = None) -> Analysis:
    """The analysis that is given, or a new one of a glass with the given options.

    Raises
    ------
    TypeError
        If the argument is neither a glass nor an analysis.
    """
    if isinstance(glass, Analysis):
        return glass
    return Analysis(glass_of(glass), threads=threads, progress=progress)
