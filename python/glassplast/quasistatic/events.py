"""What is recorded of a plastic event, whichever stepping found it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassplast.glass import Glass
from glassplast.nonaffine import d2min

Field = NDArray[np.float64]


@dataclass(frozen=True)
class Event:
    """One plastic event.

    Stresses are those along the loading, sigma : G; for simple shear sigma_xy.

    Attributes
    ----------
    strain, strain_uncertainty : float
        The instability lies within `strain` +- `strain_uncertainty`: where the elastic branch ends in exact stepping,
        half an increment in fixed stepping (less if the last one was cut short).
    onset_strain : float
        The last stable state before it, at which the mode is taken: 1e-9 before the instability in exact stepping.
    irreversible : bool
        Whether stepping back leads elsewhere than where the system came from.
    stress_before, stress_after, energy_before, energy_after : float
        Stress and U at one strain, on the branch that ends and on the one reached: at `strain` in exact stepping, at
        `onset_strain` in fixed stepping. For a drop taken literally that does not begin with an irreversible
        increment: before and after the whole drop.
    mode : ndarray, shape (N, d)
        Critical mode Psi_c: unit norm, Psi_c . dx/dgamma > 0 along the loading; NaN on rattlers.
    eigenvalue : float
        Its stiffness at `onset_strain`.
    core : int
        The particle with the largest |Psi_c|.
    participation : float
        (sum u^2)^2 / (N sum u^4), u = |Psi_c| of a particle.
    displacement : ndarray, shape (N, d)
        Of the avalanche, at the strain of the drops, relative to the mean.
    before, after : Glass
        The last stable state; the state reached: at `strain` in exact stepping, one increment later in fixed stepping
        (at the end of a drop taken literally).
    branch_start : float
        Strain at which the elastic branch began: the event before it, or the start of the run.
    minimizer : str
        What led from the instability to the state reached: ``cg`` or ``fire``.
    stress_maximum : float
        Strain of the first maximum of the stress along the branch; NaN where there is none, and in fixed stepping.
    overlap : float
        |Psi_c . Psi| with the mode 1e-6 before the instability: what tells that the mode has converged. NaN where the
        branch is shorter, and in fixed stepping.
    largest_residual : float
        Of the energy balance of the steps along the branch (energy); NaN in fixed stepping.
    """

    strain: float
    strain_uncertainty: float
    onset_strain: float
    irreversible: bool
    stress_before: float
    stress_after: float
    energy_before: float
    energy_after: float
    mode: Field
    eigenvalue: float
    core: int
    participation: float
    displacement: Field
    before: Glass
    after: Glass
    branch_start: float = math.nan
    minimizer: str = ""
    stress_maximum: float = math.nan
    overlap: float = math.nan
    largest_residual: float = math.nan

    @property
    def direction(self) -> float:
        """1 if the strain grew, -1 if it fell."""
        return math.copysign(1.0, self.strain - self.onset_strain)

    @property
    def mode_distance(self) -> float:
        """From the state at which the mode is taken to the instability, in strain; negative in reverse."""
        return self.strain - self.onset_strain

    @property
    def stress_drop(self) -> float:
        """Fall of the stress along the loading, at fixed strain; negative where an event raises it."""
        return self.direction * (self.stress_before - self.stress_after)

    @property
    def energy_drop(self) -> float:
        """Dissipated energy: fall of U at fixed strain."""
        return self.energy_before - self.energy_after

    def d2min(self, *, reach: float = 2.5) -> Field:
        """(N,): D2min of the critical mode at the last stable state."""
        return d2min(self.before, self.mode, reach=reach)


@dataclass(frozen=True)
class StressDrop:
    """Consecutive increments over which the stress fell (or that proved irreversible), in fixed stepping.

    Attributes
    ----------
    start, end : float
        Strain before the first and after the last of them.
    irreversible : float or None
        Strain before the first irreversible increment; None if every one can be undone: a smooth maximum.
    """

    start: float
    end: float
    irreversible: float | None
