#pragma once

#include <glassplast/geometry/vector.hpp>

#include <vector>

namespace glassplast {

/// An undirected graph in compressed rows: neighbours of v are neighbor[start[v]] ... neighbor[start[v+1] -
/// 1].
struct Graph {
    std::vector<int> start;
    std::vector<int> neighbor;

    std::size_t size() const { return start.size() - 1; }

    /// From pairs of vertices, which may come in either order and more than once.
    static Graph from_pairs(std::size_t vertices, const std::vector<int>& first,
                            const std::vector<int>& second);
};

/// An elimination order with its tree: nodes (separators and the leaves between them) in postorder, the
/// vertices of node k being order[start[k]] ... order[start[k + 1] - 1]. No edge joins two nodes of which
/// neither is an ancestor of the other.
struct Dissection {
    std::vector<int> order;
    std::vector<int> start;
    std::vector<int> parent;  ///< of each node, -1 for a root

    std::size_t nodes() const { return parent.size(); }
};

/// A dissection of small fill for a graph whose vertices are points in space. It finds the smallest separator
/// within a band around the median of the longest side, by a maximum flow, then divides the parts beside it
/// in the same way. Edges across the periodic boundary are edges like all others.
template <int Dim>
Dissection nested_dissection(const Positions<Dim>& points, const Graph& graph);

}  // namespace glassplast
