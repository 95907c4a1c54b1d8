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
    r"""The radical (power, Laguerre) Voronoi tessellation of the periodic plane.

    The cell of particle i holds the points with :math:`|x - x_i|^2 - w_i \le |x - x_j|^2 - w_j` for all
    particles j and all their images (F. Aurenhammer, SIAM J. Comput. 16, 78 (1987)). Boxes may be sheared by
    any amount, tilted, or so small that a particle has its own images as neighbours.

    The dual triangles tile the plane; there are two for each particle that has a cell. Where more than three cells
    meet in one point, as in perfect lattices, the triangles are those that an infinitesimal forward shear would
    select. Cells that touch only in that point count as neighbours, with an edge of length zero up to round-off.

    Parameters
    ----------
    glass : Glass or Analysis
        A configuration in two dimensions.
    weights : array_like, shape (N,), optional
        Weights w (length^2); by default (diameters / 2)². Only their differences matter, so that equal weights give the
        ordinary Voronoi tessellation.

    Attributes
    ----------
    glass : Glass
        The configuration.
    areas : ndarray, shape (N,)
        Areas of the cells; zero for hidden particles.
    centroids : ndarray, shape (N, 2)
        Vector from each particle to the centroid of its cell; NaN for hidden particles.
    hidden : ndarray of bool, shape (N,)
        True for particles whose cell is empty.
    neighbor_start : ndarray of int, shape (N + 1,)
        The edges of cell i, counterclockwise, are ``neighbor_start[i]`` to ``neighbor_start[i + 1] - 1``.
    neighbor_index : ndarray of int, shape (E,)
        Index of the particle on the other side of each edge.
    neighbor_shift : ndarray of int, shape (E, 2)
        Periodic image of that particle, which is at ``positions[index] + box.cell @ shift``.
    edge_length : ndarray, shape (E,)
        Lengths of the edges.
    vertex_start : ndarray of int, shape (N + 1,)
        The same numbers as `neighbor_start`, since vertex k is the end of edge k.
    vertices : ndarray, shape (E, 2)
        Vector from the particle to each vertex of its cell.
    triangles : ndarray of int, shape (T, 3)
        Indices of the corners of the dual triangles, counterclockwise.
    triangle_shifts : ndarray of int, shape (T, 3, 2)
        Periodic images of the corners, relative to the first corner.
    triangle_areas : ndarray, shape (T,)
        Areas of the dual triangles.

    Raises
    ------
    GeometryError
        If the glass is three-dimensional, particles coincide, or the weights are not N finite numbers.

    Notes
    -----
    All lengths are in the units of the box. The arrays are read-only.

    Examples
    --------
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> cells = gp.Tessellation(glass)
    >>> round(float(cells.areas.sum()), 6)
    64.0
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
        """The particles whose cells share an edge with that of particle `i`, counterclockwise.

        In small boxes several images of one particle, or images of `i` itself, can be neighbours; all of them appear.

        Parameters
        ----------
        i : int
            Index of the particle.

        Returns
        -------
        ndarray of int
        """
        start, end = self.neighbor_start[i], self.neighbor_start[i + 1]
        return self.neighbor_index[start:end]

    def cell(self, i: int) -> FloatArray:
        """The vertices of the cell of particle `i`, counterclockwise.

        Parameters
        ----------
        i : int
            Index of the particle.

        Returns
        -------
        ndarray, shape (n, 2)
            Positions of the vertices around the particle, without wrapping into the box (length).
        """
        edges = slice(self.vertex_start[i], self.vertex_start[i + 1])
        vertices: FloatArray = self.glass.positions[i] + self.vertices[edges]
        return vertices

    @functools.cached_property
    def triangle_sides(self) -> FloatArray:
        """Vectors from the first corner of each triangle to the two others, shape (T, 2, 2) [triangle, side, axis]."""
        corners = self.glass.positions[self.triangles] + self.triangle_shifts @ self.glass.box.cell.T
        sides: FloatArray = corners[:, 1:] - corners[:, :1]
        return sides

    def delaunay_graph(self, steps: int = 1) -> sparse.csr_matrix:
        """The pairs of particles within a number of steps of each other on the dual (radical Delaunay) graph.

        Parameters
        ----------
        steps : int
            Number of steps: 1 for neighbours, 2 for neighbours of neighbours as well, and so on.

        Returns
        -------
        scipy.sparse.csr_matrix of bool, shape (N, N)
            Symmetric matrix with sorted indices and an empty diagonal. Rows of hidden particles are empty.
        """
        if steps < 1:
            raise ArgumentError(f"steps must be at least 1, not {steps}")
        rows = np.repeat(np.arange(len(self)), np.diff(self.neighbor_start))
        once = sparse.csr_matrix(
            (np.ones(len(rows), dtype=np.int64), (rows, self.neighbor_index)), shape=(len(self), len(self))
        )
        reached = once
        for _ in range(steps - 1):
            # The numbers of paths would overflow after a few dozen steps, and only their existence matters.
            reached = ((reached @ once + reached) > 0).astype(np.int64)
        pairs = reached.tocoo()
        others = pairs.row != pairs.col
        rows, columns = pairs.row[others], pairs.col[others]
        # The COO format gives sorted indices without stored zeros on the diagonal.
        return sparse.csr_matrix((np.ones(len(rows), dtype=np.bool_), (rows, columns)), shape=once.shape)
