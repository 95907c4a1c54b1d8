"""The lowest vibrational modes of a configuration, as they are found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glassplast.foundation.arrays import FloatArray

__all__ = ["Modes"]


@dataclass(frozen=True)
class Modes:
    """The lowest vibrational modes, translations left out.

    Attributes
    ----------
    eigenvalues : ndarray, shape (n,)
        Read-only as the vectors; ascending; stiffness kappa = omega^2 (mass 1).
    vectors : ndarray, shape (n, N, d)
        Unit norm; NaN on rattlers.
    largest_residual : float
        Largest |H Psi - kappa Psi|.
    certified_bound, certified_count : float, int
        The inertia of H counts `certified_count` modes below `certified_bound`, as many as were found there.
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
        """(n,) omega = sqrt(kappa); NaN for an unstable mode."""
        with np.errstate(invalid="ignore"):
            return np.sqrt(self.eigenvalues)

    def head(self, count: int) -> Modes:
        """The first `count` modes."""
        return Modes(
            self.eigenvalues[:count],
            self.vectors[:count],
            self.largest_residual,
            self.certified_bound,
            self.certified_count,
        )
