"""How the mode turns into the critical one as an instability draws near (paper, Fig. 11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glassplast.errors import ArgumentError, GlassplastError
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.ranks import ranks
from glassplast.loading import stress_along
from glassplast.quasistatic.critical_modes import critical_mode
from glassplast.quasistatic.events import Event
from glassplast.quasistatic.protocol import protocol_of_state
from glassplast.response.analysis import Analysis

__all__ = ["DISTANCES", "ModeConvergence", "mode_convergence"]

#: Distances at which the mode is taken unless told otherwise.
DISTANCES = tuple(float(10.0 ** (-8.0 + 0.5 * k)) for k in range(13))


@dataclass(frozen=True)
class ModeConvergence:
    """A branch and its softest driven mode on the way to the instability; all arrays of shape (K,).

    Attributes
    ----------
    distance : ndarray
        |gamma_c - gamma|. NaN in the others where the branch does not reach so far back.
    normalized_stress : ndarray
        Stress along the loading over that at the instability.
    overlap_deficit : ndarray
        1 - |Psi_c . Psi_gamma|.
    rank_difference : ndarray
        r_c - r_gamma: rank of the core particle in |Psi_c|, which is 1, minus that in |Psi_gamma|; 0 where it is the
        same particle that moves most.
    eigenvalue : ndarray
        Stiffness of Psi_gamma; proportional to sqrt(distance) close to the instability.
    """

    distance: FloatArray
    normalized_stress: FloatArray
    overlap_deficit: FloatArray
    rank_difference: FloatArray
    eigenvalue: FloatArray


def mode_convergence(
    event: Event,
    distances: Sequence[float] = DISTANCES,
    *,
    tolerance: float = 1e-10,
    threads: int | None = None,
) -> ModeConvergence:
    """Follow the branch of an event back from its instability, and compare the mode with the critical one.

    Psi_gamma is the mode that `critical_mode` picks among the lowest eight, without knowing Psi_c.

    Parameters
    ----------
    event : Event
        Of exact stepping.
    distances : sequence of float
        |gamma_c - gamma|, larger than that at which the mode of the event was taken (1e-9).
    tolerance : float
        Largest force left on any particle.
    threads : int, optional
        The result does not depend on it.

    Returns
    -------
    ModeConvergence
        In the order of `distances`.

    Raises
    ------
    ArgumentError
        If the event is not located closely enough, or a distance is too small.
    """
    distance = np.asarray(distances, dtype=np.float64)
    nearest = abs(event.mode_distance)
    if event.strain_uncertainty > 0.1 * nearest:
        raise ArgumentError(
            f"the instability is known to {event.strain_uncertainty:.2g} only; take an event of exact stepping"
        )
    if not (distance > nearest).all():
        raise ArgumentError(f"distances must be larger than {nearest:.3g}, where the mode of the event was taken")
    protocol = protocol_of_state(event.before, tolerance)
    values = np.full((4, distance.size), np.nan)
    state = event.before
    for index in np.argsort(distance):
        strain = event.strain - event.direction * float(distance[index])
        if event.direction * (strain - event.branch_start) < 0.0:
            break
        try:
            state = protocol.at(state, strain, origin=event.branch_start, threads=threads)
        except GlassplastError:
            # Followed back past its beginning, the branch has an end there as well.
            break
        mode, eigenvalue = critical_mode(state, event.direction, loading=protocol.matrix, threads=threads)
        rank = ranks(np.linalg.norm(mode, axis=1))[event.core]
        overlap = abs(float(np.nansum(mode * event.mode)))
        stress = stress_along(Analysis(state).stress, protocol.matrix)
        values[:, index] = stress / event.stress_before, 1.0 - overlap, 1.0 - rank, eigenvalue
    return ModeConvergence(distance, *values)
