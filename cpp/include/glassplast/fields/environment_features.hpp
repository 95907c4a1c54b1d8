#pragma once

#include <glassplast/geometry/box.hpp>

#include <vector>

/// Numbers that describe the neighbourhood of each particle for machine learning, one column a particle. They
/// are sums over all periodic images, and need positions and sizes but no potential.
namespace glassplast {

/// G_m(i) = sum over j of a triangle in x = r_ij / d_ij that is 1 at knots[m + 1] and 0 at the knots beside
/// it, with d_ij = (d_i + d_j) / 2 (1 - nonadditivity |d_i - d_j|): (knots - 2, N). Richard et al., Phys.
/// Rev. Materials 4, 113609 (2020), equations B6 to B9. Raises ArgumentError for knots that are not
/// increasing from zero or more and for contact distances that are not positive, ModelError for diameters
/// that are not.
template <int Dim>
Eigen::MatrixXd triangle_features(const Box<Dim>& box, const Positions<Dim>& positions,
                                  const std::vector<double>& diameters, double nonadditivity,
                                  const Eigen::VectorXd& knots);

/// The number of neighbours of each species that have edges[m] <= r_ij / s_ij < edges[m + 1], with the
/// symmetric table s of lengths over species: (species x bins, N), all bins of species 0 first.
template <int Dim>
Eigen::MatrixXd bin_features(const Box<Dim>& box, const Positions<Dim>& positions,
                             const std::vector<int>& species, const Eigen::MatrixXd& lengths,
                             const Eigen::VectorXd& edges);

/// G_Y(i; mu) = sum over j of species Y of exp(-(r_ij - mu)^2 / width^2), r_ij < cutoff: (species x centers,
/// N), all centers of species 0 first. J. Behler, M. Parrinello, Phys. Rev. Lett. 98, 146401 (2007); E. D.
/// Cubuk et al., Phys. Rev. Lett. 114, 108001 (2015).
template <int Dim>
Eigen::MatrixXd radial_features(const Box<Dim>& box, const Positions<Dim>& positions,
                                const std::vector<int>& species, int species_count,
                                const Eigen::VectorXd& centers, double width, double cutoff);

/// One angular function: exp(-(r_ij^2 + r_ik^2 + r_jk^2) / xi^2) (1 + lambda cos theta_jik)^zeta.
struct AngularFunction {
    double xi;
    double lambda;
    int zeta;
};

/// Psi_YZ(i) = sum over the pairs {j, k} of neighbours of species Y and Z of an angular function, each pair
/// once, r_ij and r_ik < cutoff: (pairs of species Y <= Z x functions, N), all functions of the pair 00
/// first, then 01.
template <int Dim>
Eigen::MatrixXd angular_features(const Box<Dim>& box, const Positions<Dim>& positions,
                                 const std::vector<int>& species, int species_count,
                                 const std::vector<AngularFunction>& functions, double cutoff);

}  // namespace glassplast
