#pragma once

#include <glassplast/geometry/box.hpp>
#include <glassplast/models/stiffness_network.hpp>

#include <vector>

namespace glassplast {

/// The pairs from whose dipole responses searches for quasilocalized modes start. Each cell vector is cut
/// into ceil(length / spacing) parts, and a pair belongs to the part of the box in which its middle lies. Of
/// each part with pairs the one is taken whose energy changes fastest with the velocity, |d phi/d x .
/// velocity|. The result ascends. Raises ArgumentError unless the spacing is positive, GeometryError unless
/// the fields fit.
template <int Dim>
std::vector<int> susceptible_pairs(const Box<Dim>& box, const Positions<Dim>& positions,
                                   const StiffnessNetwork<Dim>& network, const Positions<Dim>& velocity,
                                   double spacing);

/// d phi / d x of a pair, a force dipole, over the degrees of freedom of all particles.
template <int Dim>
Eigen::VectorXd dipole(const StiffnessNetwork<Dim>& network, int pair);

}  // namespace glassplast
