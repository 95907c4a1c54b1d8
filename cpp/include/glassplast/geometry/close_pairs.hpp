#pragma once

#include <cstdint>
#include <vector>

namespace glassplast {

/// The pairs of a neighbour list that may come inside their cutoff during the next few steps, which are fewer
/// than those of its whole skin.
///
/// The pairs of site i are start[i] ... start[i + 1] - 1, in the order of the list. `padding` pairs without a
/// meaning follow the last one.
struct ClosePairs {
    static constexpr std::size_t padding = 8;

    std::vector<int> start;
    std::vector<int> first;
    std::vector<int> second;
    /// For models of a few species the kind of each pair, as the list has it; for other models its length.
    std::vector<std::uint8_t> kind;
    std::vector<double> length;
    /// When they were chosen, they were closer than their cutoff plus this margin.
    double margin = 0.0;
    /// Whether they still belong to the list and to the positions of now.
    bool current = false;
};

}  // namespace glassplast
