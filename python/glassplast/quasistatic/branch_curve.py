"""Stress and energy along one elastic branch, at the computed points and between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from glassplast.files.records import described
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.one_line import without_arrays

__all__ = ["BranchCurve", "BranchInterpolation", "Effort"]

# This rule is exact for the stress (a cubic) times dgamma/dx (linear), and to round-off where the volume changes.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(4)


@dataclass(frozen=True)
class Effort:
    """The number of operations that a computation took.

    Attributes
    ----------
    evaluations : int
        Number of evaluations of the energy with its forces.
    factorizations : int
        Number of factorizations of the Hessian.
    rejected : int
        Number of steps along branches that were rejected and repeated with a shorter step.
    """

    evaluations: int = described("number of evaluations of the energy with its forces", default=0)
    factorizations: int = described("number of factorizations of the Hessian", default=0)
    rejected: int = described("number of steps along branches that were repeated with a shorter length", default=0)

    def __add__(self, other: Effort) -> Effort:
        return Effort(
            self.evaluations + other.evaluations,
            self.factorizations + other.factorizations,
            self.rejected + other.rejected,
        )


@dataclass(frozen=True, repr=False)
class BranchCurve:
    """The points of one elastic branch.

    Attributes
    ----------
    strain, stress, energy, slope : ndarray, shape (K,)
        Strain, stress along the loading, potential energy U, and d stress / d strain of the relaxed state at each
        point.
    residual : ndarray, shape (K,)
        Residual of the energy balance of the step that led to each point (energy).
    ended : bool
        Whether the last point is an instability.
    effort : Effort
        Operations that it took to follow the branch and to find the state that its end leads to.
    """

    strain: FloatArray = described("parameter of the deformation; engineering strain in simple shear")
    stress: FloatArray = described("stress along the loading, sigma : G; sigma_xy in simple shear")
    energy: FloatArray = described("potential energy U")
    slope: FloatArray = described("d stress / d strain of the relaxed state")
    residual: FloatArray = described("residual of the energy balance of the step to this point")
    ended: bool = described("whether the last point is an instability")
    effort: Effort = described("cost of the computation", default_factory=Effort)

    __repr__ = without_arrays


class BranchInterpolation:
    """Stress and energy anywhere on a branch, by cubic Hermite interpolation.

    Towards an instability both are smooth functions of sqrt(|gamma_c - gamma|), but not of gamma. On a branch that ends
    in an instability that square root is therefore the variable of the interpolation.

    Parameters
    ----------
    strain, stress, energy, slope : ndarray, shape (K,)
        Values at the points of the branch, see `BranchCurve`.
    ended : bool
        Whether the last point is an instability; the slope there is not used.
    volume : float
        Volume of the cell at the first point.
    dilation : float
        Trace of the loading matrix: the volume grows as exp(dilation * strain).
    """

    def __init__(
        self,
        strain: FloatArray,
        stress: FloatArray,
        energy: FloatArray,
        slope: FloatArray,
        *,
        ended: bool,
        volume: float,
        dilation: float,
    ) -> None:
        self.strain = strain
        self.ended = ended
        self.volume = volume
        self.dilation = dilation
        self.direction = 1.0 if strain[-1] >= strain[0] else -1.0
        self.values = (stress, energy)
        self.places = self._place(strain)
        if strain.size == 1:
            return
        # Imported here because it takes longer than all that a process needs to shear a glass.
        from scipy.interpolate import CubicHermiteSpline

        rate = self._strain_rate(self.places)
        if ended:
            # The slope diverges as 1/x at the end; the three conditions left make a parabola on the last interval.
            last, width = stress[-1] - stress[-2], self.places[-1] - self.places[-2]
            stress_rate = np.append(slope[:-1] * rate[:-1], 2.0 * last / width - slope[-2] * rate[-2])
        else:
            stress_rate = slope * rate
        self.stress_spline = CubicHermiteSpline(self.places, stress, stress_rate)
        self.energy_spline = CubicHermiteSpline(self.places, energy, self._volume_at(strain) * stress * rate)

    def _place(self, strain: FloatArray) -> FloatArray:
        """The variable x of the interpolation, which grows along the branch."""
        if self.ended:
            left = self.direction * (self.strain[-1] - strain)
            return np.asarray(-np.sqrt(np.maximum(left, 0.0)))
        return np.asarray(self.direction * (strain - self.strain[0]))

    def _strain_of(self, place: FloatArray) -> FloatArray:
        if self.ended:
            return np.asarray(self.strain[-1] - self.direction * place**2)
        return np.asarray(self.strain[0] + self.direction * place)

    def _strain_rate(self, place: FloatArray) -> FloatArray:
        return np.asarray(-2.0 * self.direction * place if self.ended else np.full_like(place, self.direction))

    def _volume_at(self, strain: FloatArray) -> FloatArray:
        return np.asarray(self.volume * np.exp(self.dilation * (strain - self.strain[0])))

    def stress_at(self, strain: ArrayLike) -> FloatArray:
        """The stress at strains of the branch."""
        return self._at(0, strain)

    def energy_at(self, strain: ArrayLike) -> FloatArray:
        """U at strains of the branch."""
        return self._at(1, strain)

    def _at(self, which: int, strain: ArrayLike) -> FloatArray:
        given = np.asarray(strain, dtype=np.float64)
        if self.strain.size == 1:
            return np.full(given.shape, self.values[which][0])
        spline = (self.stress_spline, self.energy_spline)[which]
        return np.asarray(spline(self._place(given)))

    def smooth(self, parts: int) -> tuple[FloatArray, FloatArray]:
        """Strain and stress on a finer grid, with each interval between points divided into `parts` intervals."""
        if self.strain.size == 1:
            return self.strain, self.values[0]
        fractions = np.arange(parts) / parts
        places = self.places[:-1, None] + np.diff(self.places)[:, None] * fractions
        place = np.append(places.ravel(), self.places[-1])
        return self._strain_of(place), np.asarray(self.stress_spline(place))

    def work(self, start: float, end: float) -> float:
        """Integral of V stress dgamma between two strains of the branch; the energies are not used."""
        if self.strain.size == 1 or start == end:
            return 0.0
        first, last = self._place(np.array([start, end]))
        low, high = min(first, last), max(first, last)
        inside = self.places[(self.places > low) & (self.places < high)]
        knots = np.concatenate([[low], inside, [high]])
        half = 0.5 * np.diff(knots)[:, None]
        place = 0.5 * (knots[1:] + knots[:-1])[:, None] + half * _NODES
        rate = self._strain_rate(place) * self._volume_at(self._strain_of(place))
        total = float(np.sum(half * _WEIGHTS * self.stress_spline(place) * rate))
        return total if first <= last else -total
