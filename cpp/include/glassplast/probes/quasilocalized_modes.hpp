#pragma once

#include <glassplast/linalg/elastic_solver.hpp>
#include <glassplast/monitor.hpp>
#include <glassplast/probes/homogeneous_form.hpp>

#include <functional>
#include <vector>

namespace glassplast {

/// How quasilocalized modes are searched for.
struct ModeSearch {
    double tolerance = 1e-8;  ///< largest |H z - (kappa / T) force| of a unit vector z
    int iterations = 500;     ///< at most, for each start
    double overlap = 0.99;    ///< of two modes that count as one
    int threads = 1;
};

/// Local minima of kappa^n / T^2 with kappa = z . H z and T a form of degree n: solutions of
/// H z = (kappa / T) force(z). Unit vectors, each once, in the order in which they are reached.
struct QuasilocalizedModes {
    std::vector<Eigen::VectorXd> vectors;  ///< over the degrees of freedom of all particles
    Eigen::VectorXd stiffness;
    Eigen::VectorXd form;  ///< T
    Eigen::VectorXd residual;
    std::vector<int> start;       ///< the first start that led there
    std::vector<int> found_from;  ///< mode that each start led to, -1 where none was reached
    long iterations = 0;          ///< over all starts
};

/// The load of a start, over the degrees of freedom of all particles.
using StartLoad = std::function<Eigen::VectorXd(int start)>;

/// `starts` searches, from the responses H^-1 to their loads.
///
/// Conjugate gradient in the metric of H: the gradient of ln(kappa^n / T^2) there is z / kappa - H^-1 force /
/// T times 2 n, so that its plain descent with a unit step is the fixed-point iteration z <- H^-1 force(z).
/// Steps minimize exactly along their direction, on which kappa and T are polynomials; the cost never rises.
/// Of each start the result is the same for any number of threads.
template <int Dim>
QuasilocalizedModes quasilocalized_modes(const ElasticSolver<Dim>& solver, const HomogeneousForm<Dim>& form,
                                         int starts, const StartLoad& load, const ModeSearch& search,
                                         Monitor& monitor);

}  // namespace glassplast
