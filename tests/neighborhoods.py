"""Neighbours in all images, found by testing every pair; and small boxes with equivalent descriptions."""

from __future__ import annotations

import numpy as np

from brute_force import images
from glassplast import Glass


def ordered_pairs(glass, reach):
    """i, j and the separation from i to each image of j closer than `reach`: each pair from both ends."""
    x = glass.box.wrap(glass.positions)
    first, second, separations = [], [], []
    for n in images(glass.cell, np.max(reach)):
        separation = x[None, :, :] - x[:, None, :] + glass.cell @ n
        distance = np.linalg.norm(separation, axis=2)
        i, j = np.nonzero((distance < reach) & (distance > 0.0))
        first.append(i)
        second.append(j)
        separations.append(separation[i, j])
    return np.concatenate(first), np.concatenate(second), np.concatenate(separations)


def tiny_glass(dimension, strain=0.0, count=5, side=1.7, seed=3, **arguments):
    """A few particles in a box much smaller than any range: each has images of itself as neighbours."""
    rng = np.random.default_rng(seed)
    sides = side * np.linspace(1.0, 1.2, dimension)
    positions = rng.uniform(size=(count, dimension)) * sides
    positions[:, 0] += strain * positions[:, 1]
    arguments.setdefault("diameters", rng.uniform(0.7, 1.4, count))
    return Glass(positions, sides, strain=strain, **arguments)


def equivalents(glass, seed=0):
    """(name, glass, order): the same physics written otherwise; its particle k is order[k] of `glass`."""
    rng = np.random.default_rng(seed)
    count, dimension = glass.positions.shape
    own = np.arange(count)
    order = rng.permutation(count)
    permuted = {"diameters": glass.diameters[order]}
    if glass.species is not None:
        permuted = {"species": glass.species[order]}
    shift = rng.uniform(-3.0, 3.0, dimension)
    cell_steps = rng.integers(-2, 3, (count, dimension))
    next_cell = glass.cell.copy()
    next_cell[:, 1] += glass.cell[:, 0]
    return [
        ("translated", glass.replace(positions=glass.positions + shift), own),
        ("permuted", glass.replace(positions=glass.positions[order], ids=None, **permuted), order),
        ("other images", glass.replace(positions=glass.positions + cell_steps @ glass.cell.T), own),
        ("one strain further", glass.replace(box=next_cell, strain=glass.strain + 1.0), own),
    ]


def replicated(glass, times):
    """`times` copies of a configuration along each axis; the first N particles are the original ones."""
    dimension = glass.dimension
    steps = np.stack(np.meshgrid(*[np.arange(times)] * dimension, indexing="ij"), axis=-1).reshape(-1, dimension)
    positions = np.concatenate([glass.positions + glass.cell @ step for step in steps])
    copies = {"diameters": np.tile(glass.diameters, len(steps))}
    if glass.species is not None:
        copies = {"species": np.tile(glass.species, len(steps))}
    return Glass(positions, glass.cell * times, glass.model, strain=glass.strain, **copies)
