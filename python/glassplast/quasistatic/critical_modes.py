"""The critical mode of an instability, computed in a state close to it."""

from __future__ import annotations

import numpy as np

from glassplast.foundation.arrays import FloatArray
from glassplast.glass import Glass, simple_shear
from glassplast.loading import Loading, loading_matrix
from glassplast.response.analysis import Analysis, analysis_of

__all__ = ["critical_mode"]

#: Number of lowest modes that are searched. The critical mode may become softer than the plane waves only just before
#: the event.
CRITICAL_CANDIDATES = 8


def critical_mode(
    glass: Glass | Analysis, direction: float = 1.0, *, loading: Loading | None = None, threads: int | None = None
) -> tuple[FloatArray, float]:
    """The critical mode in a state close to an instability.

    Of the eight lowest modes it is the one with the largest |Psi . Xi| / lambda max|Psi|: a localized mode that the
    shear excites strongly. Xi is the derivative of the energy gradient with respect to an affine strain,
    `glassplast.Analysis.affine_gradient`.

    Parameters
    ----------
    glass : Glass or Analysis
        A minimum close to an instability.
    direction : float
        Sign of the strain increments that lead to the instability.
    loading : float or (d, d) array_like, optional
        Angle in degrees or loading matrix, see `glassplast.loading.loading_matrix`; by default simple shear.
    threads : int, optional
        Number of threads; the result does not depend on it.

    Returns
    -------
    mode : ndarray, shape (N, d)
        Mode with unit norm and the sign for which mode . dx/dgamma > 0 along `direction`; NaN for rattlers.
    eigenvalue : float
        Stiffness of the mode (energy / length^2).
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
