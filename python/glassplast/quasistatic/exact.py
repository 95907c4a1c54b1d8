"""Elastic branches followed by the engine, and the events at their ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

from glassplast import _engine
from glassplast.analysis import Analysis
from glassplast.errors import ConvergenceError, GlassplastError
from glassplast.glass import Glass
from glassplast.loading import stress_along
from glassplast.nonaffine import participation_ratio
from glassplast.quasistatic.branch_curve import BranchCurve, Effort
from glassplast.quasistatic.events import Event
from glassplast.quasistatic.run import Run
from glassplast.relax import relax_options
from glassplast.threads import thread_count

if TYPE_CHECKING:
    Branch = _engine.Branch2D | _engine.Branch3D
    Released = _engine.Relaxation2D | _engine.Relaxation3D

Field = NDArray[np.float64]
#: Called by the engine with the strain reached and the largest force.
Callback = Callable[[float, float], None]

#: Evaluations that the way down from an instability may take.
_BUDGET = 10_000_000


def follow(
    glass: Glass,
    to: float,
    protocol: dict[str, Any],
    *,
    threads: int | None = None,
    callback: Callback | None = None,
) -> Branch:
    """Follow the elastic branch through a minimum to another strain, or to where it ends.

    A pure function of the state, `to`, loading and tolerance, whatever the number of threads.

    Raises
    ------
    InstabilityError
        If the glass is no minimum.
    ConvergenceError
        If the branch cannot be followed.
    """
    # Which of the overloads it is, mypy cannot know.
    follower: Any = _engine.follow_branch
    branch: Branch = follower(
        glass.interaction,
        glass.box,
        glass.strain,
        glass.positions,
        np.asarray(protocol["loading"], dtype=np.float64),
        to,
        _engine.BranchOptions(protocol["tolerance"]),
        thread_count(threads),
        callback,
    )
    return branch


def release(glass: Glass, branch: Branch, protocol: dict[str, Any]) -> Released:
    """The state that the instability at the end of a branch leads to, at the critical strain.

    Raises
    ------
    ConvergenceError
        If the minimizer does not get there.
    """
    options = relax_options(protocol["minimizer"], None, _BUDGET, True)
    releaser: Any = _engine.release_branch
    released: Released = releaser(glass.interaction, branch, options, None)
    if released.stop.name == "budget":
        raise ConvergenceError(
            f"the minimization from the instability at strain {branch.critical_strain:.10g} spent its {_BUDGET} "
            f"evaluations with a largest force of {released.largest_force:.3g}"
        )
    return released


def state(glass: Glass, positions: Field, strain: float, box: Any, protocol: dict[str, Any], origin: float) -> Glass:
    """A state of a run as a glass; `origin` is the strain at which the run started."""
    return glass.replace(
        positions=positions,
        box=box,
        strain=strain,
        provenance={"shear": {**protocol, "from_strain": origin}},
    )


def end_state(glass: Glass, branch: Branch, protocol: dict[str, Any], origin: float) -> Glass:
    """The state at the end of a branch that was followed to its target."""
    return state(glass, branch.positions, branch.end_strain, branch.box, protocol, origin)


def curve_of(branch: Branch, released: Released | None = None) -> BranchCurve:
    """The points of a branch, with what it took to get them and the state after it."""
    effort = Effort(branch.evaluations, branch.factorizations, branch.rejected)
    if released is not None:
        effort += Effort(released.evaluations, released.factorizations)
    # Copies: views would keep all of the branch.
    return BranchCurve(
        branch.strain.copy(),
        branch.stress.copy(),
        branch.energy.copy(),
        branch.slope.copy(),
        branch.residual.copy(),
        branch.ended,
        effort,
    )


def event_of(glass: Glass, branch: Branch, released: Released, protocol: dict[str, Any], origin: float) -> Event:
    """The event at the end of the branch that starts at a glass."""
    loading = np.asarray(protocol["loading"], dtype=np.float64)
    box = glass.box.deformed(expm((branch.before_strain - glass.strain) * loading))
    before = state(glass, branch.before_positions, branch.before_strain, box, protocol, origin)
    displacement = released.positions - branch.positions
    displacement -= displacement.mean(axis=0)
    return Event(
        strain=branch.critical_strain,
        strain_uncertainty=branch.critical_strain_uncertainty,
        onset_strain=branch.before_strain,
        irreversible=True,
        stress_before=float(branch.stress[-1]),
        stress_after=stress_along(released.stress, loading),
        energy_before=branch.end_energy,
        energy_after=released.energy,
        mode=branch.mode.copy(),
        eigenvalue=branch.eigenvalue,
        core=int(np.nanargmax(np.linalg.norm(branch.mode, axis=1))),
        participation=participation_ratio(branch.mode),
        displacement=displacement,
        before=before,
        after=state(glass, released.positions, branch.critical_strain, branch.box, protocol, origin),
        branch_start=glass.strain,
        minimizer=protocol["minimizer"],
        stress_maximum=branch.stress_maximum,
        overlap=branch.overlap,
        largest_residual=branch.largest_residual,
    )


def run_of(
    start: Glass,
    protocol: dict[str, Any],
    passed: Sequence[tuple[BranchCurve, Event]],
    ending: tuple[BranchCurve, Glass] | None,
) -> Run:
    """The run of branches that ended in events, and of the one that reached the target.

    Without the latter, the last point is the state after the last event, whose slope is not known (or the start).
    """
    curves = [curve for curve, _ in passed]
    events = [event for _, event in passed]
    last = ending[1] if ending is not None else events[-1].after if events else start
    if ending is not None:
        curves.append(ending[0])
    else:
        if events:
            curves.append(_single(events[-1].strain, events[-1].stress_after, events[-1].energy_after))
        else:
            analysis = Analysis(start)
            curves.append(_single(start.strain, stress_along(analysis.stress, protocol["loading"]), analysis.energy))
    columns = (
        np.concatenate([getattr(curve, name) for curve in curves])
        for name in ("strain", "stress", "energy", "slope", "residual")
    )
    strain, stress, energy, slope, residual = columns
    return Run(
        start,
        strain,
        stress,
        energy,
        events,
        [],
        protocol,
        slope=slope,
        residual=residual,
        last=last,
        effort=sum((curve.effort for curve in curves), Effort()),
    )


def _single(strain: float, stress: float, energy: float) -> BranchCurve:
    values = np.array([[strain], [stress], [energy], [np.nan], [0.0]])
    return BranchCurve(values[0], values[1], values[2], values[3], values[4], ended=False)


def state_on_branch(
    glass: Glass, strain: float, protocol: dict[str, Any], origin: float, *, threads: int | None = None
) -> Glass:
    """The state at another strain on the elastic branch through a glass; `origin` as of `state`.

    Raises
    ------
    GlassplastError
        If the branch ends before.
    """
    if strain == glass.strain:
        return glass
    branch = follow(glass, strain, protocol, threads=threads)
    if branch.ended:
        raise GlassplastError(
            f"the elastic branch from strain {glass.strain:.10g} ends at {branch.critical_strain:.12g}, before "
            f"{strain:.12g}"
        )
    return end_state(glass, branch, protocol, origin)
