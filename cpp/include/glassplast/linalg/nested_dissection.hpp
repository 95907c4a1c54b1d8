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
};

/// An elimination order of small fill for a graph whose vertices are points in space: halve the longest side
/// at its median, take the smallest set of vertices that covers the edges across (Koenig's theorem) as
/// separator, recurse. Edges across the periodic boundary are edges like all others.
template <int Dim>
std::vector<int> nested_dissection(const Positions<Dim>& points, const Graph& graph);

}  // namespace glassplast
