#pragma once

#include <glassplast/models/contact_network.hpp>
#include <glassplast/monitor.hpp>
#include <glassplast/probes/quasilocalized_modes.hpp>

#include <Eigen/SparseCore>

#include <vector>

namespace glassplast {

/// The result of searches in which only a neighbourhood of the start moves.
struct NeighbourhoodSearches {
    std::vector<Eigen::SparseVector<double>> loads;  ///< forces of the fields that were found, each once
    std::vector<int> load_of;  ///< the load that each start led to; -1 where none was reached
};

/// Searches from the dipoles of `pairs`. All particles are at rest but search.neighbourhood of them around a
/// start and up to seven other starts beside it.
///
/// The cost of a step of a field of all particles grows with the size of the glass, but which mode is reached
/// is decided nearby: the force of a form of degree n is localized like strain^(n - 1). That force is the
/// load from which a search over all particles goes on, a few steps before its end; starts that lead to the
/// same force share that search.
template <int Dim>
NeighbourhoodSearches neighbourhood_searches(const ContactNetwork<Dim>& network, const FormOf<Dim>& form_of,
                                             const std::vector<int>& pairs, const ModeSearch& search,
                                             Monitor& monitor);

}  // namespace glassplast
