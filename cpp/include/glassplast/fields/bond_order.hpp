#pragma once

#include <glassplast/geometry/box.hpp>

#include <functional>
#include <vector>

/// How the neighbours of a particle are arranged around it; angles between them exist in the plane only.
namespace glassplast {

/// The contact distance of any two particles.
using ContactDistance = std::function<double(std::size_t, std::size_t)>;

/// The neighbours of each particle, images of the same particle included, sorted by angle.
struct AngularNeighbors {
    /// Those of particle j are start[j] ... start[j + 1] - 1.
    std::vector<std::size_t> start{0};
    std::vector<int> neighbor;
    Positions<2> separation;  ///< from j to its neighbour

    std::size_t size() const { return start.size() - 1; }
};

/// Neighbours of j are closer than `factor` times the contact distance. `longest` bounds the contact
/// distances from above. Raises ArgumentError unless both are positive.
AngularNeighbors angular_neighbors(const Box<2>& box, const Positions<2>& positions,
                                   const ContactDistance& contact, double longest, double factor);

/// Psi_m of particle j, |mean over neighbours of exp(i m theta_jk)| (Nelson, Halperin, Phys. Rev. B 19, 2457
/// (1979)); NaN without neighbours.
Eigen::VectorXd bond_orientational_order(const AngularNeighbors& neighbors, int m);

/// Theta of particle j, (1 / n_j) sum |theta1 - theta2| over the pairs (k, l) of neighbours that follow each
/// other around j (Tong, Tanaka, Phys. Rev. X 8, 011041 (2018)). theta1 in [0, pi] is the actual angle at j,
/// theta2 the angle in a triangle whose sides are the three contact distances (0 or pi where they make no
/// triangle). NaN for fewer than three neighbours.
Eigen::VectorXd steric_order(const AngularNeighbors& neighbors, const ContactDistance& contact);

}  // namespace glassplast
