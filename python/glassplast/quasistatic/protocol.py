"""The two ways to shear a glass: along exact elastic branches, or in fixed increments of strain.

A protocol holds all that is needed to repeat a run from its start. It also makes the states of a run, and finds the
state at any strain on the branch through a given state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, get_args

import numpy as np

from glassplast import _engine
from glassplast.errors import ArgumentError, ConvergenceError, GlassplastError, UnknownNameError, suggestion
from glassplast.foundation.arguments import finite_number
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.dimension import engine_class, overloaded
from glassplast.foundation.threads import thread_count
from glassplast.glass import Box, Glass, simple_shear
from glassplast.loading import Loading, loading_matrix
from glassplast.quasistatic.options import Criterion
from glassplast.quasistatic.target import checked_strain
from glassplast.relax import EQUILIBRIUM_TOLERANCE, METHODS, relax_options
from glassplast.response.analysis import Analysis

__all__ = [
    "Branch",
    "ExactProtocol",
    "FixedProtocol",
    "Protocol",
    "Released",
    "check_start",
    "protocol_of_record",
    "protocol_of_state",
]

Branch = _engine.Branch2D | _engine.Branch3D
Released = _engine.Relaxation2D | _engine.Relaxation3D
Stepper = _engine.QuasistaticStepper2D | _engine.QuasistaticStepper3D

#: Number of energy evaluations that the minimization from an instability may take.
_BUDGET = 10_000_000


def _check_tolerance(tolerance: float) -> None:
    finite_number("tolerance", tolerance, "force", positive=True)


def _check_method(method: str, known: tuple[str, ...]) -> None:
    if method not in known:
        raise UnknownNameError(f"unknown method {method!r}; {suggestion(method, known)}")


def check_start(glass: Glass, tolerance: float, threads: int | None = None) -> None:
    """Check that a glass is a minimum, and that states relaxed to the tolerance are minima as well.

    Raises
    ------
    InstabilityError
        If the glass is not a minimum.
    ArgumentError
        If the tolerance is not positive, or too large compared with the forces between particles; or if the strain of
        the glass is too large.
    """
    _check_tolerance(tolerance)
    checked_strain("the strain of the glass", glass.strain)
    analysis = Analysis(glass, threads=threads)
    analysis.minimum  # noqa: B018 - raises unless the glass is a minimum
    if tolerance > EQUILIBRIUM_TOLERANCE * analysis.typical_force:
        raise ArgumentError(
            f"tolerance {tolerance} leaves no equilibrium: the median pair force is {analysis.typical_force:.3g}"
        )


class _Protocol:
    """The common part of both protocols."""

    stepping: ClassVar[str]

    @property
    def record(self) -> dict[str, Any]:
        """The settings as JSON, for provenance and files; `protocol_of_record` is the inverse."""
        raise NotImplementedError

    def state(self, glass: Glass, positions: FloatArray, *, strain: float, box: Box, origin: float) -> Glass:
        """A state of a run as a glass.

        Parameters
        ----------
        glass : Glass
            Any state of the run, from which the species, diameters and model are taken.
        positions : ndarray, shape (N, d)
            Positions of the particles.
        strain : float
            Strain of the state.
        box : Box
            Periodic cell of the state.
        origin : float
            Strain at which the run started.

        Returns
        -------
        Glass
            The state, with the protocol in its provenance.
        """
        return glass.replace(
            positions=positions,
            box=box,
            strain=strain,
            provenance={"shear": {**self.record, "from_strain": origin}},
        )


@dataclass(frozen=True)
class ExactProtocol(_Protocol):
    """A protocol that follows each elastic branch continuously to the instability at its end.

    Attributes
    ----------
    loading : tuple of tuples of float
        Loading matrix G of the deformation x -> expm(gamma G) x, row by row. `along` also makes a protocol from an
        angle in degrees.
    method : {"cg", "fire"}
        Minimizer that leads from an instability to the next minimum. Different minimizers can reach different minima.
    tolerance : float
        Largest force left on any particle (energy / length).

    Raises
    ------
    UnknownNameError
        If the method is not known.
    ArgumentError
        If the loading deforms nothing, or the tolerance is not positive.
    """

    loading: tuple[tuple[float, ...], ...]
    method: str = "cg"
    tolerance: float = 1e-10

    stepping: ClassVar[str] = "exact"

    def __post_init__(self) -> None:
        _check_method(self.method, tuple(METHODS))
        _check_tolerance(self.tolerance)
        matrix = loading_matrix(self.loading, len(self.loading))
        if not matrix.any():
            raise ArgumentError("loading must deform something, but it is zero")
        object.__setattr__(self, "loading", tuple(tuple(row) for row in matrix.tolist()))
        object.__setattr__(self, "tolerance", float(self.tolerance))

    @classmethod
    def along(
        cls, loading: Loading | None, dimension: int, *, method: str = "cg", tolerance: float = 1e-10
    ) -> ExactProtocol:
        """Make a protocol for a loading.

        Parameters
        ----------
        loading : float, (d, d) array_like or None
            Angle in degrees or loading matrix, see `glassplast.loading.loading_matrix`; None for simple shear.
        dimension : int
            Number of dimensions d.
        method, tolerance
            The attributes of the protocol.

        Returns
        -------
        ExactProtocol
        """
        matrix = simple_shear(dimension) if loading is None else loading_matrix(loading, dimension)
        return cls(tuple(tuple(row) for row in matrix.tolist()), method, tolerance)

    @property
    def matrix(self) -> FloatArray:
        """The loading matrix G, shape (d, d)."""
        return np.array(self.loading)

    @property
    def record(self) -> dict[str, Any]:
        """The settings as JSON, for provenance and files; `protocol_of_record` is the inverse."""
        return {
            "stepping": self.stepping,
            "loading": [list(row) for row in self.loading],
            "minimizer": self.method,
            "tolerance": self.tolerance,
        }

    def follow(
        self,
        glass: Glass,
        to: float,
        *,
        threads: int | None = None,
        callback: Callable[[float, float], None] | None = None,
    ) -> Branch:
        """Follow the elastic branch through a minimum to another strain, or to where it ends.

        The result depends only on the state, `to`, the loading and the tolerance, not on the number of threads.

        Parameters
        ----------
        glass : Glass
            A minimum on the branch.
        to : float
            Absolute strain to stop at.
        threads : int, optional
            Number of threads; by default ``GLASSPLAST_NUM_THREADS``, or all cores.
        callback : callable, optional
            Called by the engine with the strain reached and the largest force.

        Returns
        -------
        Branch
            The engine's record of the branch, from the glass to its end or to the strain `to`.

        Raises
        ------
        InstabilityError
            If the glass is not a minimum.
        ConvergenceError
            If the branch cannot be followed.
        """
        branch: Branch = overloaded(_engine.follow_branch)(
            glass.interaction,
            glass.box,
            glass.strain,
            glass.positions,
            self.matrix,
            to,
            _engine.BranchOptions(self.tolerance),
            thread_count(threads),
            callback,
        )
        return branch

    def release(self, glass: Glass, branch: Branch) -> Released:
        """Minimize from the instability at the end of a branch, at the critical strain.

        Parameters
        ----------
        glass : Glass
            The state at which the branch begins.
        branch : Branch
            A branch that ended in an instability, from `follow`.

        Returns
        -------
        Released
            The minimum reached, with its energy and stress.

        Raises
        ------
        ConvergenceError
            If the minimizer does not reach a minimum.
        """
        options = relax_options(self.method, None, _BUDGET, True)
        released: Released = overloaded(_engine.release_branch)(glass.interaction, branch, options, None)
        if released.stop.name == "budget":
            raise ConvergenceError(
                f"the minimization from the instability at strain {branch.critical_strain:.10g} did not converge "
                f"in {_BUDGET} evaluations: the largest force is {released.largest_force:.3g}"
            )
        return released

    def end_state(self, glass: Glass, branch: Branch, origin: float) -> Glass:
        """The state at the end of a branch that was followed to its target.

        Parameters
        ----------
        glass : Glass
            The state at which the branch begins.
        branch : Branch
            A branch that reached the target, from `follow`.
        origin : float
            Strain at which the run started.

        Returns
        -------
        Glass
        """
        return self.state(glass, branch.positions, strain=branch.end_strain, box=branch.box, origin=origin)

    def at(self, glass: Glass, strain: float, *, origin: float | None = None, threads: int | None = None) -> Glass:
        """The state at another strain on the elastic branch through a state.

        Parameters
        ----------
        glass : Glass
            A minimum on the branch.
        strain : float
            Absolute strain of the state that is asked for.
        origin : float, optional
            Strain at which the run started; by default the strain of `glass`.
        threads : int, optional
            Number of threads; by default ``GLASSPLAST_NUM_THREADS``, or all cores.

        Returns
        -------
        Glass

        Raises
        ------
        GlassplastError
            If the branch ends before it reaches the strain.
        """
        if strain == glass.strain:
            return glass
        branch = self.follow(glass, strain, threads=threads)
        if branch.ended:
            raise GlassplastError(
                f"the elastic branch from strain {glass.strain:.10g} ends at {branch.critical_strain:.12g}, before "
                f"{strain:.12g}"
            )
        return self.end_state(glass, branch, glass.strain if origin is None else origin)


@dataclass(frozen=True)
class FixedProtocol(_Protocol):
    """A protocol of equal increments of simple shear strain, each followed by relaxation.

    Attributes
    ----------
    increment : float
        Size of the strain increments; the paper uses 1e-5.
    criterion : {"irreversible", "stress_drop"}
        What counts as an event: an increment that cannot be undone, or every fall of the stress.
    method : {"newton", "cg", "fire"}
        Minimizer that relaxes each increment. Newton's method keeps a factor of the Hessian over many increments, and
        hands over to conjugate gradients where a branch ends.
    tolerance : float
        Largest force left on any particle (energy / length).

    Raises
    ------
    UnknownNameError
        If the criterion or the method is not known.
    ArgumentError
        If the increment or the tolerance is not positive.
    """

    increment: float = 1e-5
    criterion: str = "irreversible"
    method: str = "newton"
    tolerance: float = 1e-10

    stepping: ClassVar[str] = "fixed"

    def __post_init__(self) -> None:
        criteria = get_args(get_args(Criterion)[0])
        if self.criterion not in criteria:
            raise UnknownNameError(f"unknown criterion {self.criterion!r}; {suggestion(self.criterion, criteria)}")
        _check_method(self.method, ("newton", *METHODS))
        _check_tolerance(self.tolerance)
        finite_number("increment", self.increment, "strain", positive=True)

    @property
    def record(self) -> dict[str, Any]:
        """The settings as JSON, for provenance and files; `protocol_of_record` is the inverse."""
        return {
            "stepping": self.stepping,
            "increment": self.increment,
            "criterion": self.criterion,
            "relaxer": self.method,
            "tolerance": self.tolerance,
        }

    @property
    def follows(self) -> bool:
        """Whether Newton's method relaxes the increments for as long as it stays on the branch."""
        return self.method == "newton"

    @property
    def minimizer(self) -> str:
        """The first-order minimizer that relaxes increments, or takes over where Newton's method loses the branch."""
        return "cg" if self.follows else self.method

    def stepper(self, glass: Glass) -> Stepper:
        """The engine's stepper, which starts from a minimum.

        Parameters
        ----------
        glass : Glass
            The minimum to start from.

        Returns
        -------
        Stepper
            Object of the engine that takes strain increments and relaxes.
        """
        options = relax_options(self.minimizer, None, _BUDGET, self.follows)
        stepper: Stepper = engine_class("QuasistaticStepper", glass.dimension)(
            glass.interaction, glass.box.sheared(-glass.strain), glass.strain, glass.positions, options, self.tolerance
        )
        return stepper

    def at(self, glass: Glass, strain: float, *, origin: float | None = None, threads: int | None = None) -> Glass:
        """The state at another strain, reached from a given state in the increments of the protocol.

        Parameters
        ----------
        glass : Glass
            The minimum to start from.
        strain : float
            Absolute strain of the state that is asked for.
        origin : float, optional
            Strain at which the run started; by default the strain of `glass`.
        threads : int, optional
            Not used, since increments are computed on one thread.

        Returns
        -------
        Glass
        """
        stepper = self.stepper(glass)
        direction = 1.0 if strain >= glass.strain else -1.0
        while stepper.state.strain != strain:
            left = strain - stepper.state.strain
            near = abs(left) <= self.increment
            stepper.step_to(strain if near else stepper.state.strain + direction * self.increment, self.follows, None)
        return self.state(
            glass,
            stepper.state.positions,
            strain=strain,
            box=glass.box.sheared(strain - glass.strain),
            origin=glass.strain if origin is None else origin,
        )


Protocol = ExactProtocol | FixedProtocol


def protocol_of_record(record: Mapping[str, Any], dimension: int) -> Protocol:
    """The protocol that a record in a file or in the provenance of a state describes."""
    if record.get("stepping", "fixed") == "exact":
        return ExactProtocol.along(
            record.get("loading"),
            dimension,
            method=str(record.get("minimizer", "cg")),
            tolerance=float(record["tolerance"]),
        )
    return FixedProtocol(
        float(record["increment"]),
        str(record.get("criterion", "irreversible")),
        str(record.get("relaxer", "newton")),
        float(record.get("tolerance", 1e-10)),
    )


def protocol_of_state(state: Glass, tolerance: float = 1e-10) -> ExactProtocol:
    """The exact protocol with the loading and minimizer of the run that a state comes from.

    A state that comes from no run is sheared in simple shear.
    """
    told = state.provenance.get("shear", {})
    return ExactProtocol.along(
        told.get("loading"), state.dimension, method=told.get("minimizer", "cg"), tolerance=tolerance
    )
