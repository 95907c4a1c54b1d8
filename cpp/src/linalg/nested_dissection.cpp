#include <glassplast/linalg/nested_dissection.hpp>

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace glassplast {

namespace {

/// A part with no more vertices is a leaf.
constexpr std::size_t leaf_size = 10;
/// Where parts with at least so many vertices may be cut, as a part of their vertices.
constexpr std::size_t choosy_size = 80;
constexpr std::array<double, 5> cut_places = {0.5, 0.46, 0.54, 0.42, 0.58};


/// Smallest vertex cover of the edges between two sides, from a maximum matching.
class SeparatorFinder {
public:
    explicit SeparatorFinder(const Graph& graph)
        : graph_(graph), side_(graph.size(), 0), match_(graph.size(), -1), seen_(graph.size(), 0) {}

    std::vector<int> find(const std::vector<int>& left, const std::vector<int>& right) {
        mark(left, 1);
        mark(right, 2);
        std::vector<int> boundary;
        for (const int v : left) {
            if (touches(v, 2)) {
                boundary.push_back(v);
            }
        }
        for (const int v : boundary) {
            ++stamp_;
            augment(v);
        }
        // Koenig: alternating paths from the unmatched left vertices reach Z; the cover is (L - Z) + (R in
        // Z).
        ++stamp_;
        for (const int v : boundary) {
            if (match_[v] < 0) {
                reach(v);
            }
        }
        std::vector<int> cover;
        for (const int v : boundary) {
            if (seen_[v] != stamp_) {
                cover.push_back(v);
            }
        }
        for (const int v : right) {
            if (seen_[v] == stamp_) {
                cover.push_back(v);
            }
        }
        for (const auto* part : {&left, &right}) {
            for (const int v : *part) {
                side_[v] = 0;
                match_[v] = -1;
            }
        }
        return cover;
    }

private:
    void mark(const std::vector<int>& part, int side) {
        for (const int v : part) {
            side_[v] = side;
        }
    }

    bool touches(int v, int side) const {
        for (int k = graph_.start[v]; k < graph_.start[v + 1]; ++k) {
            if (side_[graph_.neighbor[k]] == side) {
                return true;
            }
        }
        return false;
    }

    bool augment(int v) {
        for (int k = graph_.start[v]; k < graph_.start[v + 1]; ++k) {
            const int w = graph_.neighbor[k];
            if (side_[w] != 2 || seen_[w] == stamp_) {
                continue;
            }
            seen_[w] = stamp_;
            if (match_[w] < 0 || augment(match_[w])) {
                match_[w] = v;
                match_[v] = w;
                return true;
            }
        }
        return false;
    }

    void reach(int v) {
        if (seen_[v] == stamp_) {
            return;
        }
        seen_[v] = stamp_;
        for (int k = graph_.start[v]; k < graph_.start[v + 1]; ++k) {
            const int w = graph_.neighbor[k];
            if (side_[w] == 2 && seen_[w] != stamp_) {
                seen_[w] = stamp_;
                reach(match_[w]);
            }
        }
    }

    const Graph& graph_;
    std::vector<int> side_;
    std::vector<int> match_;
    std::vector<int> seen_;
    int stamp_ = 0;
};

/// Builds the tree from the top, and lays it out in postorder.
template <int Dim>
class Dissector {
public:
    Dissector(const Positions<Dim>& points, const Graph& graph)
        : points_(points), finder_(graph), separates_(graph.size(), 0) {
        result_.order.reserve(graph.size());
        result_.start.push_back(0);
    }

    Dissection dissect(std::vector<int> all) {
        add(std::move(all));
        return std::move(result_);
    }

private:
    /// Lays out a part; the number of its topmost nodes (several where a separator is empty) are returned.
    std::vector<int> add(std::vector<int> part) {
        if (part.empty()) {
            return {};
        }
        if (part.size() <= leaf_size) {
            return {append(part, {})};
        }
        Vector<Dim> low = points_.col(part[0]);
        Vector<Dim> high = low;
        for (const int v : part) {
            low = low.cwiseMin(points_.col(v));
            high = high.cwiseMax(points_.col(v));
        }
        int axis = 0;
        (high - low).maxCoeff(&axis);
        std::sort(part.begin(), part.end(), [&](int a, int b) {
            return points_(axis, a) != points_(axis, b) ? points_(axis, a) < points_(axis, b) : a < b;
        });
        std::vector<int> left;
        std::vector<int> right;
        std::vector<int> separator = cut(part, left, right);
        // Neighbours in a separator stand beside each other, so that whole runs of rows are added at once.
        const int along = Dim == 2 ? 1 - axis : (axis + 1) % Dim;
        std::sort(separator.begin(), separator.end(), [&](int a, int b) {
            return points_(along, a) != points_(along, b) ? points_(along, a) < points_(along, b) : a < b;
        });
        std::vector<int> roots = add(std::move(left));
        const std::vector<int> others = add(std::move(right));
        roots.insert(roots.end(), others.begin(), others.end());
        if (separator.empty()) {
            return roots;
        }
        return {append(separator, roots)};
    }

    /// Splits a sorted part at the best of some places.
    std::vector<int> cut(const std::vector<int>& part, std::vector<int>& left, std::vector<int>& right) {
        std::vector<int> best;
        double best_cost = 0.0;
        const std::size_t places = part.size() >= choosy_size ? cut_places.size() : 1;
        std::size_t middle = 0;
        for (std::size_t k = 0; k < places; ++k) {
            const auto place = static_cast<std::size_t>(cut_places[k] * static_cast<double>(part.size()));
            const auto split = part.begin() + static_cast<std::ptrdiff_t>(place);
            const std::vector<int> below(part.begin(), split);
            const std::vector<int> above(split, part.end());
            std::vector<int> found = finder_.find(below, above);
            // Fill grows with the separator; an uneven cut leaves a larger part to be cut again.
            const double uneven = std::abs(2.0 * cut_places[k] - 1.0);
            const double cost = static_cast<double>(found.size()) * (1.0 + uneven);
            if (k == 0 || cost < best_cost) {
                best = std::move(found);
                best_cost = cost;
                middle = place;
            }
        }
        for (const int v : best) {
            separates_[static_cast<std::size_t>(v)] = 1;
        }
        for (std::size_t k = 0; k < part.size(); ++k) {
            if (separates_[static_cast<std::size_t>(part[k])] == 0) {
                (k < middle ? left : right).push_back(part[k]);
            }
        }
        return best;
    }

    int append(const std::vector<int>& vertices, const std::vector<int>& children) {
        const auto node = static_cast<int>(result_.parent.size());
        result_.order.insert(result_.order.end(), vertices.begin(), vertices.end());
        result_.start.push_back(static_cast<int>(result_.order.size()));
        result_.parent.push_back(-1);
        for (const int child : children) {
            result_.parent[static_cast<std::size_t>(child)] = node;
        }
        return node;
    }

    const Positions<Dim>& points_;
    SeparatorFinder finder_;
    std::vector<char> separates_;
    Dissection result_;
};

}  // namespace

Graph Graph::from_pairs(std::size_t vertices, const std::vector<int>& first, const std::vector<int>& second) {
    Graph graph;
    graph.start.assign(vertices + 1, 0);
    for (const std::vector<int>* side : {&first, &second}) {
        for (const int v : *side) {
            ++graph.start[static_cast<std::size_t>(v) + 1];
        }
    }
    std::partial_sum(graph.start.begin(), graph.start.end(), graph.start.begin());
    graph.neighbor.resize(static_cast<std::size_t>(graph.start.back()));
    std::vector<int> next(graph.start.begin(), graph.start.end() - 1);
    for (std::size_t k = 0; k < first.size(); ++k) {
        graph.neighbor[static_cast<std::size_t>(next[static_cast<std::size_t>(first[k])]++)] = second[k];
        graph.neighbor[static_cast<std::size_t>(next[static_cast<std::size_t>(second[k])]++)] = first[k];
    }
    return graph;
}

template <int Dim>
Dissection nested_dissection(const Positions<Dim>& points, const Graph& graph) {
    std::vector<int> all(graph.size());
    std::iota(all.begin(), all.end(), 0);
    return Dissector<Dim>(points, graph).dissect(std::move(all));
}

template Dissection nested_dissection<2>(const Positions<2>&, const Graph&);
template Dissection nested_dissection<3>(const Positions<3>&, const Graph&);

}  // namespace glassplast
