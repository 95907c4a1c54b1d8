"""Shear bands: a field as a map, and its profile across the band."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike

from glassplast.errors import GeometryError
from glassplast.glass import Configuration, Glass, glass_of
from glassplast.indicators import registry
from glassplast.plot.field_maps import field as field_map
from glassplast.plot.figure import ACCENT, finished, length_unit, new_figure
from glassplast.quasistatic import Run, ShearBand
from glassplast.quasistatic.questions.band_peaks import reduced_cell

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["shear_band"]


def shear_band(
    run: Run,
    band: ShearBand,
    field: ArrayLike | None = None,
    *,
    key: str | None = None,
    softer: Literal["large", "small"] | None = None,
    label: str | None = None,
    glass: Configuration | None = None,
    bins: int | None = None,
    path: str | os.PathLike[str] | None = None,
) -> Figure:
    """Draw a field with a shear band, and its mean against the distance from the centre of the band.

    Parameters
    ----------
    run : Run
        The run in which the band forms.
    band : ShearBand
        A band of the run, from `glassplast.shear_band`.
    field : array_like, shape (N,), optional
        A field of the particles; by default the square root of D2min in the event.
    key : str, optional
        Key of a registered indicator, which gives `softer` and `label` where they are not given.
    softer : {"large", "small"}, optional
        Which values are drawn bright, and are up in the colour bar.
    label : str, optional
        Label of the field.
    glass : Glass or Analysis, optional
        State in which the field was computed; by default the state before the event.
    bins : int, optional
        Number of bins of the profile, see `ShearBand.profile`.
    path : path-like, optional
        File to write (png, pdf, svg).

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    GeometryError
        If the glass is not planar, or there is not one value for each particle.
    MissingExtraError
        If Matplotlib is not installed.

    Examples
    --------
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> run = gp.shear(glass, to=0.1, max_events=1)
    >>> peak = gp.quasistatic.fitted_bands(run, 0)[0]
    >>> figure = gp.plot.shear_band(run, peak)
    """
    state = band.glass if glass is None else glass_of(glass)
    if state.dimension != 2:
        raise GeometryError("maps of fields exist in two dimensions only")
    values = band.activity if field is None else np.asarray(field, dtype=np.float64)
    name = label or (registry.find(key).typeset if key is not None else "")
    if field is None and label is None:
        name = f"$\\sqrt{{D^2_\\mathrm{{min}}}}$ ({length_unit(state)})"
    profile = band.profile(values, bins=bins, glass=state)
    figure = new_figure(12.0, 5.4)
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    # Two labels meet between the panels.
    figure.set_layout_engine(ConstrainedLayoutEngine(wspace=0.06))
    left, right = figure.subplots(1, 2, width_ratios=(1.0, 1.05))
    # The core belongs to the state before the event.
    event = run.events[band.event] if glass is None else None
    field_map(state, values, event, key=key, softer=softer, label=name, title="", ax=left)
    _draw_band(left, state, band)
    right.axvspan(-0.5 * band.width, 0.5 * band.width, color=ACCENT, alpha=0.1, linewidth=0.0)
    right.axvline(0.0, color=ACCENT, linewidth=1.0, linestyle=(0, (4, 3)))
    right.errorbar(
        profile.distance,
        profile.value,
        profile.error,
        color="#2b6cb0",
        linewidth=1.3,
        marker="o",
        markersize=4.0,
        capsize=2.0,
        elinewidth=0.9,
    )
    right.set_xlim(-0.5 * band.height, 0.5 * band.height)
    right.set_xlabel(f"distance from the centre of the band ({length_unit(state)})")
    right.set_ylabel(f"mean {name}" if name else "mean of the field")
    right.spines[["top", "right"]].set_visible(False)
    right.set_title(
        f"event {band.event + 1} at γ = {band.strain:.4f}: width {band.width:.1f} ± {band.width_uncertainty:.1f} "
        f"{length_unit(state)}".replace("-", "−"),
        fontsize=10,
    )
    return finished(figure, path)


def _draw_band(ax: Axes, glass: Glass, band: ShearBand) -> None:
    """Centre and edges of the band, in all images that show in the cell."""
    cell, origin = reduced_cell(glass.cell), np.asarray(glass.box.origin)
    corners = np.linalg.solve(cell, glass.cell @ np.array([[0, 1, 1, 0], [0, 0, 1, 1]])).T
    low, high = np.floor(corners.min(axis=0)), np.ceil(corners.max(axis=0))
    half = 0.5 * band.width / band.height
    outline = ax.patches[0]
    for image in np.arange(low[band.axis] - 1.0, high[band.axis] + 1.0):
        for shift in (-half, 0.0, half):
            ends = np.array([low, high])
            ends[:, band.axis] = band.centre + shift + image
            (line,) = ax.plot(
                *(origin + ends @ cell.T).T,
                color=ACCENT,
                linewidth=1.6 if shift == 0.0 else 1.2,
                linestyle=(0, (4, 3)) if shift == 0.0 else "-",
                scalex=False,
                scaley=False,
                zorder=3,
            )
            line.set_clip_path(outline)
