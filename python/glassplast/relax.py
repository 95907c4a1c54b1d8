"""Minimization to mechanical equilibrium."""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import numpy as np

from glassplast import _engine
from glassplast.errors import (
    ArgumentError,
    ConvergenceError,
    GlassplastError,
    InstabilityError,
    MemoryLimitError,
    UnknownNameError,
    suggestion,
)
from glassplast.foundation.arguments import finite_number, whole_number
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.dimension import engine_class
from glassplast.foundation.progress import Progress, ProgressOption, shown
from glassplast.glass import Configuration, Glass, glass_of, nearby

__all__ = [
    "EQUILIBRIUM_TOLERANCE",
    "METHODS",
    "ZERO_EIGENVALUE",
    "ModelMismatchWarning",
    "RelaxationReport",
    "SaddleWarning",
    "minimize",
    "negative_directions",
    "relax_options",
    "relaxation",
    "stiffest_particle",
    "warn_of_mismatch",
]

logger = logging.getLogger(__name__)

#: Largest force in a state that counts as a minimum, in units of the median pair force.
EQUILIBRIUM_TOLERANCE = 1e-4
#: How often a saddle point is left before `minimize` gives up, and by how much the particles are displaced, in units of
#: the mean diameter: far beyond round-off, and far less than the size of a cage.
_DEPARTURES = 5
_DEPARTURE = 1e-3

#: Largest eigenvalue that counts as zero, in units of the stiffness of the stiffest particle.
ZERO_EIGENVALUE = 1e-10

Network = _engine.ContactNetwork2D | _engine.ContactNetwork3D
Solver = _engine.ElasticSolver2D | _engine.ElasticSolver3D

METHODS = {"cg": _engine.Method.conjugate_gradient, "fire": _engine.Method.fire}


class ModelMismatchWarning(UserWarning):
    """Warns that the forces in a configuration are so large that it was probably made with another model."""


class SaddleWarning(UserWarning):
    """Warns that a minimization ended at a saddle point, where forces vanish for example because of a symmetry."""


@dataclass(frozen=True)
class RelaxationReport:
    """The report of a minimization.

    Attributes
    ----------
    method : str
        Minimizer, ``cg`` or ``fire``, followed by Newton's method if `polish` was true.
    stop : {"converged", "round_off", "saddle", "budget"}
        Why the minimization ended: the tolerance was reached; the forces cannot become smaller in double precision; one
        of these is true, but at a saddle point instead of a minimum; or the number of evaluations was used up.
    first_force, largest_force : float
        Largest force on any particle before and after the minimization (energy / length).
    largest_displacement : float
        Largest displacement of a particle relative to the mean displacement (length).
    evaluations, factorizations : int
        Number of evaluations of the energy with its forces, and of factorizations of the Hessian by Newton's method.
    negative_directions : int or None
        Number of negative eigenvalues of the Hessian where the minimization ended: 0 at a minimum. It is None if they
        were not counted: without `polish`, with a tolerance so large that the forces do not vanish, or where no
        particle carries load.
    """

    method: str
    stop: str
    first_force: float
    largest_force: float
    largest_displacement: float
    evaluations: int
    factorizations: int
    negative_directions: int | None = None

    def __str__(self) -> str:
        if self.stop == "saddle":
            return (
                f"stopped at a saddle point (negative directions: {self.negative_directions}): largest force "
                f"{self.first_force:.3g} → {self.largest_force:.2g} ({self.evaluations} evaluations)"
            )
        return (
            f"minimized: largest force {self.first_force:.3g} → {self.largest_force:.2g}, largest displacement "
            f"{self.largest_displacement:.3g} ({self.evaluations} evaluations)"
        )


def relax_options(method: str, tolerance: float | None, evaluations: int, polish: bool) -> _engine.RelaxOptions:
    """The engine's options, after a check of the arguments."""
    if method not in METHODS:
        raise UnknownNameError(f"unknown method {method!r} of minimization; {suggestion(method, METHODS)}")
    force = 0.0 if tolerance is None else finite_number("tolerance", tolerance, "force", least=0.0)
    return _engine.RelaxOptions(METHODS[method], force, whole_number("evaluations", evaluations), polish)


