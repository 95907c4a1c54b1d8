#pragma once

#include <glassplast/models/contact_network.hpp>
#include <glassplast/monitor.hpp>
#include <glassplast/probes/quasilocalized_modes.hpp>

#include <Eigen/SparseCore>

#include <vector>

namespace glassplast {

/// Where searches lead that are kept to neighbourhoods.
struct NeighbourhoodSearches {
    std::vector<Eigen::SparseVector<double>> loads;  ///< forces of the fields, each once
    std::vector<int> load_of;                        ///< of each start; -1: none was reached
};

/// Searches from the dipoles of `pairs`, with all at rest but search.neighbourhood particles around a start
/// and up to seven others beside it.
///
/// A field of all particles costs as much for each step as the glass is large, but which mode is reached is
/// decided nearby: the force of a form of degree n is localized as strain^(n - 1) is. From that force a
/// search over all particles goes on, as from a load, a few steps before its end; starts that lead to the
/// same one share it.
template <int Dim>
NeighbourhoodSearches neighbourhood_searches(const ContactNetwork<Dim>& network, const FormOf<Dim>& form_of,
                                             const std::vector<int>& pairs, const ModeSearch& search,
                                             Monitor& monitor);

}  // namespace glassplast
