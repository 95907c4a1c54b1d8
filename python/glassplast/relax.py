"""Minimization to mechanical equilibrium."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass

from glassplast import _engine
from glassplast.errors import ConvergenceError, GlassplastError, UnknownNameError, suggestion
from glassplast.glass import Glass

Progress = Callable[[float, float], None]

_METHODS = {"cg": _engine.Method.conjugate_gradient, "fire": _engine.Method.fire}


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


def relax_options(method: str, tolerance: float | None, evaluations: int, polish: bool) -> _engine.RelaxOptions:
    """The engine's options, checked."""
    if method not in _METHODS:
        raise UnknownNameError(f"unknown minimizer {method!r}; {suggestion(method, _METHODS)}")
    if tolerance is not None and not tolerance >= 0.0:
        raise ValueError(f"the force tolerance must not be negative, not {tolerance}")
    if evaluations < 1:
        raise ValueError(f"at least one evaluation must be allowed, not {evaluations}")
    return _engine.RelaxOptions(_METHODS[method], tolerance or 0.0, evaluations, polish)


def minimize(
    glass: Glass,
    *,
    method: str = "cg",
    tolerance: float | None = None,
    evaluations: int = 1_000_000,
    polish: bool = True,
    progress: Progress | None = None,
) -> Glass:
    """Relax a glass to the minimum of its potential energy downhill from where it is.

    Parameters
    ----------
    glass : Glass
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
    progress : callable, optional
        Called now and then with the number of evaluations and the largest force.

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
    result = _engine.minimize(glass.potential_energy(), glass.positions, options, progress)
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
    return glass.replace(positions=result.positions, provenance={"relaxation": asdict(report)})


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
