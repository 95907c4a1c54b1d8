"""Sums over all modes of a glass without finding any of them, by the dephasing of waves."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from glassplast.errors import ArgumentError, GeometryError, InstabilityError
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.one_line import without_arrays
from glassplast.foundation.progress import shown
from glassplast.glass import Glass
from glassplast.response.analysis import Analysis, analysis_of

__all__ = ["ACCURACY", "MOST_STEPS", "ModeSums", "mode_sums"]

#: Default for the median relative error of a sum.
ACCURACY = 0.01
#: Default for the largest number of steps; the error falls like steps^-0.75.
MOST_STEPS = 1_000_000


@dataclass(frozen=True, repr=False)
class ModeSums:
    """A sum over all modes, estimated by dephasing.

    Attributes
    ----------
    field : ndarray, shape (N,)
        The sum for each particle; NaN for rattlers.
    difference : ndarray, shape (N,)
        How far the sums from the first and from the second half of the steps lie apart, as a measure of the error of
        each particle; NaN for rattlers.
    error : float
        Estimate of the median of the relative errors of the particles.
    steps : int
        Number of steps of the waves.
    converged : bool
        Whether `error` fell to the accuracy that was asked for.
    """

    field: FloatArray
    difference: FloatArray
    error: float
    steps: int
    converged: bool

    __repr__ = without_arrays


def mode_sums(
    glass: Glass | Analysis,
    first: ArrayLike,
    second: ArrayLike,
    *,
    accuracy: float = ACCURACY,
    most_steps: int = MOST_STEPS,
) -> ModeSums:
    r"""Estimate a sum over all modes of a glass without finding any of them.

    .. math:: s_i = \sum_m (\Psi_m \cdot u) (\Psi_m \cdot v) |\Psi_m|_i^2

    With :math:`v = f(H) u` this is :math:`\sum_m c_m^2 f(\lambda_m) |\Psi_m|_i^2`, where
    :math:`c_m = \Psi_m \cdot u`. The waves :math:`a_k = T_k(\tilde H) u` and :math:`b_k = T_k(\tilde H) v`, with the
    Chebyshev polynomials T_k of the Hessian scaled to [-1, 1], consist of modes that oscillate with the step k, each
    with a frequency of its own. In the mean of :math:`2 a_k \cdot b_k` over many steps all products of different modes
    cancel. A step costs one product of the Hessian with both waves, and the error falls like steps^-0.75. Within an
    eigenspace of several dimensions, the sum is over the projection of u and v onto it, which does not depend on a
    choice of modes.

    Parameters
    ----------
    glass : Glass or Analysis
        A configuration without unstable modes.
    first, second : array_like, shape (N, d)
        The fields u and v; values on rattlers do not count.
    accuracy : float
        Median relative error over the particles at which to stop, in (0, 1).
    most_steps : int
        Number of steps after which to stop in any case.

    Returns
    -------
    ModeSums
        The same for any number of threads.

    Raises
    ------
    ArgumentError
        If an option is out of range.
    GeometryError
        If a field has the wrong shape, or is not finite.
    InstabilityError
        If the glass has unstable modes.

    Examples
    --------
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> analysis = gp.Analysis(glass)
    >>> load = analysis.affine_gradient()
    >>> response = analysis.solve(load)
    >>> sums = gp.response.mode_sums(analysis, load, response, accuracy=0.02)
    >>> all_modes = gp.response.nonaffine_decomposition(analysis).field() * glass.volume
    >>> float(abs(sums.field / all_modes - 1.0).max()) < 0.3
    True
    """
    if not (math.isfinite(accuracy) and 0.0 < accuracy < 1.0):
        raise ArgumentError(f"accuracy must lie between 0 and 1, not be {accuracy}")
    if not most_steps >= 1024:
        raise ArgumentError(f"most_steps must be at least 1024, not {most_steps}")
    analysis = analysis_of(glass)
    waves = []
    for name, values in (("first", first), ("second", second)):
        field = np.array(values, dtype=np.float64)
        if field.shape != analysis.glass.positions.shape:
            raise GeometryError(f"{name} must have shape {analysis.glass.positions.shape}, not {field.shape}")
        field[analysis.rattlers] = 0.0
        if not np.isfinite(field).all():
            raise GeometryError(f"{name} must be finite on all particles that carry load")
        waves.append(field)
    if analysis.solver.negative > 0:
        raise InstabilityError(
            f"the glass has {analysis.solver.negative} unstable modes: call glassplast.minimize first"
        )
    with shown(analysis.progress) as tell:

        def told(steps: float, error: float) -> None:
            part = min(1.0, (accuracy / error) ** (4.0 / 3.0)) if math.isfinite(error) and error > 0.0 else 0.0
            tell("dephasing", part, f"{steps:.0f} steps{f', error {100.0 * error:.2g} %' if part else ''}")

        field, difference, error, steps, converged = analysis.solver.mode_sums(
            waves[0], waves[1], accuracy, int(most_steps), told
        )
    for values in (field, difference):
        values[analysis.rattlers] = np.nan
        values.setflags(write=False)
    return ModeSums(field, difference, error, steps, converged)
