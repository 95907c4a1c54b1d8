#pragma once

#include <glassplast/linalg/elastic_solver.hpp>
#include <glassplast/monitor.hpp>

namespace glassplast {

/// Eigenpairs of the Hessian on the core, ascending, without the translations of the clusters.
struct Modes {
    Eigen::VectorXd values;
    Eigen::MatrixXd vectors;        ///< of all particles x n, orthonormal, 0 on rattlers
    double largest_residual = 0.0;  ///< max over modes of |H Psi - lambda Psi|
    /// Eigenvalues below `certified_bound` counted by inertia: equal to the number of modes below it.
    int certified_count = 0;
    double certified_bound = 0.0;
};

/// Fewer degrees of freedom than this are always diagonalized as a whole.
constexpr int smallest_sparse = 256;

/// The n lowest modes, by block Lanczos on the inverse with the sparse factorization; if there are many, the
/// spectrum is taken slice by slice. Every residual is checked against `tolerance` times the largest
/// eigenvalue, and the number of modes against the inertia of H. Raises ConvergenceError when either check
/// fails. A `slice_size` above 0 asks for slices of about this many modes, however few modes are wanted.
template <int Dim>
Modes lowest_modes(const ElasticSolver<Dim>& solver, int count, double tolerance, Monitor& monitor,
                   int slice_size = 0);

extern template Modes lowest_modes<2>(const ElasticSolver<2>&, int, double, Monitor&, int);
extern template Modes lowest_modes<3>(const ElasticSolver<3>&, int, double, Monitor&, int);

}  // namespace glassplast
