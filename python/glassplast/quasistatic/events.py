"""The record of a plastic event, which is the same for both kinds of stepping."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassplast.fields.nonaffine import d2min
from glassplast.files.records import columns, described, kept_apart
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.notebook import card
from glassplast.foundation.one_line import constructor_like, number
from glassplast.foundation.tables import structured
from glassplast.glass import Glass

__all__ = ["Event", "StressDrop", "event_table"]


@dataclass(frozen=True, repr=False)
class Event:
    """One plastic event.

    All stresses are components along the loading, sigma : G, which is sigma_xy in simple shear.

    Attributes
    ----------
    strain, strain_uncertainty : float
        The instability lies within `strain` +- `strain_uncertainty`. In exact stepping it is the end of the elastic
        branch; in fixed stepping the uncertainty is half an increment (less if the last increment was cut short).
    onset_strain : float
        Strain of the last stable state before the instability, at which the mode is computed; in exact stepping it lies
        1e-9 before the instability.
    irreversible : bool
        Whether the system fails to return to the state before the event when the strain is stepped back.
    stress_before, stress_after, energy_before, energy_after : float
        Stress and potential energy U on the branch that ends and on the branch that the system reaches, both at the
        same strain: `strain` in exact stepping, `onset_strain` in fixed stepping. With the criterion ``stress_drop``,
        for a drop that does not begin with an irreversible increment, they are the values before and after the whole
        drop.
    mode : ndarray, shape (N, d)
        Critical mode Psi_c with unit norm and the sign for which Psi_c . dx/dgamma > 0 along the loading; NaN for
        rattlers.
    eigenvalue : float
        Stiffness of the critical mode at `onset_strain` (energy / length^2).
    core : int
        Index of the particle with the largest |Psi_c|.
    participation : float
        Participation ratio of the critical mode, (sum u^2)^2 / (N sum u^4), where u is |Psi_c| of a particle.
    displacement : ndarray, shape (N, d)
        Displacement of the particles in the avalanche, between the states whose stresses and energies are compared,
        relative to its mean (length).
    before, after : Glass
        The last stable state, and the state that the system reaches: at `strain` in exact stepping, one increment later
        in fixed stepping, or at the end of the drop with the criterion ``stress_drop``.
    branch_start : float
        Strain at which the elastic branch began, at the event before this one or at the start of the run.
    method : {"cg", "fire"}
        Minimizer that led from the instability to the state reached.
    stress_maximum_strain : float
        Strain of the first maximum of the stress along the branch; NaN if there is none, and in fixed stepping.
    overlap : float
        |Psi_c . Psi|, where Psi is the mode 1e-6 before the instability; a value close to 1 shows that the mode has
        converged. NaN if the branch is shorter than 1e-6, and in fixed stepping.
    largest_residual : float
        Largest residual of the energy balance among the steps along the branch (energy); NaN in fixed stepping.
    """

    strain: float = described("strain of the instability, which lies within strain +- strain_uncertainty")
    strain_uncertainty: float = described("uncertainty of the strain of the instability")
    onset_strain: float = described("strain of the last stable state before the instability")
    irreversible: bool = described("1 if stepping the strain back does not lead back to the state before the event")
    stress_before: float = described("stress along the loading before the event")
    stress_after: float = described("stress along the loading after the event, at the same strain")
    energy_before: float = described("potential energy before the event")
    energy_after: float = described("potential energy after the event, at the same strain")
    mode: FloatArray = described("critical mode, (events, N, d)")
    eigenvalue: float = described("stiffness of the critical mode at onset_strain")
    core: int = described("index, from 0, of the particle that moves most in the critical mode")
    participation: float = described("participation ratio (sum u^2)^2 / (N sum u^4) of the critical mode")
    displacement: FloatArray = described("displacement of the particles in the event, (events, N, d)")
    before: Glass = kept_apart()
    after: Glass = kept_apart()
    branch_start: float = described("strain at which the elastic branch began", default=math.nan)
    method: str = described("minimizer that led to the state after the event", stored_as="minimizer", default="")
    stress_maximum_strain: float = described(
        "strain of the first stress maximum on the elastic branch; NaN if there is none",
        stored_as="stress_maximum",
        default=math.nan,
    )
    overlap: float = described(
        "overlap of the critical mode with the mode at a strain 1e-6 before the instability", default=math.nan
    )
    largest_residual: float = described(
        "largest residual of the energy balance of a step along the branch", default=math.nan
    )

    def __repr__(self) -> str:
        return constructor_like(
            "Event",
            strain=number(self.strain, 6),
            core=self.core,
            stress_drop=self.stress_drop,
            energy_drop=self.energy_drop,
            participation=self.participation,
            irreversible=self.irreversible,
        )

    def _repr_html_(self) -> str:
        facts = {
            "strain": f"{number(self.strain, 8)} ± {number(self.strain_uncertainty, 1)}",
            "core": f"particle {self.core} (id {self.core_id})",
            "stress drop": self.stress_drop,
            "energy drop": self.energy_drop,
            "participation ratio": self.participation,
            "stiffness of the mode": f"{number(self.eigenvalue)} at {number(abs(self.mode_distance), 2)} before",
            "irreversible": "yes" if self.irreversible else "no",
            "branch began at": None if math.isnan(self.branch_start) else number(self.branch_start, 6),
        }
        return card(self, "Plastic event", facts)

    @property
    def core_id(self) -> int:
        """The name of the core particle, among the `ids` of the glass."""
        return int(self.before.ids[self.core])

    @property
    def direction(self) -> float:
        """1 if the strain grew, -1 if it fell."""
        return math.copysign(1.0, self.strain - self.onset_strain)

    @property
    def mode_distance(self) -> float:
        """Strain from the state at which the mode is computed to the instability; negative in reverse."""
        return self.strain - self.onset_strain

    @property
    def stress_drop(self) -> float:
        """Fall of the stress along the loading at fixed strain; negative if the event raises the stress."""
        return self.direction * (self.stress_before - self.stress_after)

    @property
    def energy_drop(self) -> float:
        """Dissipated energy, which is the fall of U at fixed strain."""
        return self.energy_before - self.energy_after

    def d2min(self, *, radius: float = 2.5) -> FloatArray:
        """D2min of the critical mode at the last stable state.

        Parameters
        ----------
        radius : float
            Distance within which particles count as neighbours (length).

        Returns
        -------
        ndarray, shape (N,)
            D2min of each particle; NaN for rattlers.
        """
        return d2min(self.before, self.mode, radius=radius)


@dataclass(frozen=True)
class StressDrop:
    """Consecutive increments of fixed stepping in which the stress fell, or which proved irreversible.

    Attributes
    ----------
    start, end : float
        Strain before the first and after the last of these increments.
    irreversible : float or None
        Strain before the first irreversible increment; None if each increment can be undone, because the stress passed
        a smooth maximum.
    """

    start: float = described("strain before the drop of the stress")
    end: float = described("strain after the drop of the stress")
    irreversible: float | None = described("strain before the first irreversible increment; NaN if there is none")


def event_table(events: Sequence[Event]) -> NDArray[np.void]:
    """One row for each event with all its numbers: a structured array, (E,)."""
    known: dict[str, Any] = columns(Event, events)
    known["stress_drop"] = np.array([event.stress_drop for event in events], dtype=np.float64)
    known["energy_drop"] = np.array([event.energy_drop for event in events], dtype=np.float64)
    known["core_id"] = np.array([event.core_id for event in events], dtype=np.int64)
    return structured(known)
