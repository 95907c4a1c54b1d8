"""A test of whether an avalanche spans the system."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from glassplast import _engine
from glassplast.errors import GeometryError
from glassplast.foundation.arrays import BoolArray
from glassplast.glass import Configuration, glass_of
from glassplast.quasistatic.events import Event

__all__ = ["spanning_directions", "spans"]


def spanning_directions(
    glass: Configuration, displacement: ArrayLike, *, part: float = 0.1, radius: float = 2.5
) -> BoolArray:
    """Find the cell vectors along which clusters of moving particles connect with their own periodic images.

    Particles that move by more than `part` of the largest displacement belong to one cluster if they are closer than
    `radius`. A cluster spans the system if a path within it leads around the periodic cell.

    Parameters
    ----------
    glass : Glass or Analysis
        The state before the displacement.
    displacement : array_like, shape (N, d)
        Displacement of the particles (length); particles with NaN do not move.
    part : float
        Fraction of the largest displacement above which a particle counts as moving.
    radius : float
        Largest distance between neighbours in a cluster (length); the default is that of D2min.

    Returns
    -------
    ndarray of bool, shape (d,)
        For each cell vector, whether some cluster spans the system along it.

    Raises
    ------
    GeometryError
        If the displacement has another shape.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import breadth_first_order

    glass = glass_of(glass)
    u = np.asarray(displacement, dtype=np.float64)
    if u.shape != glass.positions.shape:
        raise GeometryError(f"the displacement must have shape {glass.positions.shape}, not {u.shape}")
    size = np.linalg.norm(np.nan_to_num(u), axis=1)
    moving = size > part * size.max()
    first, second, image, _, _ = _engine.find_pairs(glass.box, glass.positions, radius)
    kept = moving[first] & moving[second]
    first, second, image = first[kept], second[kept], image[kept]
    around = np.zeros(glass.dimension, dtype=bool)
    # A particle that sees its own image spans by itself.
    own = first == second
    around |= np.any(image[own] != 0, axis=0)
    first, second, image = first[~own], second[~own], image[~own]
    if first.size == 0:
        return around
    count = len(glass)
    bonds = {(int(a), int(b)): shift for a, b, shift in zip(first, second, image, strict=True)}
    graph = coo_matrix((np.ones(first.size), (first, second)), shape=(count, count)).tocsr()
    # Walking through each cluster, `cell[i]` counts the periods crossed on the way to particle i.
    cell = np.zeros((count, glass.dimension), dtype=np.int64)
    seen = np.zeros(count, dtype=bool)
    for root in np.flatnonzero(moving):
        if seen[root]:
            continue
        order, parents = breadth_first_order(graph, root, directed=False)
        for particle in order[1:]:
            parent = int(parents[particle])
            shift = bonds.get((parent, int(particle)))
            step = shift if shift is not None else -bonds[int(particle), parent]
            cell[particle] = cell[parent] + step
        seen[order] = True
    # The counts agree on every bond that does not close a path around the cell.
    around |= np.any(cell[second] - cell[first] - image != 0, axis=0)
    return around


def spans(event: Event, *, part: float = 0.1, radius: float = 2.5) -> bool:
    """Whether the avalanche of an event spans the system along any cell vector.

    Parameters
    ----------
    event : Event
        The event whose displacement is tested.
    part, radius : float
        Threshold and neighbour distance that define clusters, see `spanning_directions`.

    Returns
    -------
    bool
    """
    return bool(spanning_directions(event.before, event.displacement, part=part, radius=radius).any())
