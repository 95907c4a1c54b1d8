#pragma once

#include <glassplast/geometry/box.hpp>

/// Radial structure functions. All sums run over all periodic images.
namespace glassplast {

/// The surface of the unit sphere: 2 pi in two dimensions, 4 pi in three.
template <int Dim>
double unit_sphere_surface();

/// The smoothed radial distribution around each particle (Piaggi, Valsson, Parrinello, Phys. Rev. Lett. 119,
/// 015701 (2017)), for Gaussians of standard deviation `delta`:
///
///     g_i(r) = 1 / (S r^(Dim-1) rho) sum_j exp(-(r - r_ij)^2 / 2 delta^2) / sqrt(2 pi delta^2),
///
/// with S the surface of the unit sphere. Column i belongs to particle i, row k to radii(k).
/// Gaussians are cut at eight standard deviations, where they are 1.3e-14 of their peak.
/// Raises ArgumentError unless the radii are positive and increasing and `delta` is positive.
template <int Dim>
Eigen::MatrixXd local_radial_distribution(const Box<Dim>& box, const Positions<Dim>& positions,
                                          const Eigen::VectorXd& radii, double delta);

/// The mean of the g_i over all particles; the same for any number of threads.
template <int Dim>
Eigen::VectorXd radial_distribution(const Box<Dim>& box, const Positions<Dim>& positions,
                                    const Eigen::VectorXd& radii, double delta, int threads);

/// g(r) as a histogram: the number of pairs in each of `bins` equal shells below `r_max`, over the number in
/// an ideal gas.
template <int Dim>
Eigen::VectorXd pair_histogram(const Box<Dim>& box, const Positions<Dim>& positions, double r_max, int bins);

/// Pair excess entropy of each particle, in units of k_B, up to the distance `r_max`:
///
///     s2_i = -(rho / 2) int_0^r_max [g_i ln g_i - g_i + 1] S r^(Dim-1) dr.
///
/// Gauss-Legendre quadrature of ten points on panels no wider than half the width of the Gaussians, finer
/// towards r = 0, where the logarithm of g_i is singular: the error is below 1e-11 of the integral.
/// Raises ArgumentError unless r_max and delta are positive.
template <int Dim>
Eigen::VectorXd excess_entropy(const Box<Dim>& box, const Positions<Dim>& positions, double r_max,
                               double delta, int threads);

}  // namespace glassplast