def minimize(
    glass: Configuration,
    *,
    method: str = "cg",
    tolerance: float | None = None,
    evaluations: int = 1_000_000,
    polish: bool = True,
    leave_saddles: bool = False,
    progress: ProgressOption = None,
) -> Glass:
    """Minimize the potential energy of a glass.

    Where the forces vanish, the negative eigenvalues of the Hessian are counted by one factorization. If there are any,
    as in a perfect lattice whose symmetry lets no force arise, the state is a saddle point: the report says so, and a
    `SaddleWarning` is issued. Particles over 10 000 widths of the box away are brought back into it first, because
    their coordinates have lost digits (`glassplast.glass.PrecisionWarning`).

    Parameters
    ----------
    glass : Glass or Analysis
        Configuration to start from, with a model.
    method : {"cg", "fire"}
        Nonlinear conjugate gradients (as in the paper) or FIRE. A hot liquid can reach different minima with different
        methods; the provenance records the method.
    tolerance : float, optional
        Largest force left on any particle (energy / length); by default the limit set by round-off in double precision.
    evaluations : int
        Largest number of evaluations of the energy.
    polish : bool
        Whether to finish with Newton's method on the sparse Hessian, and to count its negative eigenvalues. Without it,
        the Hessian is never factorized, and a saddle point is not noticed.
    leave_saddles : bool
        Whether to leave a saddle point: the particles are displaced at random by 1e-3 of the mean diameter, always in
        the same way, and the energy is minimized again, up to five times. It needs `polish`.
    progress : callable, False or None
        Called with the stage, the fraction done, and a note; see `glassplast.foundation.progress.shown`.

    Returns
    -------
    Glass
        The minimum. Its ``provenance["relaxation"]`` records the minimization, see `glassplast.relax.relaxation`.

    Raises
    ------
    ConvergenceError
        If the number of evaluations is used up before the tolerance is reached.
    UnknownNameError
        If the method is not known.
    ArgumentError
        If the tolerance is negative, the number of evaluations is not positive, or saddle points should be left without
        `polish`.
    GeometryError
        If two particles are at the same position, or the box is smaller than two cutoffs.
    ModelError
        If the glass has no model.

    Examples
    --------
    >>> import glassplast as gp
    >>> liquid = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100, quench=False)
    >>> glass = gp.minimize(liquid)
    >>> gp.Analysis(glass).energy < gp.Analysis(liquid).energy
    True
    """
    options = relax_options(method, tolerance, evaluations, polish)
    if leave_saddles and not polish:
        raise ArgumentError("leave_saddles needs polish, which counts the negative eigenvalues of the Hessian")
    start = nearby(glass_of(glass))

    def descend(positions: FloatArray, tell: Progress) -> tuple[FloatArray, RelaxationReport]:
        result = _engine.minimize(start.potential_energy(), positions, options, _falling_force(tell))
        if result.stop.name == "budget":
            raise ConvergenceError(
                f"the minimization did not converge in {evaluations} evaluations: the largest force is "
                f"{result.largest_force:.3g}"
            )
        negative = _negative_directions(start, result.positions, result.largest_force) if polish else None
        return result.positions, RelaxationReport(
            method,
            "saddle" if negative else result.stop.name,
            result.first_force,
            result.largest_force,
            result.largest_displacement,
            result.evaluations,
            result.factorizations,
            negative,
        )

    with shown(progress) as tell:
        positions, report = descend(start.positions, tell)
        for departure in range(_DEPARTURES if leave_saddles else 0):
            if report.stop != "saddle":
                break
            first = report
            positions, report = descend(_displaced(start, positions, departure), tell)
            moved = positions - start.positions
            report = replace(
                report,
                first_force=first.first_force,
                largest_displacement=float(np.linalg.norm(moved - moved.mean(axis=0), axis=1).max()),
                evaluations=first.evaluations + report.evaluations,
                factorizations=first.factorizations + report.factorizations,
            )
    logger.debug("%s", report)
    if report.stop == "saddle":
        warnings.warn(
            f"the minimization ended at a saddle point, no minimum: the Hessian has {report.negative_directions} "
            f"negative eigenvalue{'' if report.negative_directions == 1 else 's'}. To leave it, minimize with "
            "leave_saddles=True (--leave-saddles), or displace the particles a little and minimize again",
            SaddleWarning,
            stacklevel=2,
        )
    return start.replace(positions=positions, provenance={"relaxation": asdict(report)})


