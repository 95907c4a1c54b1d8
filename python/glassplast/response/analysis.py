"""Everything that indicators share about one configuration, computed when first asked for."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

import numpy as np
import scipy.sparse
from numpy.typing import ArrayLike

from glassplast import _engine
from glassplast.errors import InstabilityError
from glassplast.fields.tessellation import Tessellation
from glassplast.foundation.arrays import BoolArray, FloatArray
from glassplast.foundation.dimension import engine_class
from glassplast.foundation.progress import Progress, ProgressOption, counted, shown
from glassplast.foundation.threads import thread_count
from glassplast.glass import Glass, glass_of, simple_shear
from glassplast.loading import Loading, loading_matrix
from glassplast.response.modes import Modes

Network = _engine.ContactNetwork2D | _engine.ContactNetwork3D
Solver = _engine.ElasticSolver2D | _engine.ElasticSolver3D
T = TypeVar("T")

__all__ = ["EQUILIBRIUM_TOLERANCE", "Analysis", "InverseBlocks", "analysis_of"]

#: Largest force, as a part of the median pair force, up to which a state passes for a minimum.
EQUILIBRIUM_TOLERANCE = 1e-4


class InverseBlocks(NamedTuple):
    """Blocks of the Moore-Penrose inverse of the Hessian.

    Attributes
    ----------
    diagonal : (N, d, d) array
        Of each particle with itself; NaN on rattlers.
    pairs : (P, d, d) array
        Of the first with the second particle of each load-bearing pair.
    """

    diagonal: FloatArray
    pairs: FloatArray


class Analysis:
    """One configuration with its energy, network, Hessian, modes and responses.

    Parameters
    ----------
    glass : Glass
        The mechanical quantities need its model; responses and modes need it to be a minimum.
    progress : callable, False or None
        Long computations tell it their stage, the part that is done, and a note; see
        `glassplast.foundation.progress.shown`.
    threads : int, optional
        By default ``GLASSPLAST_NUM_THREADS``, or all cores; no result depends on it.
    """

    def __init__(self, glass: Glass, *, progress: ProgressOption = None, threads: int | None = None) -> None:
        self._glass = glass_of(glass)
        self._threads = thread_count(threads)
        self._progress = progress
        self._memory: dict[Hashable, Any] = {}

    @property
    def glass(self) -> Glass:
        """The configuration."""
        return self._glass

    @property
    def threads(self) -> int:
        """How many long computations use."""
        return self._threads

    @property
    def progress(self) -> ProgressOption:
        """What long computations tell how far they are."""
        return self._progress

    @contextmanager
    def telling(self, progress: Progress) -> Iterator[None]:
        """Tell something else how far long computations are, for as long as a block lasts."""
        before, self._progress = self._progress, progress
        try:
            yield
        finally:
            self._progress = before

    @cached_property
    def pairs(self) -> Network:
        """The contact network: arrays over interacting pairs, first < second, without copies.

        `first`, `second`, `separation` (x_second - x_first), `distance`, `direction`, `length` (contact distance),
        `phi` ... `phi4` (derivatives of the pair energy with respect to r).
        """
        return self._glass.potential_energy().network(self._glass.positions)

    @cached_property
    def load_bearing_pairs(self) -> Network:
        """The contact network without the contacts of rattlers: what carries responses."""
        return _engine.load_bearing(self.pairs)

    @cached_property
    def energy(self) -> float:
        """U."""
        return _engine.energy(self.pairs)

    @cached_property
    def forces(self) -> FloatArray:
        """(N, d), -dU/dx."""
        return _engine.forces(self.pairs)

    @cached_property
    def stress(self) -> FloatArray:
        """(d, d), sigma = (1/V) sum over pairs of phi' r r / r: positive under tension, sigma_xx = -p_xx."""
        return _engine.virial(self.pairs) / self._glass.volume

    @cached_property
    def largest_force(self) -> float:
        """The largest norm of the force on any particle."""
        return float(np.linalg.norm(self.forces, axis=1).max())

    @cached_property
    def typical_force(self) -> float:
        """The median of |phi'| over the pairs; 0 without any."""
        return _engine.typical_force(self.pairs)

    @cached_property
    def hessian(self) -> scipy.sparse.csc_matrix:
        """(d N, d N) second derivatives of U; degrees of freedom of a particle are adjacent."""
        size = self._glass.positions.size
        return scipy.sparse.csc_matrix(_engine.hessian(self.pairs), shape=(size, size))

    @cached_property
    def solver(self) -> Solver:
        """The factorized Hessian, rattlers taken out. Not necessarily that of a minimum: see `minimum`."""
        maker = engine_class("ElasticSolver", self._glass.dimension)
        solver: Solver = maker(self.pairs, self._glass.box, self._glass.positions, self._threads)
        return solver

    @cached_property
    def minimum(self) -> Solver:
        """The factorized Hessian of a minimum.

        Raises
        ------
        InstabilityError
            If forces are left, or the Hessian has negative eigenvalues or zero modes beyond translations.
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
                f"{solver.further_zero_modes} zero modes beyond translations; call glassplast.minimize first"
            )
        return solver

    @cached_property
    def rattlers(self) -> BoolArray:
        """(N,), True where a particle has fewer than d + 1 interacting neighbours (removed recursively)."""
        return np.asarray(self.solver.core_index) < 0

    @cached_property
    def tessellation(self) -> Tessellation:
        """The radical Voronoi tessellation with weights (d_i / 2)^2 (2D)."""
        return Tessellation(self._glass)

    def modes(self, count: int, *, tolerance: float = 1e-10) -> Modes:
        """The `count` lowest modes of the Hessian.

        Parameters
        ----------
        count : int
            How many; translations are left out.
        tolerance : float
            Largest residual allowed, relative to a bound on the largest eigenvalue.

        Raises
        ------
        GeometryError
            If there are not so many.
        ConvergenceError
            If a residual is too large, or the inertia counts another number of modes.
        """
        known: Modes | None
        known, reached = self._memory.get("modes", (None, np.inf))
        if known is None or not 1 <= count <= len(known) or tolerance < reached:
            with shown(self._progress) as tell:
                callback = counted(tell, "modes", None, "{0:.0f} applications of the inverse")
                values, vectors, certificate = self.solver.lowest_modes(count, tolerance, callback)
            values.setflags(write=False)
            vectors.setflags(write=False)
            known = Modes(values, vectors, certificate["largest_residual"], certificate["bound"], certificate["count"])
            self._memory["modes"] = (known, tolerance)
        return known.head(count)

    def affine_gradient(self, loading: Loading = 0.0) -> FloatArray:
        """(N, d): Xi, the derivative with gamma of the gradient of U at affinely moving positions.

        Parameters
        ----------
        loading : float or (d, d) array_like
            Angle in degrees or matrix, see `glassplast.loading.loading_matrix`.
        """
        return _engine.affine_gradient(self.load_bearing_pairs, loading_matrix(loading, self._glass.dimension))

    def solve(self, right: ArrayLike) -> FloatArray:
        """(N, d): the pseudo-inverse of H applied to a field (N, d); NaN on rattlers."""
        return self.minimum.solve(np.asarray(right, dtype=np.float64))

    @cached_property
    def inverse_blocks(self) -> InverseBlocks:
        """Blocks of the pseudo-inverse of H, from a selected inverse of its factor.

        Raises
        ------
        InstabilityError
            If the Hessian has zero modes beyond translations.
        MemoryError
            If they would take more than the machine has.
        """
        with shown(self._progress) as tell:
            diagonal, pairs = self.solver.inverse_blocks(counted(tell, "selected inverse", None, ""))
        for blocks in (diagonal, pairs):
            blocks.setflags(write=False)
        return InverseBlocks(diagonal, pairs)

    def nonaffine_velocity(self, loading: Loading = 0.0) -> FloatArray:
        """(N, d): xdot with H xdot = -Xi; NaN on rattlers. Maloney & Lemaitre, Phys. Rev. E 74, 016118 (2006)."""
        matrix = loading_matrix(loading, self._glass.dimension)
        key = ("nonaffine_velocity", matrix.tobytes())

        def respond() -> FloatArray:
            velocity = self.solve(-self.affine_gradient(matrix))
            velocity.setflags(write=False)
            return velocity

        return self.remember(key, respond)

    def remember(self, key: Hashable, compute: Callable[[], T]) -> T:
        """What `compute` gives, computed once for each key."""
        if key not in self._memory:
            self._memory[key] = compute()
        value: T = self._memory[key]
        return value

    def born_modulus(self, loading: Loading | None = None) -> float:
        """(1/V) d^2U/dgamma^2 at fixed undeformed coordinates; by default for simple shear."""
        matrix = self._simple_or(loading)
        return _engine.born_curvature(self.load_bearing_pairs, matrix) / self._glass.volume

    def shear_modulus(self, loading: Loading | None = None) -> float:
        """Slope of the relaxed stress: Born modulus - Xi . H^-1 . Xi / V; by default for simple shear."""
        matrix = self._simple_or(loading)
        relaxed = np.nansum(self.affine_gradient(matrix) * self.nonaffine_velocity(matrix))
        return self.born_modulus(matrix) + float(relaxed) / self._glass.volume

    def _simple_or(self, loading: Loading | None) -> FloatArray:
        dimension = self._glass.dimension
        return simple_shear(dimension) if loading is None else loading_matrix(loading, dimension)

    def third_contraction(self, a: ArrayLike, b: ArrayLike) -> FloatArray:
        """(N, d): U3 : a b, third derivatives of U contracted with two fields (N, d).

        Rattlers may hold NaN in the fields: they take no part, and are NaN in the result.
        """
        return self._contract(_engine.third_contraction, a, b)

    def third_contraction_squares(self, vectors: ArrayLike, weights: ArrayLike) -> FloatArray:
        """(N,): sum over fields (n, N, d) of weight |U3 : Psi Psi|_i^2; NaN on rattlers."""
        result = _engine.third_contraction_squares(
            self.load_bearing_pairs, np.asarray(vectors, dtype=np.float64), np.asarray(weights, dtype=np.float64)
        )
        result[self.rattlers] = np.nan
        return result

    def fourth_contraction(self, a: ArrayLike, b: ArrayLike, c: ArrayLike) -> FloatArray:
        """(N, d): U4 contracted with three fields (N, d); rattlers as in `third_contraction`."""
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
    """The analysis itself, or a new one of a glass; the options are those of the new one.

    Raises
    ------
    TypeError
        For anything else.
    """
    if isinstance(glass, Analysis):
        return glass
    return Analysis(glass_of(glass), threads=threads, progress=progress)
