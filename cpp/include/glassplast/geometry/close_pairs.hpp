#pragma once

#include <cstdint>
#include <vector>

namespace glassplast {

/// The pairs of a neighbour list that may come inside their cutoff during the next few steps, which are fewer
/// than those of its whole skin.
///
/// Pairs of site i are start[i] ... start[i + 1] - 1, in the order of the list. After the last of all follow
/// `padding` pairs that mean nothing.
struct ClosePairs {
    static constexpr std::size_t padding = 8;

    std::vector<int> start;
    std::vector<int> first;
    std::vector<int> second;
    /// Of each pair, for models of a few species what the list says of it, for others its length.
    std::vector<std::uint8_t> kind;
    std::vector<double> length;
    /// They were closer than their cutoff and this when they were chosen.
    double margin = 0.0;
    /// Whether they are those of the list and of now.
    bool current = false;
};

}  // namespace glassplast
