"""A peak of the activity of particles across a periodic cell, where a shear band may be."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from glassplast.foundation.arrays import FloatArray, IntegerArray
from glassplast.glass import Glass

__all__ = ["FittedPeak", "fit_peak", "fractions_of", "height_of", "reduced_cell", "spacing_of"]

#: Full width at half maximum of a Gaussian over its standard deviation.
_FULL_WIDTH = 2.0 * np.sqrt(2.0 * np.log(2.0))


class FittedPeak(NamedTuple):
    """A Gaussian peak across the cell; each entry is what the attribute of `ShearBand` with the same name says."""

    direction: FloatArray
    normal: FloatArray
    centre: float
    centre_uncertainty: float
    width: float
    width_uncertainty: float
    height: float
    contrast: float
    extent: float


# --- the cell ---------------------------------------------------------------------------------------------------------


def reduced_cell(cell: FloatArray) -> FloatArray:
    """The cell of the same lattice in which each vector is as short as multiples of those before it can make it."""
    result = np.array(cell)
    for later in range(1, len(result)):
        for earlier in reversed(range(later)):
            # From the last to the first, so that what one step does the next one does not undo.
            base = result[:, earlier] - _projection(result[:, :earlier], result[:, earlier])
            times = np.rint(np.dot(result[:, later], base) / np.dot(base, base))
            result[:, later] -= times * result[:, earlier]
    return result


def _projection(vectors: FloatArray, vector: FloatArray) -> FloatArray:
    if vectors.shape[1] == 0:
        return np.zeros_like(vector)
    return np.asarray(vectors @ np.linalg.lstsq(vectors, vector, rcond=None)[0])


def fractions_of(glass: Glass, cell: FloatArray) -> FloatArray:
    """Coordinates of the particles along the vectors of a cell, (N, d), as fractions of these; not wrapped."""
    return np.asarray(np.linalg.solve(cell, (glass.positions - np.asarray(glass.box.origin)).T).T)


def height_of(cell: FloatArray, axis: int) -> float:
    """Distance between the two sides of a cell that one of its vectors connects."""
    return float(1.0 / np.linalg.norm(np.linalg.inv(cell)[axis]))


def spacing_of(glass: Glass) -> float:
    """Mean distance between particles."""
    return float(glass.number_density ** (-1.0 / glass.dimension))


# --- the fit ----------------------------------------------------------------------------------------------------------


def _residual(parameters: FloatArray, offset: FloatArray, activity: FloatArray) -> FloatArray:
    """Difference between the activities and a Gaussian with its periodic images and a background."""
    _, _, height, background = parameters
    return np.asarray(background + height * _images(parameters, offset)[1].sum(axis=0) - activity)


def _slope(parameters: FloatArray, offset: FloatArray, _activity: FloatArray) -> FloatArray:
    """Derivatives of `_residual` with respect to centre, logarithm of the deviation, height and background."""
    scaled, gauss = _images(parameters, offset)
    height, deviation = parameters[2], _deviation(parameters)
    centre, spread = np.sum(scaled * gauss, axis=0) / deviation, np.sum(scaled**2 * gauss, axis=0)
    return np.stack([height * centre, height * spread, gauss.sum(axis=0), np.ones_like(offset)], axis=1)


def _deviation(parameters: FloatArray) -> float:
    # A Gaussian much wider than the cell is the background itself.
    return float(np.exp(np.clip(parameters[1], -20.0, 2.0)))


def _images(parameters: FloatArray, offset: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Distances from the centre in standard deviations, and the Gaussian there, for three images: (3, N) each."""
    distance = offset - parameters[0]
    distance = distance - np.rint(distance)
    scaled = (distance + np.array([[-1.0], [0.0], [1.0]])) / _deviation(parameters)
    return scaled, np.exp(-0.5 * scaled**2)


def _first_guess(offset: FloatArray, activity: FloatArray, narrow: float) -> FloatArray:
    """Where a fit begins: at the maximum of the smoothed activity, among the particles, which move with the sample."""
    waves = np.exp(-2j * np.pi * np.outer(offset, np.arange(1, 9)))
    smoothed = (waves @ (waves.conj().T @ activity * np.exp(-0.02 * np.arange(1, 9) ** 2))).real
    low = float(np.median(activity))
    return np.array([offset[int(np.argmax(smoothed))], np.log(2.0 * narrow), 0.5 * (activity.max() - low), low])


