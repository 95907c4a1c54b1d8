"""Power cells and their dual, computed slowly from the definitions and without the engine."""

from __future__ import annotations

import numpy as np
from scipy.spatial import ConvexHull

from glassplast import Glass
from glassplast._engine import Box2D
from glassplast.fields.tessellation import Tessellation


def sheared_box(strain: float = 0.0, lengths: tuple[float, float] = (1.0, 1.0)) -> Box2D:
    """A box of these lengths under x -> x + strain * y."""
    return Box2D([[lengths[0], strain * lengths[1]], [0.0, lengths[1]]])


def power_diagram(box: Box2D, positions, weights) -> Tessellation:
    """The engine's tessellation for any weights."""
    return Tessellation(Glass(positions, box, diameters=np.ones(len(positions))), weights)


def images_within(box: Box2D, positions: np.ndarray, centre: np.ndarray, reach: float):
    """Particle, shift and separation from the centre of every image closer than `reach`, nearest first."""
    widths = box.volume / np.linalg.norm(box.cell, axis=0)[::-1]
    offsets = (positions - centre) @ np.linalg.inv(box.cell).T
    particles, shifts = [], []
    for j, offset in enumerate(offsets):
        low = np.floor(-offset - reach / widths).astype(int)
        high = np.ceil(-offset + reach / widths).astype(int)
        block = np.stack(np.meshgrid(*(np.arange(a, b + 1) for a, b in zip(low, high, strict=True))), -1)
        shifts.append(block.reshape(-1, 2))
        particles.append(np.full(len(shifts[-1]), j))
    particle, shift = np.concatenate(particles), np.concatenate(shifts)
    separation = positions[particle] - centre + shift @ box.cell.T
    distance = np.linalg.norm(separation, axis=1)
    order = np.argsort(distance)[: np.count_nonzero(distance < reach)]
    return particle[order], shift[order], separation[order]


def clip(polygon: np.ndarray, normal: np.ndarray, offset: float) -> np.ndarray:
    """The part of a convex polygon with normal . x <= offset (Sutherland and Hodgman)."""
    if (polygon @ normal <= offset).all():
        return polygon
    kept = []
    for a, b in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        height_a, height_b = normal @ a - offset, normal @ b - offset
        if height_a <= 0.0:
            kept.append(a)
        if (height_a <= 0.0) != (height_b <= 0.0):
            kept.append(a + (b - a) * height_a / (height_a - height_b))
    return np.array(kept).reshape(-1, 2)


def clipped_cell(box: Box2D, positions: np.ndarray, weights: np.ndarray, i: int) -> np.ndarray:
    """The vertices of the power cell of i around its centre, clipped by every image that could matter."""
    # No cell reaches beyond the cell vectors' lengths, whatever the weights: its own images are in the way.
    reach = np.linalg.norm(box.reduced_cell, axis=0).sum()
    polygon = reach * np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    for j, shift, r in zip(*images_within(box, positions, positions[i], 2.0 * reach), strict=True):
        if (j == i and not shift.any()) or len(polygon) == 0:
            continue
        polygon = clip(polygon, 2.0 * r, r @ r - weights[j] + weights[i])
    return polygon


def area_and_centroid(polygon: np.ndarray) -> tuple[float, np.ndarray]:
    """Of a polygon given by its vertices, by triangles around the mean of them."""
    if len(polygon) == 0:
        return 0.0, np.full(2, np.nan)
    middle = polygon.mean(axis=0)
    a, b = polygon - middle, np.roll(polygon, -1, axis=0) - middle
    areas = 0.5 * (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
    return areas.sum(), middle + areas @ (a + b) / (3.0 * areas.sum())


def lifted_triangles(box: Box2D, positions: np.ndarray, weights: np.ndarray):
    """The dual as the lower convex hull of the points (x, y, |x|² - w), for particles 0 ... N - 1 and images.

    Returns corners and their shifts and places of every triangle that has a corner at an unshifted particle.
    """
    middle = positions.mean(axis=0)
    spread = np.linalg.norm(positions - middle, axis=1).max()
    reach = spread + 3.0 * np.linalg.norm(box.reduced_cell, axis=0).sum()
    particle, shift, separation = images_within(box, positions, middle, reach)
    lift = (separation**2).sum(axis=1) - weights[particle]
    hull = ConvexHull(np.column_stack([separation, lift]))
    lower = hull.simplices[hull.equations[:, 2] < 0.0]
    home = (shift[lower] == 0).all(axis=2).any(axis=1)
    return particle[lower[home]], shift[lower[home]], separation[lower[home]]
