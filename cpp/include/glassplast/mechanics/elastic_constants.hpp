#pragma once

#include <glassplast/models/stiffness_network.hpp>

namespace glassplast {

/// A tensor of fourth rank: row Dim a + b, column Dim c + d.
template <int Dim>
using ElasticTensor = Eigen::Matrix<double, Dim * Dim, Dim * Dim>;

/// V times the Born elastic constants C_abcd: second derivatives of U with the Green-Lagrange strain at fixed
/// undeformed coordinates, the sum over pairs of (phi'' - phi'/r) r_a r_b r_c r_d / r^2.
template <int Dim>
ElasticTensor<Dim> born_constants(const StiffnessNetwork<Dim>& network);

}  // namespace glassplast
