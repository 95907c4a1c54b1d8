"""Minimization to mechanical equilibrium."""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass

from glassplast import _engine
from glassplast.errors import ArgumentError, ConvergenceError, GlassplastError, UnknownNameError, suggestion
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
    """The forces in a configuration are so large that it was hardly made with this model."""


@dataclass(frozen=True)
class RelaxationReport:
    """How a minimization went.

    Attributes
    ----------
    method : str
        ``cg`` or ``fire``, followed by Newton's method unless told otherwise.
    stop : {"converged", "round_off", "budget"}
        Tolerance reached; no position of double precision has a smaller force; evaluations spent.
    first_force, largest_force : float
        Largest force on any particle before and after (energy / length).
    largest_displacement : float
        Of a particle relative to the mean.
    evaluations, factorizations : int
        Of the energy with its forces, of the Hessian.
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
    """The engine's options, checked."""
    if method not in METHODS:
        raise UnknownNameError(f"unknown method {method!r} of minimization; {suggestion(method, METHODS)}")
    if tolerance is not None and not tolerance >= 0.0:
        raise ArgumentError(f"tolerance must be a force that is not negative, not {tolerance}")
    if not evaluations >= 1:
        raise ArgumentError(f"evaluations must be at least 1, not {evaluations}")
    return _engine.RelaxOptions(METHODS[method], tolerance or 0.0, evaluations, polish)


def minimize(
    glass: Configuration,
    *,
    method: str = "cg",
    tolerance: float | None = None,
    evaluations: int = 1_000_000,
    polish: bool = True,
    progress: ProgressOption = None,
) -> Glass:
    """Relax a glass to the minimum of its potential energy downhill from where it is.

    Parameters
    ----------
    glass : Glass or Analysis
        With a model.
    method : {"cg", "fire"}
        Nonlinear conjugate gradient (as in the paper) or FIRE. Which one descends decides in which minimum a hot
        liquid ends; it is on record in the provenance.
    tolerance : float, optional
        Largest force norm on any particle. By default the round-off floor of double precision.
    evaluations : int
        Budget.
    polish : bool
        Finish by Newton's method on the sparse Hessian.
    progress : callable, False or None
        Called with the stage, the fraction done, and a note; see `glassplast.foundation.progress.shown`.

    Returns
    -------
    Glass
        With ``provenance["relaxation"]``, see `RelaxationReport` and `relaxation`.

    Raises
    ------
    ConvergenceError
        If the budget is spent first.
    GeometryError
        If two particles sit on one spot or the box is smaller than two cutoffs.
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
            f"the minimization spent its {evaluations} evaluations with a largest force of {report.largest_force:.3g}"
        )
    logger.debug("%s", report)
    return start.replace(positions=result.positions, provenance={"relaxation": asdict(report)})


#: A minimization is shown as complete when the largest force has fallen to this.
_FORCE_FLOOR = 1e-12


def _falling_force(tell: Progress) -> Callable[[float, float], None]:
    """A callback of the engine that tells how far the largest force has fallen, in decades."""
    first: list[float] = []

    def callback(evaluations: float, force: float) -> None:
        if not first:
            first.append(max(force, 10.0 * _FORCE_FLOOR))
        decades = math.log10(first[0] / _FORCE_FLOOR)
        part = math.log10(first[0] / max(force, _FORCE_FLOOR)) / decades
        tell("minimizing", min(max(part, 0.0), 1.0), f"{evaluations:.0f} evaluations, largest force {force:.2g}")

    return callback


def relaxation(glass: Glass) -> RelaxationReport:
    """The report of the last minimization of a glass.

    Raises
    ------
    GlassplastError
        If the glass was not minimized here.
    """
    if "relaxation" not in glass.provenance:
        raise GlassplastError("this glass was not minimized here")
    return RelaxationReport(**glass.provenance["relaxation"])


def warn_of_mismatch(glass: Glass, report: RelaxationReport) -> bool:
    """Warn when a configuration that should be a glass was far from any minimum of its model.

    A particle that moved by more than 0.3 of the mean diameter left its cage.
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
