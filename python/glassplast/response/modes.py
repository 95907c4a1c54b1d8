"""The record of the lowest vibrational modes of a configuration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glassplast.foundation.arrays import FloatArray

__all__ = ["Modes"]


@dataclass(frozen=True)
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

    @property
    def frequencies(self) -> FloatArray:
        """Frequencies omega = sqrt(kappa), shape (n,); NaN for an unstable mode."""
        with np.errstate(invalid="ignore"):
            return np.sqrt(self.eigenvalues)

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
