"""The shear band that forms in an avalanche: its orientation, its place, its width, and fields across it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassplast.errors import ArgumentError, GeometryError, UnknownNameError, suggestion
from glassplast.fields.nonaffine import d2min
from glassplast.files.csv_tables import Tabulated
from glassplast.foundation.arrays import BoolArray, FloatArray, IntegerArray
from glassplast.foundation.one_line import without_arrays
from glassplast.foundation.ranks import ranks
from glassplast.foundation.tables import structured
from glassplast.glass import Configuration, Glass, glass_of
from glassplast.quasistatic.questions.band_peaks import fit_peak, fractions_of, height_of, reduced_cell, spacing_of
from glassplast.quasistatic.run import Run
from glassplast.quasistatic.spanning import spans

__all__ = ["BandProfile", "ShearBand", "fitted_bands", "shear_band"]

logger = logging.getLogger(__name__)

#: What makes a fitted peak a band, see `ShearBand.is_band`.
LEAST_CONTRAST = 1.0 / 3.0
LEAST_EXTENT = 0.8
LARGEST_WIDTH = 0.5

Which = Literal["largest", "first_spanning"]


@dataclass(frozen=True, repr=False)
class BandProfile(Tabulated):
    """The mean of a field against the distance from the centre of a band, in B bins.

    Attributes
    ----------
    distance : ndarray, shape (B,)
        Middle of each bin: signed distance from the central plane of the band along its normal (length).
    value : ndarray, shape (B,)
        Mean of the field over the particles of the bin; NaN for an empty bin.
    error : ndarray, shape (B,)
        Standard error of `value`, as if particles were independent; NaN for fewer than two particles.
    particles : ndarray of int, shape (B,)
        Number of particles with a value.
    """

    distance: FloatArray
    value: FloatArray
    error: FloatArray
    particles: IntegerArray

    __repr__ = without_arrays

    def table(self) -> NDArray[np.void]:
        """Return one row for each bin as a structured array, which ``pandas.DataFrame`` takes as it is.

        Returns
        -------
        ndarray, shape (B,)
            The columns are ``distance``, ``value``, ``error`` and ``particles``.
        """
        return structured({name: getattr(self, name) for name in ("distance", "value", "error", "particles")})


@dataclass(frozen=True, repr=False)
class ShearBand:
    """A shear band across a periodic cell.

    Its central plane (in two dimensions a line) is spanned by cell vectors, where each vector of the cell is first made
    as short as multiples of the vectors before it can make it. That makes a cell at the strains gamma and gamma + 1 the
    same.

    Attributes
    ----------
    event : int
        Index of the event in `events` of the run.
    strain : float
        Strain of the event.
    axis : int
        Index of the cell vector that leads across the band: 1 for a band along x, 0 for a band along y in the plane.
    direction : ndarray, shape (d,)
        Unit vector along the band: in two dimensions that of the other cell vector, in three the direction in which the
        two sides of the band slide past each other.
    normal : ndarray, shape (d,)
        Unit vector across the band.
    centre, centre_uncertainty : float
        Coordinate of the central plane along the cell vector `axis`, as a fraction of it, in [0, 1).
    width, width_uncertainty : float
        Full width at half maximum of the peak of sqrt(D2min) (length). It contains the neighbourhood of D2min: a slip
        along a single line has about the radius of this neighbourhood as its width.
    height : float
        Distance from one side of the cell to the other along the normal (length).
    contrast : float
        (p - b) / (p + b) of the fitted peak p and background b of sqrt(D2min): 1 for a perfect band, 0 for none.
    extent : float
        Part of the length of the band in which sqrt(D2min) exceeds the background by at least half as much as it does
        on average along the band.
    glass : Glass
        The last stable state before the event.
    activity : ndarray, shape (N,)
        The square root of D2min of each particle in the avalanche; NaN for rattlers.
    """

    event: int
    strain: float
    axis: int
    direction: FloatArray
    normal: FloatArray
    centre: float
    centre_uncertainty: float
    width: float
    width_uncertainty: float
    height: float
    contrast: float
    extent: float
    glass: Glass = field(repr=False)
    activity: FloatArray = field(repr=False)

    __repr__ = without_arrays

    @property
    def position(self) -> float:
        """Distance of the central plane from the origin of the cell, along the normal (length)."""
        return self.centre * self.height

    @property
    def is_band(self) -> bool:
        """Whether the peak is a band.

        Its contrast must be at least 1/3, which is a peak twice as high as the background; it must extend over at least
        0.8 of the length of the cell; and its width must be at most half the height of the cell.
        """
        return (
            self.contrast >= LEAST_CONTRAST
            and self.extent >= LEAST_EXTENT
            and self.width <= LARGEST_WIDTH * self.height
        )

    def distance(self, glass: Configuration | None = None) -> FloatArray:
        """Compute the signed distance of each particle from the central plane, to the nearest periodic image.

        Parameters
        ----------
        glass : Glass or Analysis, optional
            State of the sample, at any strain: the plane has the same fractional coordinate in every state. By default
            the state before the event.

        Returns
        -------
        ndarray, shape (N,)
            Distance along the normal (length), at most half the height of the cell.
        """
        state = self.glass if glass is None else glass_of(glass)
        return height_of(reduced_cell(state.cell), self.axis) * self._offset(state)

    def inside(self, glass: Configuration | None = None) -> BoolArray:
        """Find the particles that are at most half a width away from the central plane.

        Both are taken as fractions of the cell, so that they move with a sample that is sheared.

        Parameters
        ----------
        glass : Glass or Analysis, optional
            State of the sample; by default the state before the event.

        Returns
        -------
        ndarray of bool, shape (N,)
        """
        return np.asarray(
            np.abs(self._offset(self.glass if glass is None else glass)) <= 0.5 * self.width / self.height
        )

    def _offset(self, configuration: Configuration) -> FloatArray:
        """Distance of the particles from the central plane in heights of the cell."""
        state = glass_of(configuration)
        offset = fractions_of(state, reduced_cell(state.cell))[:, self.axis] - self.centre
        return np.asarray(offset - np.rint(offset))

    def profile(self, values: ArrayLike, *, bins: int | None = None, glass: Configuration | None = None) -> BandProfile:
        """Average a field of the particles parallel to the band.

        Parameters
        ----------
        values : array_like, shape (N,)
            The field; values that are not finite do not count.
        bins : int, optional
            Number of bins over the height of the cell; by default one for each mean distance between particles. The
            bins lie symmetrically about the central plane.
        glass : Glass or Analysis, optional
            State in which the particles are where the field was computed; by default the state before the event.

        Returns
        -------
        BandProfile

        Raises
        ------
        GeometryError
            If there is not one value for each particle.
        ArgumentError
            If `bins` is not positive.
        """
        state = self.glass if glass is None else glass_of(glass)
        known, numbers = _values(values, state)
        count = max(1, round(self.height / spacing_of(state))) if bins is None else bins
        if count < 1:
            raise ArgumentError(f"bins must be positive, not {bins}")
        height = height_of(reduced_cell(state.cell), self.axis)
        place = np.floor((self._offset(state) + 0.5) * count).astype(np.int64) % count
        place, chosen = place[known], numbers[known]
        particles = np.bincount(place, minlength=count)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.bincount(place, chosen, count) / particles
            squares = np.bincount(place, (chosen - mean[place]) ** 2, count)
            error = np.sqrt(squares / (particles - 1.0) / particles)
        middle = ((np.arange(count) + 0.5) / count - 0.5) * height
        return BandProfile(middle, mean, np.where(particles > 1, error, np.nan), particles)

    def mean_rank(
        self, values: ArrayLike, softer: Literal["large", "small"] = "large", *, glass: Configuration | None = None
    ) -> float:
        """Average the rank of the particles inside the band (paper, Fig. 10).

        Parameters
        ----------
        values : array_like, shape (N,)
            A field of the particles; NaN where a particle has no rank.
        softer : {"large", "small"}
            Which values are soft, and have the rank 1.
        glass : Glass or Analysis, optional
            State in which the particles are where the field was computed; by default the state before the event.

        Returns
        -------
        float
            About 1/2 for a field that knows nothing of the band; NaN if no particle inside has a rank.

        Raises
        ------
        GeometryError
            If there is not one value for each particle.
        ArgumentError
            If `softer` is neither ``large`` nor ``small``.
        """
        state = self.glass if glass is None else glass_of(glass)
        if np.shape(values) != (len(state),):
            raise GeometryError(f"the field must have shape ({len(state)},), not {np.shape(values)}")
        inside = ranks(values, softer)[self.inside(state)]
        known = inside[~np.isnan(inside)]
        return float(known.mean()) if known.size else float("nan")


def shear_band(run: Run, event: Which | int = "largest", *, radius: float = 2.5) -> ShearBand | None:
    """Find the shear band that forms in an event of a run.

    Parameters
    ----------
    run : Run
        A run with the event in which the band forms.
    event : {"largest", "first_spanning"} or int
        The event with the largest stress drop, the first one that spans the system (`glassplast.quasistatic.spans`), or
        the index of an event; a negative index counts from the last one.
    radius : float
        Radius of the neighbourhood of D2min (length).

    Returns
    -------
    ShearBand or None
        The band; None if there is no such event, or if its avalanche is no band. The reason is then told to the logger
        of this module. The peaks in all orientations, whether they are bands or not, come from
        `glassplast.quasistatic.fitted_bands`.

    Raises
    ------
    UnknownNameError
        If the name of the event is not known.
    ArgumentError
        If there is no event with this index.

    Notes
    -----
    Simple shear makes bands along x or y. In a periodic cell a band must close on itself, so that it lies along cell
    vectors. For each orientation, a Gaussian with a background is fitted to the square root of D2min of the avalanche
    against the coordinate across, with all periodic images. Uncertainties are those of a jackknife over pieces of the
    band. Of the peaks that are bands (`ShearBand.is_band`) the one with the largest contrast is returned.

    A local rearrangement also makes a peak in the average over lines through it, but only a short piece of the band is
    then active: its extent is small.

    Examples
    --------
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> run = gp.shear(glass, to=0.1, max_events=1)
    >>> gp.shear_band(run) is None  # the first event of a ductile glass is local
    True
    """
    chosen = _chosen(run, event)
    if chosen is None:
        logger.info("no shear band: the run has no %s event", "such" if run.events else "")
        return None
    peaks = fitted_bands(run, chosen, radius=radius)
    bands = [peak for peak in peaks if peak.is_band]
    if not bands:
        told = "; ".join(
            f"across axis {peak.axis}: contrast {peak.contrast:.2f}, extent {peak.extent:.2f}, "
            f"width {peak.width / peak.height:.2f} of the cell"
            for peak in peaks
        )
        logger.info(
            "no shear band in event %d at strain %.6g: %s", chosen, run.events[chosen].strain, told or "no peak"
        )
        return None
    return max(bands, key=lambda band: band.contrast)


def fitted_bands(run: Run, event: int, *, radius: float = 2.5) -> list[ShearBand]:
    """Fit a band in each orientation to an event, whether there is one or not.

    Parameters
    ----------
    run : Run
        A run with the event.
    event : int
        Index of the event.
    radius : float
        Radius of the neighbourhood of D2min (length).

    Returns
    -------
    list of ShearBand
        One peak for each cell vector that may lead across the band; orientations in which no fit converges are left
        out. `ShearBand.is_band` says which are bands.

    Raises
    ------
    ArgumentError
        If there is no event with this index.

    Examples
    --------
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> run = gp.shear(glass, to=0.1, max_events=1)
    >>> [peak.axis for peak in gp.quasistatic.fitted_bands(run, 0) if peak.is_band]
    []
    """
    index = _chosen(run, event)
    assert index is not None
    found = run.events[index]
    activity = np.sqrt(d2min(found.before, found.displacement, radius=radius))
    peaks = {
        axis: fit_peak(found.before, found.displacement, activity, axis, radius)
        for axis in range(found.before.dimension)
    }
    return [
        ShearBand(event=index, strain=found.strain, axis=axis, glass=found.before, activity=activity, **peak._asdict())
        for axis, peak in peaks.items()
        if peak is not None
    ]


def _chosen(run: Run, event: Which | int) -> int | None:
    """Index of the event that is meant, or None if there is none."""
    count = len(run.events)
    if isinstance(event, str):
        if event == "largest":
            return max(range(count), key=lambda place: run.events[place].stress_drop, default=None)
        if event == "first_spanning":
            return next((place for place, found in enumerate(run.events) if spans(found)), None)
        known: Sequence[str] = ("largest", "first_spanning")
        raise UnknownNameError(f"unknown event {event!r}; {suggestion(event, known)}")
    if not -count <= event < count:
        raise ArgumentError(f"event must be the index of one of {count} events, not {event}")
    return int(event) % count


def _values(values: ArrayLike, glass: Glass) -> tuple[BoolArray, FloatArray]:
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.shape != (len(glass),):
        raise GeometryError(f"the field must have shape ({len(glass)},), not {numbers.shape}")
    return np.isfinite(numbers), numbers
