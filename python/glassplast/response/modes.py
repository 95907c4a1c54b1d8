"""The record of the lowest vibrational modes of a configuration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassplast.fields.nonaffine import participation_ratio
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.one_line import constructor_like, number, span
from glassplast.foundation.tables import structured

__all__ = ["Modes"]


@dataclass(frozen=True, repr=False)
class Modes:
    """The lowest vibrational modes of a configuration, without translations.

    Attributes
    ----------
    eigenvalues : ndarray, shape (n,)
        Stiffnesses kappa = omega^2 (mass 1) in ascending order; the array is read-only.
    vectors : ndarray, shape (n, N, d)
        Modes Psi with unit norm; NaN for rattlers. The array is read-only.
    largest_residual : float
        Largest |H Psi - kappa Psi|.
    certified_bound, certified_count : float, int
        The inertia of the Hessian H shows that exactly `certified_count` modes lie below `certified_bound`, which is
        the number of modes that were found there.
    """

    eigenvalues: FloatArray
    vectors: FloatArray
    largest_residual: float
    certified_bound: float
    certified_count: int

    def __len__(self) -> int:
        return int(self.eigenvalues.size)

    def __repr__(self) -> str:
        reach = span(self.frequencies[0], self.frequencies[-1]) if len(self) else None
        return constructor_like(
            "Modes",
            count=len(self),
            N=self.vectors.shape[1],
            dimension=self.vectors.shape[2],
            frequencies=reach,
            largest_residual=number(self.largest_residual, 2),
        )

    @property
    def frequencies(self) -> FloatArray:
        """Frequencies omega = sqrt(kappa), shape (n,); NaN for an unstable mode."""
        with np.errstate(invalid="ignore"):
            return np.sqrt(self.eigenvalues)

    def table(self) -> NDArray[np.void]:
        """One row for each mode, a structured array with eigenvalue, frequency and participation ratio.

        ``pandas.DataFrame(modes.table())`` takes it as it is.
        """
        participation = participation_ratio(self)
        return structured(
            {"eigenvalue": self.eigenvalues, "frequency": self.frequencies, "participation": participation}
        )

    def head(self, count: int) -> Modes:
        """The lowest modes among these.

        Parameters
        ----------
        count : int
            Number of modes.

        Returns
        -------
        Modes
        """
        return Modes(
            self.eigenvalues[:count],
            self.vectors[:count],
            self.largest_residual,
            self.certified_bound,
            self.certified_count,
        )
