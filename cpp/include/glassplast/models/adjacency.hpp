#pragma once

#include <glassplast/models/stiffness_network.hpp>

#include <numeric>
#include <vector>

namespace glassplast {

/// Which particles touch each particle of a network, and by which pair, in the order of the pairs.
struct Adjacency {
    struct Contact {
        int neighbor;
        int pair;
    };
    std::vector<int> start;  ///< contacts of i: start[i] ... start[i + 1] - 1
    std::vector<Contact> contacts;

    template <int Dim>
    explicit Adjacency(const StiffnessNetwork<Dim>& network) : start(network.particles + 1, 0) {
        for (std::size_t k = 0; k < network.size(); ++k) {
            ++start[static_cast<std::size_t>(network.first[k]) + 1];
            ++start[static_cast<std::size_t>(network.second[k]) + 1];
        }
        std::partial_sum(start.begin(), start.end(), start.begin());
        contacts.resize(2 * network.size());
        std::vector<int> next(start.begin(), start.end() - 1);
        for (std::size_t k = 0; k < network.size(); ++k) {
            const int i = network.first[k];
            const int j = network.second[k];
            const int pair = static_cast<int>(k);
            contacts[static_cast<std::size_t>(next[static_cast<std::size_t>(i)]++)] = {j, pair};
            contacts[static_cast<std::size_t>(next[static_cast<std::size_t>(j)]++)] = {i, pair};
        }
    }

    int degree(std::size_t particle) const { return start[particle + 1] - start[particle]; }

    template <class Visit>
    void each(int particle, const Visit& visit) const {
        const auto i = static_cast<std::size_t>(particle);
        for (int k = start[i]; k < start[i + 1]; ++k) {
            visit(contacts[static_cast<std::size_t>(k)]);
        }
    }
};

}  // namespace glassplast
