#include <glassplast/linalg/supernodes.hpp>

#include <algorithm>
#include <numeric>

namespace glassplast {

namespace {

/// Subtrees are split until there are this many, or each is less than this fraction of the work, or too small
/// to be worth a thread.
constexpr std::size_t branch_count = 16;
constexpr double small_branch = 1.0 / 32.0;

}  // namespace

template <int Dim>
Supernodes<Dim>::Supernodes(const Positions<Dim>& points, const Graph& graph) {
    Dissection dissection = nested_dissection<Dim>(points, graph);
    order_ = std::move(dissection.order);
    place_.resize(order_.size());
    node_of_place_.resize(order_.size());
    nodes_.resize(dissection.nodes());
    for (std::size_t k = 0; k < nodes_.size(); ++k) {
        Node& node = nodes_[k];
        node.first = dissection.start[k];
        node.width = dissection.start[k + 1] - node.first;
        node.parent = dissection.parent[k];
        for (int p = node.first; p < dissection.start[k + 1]; ++p) {
            place_[static_cast<std::size_t>(order_[static_cast<std::size_t>(p)])] = p;
            node_of_place_[static_cast<std::size_t>(p)] = static_cast<int>(k);
        }
    }
    find_rows(graph);
    lay_out();

    find_pattern(graph);
    split();
    predict_updates();
}

template <int Dim>
void Supernodes<Dim>::find_pattern(const Graph& graph) {
    pattern_start_.assign(1, 0);
    std::vector<int> row(order_.size());
    for (const Node& node : nodes_) {
        for (std::size_t k = 0; k < node.rows.size(); ++k) {
            row[static_cast<std::size_t>(node.rows[k])] = node.width + static_cast<int>(k);
        }
        const auto stride = static_cast<int>(row_stride(Dim * node.size()));
        for (int column = 0; column < node.width; ++column) {
            const int p = node.first + column;
            row[static_cast<std::size_t>(p)] = column;
            const auto v = static_cast<std::size_t>(order_[static_cast<std::size_t>(p)]);
            const auto begin = static_cast<std::ptrdiff_t>(pattern_place_.size());
            pattern_place_.push_back(p);
            for (int k = graph.start[v]; k < graph.start[v + 1]; ++k) {
                const int q = place_[static_cast<std::size_t>(graph.neighbor[static_cast<std::size_t>(k)])];
                if (q > p) {
                    pattern_place_.push_back(q);
                }
            }
            std::sort(pattern_place_.begin() + begin, pattern_place_.end());
            pattern_place_.erase(std::unique(pattern_place_.begin() + begin, pattern_place_.end()),
                                 pattern_place_.end());
            for (std::size_t k = slot_offset_.size(); k < pattern_place_.size(); ++k) {
                const int q = pattern_place_[k];
                const int below =
                    q < node.first + node.width ? q - node.first : row[static_cast<std::size_t>(q)];
                slot_offset_.push_back(Dim * (below + column * stride));
            }
            pattern_start_.push_back(static_cast<int>(pattern_place_.size()));
        }
    }
}

template <int Dim>
void Supernodes<Dim>::find_runs(Node& node) const {
    const Node& parent = nodes_[static_cast<std::size_t>(node.parent)];
    const int end = parent.first + parent.width;
    std::size_t at = 0;
    for (std::size_t k = 0; k < node.rows.size(); ++k) {
        const int q = node.rows[k];
        int to = q - parent.first;
        if (q >= end) {
            while (parent.rows[at] < q) {
                ++at;
            }
            to = parent.width + static_cast<int>(at);
        }
        const bool broken = node.runs.empty() || Dim * to != node.runs.back().to + node.runs.back().length ||
                            to == parent.width;
        if (!broken) {
            node.runs.back().length += Dim;
            continue;
        }
        node.runs.push_back({Dim * static_cast<int>(k), Dim * to, Dim});
        node.inside += q < end ? 1 : 0;
    }
}

template <int Dim>
void Supernodes<Dim>::find_rows(const Graph& graph) {
    std::vector<int> seen(order_.size(), -1);
    for (std::size_t k = 0; k < nodes_.size(); ++k) {
        Node& node = nodes_[k];
        const int end = node.first + node.width;
        const auto add = [&](int q) {
            if (q >= end && seen[static_cast<std::size_t>(q)] != static_cast<int>(k)) {
                seen[static_cast<std::size_t>(q)] = static_cast<int>(k);
                node.rows.push_back(q);
            }
        };
        for (const int child : node.children) {
            for (const int q : nodes_[static_cast<std::size_t>(child)].rows) {
                add(q);
            }
        }
        for (int p = node.first; p < end; ++p) {
            const auto v = static_cast<std::size_t>(order_[static_cast<std::size_t>(p)]);
            for (int e = graph.start[v]; e < graph.start[v + 1]; ++e) {
                add(place_[static_cast<std::size_t>(graph.neighbor[static_cast<std::size_t>(e)])]);
            }
        }
        std::sort(node.rows.begin(), node.rows.end());
        if (node.parent >= 0) {
            nodes_[static_cast<std::size_t>(node.parent)].children.push_back(static_cast<int>(k));
        }
    }
    for (Node& node : nodes_) {
        if (node.parent >= 0) {
            find_runs(node);
        }
    }
}

template <int Dim>
void Supernodes<Dim>::lay_out() {
    subtree_begin_.resize(nodes_.size());
    for (std::size_t k = 0; k < nodes_.size(); ++k) {
        Node& node = nodes_[k];
        const std::int64_t columns = Dim * node.width;
        // The rows of the panel beyond the node's own begin at a cache line.
        node.panel = panel_size_ + (8 - columns % 8) % 8;
        panel_size_ = (node.panel + 7) / 8 * 8 + columns * row_stride(Dim * node.size());
        entries_ += columns * (columns + 1) / 2 + columns * static_cast<std::int64_t>(Dim * node.rows.size());
        operations_ += operations(k);
        subtree_begin_[k] = node.children.empty()
                                ? static_cast<int>(k)
                                : subtree_begin_[static_cast<std::size_t>(node.children.front())];
    }
    for (std::size_t k = nodes_.size(); k-- > 0;) {
        nodes_[k].depth =
            nodes_[k].parent < 0 ? 0 : nodes_[static_cast<std::size_t>(nodes_[k].parent)].depth + 1;
    }
}

template <int Dim>
double Supernodes<Dim>::operations(std::size_t node) const {
    const double columns = Dim * nodes_[node].width;
    const double below = Dim * static_cast<double>(nodes_[node].rows.size());
    return columns * (columns * columns / 3.0 + columns * below + below * below);
}

template <int Dim>
void Supernodes<Dim>::split() {
    std::vector<double> work(nodes_.size(), 0.0);
    for (std::size_t k = 0; k < nodes_.size(); ++k) {
        work[k] += operations(k);
        if (nodes_[k].parent >= 0) {
            work[static_cast<std::size_t>(nodes_[k].parent)] += work[k];
        } else {
            branches_.push_back(static_cast<int>(k));
        }
    }
    const auto heavier = [&](int a, int b) {
        const double x = work[static_cast<std::size_t>(a)];
        const double y = work[static_cast<std::size_t>(b)];
        return x != y ? x > y : a < b;
    };
    std::sort(branches_.begin(), branches_.end(), heavier);
    while (!branches_.empty() && branches_.size() < branch_count) {
        const int heaviest = branches_.front();
        const Node& node = nodes_[static_cast<std::size_t>(heaviest)];
        if (work[static_cast<std::size_t>(heaviest)] < std::max(small_branch * operations_, shared_work) ||
            node.children.empty()) {
            break;
        }
        branches_.erase(branches_.begin());
        trunk_.push_back(heaviest);
        branches_.insert(branches_.end(), node.children.begin(), node.children.end());
        std::sort(branches_.begin(), branches_.end(), heavier);
    }
    std::sort(trunk_.begin(), trunk_.end());
}

template <int Dim>
void Supernodes<Dim>::predict_updates() {
    std::int64_t now = 0;
    for (const Node& node : nodes_) {
        const auto update = [](const Node& of) {
            const auto rows = static_cast<std::int64_t>(Dim * of.rows.size());
            return rows * row_stride(rows);
        };
        now += update(node);
        update_peak_ = std::max(update_peak_, now);
        for (const int child : node.children) {
            now -= update(nodes_[static_cast<std::size_t>(child)]);
        }
    }
}

template class Supernodes<2>;
template class Supernodes<3>;

}  // namespace glassplast
