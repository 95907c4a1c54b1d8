#pragma once

#include <glassplast/linalg/dense_kernels.hpp>
#include <glassplast/linalg/nested_dissection.hpp>

#include <cstdint>

namespace glassplast {

/// The symbolic half of a factorization, which says where everything will be stored, for a matrix of Dim x
/// Dim blocks whose pattern is a graph. Each node of a dissection is one dense supernode; the dissection tree
/// is its elimination tree (algorithm: multifrontal, Duff and Reid, ACM Trans. Math. Softw. 9, 302 (1983)).
///
/// *Places* are positions in the order of elimination. The panel of a node holds its own columns; its rows
/// are the node's places, then `rows` (later places that its elimination touches, ascending).
template <int Dim>
class Supernodes {
public:
    struct Node {
        int first = 0;  ///< first place
        int width = 0;  ///< number of places
        int parent = -1;
        std::vector<int> children;
        std::vector<int> rows;  ///< places beyond its own
        /// The place of `rows` among the rows of the parent's panel, counted in scalar rows; the first
        /// `inside` runs are within the parent's own columns.
        std::vector<Run> runs;
        int inside = 0;
        std::int64_t panel = 0;  ///< where its panel begins
        int depth = 0;           ///< distance from the root

        int size() const { return width + static_cast<int>(rows.size()); }
    };

    Supernodes(const Positions<Dim>& points, const Graph& graph);

    std::size_t vertices() const { return place_.size(); }
    const std::vector<Node>& nodes() const { return nodes_; }
    const std::vector<int>& order() const { return order_; }
    const std::vector<int>& place() const { return place_; }

    /// The slot of the block of two vertices, -1 if it is not in the pattern. Blocks are numbered in the
    /// order of the places of their columns.
    int slot(int v, int w) const {
        int p = place_[static_cast<std::size_t>(v)];
        int q = place_[static_cast<std::size_t>(w)];
        if (p > q) {
            std::swap(p, q);
        }
        const int end = pattern_start_[static_cast<std::size_t>(p) + 1];
        for (int k = pattern_start_[static_cast<std::size_t>(p)]; k < end; ++k) {
            if (pattern_place_[static_cast<std::size_t>(k)] == q) {
                return k;
            }
        }
        return -1;
    }
    std::size_t slots() const { return pattern_place_.size(); }
    /// The first slot of a place.
    int slots_begin(int place) const { return pattern_start_[static_cast<std::size_t>(place)]; }
    /// Where the block of a slot begins in its panel.
    int slot_offset(int slot) const { return slot_offset_[static_cast<std::size_t>(slot)]; }

    /// The number of doubles in all panels, padding included; then that of entries of the factor, and that of
    /// multiplications with an addition.
    std::int64_t panel_size() const { return panel_size_; }
    std::int64_t entries() const { return entries_; }
    double operations() const { return operations_; }
    double operations(std::size_t node) const;
    /// Bytes that a numeric factorization allocates.
    double bytes() const {
        return 8.0 * (static_cast<double>(panel_size_) + static_cast<double>(update_peak_));
    }

    /// Disjoint subtrees (by their topmost nodes) that can be factorized at the same time, heaviest first;
    /// and the nodes above them in postorder. Fixed by the tree alone.
    const std::vector<int>& branches() const { return branches_; }
    const std::vector<int>& trunk() const { return trunk_; }
    /// The first node of the subtree of a node: subtrees are ranges of the postorder.
    int subtree_begin(int node) const { return subtree_begin_[static_cast<std::size_t>(node)]; }

private:
    void find_rows(const Graph& graph);
    void find_runs(Node& node) const;
    void find_pattern(const Graph& graph);
    void lay_out();
    void split();
    void predict_updates();

    std::vector<Node> nodes_;
    std::vector<int> order_;
    std::vector<int> place_;
    std::vector<int> node_of_place_;
    std::vector<int> pattern_start_;
    std::vector<int> pattern_place_;
    std::vector<int> slot_offset_;
    std::vector<int> branches_;
    std::vector<int> trunk_;
    std::vector<int> subtree_begin_;
    std::int64_t panel_size_ = 0;
    std::int64_t entries_ = 0;
    std::int64_t update_peak_ = 0;
    double operations_ = 0.0;
};

extern template class Supernodes<2>;
extern template class Supernodes<3>;

}  // namespace glassplast
