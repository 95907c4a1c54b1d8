"""The radical Voronoi tessellation of a planar glass, and its dual triangulation."""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt
from scipy import sparse

from glassplast import _engine
from glassplast.errors import ArgumentError, GeometryError
from glassplast.foundation.arrays import BoolArray, FloatArray
from glassplast.glass import Configuration, Glass, glass_of

__all__ = ["Tessellation"]

IntArray = npt.NDArray[np.int32]


class Tessellation:
    r"""Radical (power, Laguerre) Voronoi cells in the periodic plane.

    The cell of particle i holds the points with :math:`|x - x_i|^2 - w_i \le |x - x_j|^2 - w_j` for all
    particles j and all their images (F. Aurenhammer, SIAM J. Comput. 16, 78 (1987)). Boxes may be sheared by
    any amount, tilted, or so small that a particle meets its own images.

    The dual triangles tile the plane: two for each particle that has a cell. Where more than three cells meet
    in one point, as in perfect lattices, those triangles are taken that an infinitesimal forward shear would
    select; the cells that touch only there count as neighbours, with an edge of length zero up to round-off.

    Parameters
    ----------
    glass : Glass or Analysis
        A configuration in two dimensions.
    weights : (N,) array_like, optional
        Squared radii; by default (diameters / 2)². Only differences matter: equal weights give the ordinary
        Voronoi tessellation.

    Attributes
    ----------
    glass : Glass
    areas : (N,) float array
        Zero where hidden.
    centroids : (N, 2) float array
        From the particle to the centroid of its cell; NaN where hidden.
    hidden : (N,) bool array
        True for particles whose cell is empty.
    neighbor_start : (N + 1,) int array
        The edges of cell i, counterclockwise, are ``neighbor_start[i]`` to ``neighbor_start[i + 1] - 1``.
    neighbor_index : (E,) int array
        The particle on the other side of an edge.
    neighbor_shift : (E, 2) int array
        That particle is at ``positions[index] + box.cell @ shift``.
    edge_length : (E,) float array
    vertex_start : (N + 1,) int array
        The same numbers as `neighbor_start`: vertex k is the end of edge k.
    vertices : (E, 2) float array
        From the particle.
    triangles : (T, 3) int array
        Corners, counterclockwise.
    triangle_shifts : (T, 3, 2) int array
        Images of the corners, relative to the first.
    triangle_areas : (T,) float array

    Raises
    ------
    GeometryError
        For glasses in three dimensions, particles that coincide, and weights that are not finite or not N.

    Notes
    -----
    All lengths are in the units of the box. The arrays are read-only.
    """

    def __init__(self, glass: Configuration, weights: npt.ArrayLike | None = None) -> None:
        glass = glass_of(glass)
        box = glass.box
        if not isinstance(box, _engine.Box2D):
            raise GeometryError("the radical tessellation exists in two dimensions only")
        self.glass: Glass = glass
        squared_radii = (0.5 * glass.diameters) ** 2
        result = _engine.tessellate(box, glass.positions, squared_radii if weights is None else weights)
        self.areas: FloatArray = result.areas
        self.centroids: FloatArray = result.centroids
        self.hidden: BoolArray = result.hidden
        self.neighbor_start: IntArray = result.neighbor_start
        self.neighbor_index: IntArray = result.neighbor_index
        self.neighbor_shift: IntArray = result.neighbor_shift
        self.edge_length: FloatArray = result.edge_length
        self.vertex_start: IntArray = result.vertex_start
        self.vertices: FloatArray = result.vertices
        self.triangles: IntArray = result.triangles
        self.triangle_shifts: IntArray = result.triangle_shifts
        self.triangle_areas: FloatArray = result.triangle_areas

    def __len__(self) -> int:
        return len(self.areas)

    def __repr__(self) -> str:
        return f"<Tessellation of {len(self)} particles, {int(self.hidden.sum())} hidden>"

    def neighbors(self, i: int) -> IntArray:
        """The particles whose cells share an edge with that of `i`, counterclockwise.

        In small boxes several images of one particle, or images of `i` itself, can be neighbours: all appear.
        """
        start, end = self.neighbor_start[i], self.neighbor_start[i + 1]
        return self.neighbor_index[start:end]

    def cell(self, i: int) -> FloatArray:
        """The vertices of the cell of `i`, counterclockwise, around the particle; an (n, 2) array."""
        edges = slice(self.vertex_start[i], self.vertex_start[i + 1])
        vertices: FloatArray = self.glass.positions[i] + self.vertices[edges]
        return vertices

    @functools.cached_property
    def triangle_sides(self) -> FloatArray:
        """From the first corner of each triangle to the two others: (T, 2, 2) [triangle, side, axis]."""
        corners = self.glass.positions[self.triangles] + self.triangle_shifts @ self.glass.box.cell.T
        sides: FloatArray = corners[:, 1:] - corners[:, :1]
        return sides

    def delaunay_graph(self, steps: int = 1) -> sparse.csr_matrix:
        """Which particles are within so many steps of each other on the dual (radical Delaunay) graph.

        Parameters
        ----------
        steps : int
            1 for neighbours, 2 for neighbours of neighbours as well, and so on.

        Returns
        -------
        graph : (N, N) scipy.sparse.csr_matrix of bool
            Symmetric, sorted, without the particles themselves. Rows of hidden particles are empty.
        """
        if steps < 1:
            raise ArgumentError(f"steps must be at least 1, not {steps}")
        rows = np.repeat(np.arange(len(self)), np.diff(self.neighbor_start))
        once = sparse.csr_matrix(
            (np.ones(len(rows), dtype=np.int64), (rows, self.neighbor_index)), shape=(len(self), len(self))
        )
        reached = once
        for _ in range(steps - 1):
            # Counts of paths would overflow after a few dozen steps; only whether there is one matters.
            reached = ((reached @ once + reached) > 0).astype(np.int64)
        pairs = reached.tocoo()
        others = pairs.row != pairs.col
        rows, columns = pairs.row[others], pairs.col[others]
        # Through COO: sorted, and without a trace of the diagonal.
        return sparse.csr_matrix((np.ones(len(rows), dtype=np.bool_), (rows, columns)), shape=once.shape)
