"""What is recorded of a plastic event, whichever stepping found it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from glassplast.fields.nonaffine import d2min
from glassplast.files.records import described, kept_apart
from glassplast.foundation.arrays import FloatArray
from glassplast.glass import Glass

__all__ = ["Event", "StressDrop"]


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
    method : str
        What led from the instability to the state reached: ``cg`` or ``fire``.
    stress_maximum_strain : float
        Strain of the first maximum of the stress along the branch; NaN where there is none, and in fixed stepping.
    overlap : float
        |Psi_c . Psi| with the mode 1e-6 before the instability: what tells that the mode has converged. NaN where the
        branch is shorter, and in fixed stepping.
    largest_residual : float
        Of the energy balance of the steps along the branch (energy); NaN in fixed stepping.
    """

    strain: float = described("the instability lies within strain +- strain_uncertainty")
    strain_uncertainty: float = described("see strain")
    onset_strain: float = described("last stable state before it")
    irreversible: bool = described("1 if stepping back leads elsewhere")
    stress_before: float = described("stress along the loading before the event")
    stress_after: float = described("and after it, at the same strain")
    energy_before: float = described("potential energy before the event")
    energy_after: float = described("and after it, at the same strain")
    mode: FloatArray = described("mode, (events, N, d)")
    eigenvalue: float = described("stiffness of the critical mode at onset_strain")
    core: int = described("index of the particle with the largest mode, from 0")
    participation: float = described("(sum u^2)^2 / (N sum u^4) of the critical mode")
    displacement: FloatArray = described("displacement, (events, N, d)")
    before: Glass = kept_apart()
    after: Glass = kept_apart()
    branch_start: float = described("strain at which the elastic branch began", default=math.nan)
    method: str = described("what led to the state after the event", stored_as="minimizer", default="")
    stress_maximum_strain: float = described(
        "strain of its first stress maximum; NaN if there is none", stored_as="stress_maximum", default=math.nan
    )
    overlap: float = described("overlap of the critical mode with that 1e-6 before the instability", default=math.nan)
    largest_residual: float = described("of the energy balance of the steps along the branch", default=math.nan)

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

    def d2min(self, *, radius: float = 2.5) -> FloatArray:
        """(N,): D2min of the critical mode at the last stable state, over neighbours within a radius."""
        return d2min(self.before, self.mode, radius=radius)


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

    start: float = described("strain before the stress fell")
    end: float = described("strain after it fell")
    irreversible: float | None = described("strain before the first increment that cannot be undone; NaN if each can")
