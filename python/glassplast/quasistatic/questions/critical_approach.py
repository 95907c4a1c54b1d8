"""The change of the softest mode into the critical mode as an instability is approached (paper, Fig. 11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glassplast.errors import ArgumentError, GlassplastError
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.one_line import without_arrays
from glassplast.foundation.ranks import ranks
from glassplast.loading import stress_along
from glassplast.quasistatic.critical_modes import critical_mode
from glassplast.quasistatic.events import Event
from glassplast.quasistatic.protocol import protocol_of_state
from glassplast.response.analysis import Analysis

__all__ = ["DISTANCES", "ModeConvergence", "mode_convergence"]

#: Default distances from the instability at which the mode is computed.
DISTANCES = tuple(float(10.0 ** (-8.0 + 0.5 * k)) for k in range(13))


@dataclass(frozen=True, repr=False)
class ModeConvergence:
    """An elastic branch and the mode Psi_gamma on it at K distances from the instability at its end.

    Attributes
    ----------
    distance : ndarray, shape (K,)
        Strain from the instability, |gamma_c - gamma|. The other arrays are NaN where the branch does not reach so far
        back.
    normalized_stress : ndarray, shape (K,)
        Stress along the loading, divided by the stress at the instability.
    overlap_deficit : ndarray, shape (K,)
        Difference between the mode and the critical mode, 1 - |Psi_c . Psi_gamma|.
    rank_difference : ndarray, shape (K,)
        r_c - r_gamma: rank of the core particle in |Psi_c|, which is 1, minus its rank in |Psi_gamma|. It is 0 where
        the same particle moves most in both modes.
    eigenvalue : ndarray, shape (K,)
        Stiffness of Psi_gamma (energy / length^2); proportional to sqrt(distance) close to the instability.
    """

    distance: FloatArray
    normalized_stress: FloatArray
    overlap_deficit: FloatArray
    rank_difference: FloatArray
    eigenvalue: FloatArray

    __repr__ = without_arrays


def mode_convergence(
    event: Event,
    distances: Sequence[float] = DISTANCES,
    *,
    tolerance: float = 1e-10,
    threads: int | None = None,
) -> ModeConvergence:
    """Follow the branch of an event back from its instability, and compare the mode with the critical mode.

    The mode Psi_gamma at each distance is the one that `glassplast.quasistatic.critical_mode` selects among the eight
    lowest modes, without knowledge of the critical mode Psi_c.

    Parameters
    ----------
    event : Event
        An event of exact stepping.
    distances : sequence of float
        Strains |gamma_c - gamma| from the instability; each must be larger than the distance at which the mode of the
        event was computed (1e-9).
    tolerance : float
        Largest force left on any particle (energy / length).
    threads : int, optional
        Number of threads; the result does not depend on it.

    Returns
    -------
    ModeConvergence
        Properties of the branch and the mode, in the order of `distances`.

    Raises
    ------
    ArgumentError
        If the event is not located closely enough, or a distance is too small.

    Examples
    --------
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> run = gp.shear(glass, to=0.1, max_events=1)
    >>> approach = gp.mode_convergence(run.events[0], distances=[1e-6, 1e-5])
    >>> bool(approach.eigenvalue[0] < approach.eigenvalue[1])
    True
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
            # Followed back past its beginning, the branch ends in another instability.
            break
        mode, eigenvalue = critical_mode(state, event.direction, loading=protocol.matrix, threads=threads)
        rank = ranks(np.linalg.norm(mode, axis=1))[event.core]
        overlap = abs(float(np.nansum(mode * event.mode)))
        stress = stress_along(Analysis(state).stress, protocol.matrix)
        values[:, index] = stress / event.stress_before, 1.0 - overlap, 1.0 - rank, eigenvalue
    return ModeConvergence(distance, *values)