def _best_fit(offset: FloatArray, activity: FloatArray, start: FloatArray) -> FloatArray | None:
    """Centre, standard deviation, height and background of the peak, or None if the fit does not converge."""
    # Activities of order 1 make the tolerances of the fit relative.
    scale = np.array([1.0, 1.0, activity.max(), activity.max()])
    # Imported here because it takes longer than all that a process needs to shear a glass.
    from scipy.optimize import least_squares

    fit = least_squares(
        _residual,
        start / scale,
        jac=_slope,
        args=(offset, activity / activity.max()),
        method="lm",
        xtol=1e-10,
        max_nfev=500,
    )
    found = np.asarray(fit.x * scale)
    return found if fit.success and found[2] > 0.0 else None


def fit_peak(
    glass: Glass, displacement: FloatArray, activity: FloatArray, axis: int, radius: float
) -> FittedPeak | None:
    """Fit a peak to the activity of the particles against their coordinate along one cell vector.

    Parameters
    ----------
    glass : Glass
        The state before the displacement.
    displacement : ndarray, shape (N, d)
        Displacement of the particles.
    activity : ndarray, shape (N,)
        How much each particle moves in its own way; particles where it is not finite do not count.
    axis : int
        Index of the cell vector that leads across the band.
    radius : float
        Distance over which the activities of particles depend on each other (length).

    Returns
    -------
    FittedPeak or None
        None if no particle is active, or the fit does not converge.
    """
    cell = reduced_cell(glass.cell)
    known = np.isfinite(activity)
    fractions, values = fractions_of(glass, cell)[known], activity[known]
    if values.size == 0 or not values.max() > 0.0:
        return None
    height = height_of(cell, axis)
    offset = fractions[:, axis] % 1.0
    fit = _best_fit(offset, values, _first_guess(offset, values, spacing_of(glass) / height))
    if fit is None:
        return None
    centre, _, amplitude, background = fit
    deviation = _deviation(fit)
    distance = offset - centre
    distance -= np.rint(distance)
    piece = _pieces(cell, fractions - fractions[int(np.argmax(values))], axis, 2.0 * radius)
    left_out = (_best_fit(offset[piece != number], values[piece != number], fit) for number in np.unique(piece))
    errors = _jackknife(np.array([other for other in left_out if other is not None]), fit)
    inside = np.abs(distance) <= 0.5 * _FULL_WIDTH * deviation
    normal = np.linalg.inv(cell)[axis] * height
    return FittedPeak(
        direction=_direction(cell, axis, normal, displacement[known], distance),
        normal=normal,
        # A coordinate just below 0 is rounded to 1.
        centre=float(centre % 1.0) % 1.0,
        centre_uncertainty=float(errors[0]),
        width=float(_FULL_WIDTH * deviation * height),
        width_uncertainty=float(_FULL_WIDTH * deviation * errors[1] * height),
        height=height,
        contrast=float(amplitude / (amplitude + 2.0 * max(background, 0.0))),
        extent=_extent(piece[inside], values[inside], background),
    )


def _pieces(cell: FloatArray, fractions: FloatArray, axis: int, length: float) -> IntegerArray:
    """Number of the piece of the band, about so long, that each particle lies beside.

    The fractions are those from the most active particle, in the middle of a piece, so that the pieces
    move with the sample.
    """
    result = np.zeros(len(fractions), dtype=np.int64)
    for other in range(len(cell)):
        if other != axis:
            count = max(3, round(float(np.linalg.norm(cell[:, other])) / length))
            result = result * count + np.floor((fractions[:, other] % 1.0) * count + 0.5).astype(np.int64) % count
    return result


def _extent(piece: IntegerArray, activity: FloatArray, background: float) -> float:
    """Part of the pieces that are active: half as much above the background as their mean."""
    count = np.bincount(piece)
    mean = np.bincount(piece, activity)[count > 0] / count[count > 0]
    if mean.size == 0:
        return 0.0
    return float(np.mean(mean - background >= 0.5 * (mean.mean() - background)))


def _jackknife(others: FloatArray, whole: FloatArray) -> FloatArray:
    """Standard errors of the parameters of a fit, from the fits that leave out one piece each."""
    if len(others) < 2:
        return np.full(whole.size, np.nan)
    away = others - whole
    away[:, 0] -= np.rint(away[:, 0])
    away -= away.mean(axis=0)
    return np.asarray(np.sqrt((len(others) - 1) / len(others) * np.sum(away**2, axis=0)))


def _direction(
    cell: FloatArray, axis: int, normal: FloatArray, displacement: FloatArray, distance: FloatArray
) -> FloatArray:
    """Unit vector along the band."""
    if len(cell) == 2:
        along: FloatArray = cell[:, 1 - axis]
    else:
        above = distance > 0.0
        along = displacement[above].mean(axis=0) - displacement[~above].mean(axis=0)
        along = along - np.dot(along, normal) * normal
    return np.asarray(along / max(float(np.linalg.norm(along)), 1e-300))
