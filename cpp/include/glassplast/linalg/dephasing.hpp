#pragma once

#include <glassplast/linalg/elastic_solver.hpp>
#include <glassplast/monitor.hpp>

namespace glassplast {

/// A sum over all modes of a state, estimated without finding any of them.
struct ModeSums {
    Eigen::VectorXd field;  ///< of each particle; zero on rattlers
    /// Of each particle, how far the sums from the two halves of the steps lie apart.
    Eigen::VectorXd difference;
    double error = 0.0;  ///< estimate of the median over the particles of the relative error of `field`
    int steps = 0;
    bool converged = false;  ///< whether `error` fell to the accuracy that was asked for
};

/// The sum over all modes m of (Psi_m . u) (Psi_m . v) |Psi_m|_i^2 for each particle i, by dephasing.
///
/// With the Chebyshev polynomials T_k of H~ = 2 H / bound - 1, the waves a_k = T_k(H~) u and b_k = T_k(H~) v
/// consist of all modes with amplitudes cos(k theta_m), cos(theta_m) = the eigenvalue of H~. The mean of 2
/// cos(k theta_m) cos(k theta_n) over many steps k is 0 unless m = n, when it is 1, so that the mean of 2 a_k
/// . b_k on a particle tends to the sum. The error falls like steps^-0.75; nothing but sparse products is
/// needed. The result does not depend on the number of threads.
///
/// Goes on until the error is at most `accuracy`, for `most_steps` at most. The numbers of steps at which it
/// looks are fixed.
template <int Dim>
ModeSums mode_sums(const ElasticSolver<Dim>& solver, const Eigen::VectorXd& u, const Eigen::VectorXd& v,
                   double accuracy, int most_steps, Monitor& monitor);

extern template ModeSums mode_sums<2>(const ElasticSolver<2>&, const Eigen::VectorXd&, const Eigen::VectorXd&,
                                      double, int, Monitor&);
extern template ModeSums mode_sums<3>(const ElasticSolver<3>&, const Eigen::VectorXd&, const Eigen::VectorXd&,
                                      double, int, Monitor&);

}  // namespace glassplast
