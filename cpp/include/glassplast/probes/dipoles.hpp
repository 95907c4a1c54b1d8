#pragma once

#include <glassplast/geometry/box.hpp>
#include <glassplast/models/stiffness_network.hpp>

#include <vector>

namespace glassplast {

/// The pairs from whose dipole responses searches for quasilocalized modes start: the cell vectors are cut
/// into ceil(length / spacing) each, a pair belongs to the part that its middle lies in, and of each part the
/// one is taken whose energy changes fastest with the velocity, |d phi/d x . velocity|. Ascending; parts
/// without pairs give none. Raises ArgumentError unless the spacing is
/// positive, GeometryError unless the fields fit.
template <int Dim>
std::vector<int> susceptible_pairs(const Box<Dim>& box, const Positions<Dim>& positions,
                                   const StiffnessNetwork<Dim>& network, const Positions<Dim>& velocity,
                                   double spacing);

/// d phi / d x of a pair, over the degrees of freedom of all particles: a force dipole.
template <int Dim>
Eigen::VectorXd dipole(const StiffnessNetwork<Dim>& network, int pair);

}  // namespace glassplast
