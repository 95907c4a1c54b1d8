#pragma once

#include <glassplast/linalg/elastic_solver.hpp>
#include <glassplast/models/contact_network.hpp>
#include <glassplast/monitor.hpp>
#include <glassplast/probes/homogeneous_form.hpp>

#include <functional>
#include <memory>
#include <vector>

namespace glassplast {

/// How quasilocalized modes are searched for.
struct ModeSearch {
    double tolerance = 1e-8;  ///< largest |H z - (kappa / T) force| of a unit vector z
    int iterations = 500;     ///< at most, of each part of a search
    double overlap = 0.99;    ///< of two modes that count as one
    int neighbourhood = 0;    ///< particles that move in the first part of a search; 0: all
    int threads = 1;
};

/// Local minima of kappa^n / T^2 with kappa = z . H z and T a form of degree n: solutions of H z = (kappa /
/// T) force(z). They are unit vectors, each listed once, in the order in which they are reached.
struct QuasilocalizedModes {
    Eigen::MatrixXd vectors;  ///< over the degrees of freedom of all particles
    Eigen::VectorXd stiffness;
    Eigen::VectorXd form;  ///< T
    Eigen::VectorXd residual;
    std::vector<int> found_from;  ///< mode that each start led to, -1 where none was reached
};

/// Makes a form on a network, which must outlive it.
template <int Dim>
using FormOf = std::function<std::unique_ptr<HomogeneousForm<Dim>>(const ContactNetwork<Dim>&)>;

/// Searches from the responses H^-1 to the dipoles of pairs (`SearchGroup`). In a glass much larger than a
/// neighbourhood only the neighbourhood of the start moves in the first part of a search
/// (`neighbourhood_searches`). The network holds the load-bearing pairs that the solver was made of. The
/// result is the same for any number of threads.
template <int Dim>
QuasilocalizedModes quasilocalized_modes(const ElasticSolver<Dim>& solver, const ContactNetwork<Dim>& network,
                                         const FormOf<Dim>& form_of, const std::vector<int>& pairs,
                                         const ModeSearch& search, Monitor& monitor);

}  // namespace glassplast
