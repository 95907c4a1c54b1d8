"""Minimization to mechanical equilibrium."""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass

from glassplast import _engine
from glassplast.errors import ConvergenceError, GlassplastError, UnknownNameError, suggestion
from glassplast.foundation.arguments import finite_number, whole_number
from glassplast.foundation.progress import Progress, ProgressOption, shown
from glassplast.glass import Configuration, Glass, glass_of

__all__ = [
    "METHODS",
    "ModelMismatchWarning",
    "RelaxationReport",
    "minimize",
    "relax_options",
    "relaxation",
    "warn_of_mismatch",
]

logger = logging.getLogger(__name__)

METHODS = {"cg": _engine.Method.conjugate_gradient, "fire": _engine.Method.fire}


class ModelMismatchWarning(UserWarning):
    """Warns that the forces in a configuration are so large that it was probably made with another model."""


@dataclass(frozen=True)
class RelaxationReport:
    """The report of a minimization.

    Attributes
    ----------
    method : str
        Minimizer, ``cg`` or ``fire``, followed by Newton's method if `polish` was true.
    stop : {"converged", "round_off", "budget"}
        Why the minimization ended: the tolerance was reached; the forces cannot become smaller in double precision; or
        the number of evaluations was used up.
    first_force, largest_force : float
        Largest force on any particle before and after the minimization (energy / length).
    largest_displacement : float
        Largest displacement of a particle relative to the mean displacement (length).
    evaluations, factorizations : int
        Number of evaluations of the energy with its forces, and of factorizations of the Hessian.
    """

    method: str
    stop: str
    first_force: float
    largest_force: float
    largest_displacement: float
    evaluations: int
    factorizations: int

    def __str__(self) -> str:
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
    progress: ProgressOption = None,
) -> Glass:
    """Minimize the potential energy of a glass.

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
        Whether to finish with Newton's method on the sparse Hessian.
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
        If the tolerance is negative, or the number of evaluations is not positive.
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
    start = glass_of(glass)
    with shown(progress) as tell:
        result = _engine.minimize(start.potential_energy(), start.positions, options, _falling_force(tell))
    report = RelaxationReport(
        method,
        result.stop.name,
        result.first_force,
        result.largest_force,
        result.largest_displacement,
        result.evaluations,
        result.factorizations,
    )
    if report.stop == "budget":
        raise ConvergenceError(
            f"the minimization did not converge in {evaluations} evaluations: the largest force is "
            f"{report.largest_force:.3g}"
        )
    logger.debug("%s", report)
    return start.replace(positions=result.positions, provenance={"relaxation": asdict(report)})


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
