#include <glassplast/linalg/nested_dissection.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace glassplast {

namespace {

/// A part with at most this many vertices is a leaf.
constexpr std::size_t leaf_size = 10;
/// Half the width of the band in which a separator is sought, as a fraction of the vertices, and in layers of
/// a planar part. Wider bands give smaller separators, but less even parts.
constexpr double half_band = 0.15;
constexpr double band_layers = 6.0;

/// Finds the smallest set of vertices that separates two sides of a part of a graph (Menger's theorem).
/// Augmentation finds as many paths without a common vertex as there are; the separator is where the region
/// ends that the source still reaches.
class SeparatorFinder {
public:
    enum Side : char { source, between, sink, separating };

    explicit SeparatorFinder(const Graph& graph) : graph_(graph), rank_(graph.size(), -1) {}

    /// `sides` of the vertices of a part, which run from the source to the sink, are changed to source, sink
    /// or separating.
    void find(const std::vector<int>& part, std::vector<Side>& sides) {
        begin(part, sides);
        // Vertices that a failed search has seen stay closed for later searches.
        const int closed = ++stamp_;
        for (const int v : starts_) {
            if (seen_[at(2 * v)] == closed) {
                continue;
            }
            ++stamp_;
            const int end = search(2 * v, closed);
            if (end >= 0) {
                augment(end);
            } else {
                for (const int state : visited_) {
                    seen_[at(state)] = closed;
                }
            }
        }
        // Of the cut next to the source and that next to the sink, take the one that divides more evenly.
        forward_cut(sides);
        std::vector<Side> others(part.size());
        backward_cut(part, others);
        if (unevenness(others) < unevenness(sides)) {
            sides = std::move(others);
        }
        for (const int v : part) {
            rank_[at(v)] = -1;
        }
    }

    static std::ptrdiff_t unevenness(const std::vector<Side>& sides) {
        std::ptrdiff_t left = 0;
        std::ptrdiff_t right = 0;
        for (const Side side : sides) {
            left += side == source ? 1 : 0;
            right += side == sink ? 1 : 0;
        }
        return std::abs(left - right);
    }

private:
    static std::size_t at(int k) { return static_cast<std::size_t>(k); }

    /// From here on a vertex is known by its number within the part. For each vertex of the source and
    /// between, lists its neighbours between and in the sink; those farther towards the sink come first,
    /// which makes paths straight.
    void begin(const std::vector<int>& part, const std::vector<Side>& sides) {
        const std::size_t size = part.size();
        side_ = sides;
        used_.assign(size, 0);
        before_.assign(size, -1);
        after_.assign(size, -1);
        seen_.assign(2 * size, 0);
        came_.resize(2 * size);
        stamp_ = 0;
        for (std::size_t k = 0; k < size; ++k) {
            rank_[at(part[k])] = static_cast<int>(k);
        }
        start_.assign(size + 1, 0);
        next_.clear();
        for (std::size_t k = size; k-- > 0;) {
            if (side_[k] == source) {
                continue;
            }
            const int v = part[k];
            for (int e = graph_.start[at(v)]; e < graph_.start[at(v) + 1]; ++e) {
                const int w = rank_[at(graph_.neighbor[at(e)])];
                if (w >= 0 && side_[at(w)] != sink) {
                    next_.push_back({w, static_cast<int>(k)});
                    ++start_[at(w) + 1];
                }
            }
        }
        std::partial_sum(start_.begin(), start_.end(), start_.begin());
        neighbor_.resize(next_.size());
        for (const Step& edge : next_) {
            neighbor_[at(start_[at(edge.state)]++)] = edge.next;
        }
        std::copy_backward(start_.begin(), start_.end() - 1, start_.end());
        start_[0] = 0;
        starts_.clear();
        for (std::size_t k = 0; k < size; ++k) {
            if (side_[k] == source && start_[k + 1] > start_[k]) {
                starts_.push_back(static_cast<int>(k));
            }
        }
    }

    // Each vertex is entered (state 2 v) and left (2 v + 1); one path may do both, or undo it backwards.

    bool visit(int state, int from, int closed) {
        if (seen_[at(state)] == stamp_ || seen_[at(state)] == closed) {
            return false;
        }
        seen_[at(state)] = stamp_;
        came_[at(state)] = from;
        visited_.push_back(state);
        stack_.push_back({state, 0});
        return true;
    }

    /// Searches depth first; neighbours farther towards the sink come first. Returns the state of entering a
    /// sink vertex that is free, or -1.
    int search(int begin, int closed) {
        visited_.clear();
        stack_.clear();
        visit(begin, -1, closed);
        while (!stack_.empty()) {
            const int state = stack_.back().state;
            const int v = state / 2;
            if (state % 2 == 0) {
                stack_.pop_back();
                if (used_[at(v)] == 0) {
                    if (side_[at(v)] == sink) {
                        return state;
                    }
                    visit(2 * v + 1, state, closed);
                } else if (before_[at(v)] >= 0) {
                    visit(2 * before_[at(v)] + 1, state, closed);
                }
                continue;
            }
            const int degree = start_[at(v) + 1] - start_[at(v)];
            bool moved = false;
            while (!moved && stack_.back().next < degree) {
                const int w = neighbor_[at(start_[at(v)] + stack_.back().next++)];
                moved = visit(2 * w, state, closed);
            }
            if (!moved && stack_.back().next == degree) {
                ++stack_.back().next;
                if (used_[at(v)] != 0) {
                    moved = visit(2 * v, state, closed);
                }
            }
            if (!moved) {
                stack_.pop_back();
            }
        }
        return -1;
    }

