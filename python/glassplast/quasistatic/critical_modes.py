"""The mode that announces an instability, found in a state close to it."""

from __future__ import annotations

import numpy as np

from glassplast.foundation.arrays import FloatArray
from glassplast.glass import Glass, simple_shear
from glassplast.loading import Loading, loading_matrix
from glassplast.response.analysis import Analysis, analysis_of

__all__ = ["critical_mode"]

#: Modes among which the critical one is looked for: it can leave the plane waves only just before the event.
CRITICAL_CANDIDATES = 8


def critical_mode(
    glass: Glass | Analysis, direction: float = 1.0, *, loading: Loading | None = None, threads: int | None = None
) -> tuple[FloatArray, float]:
    """The mode that an instability announces: of the lowest modes, the one that the shear excites most where it is
    localized, by |Psi . Xi| / lambda max|Psi|.

    Parameters
    ----------
    glass : Glass or Analysis
        A minimum close to an instability.
    direction : float
        Sign of the strain increments.
    loading : float or (d, d) array_like, optional
        By default simple shear.
    threads : int, optional
        The result does not depend on it.

    Returns
    -------
    mode : ndarray, shape (N, d)
        Unit norm, sign such that mode . dx/dgamma > 0 along `direction`; NaN on rattlers.
    eigenvalue : float
    """
    analysis = analysis_of(glass, threads=threads)
    glass = analysis.glass
    freedom = glass.dimension * int(np.count_nonzero(~analysis.rattlers)) - analysis.minimum.translations
    modes = analysis.modes(min(CRITICAL_CANDIDATES, freedom))
    matrix = simple_shear(glass.dimension) if loading is None else loading_matrix(loading, glass.dimension)
    gradient = analysis.affine_gradient(matrix)
    coupling = np.nansum(modes.vectors * gradient, axis=(1, 2)) / modes.eigenvalues
    largest = np.nanmax(np.linalg.norm(modes.vectors, axis=2), axis=1)
    best = int(np.argmax(np.abs(coupling) * largest))
    sign = -1.0 if direction * coupling[best] > 0.0 else 1.0
    return sign * modes.vectors[best], float(modes.eigenvalues[best])
