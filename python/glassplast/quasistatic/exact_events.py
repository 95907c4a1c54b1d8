"""Records made from the engine's elastic branches: the curve of a branch, and the event at its end."""

from __future__ import annotations

import numpy as np

from glassplast.fields.nonaffine import participation_ratio
from glassplast.glass import Glass
from glassplast.loading import stress_along
from glassplast.quasistatic.branch_curve import BranchCurve, Effort
from glassplast.quasistatic.events import Event
from glassplast.quasistatic.protocol import Branch, ExactProtocol, Released

__all__ = ["curve_of", "event_of"]


def curve_of(branch: Branch, released: Released | None = None) -> BranchCurve:
    """The points of a branch, with the operations that it took to compute them and the state after the branch."""
    effort = Effort(branch.evaluations, branch.factorizations, branch.rejected)
    if released is not None:
        effort += Effort(released.evaluations, released.factorizations)
    # Views instead of copies would keep the whole branch in memory.
    return BranchCurve(
        branch.strain.copy(),
        branch.stress.copy(),
        branch.energy.copy(),
        branch.slope.copy(),
        branch.residual.copy(),
        branch.ended,
        effort,
    )


def event_of(glass: Glass, branch: Branch, released: Released, protocol: ExactProtocol, origin: float) -> Event:
    """The event at the end of the branch that starts at `glass`, in a run that started at the strain `origin`."""
    from scipy.linalg import expm

    loading = protocol.matrix
    box = glass.box.deformed(expm((branch.before_strain - glass.strain) * loading))
    before = protocol.state(glass, branch.before_positions, strain=branch.before_strain, box=box, origin=origin)
    after = protocol.state(glass, released.positions, strain=branch.critical_strain, box=branch.box, origin=origin)
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
        after=after,
        branch_start=glass.strain,
        method=protocol.method,
        stress_maximum_strain=branch.stress_maximum,
        overlap=branch.overlap,
        largest_residual=branch.largest_residual,
    )