    void augment(int end) {
        path_.clear();
        for (int state = end; state >= 0; state = came_[at(state)]) {
            path_.push_back(state);
        }
        std::reverse(path_.begin(), path_.end());
        for (std::size_t k = 0; k + 1 < path_.size(); ++k) {
            const int v = path_[k] / 2;
            const int w = path_[k + 1] / 2;
            if (path_[k] % 2 == 0 && v != w) {
                before_[at(v)] = -1;
                after_[at(w)] = -1;
            } else if (v == w) {
                used_[at(v)] = path_[k] % 2 == 0 ? 1 : 0;
            }
        }
        used_[at(end / 2)] = 1;
        for (std::size_t k = 0; k + 1 < path_.size(); ++k) {
            const int v = path_[k] / 2;
            const int w = path_[k + 1] / 2;
            if (path_[k] % 2 == 1 && v != w) {
                after_[at(v)] = w;
                before_[at(w)] = v;
            }
        }
    }

    void forward_cut(std::vector<Side>& sides) {
        ++stamp_;
        for (const int v : starts_) {
            if (seen_[at(2 * v)] != stamp_) {
                search(2 * v, stamp_);
            }
        }
        for (std::size_t v = 0; v < sides.size(); ++v) {
            const bool entered = seen_[2 * v] == stamp_;
            const bool left = seen_[2 * v + 1] == stamp_;
            const bool inner = side_[v] == source && !entered;
            sides[v] = left || inner ? source : entered ? separating : sink;
        }
    }

    /// The same, backwards from the sink.
    void backward_cut(const std::vector<int>& part, std::vector<Side>& sides) {
        ++stamp_;
        stack_.clear();
        visited_.clear();
        for (std::size_t v = 0; v < part.size(); ++v) {
            if (side_[v] == sink) {
                visit(2 * static_cast<int>(v) + 1, -1, -1);
            }
        }
        while (!stack_.empty()) {
            const int state = stack_.back().state;
            const int v = state / 2;
            stack_.pop_back();
            if (state % 2 == 1) {
                if (used_[at(v)] == 0) {
                    visit(2 * v, state, -1);
                } else if (after_[at(v)] >= 0) {
                    visit(2 * after_[at(v)], state, -1);
                }
                continue;
            }
            if (used_[at(v)] != 0) {
                visit(2 * v + 1, state, -1);
            }
            for (int e = graph_.start[at(part[at(v)])]; e < graph_.start[at(part[at(v)]) + 1]; ++e) {
                const int w = rank_[at(graph_.neighbor[at(e)])];
                if (w >= 0 && side_[at(w)] != sink) {
                    visit(2 * w + 1, state, -1);
                }
            }
        }
        for (std::size_t v = 0; v < part.size(); ++v) {
            sides[v] = seen_[2 * v] == stamp_ ? sink : seen_[2 * v + 1] == stamp_ ? separating : source;
        }
    }

    struct Step {
        int state;
        int next;  ///< which neighbour to try
    };

    const Graph& graph_;
    std::vector<int> rank_;  ///< of each vertex of the graph in the part, or -1
    std::vector<Side> side_;
    std::vector<int> start_;
    std::vector<int> neighbor_;
    std::vector<Step> next_;
    std::vector<char> used_;   ///< whether a path goes through
    std::vector<int> before_;  ///< on the path
    std::vector<int> after_;
    std::vector<int> seen_;
    std::vector<int> came_;
    std::vector<int> visited_;
    std::vector<Step> stack_;
    std::vector<int> path_;
    std::vector<int> starts_;
    int stamp_ = 0;
};

/// Builds the tree from the top down and lays it out in postorder.
template <int Dim>
class Dissector {
public:
    Dissector(const Positions<Dim>& points, const Graph& graph) : points_(points), finder_(graph) {
        result_.order.reserve(graph.size());
        result_.start.push_back(0);
    }

    Dissection dissect(std::vector<int> all) {
        add(std::move(all));
        return std::move(result_);
    }

private:
    using Side = SeparatorFinder::Side;

    /// Lays out a part; returns the numbers of its topmost nodes (several where a separator is empty).
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
        const std::vector<Side> sides = cut(part);
        std::vector<int> left;
        std::vector<int> right;
        std::vector<int> separator;
        std::vector<int> wrapped;
        for (std::size_t k = 0; k < part.size(); ++k) {
            const bool outer = 4 * k < part.size() || 4 * k >= 3 * part.size();
            (sides[k] == Side::source ? left
             : sides[k] == Side::sink ? right
             : outer                  ? wrapped
                                      : separator)
                .push_back(part[k]);
        }
        // Neighbours in a separator get adjacent numbers, so that whole runs of rows are added at once.
        const int along = Dim == 2 ? 1 - axis : (axis + 1) % Dim;
        for (std::vector<int>* strip : {&separator, &wrapped}) {
            std::sort(strip->begin(), strip->end(), [&](int a, int b) {
                return points_(along, a) != points_(along, b) ? points_(along, a) < points_(along, b) : a < b;
            });
        }
        separator.insert(separator.end(), wrapped.begin(), wrapped.end());
        std::vector<int> roots = add(std::move(left));
        const std::vector<int> others = add(std::move(right));
        roots.insert(roots.end(), others.begin(), others.end());
        if (separator.empty()) {
            return roots;
        }
        return {append(separator, roots)};
    }

    /// Divides a sorted part.
    std::vector<Side> cut(const std::vector<int>& part) {
        const auto size = static_cast<double>(part.size());
        const double half = std::min(half_band * size, band_layers * std::sqrt(size));
        std::vector<Side> sides(part.size());
        for (std::size_t k = 0; k < part.size(); ++k) {
            const double place = static_cast<double>(k) - 0.5 * size;
            sides[k] = place < -half ? Side::source : place < half ? Side::between : Side::sink;
        }
        finder_.find(part, sides);
        return sides;
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