def _negative_directions(glass: Glass, positions: FloatArray, largest_force: float) -> int | None:
    """The number of negative eigenvalues of the Hessian where forces vanish; None if it cannot be known."""
    network = glass.potential_energy().network(positions)
    if not largest_force <= EQUILIBRIUM_TOLERANCE * _engine.typical_force(network):
        return None
    try:
        # On one thread, as all of the minimization.
        solver = engine_class("ElasticSolver", glass.dimension)(network, glass.box, positions, 1)
    except (InstabilityError, MemoryLimitError):
        return None
    return negative_directions(solver, network)


def stiffest_particle(network: Network) -> float:
    """The largest sum of the stiffnesses of the pairs of a particle, a bound on eigenvalues within a factor of two."""
    stiffness = np.abs(network.phi2) + np.abs(network.phi1) / network.distance
    each = np.zeros(network.particles)
    for particles in (network.first, network.second):
        each += np.bincount(particles, stiffness, network.particles)
    return float(each.max())


def negative_directions(solver: Solver, network: Network) -> int:
    """The number of eigenvalues of a factorized Hessian that are negative beyond round-off.

    A mode that costs no energy has an eigenvalue of either sign. Where some are negative, a second factorization,
    shifted by far more than round-off, tells them apart.
    """
    if solver.negative == 0:
        return 0
    return int(solver.count_below(-ZERO_EIGENVALUE * stiffest_particle(network)) + solver.translations)


def _displaced(glass: Glass, positions: FloatArray, departure: int) -> FloatArray:
    """Positions with random displacements, which no symmetry of the configuration survives."""
    steps = np.random.default_rng(departure).normal(size=positions.shape)
    displaced: FloatArray = positions + _DEPARTURE * float(glass.diameters.mean()) * (steps - steps.mean(axis=0))
    return displaced


#: Largest force at which the progress of a minimization is shown as complete.
_FORCE_FLOOR = 1e-12


def _falling_force(tell: Progress) -> Callable[[float, float], None]:
    """A callback for the engine that reports how many decades the largest force has fallen."""
    first: list[float] = []

    def callback(evaluations: float, force: float) -> None:
        if not first:
            first.append(max(force, 10.0 * _FORCE_FLOOR))
        decades = math.log10(first[0] / _FORCE_FLOOR)
        part = math.log10(first[0] / max(force, _FORCE_FLOOR)) / decades
        tell("minimizing", min(max(part, 0.0), 1.0), f"evaluation {evaluations:.0f}, largest force {force:.2g}")

    return callback


def relaxation(glass: Glass) -> RelaxationReport:
    """The report of the last minimization of a glass.

    Raises
    ------
    GlassplastError
        If the provenance of the glass records no minimization.
    """
    if "relaxation" not in glass.provenance:
        raise GlassplastError("this glass was not minimized here")
    return RelaxationReport(**glass.provenance["relaxation"])


def warn_of_mismatch(glass: Glass, report: RelaxationReport) -> bool:
    """Warn if a configuration that should be a glass was far from any minimum of its model.

    The criterion is that a particle moved by more than 0.3 of the mean diameter, so that it left its cage.
    """
    if report.largest_displacement < 0.3 * float(glass.diameters.mean()):
        return False
    name = glass.model.name if glass.model is not None else None
    warnings.warn(
        f"minimizing moved a particle by {report.largest_displacement:.3g} (first largest force "
        f"{report.first_force:.3g}): the file holds a liquid, or was not made with model {name!r}",
        ModelMismatchWarning,
        stacklevel=2,
    )
    return True
