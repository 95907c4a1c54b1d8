#pragma once

#include <glassplast/linalg/elastic_solver.hpp>
#include <glassplast/monitor.hpp>

namespace glassplast {

/// Sums over the modes of a minimum that are quadratic in loads, particle by particle.
struct NonaffineSums {
    Eigen::VectorXd values;  ///< all eigenvalues of H on its core, ascending, translations left out
    /// particles x pairs of loads a <= b, (0, 0), (0, 1), ..., (1, 1), ...: the sum over all modes m of
    /// (Psi_m . Xi_a) (Psi_m . Xi_b) / lambda_m |Psi_m|_i^2. Zero on rattlers.
    Eigen::MatrixXd fields;
    double largest_residual = 0.0;  ///< max over modes of |H Psi - lambda Psi|
};

/// Sums over the whole spectrum slice by slice; the vectors of a slice are forgotten before the next. With
/// few degrees of freedom all modes are taken at once, unless `slice_size` asks for slices of about this many
/// modes. `loads` has a column Xi for each load. Raises InstabilityError unless all eigenvalues are positive.
template <int Dim>
NonaffineSums nonaffine_sums(const ElasticSolver<Dim>& solver, const Eigen::MatrixXd& loads, double tolerance,
                             Monitor& monitor, int slice_size = 0);

extern template NonaffineSums nonaffine_sums<2>(const ElasticSolver<2>&, const Eigen::MatrixXd&, double,
                                                Monitor&, int);
extern template NonaffineSums nonaffine_sums<3>(const ElasticSolver<3>&, const Eigen::MatrixXd&, double,
                                                Monitor&, int);

}  // namespace glassplast
