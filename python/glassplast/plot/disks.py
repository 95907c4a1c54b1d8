"""Particles as disks in a periodic cell, which may be sheared: the part that all maps have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from glassplast.errors import GeometryError
from glassplast.foundation.arrays import FloatArray
from glassplast.glass import Glass
from glassplast.plot.figure import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import EllipseCollection
    from matplotlib.patches import Polygon

__all__ = ["BACKGROUND", "disks_in_cell", "draw_cell", "draw_disks", "in_cell", "require_planar"]

#: What lies between the disks.
BACKGROUND = "#f4f4f2"


def require_planar(glass: Glass) -> None:
    """Check that a map of a glass can be drawn.

    Raises
    ------
    GeometryError
        If the glass is not two-dimensional.
    """
    if glass.dimension != 2:
        raise GeometryError("maps of fields exist in two dimensions only")


def in_cell(glass: Glass, points: FloatArray) -> FloatArray:
    """The periodic images of points that lie inside the cell, (n, 2)."""
    return np.asarray(np.asarray(glass.box.origin) + (glass.box.fractional(points) % 1.0) @ glass.cell.T)


def disks_in_cell(glass: Glass) -> tuple[FloatArray, NDArray[np.intp]]:
    """Centers of all disks that are visible in the cell, including images, and the particles they belong to."""
    cell = glass.cell
    fractions = glass.box.fractional(glass.positions) % 1.0
    widths = 1.0 / np.linalg.norm(np.linalg.inv(cell), axis=1)
    margin = 0.5 * glass.diameters[:, None] / widths
    centers, owners = [], []
    # One image on each side is sufficient unless a disk is wider than the cell.
    for shift in np.stack(np.meshgrid([-1, 0, 1], [-1, 0, 1], indexing="ij"), axis=-1).reshape(-1, 2):
        moved = fractions + shift
        inside = np.flatnonzero(((moved > -margin) & (moved < 1.0 + margin)).all(axis=1))
        centers.append(np.asarray(glass.box.origin) + moved[inside] @ cell.T)
        owners.append(inside)
    return np.concatenate(centers), np.concatenate(owners)


def draw_cell(ax: Axes, glass: Glass, background: str = BACKGROUND) -> Polygon:
    """Draw the outline of the cell, and fit the axes to it."""
    from matplotlib.patches import Polygon

    corners = np.asarray(glass.box.origin) + np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) @ glass.cell.T
    outline = Polygon(corners, closed=True, facecolor=background, edgecolor=INK, linewidth=0.8)
    ax.add_patch(outline)
    low, high = corners.min(axis=0), corners.max(axis=0)
    pad = 0.02 * (high - low).max()
    ax.set_xlim(low[0] - pad, high[0] + pad)
    ax.set_ylim(low[1] - pad, high[1] + pad)
    ax.set_aspect("equal")
    ax.spines[:].set_visible(False)
    ax.tick_params(color="#9aa0a6")
    return outline


def draw_disks(
    ax: Axes, glass: Glass, outline: Polygon, within: tuple[FloatArray, float] | None = None, **style: Any
) -> tuple[EllipseCollection, NDArray[np.intp]]:
    """Draw all particles as disks, cut off at the outline of the cell.

    Parameters
    ----------
    ax : matplotlib Axes
    glass : Glass
    outline : Polygon
        The outline from `draw_cell`.
    within : (ndarray, float), optional
        Only disks whose centers are not further than a distance from a point.
    **style
        Colours of the collection of disks.

    Returns
    -------
    disks : EllipseCollection
    owners : ndarray of int
        The particle that each disk is an image of.
    """
    from matplotlib.collections import EllipseCollection

    centers, owners = disks_in_cell(glass)
    if within is not None:
        near = np.linalg.norm(centers - within[0], axis=1) <= within[1]
        centers, owners = centers[near], owners[near]
    size = glass.diameters[owners]
    disks = EllipseCollection(
        size,
        size,
        np.zeros(size.size),
        units="xy",
        offsets=centers,
        offset_transform=ax.transData,
        **{"linewidths": 0.0, "edgecolors": "none", **style},
    )
    ax.add_collection(disks)
    disks.set_clip_path(outline)
    return disks, owners
