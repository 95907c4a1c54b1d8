#pragma once

#include <glassplast/geometry/box.hpp>

#include <vector>

namespace glassplast {

/// The radical (power, Laguerre) Voronoi tessellation of the periodic plane and its dual triangulation.
///
/// The cell of i holds the points with |x - x_i|^2 - w_i <= |x - x_j|^2 - w_j for all j and all images.
/// Cell i has its edges, counterclockwise, at k = start[i] ... start[i + 1] - 1: edge k separates it from the
/// image positions[neighbor[k]] + cell * neighbor_shift[k] and ends in vertex k.
///
/// Where four or more cells meet in a point, as in perfect lattices, the dual is the one that an
/// infinitesimal forward simple shear along x selects (then a stretch along x, then along y), and the cells
/// that touch only there share an edge of length zero up to round-off. The selection is the same for every
/// image, so the triangles always tile the torus: two for each visible particle.
struct RadicalTessellation {
    std::vector<double> area;
    Positions<2> centroid;  ///< from the particle to the centroid of its cell; NaN when hidden
    Eigen::Array<bool, Eigen::Dynamic, 1> hidden;          ///< particles whose cell is empty
    std::vector<int> start;                                ///< N + 1
    std::vector<int> neighbor;                             ///< of each edge
    Eigen::Matrix<int, 2, Eigen::Dynamic> neighbor_shift;  ///< in multiples of the vectors of box.cell()
    std::vector<double> edge_length;
    Positions<2> vertex;  ///< from the particle to the end of the edge

    Eigen::Matrix<int, 3, Eigen::Dynamic> triangle;        ///< corners, counterclockwise
    Eigen::Matrix<int, 6, Eigen::Dynamic> triangle_shift;  ///< of the three corners; zero for the first
    std::vector<double> triangle_area;
};

/// The box may be any cell and there may be any number of particles, since cells are cut by all images.
/// Weights are squared radii; only their differences matter, so that they may be negative. Positions may lie
/// outside the cell. Raises GeometryError for sizes that differ, entries that are not finite and particles
/// that coincide.
RadicalTessellation tessellate(const Box<2>& box, const Positions<2>& positions,
                               const std::vector<double>& weights);

}  // namespace glassplast
