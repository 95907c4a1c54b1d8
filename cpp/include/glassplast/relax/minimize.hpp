#pragma once

#include <glassplast/relax/chord_newton.hpp>

#include <string>

namespace glassplast {

enum class Method { conjugate_gradient, fire };

/// Why a minimization ended.
enum class Stop {
    converged,  ///< the largest force is at or below the tolerance
    round_off,  ///< no position of double precision has a smaller force
    budget      ///< the evaluations allowed are spent
};

struct RelaxOptions {
    Method method = Method::conjugate_gradient;
    /// Largest force norm on any particle; 0 asks for the round-off floor.
    double tolerance = 0.0;
    long evaluation_budget = 1000000;
    /// Whether to finish by Newton steps with the sparse factorization once the state lies in the basin of a
    /// minimum.
    bool polish = true;
};

template <int Dim>
struct Relaxation {
    Positions<Dim> positions;
    Positions<Dim> forces;
    double energy = 0.0;
    Matrix<Dim> stress = Matrix<Dim>::Zero();
    double first_force = 0.0;
    double largest_force = 0.0;
    double largest_displacement = 0.0;
    long evaluations = 0;
    long factorizations = 0;
    Stop stop = Stop::budget;
};

/// Descends to a mechanical equilibrium: first-order steps until Newton's method takes over. Where H has
/// negative eigenvalues or the forces do not contract, first-order steps go on down to a tenth of the force.
template <int Dim>
Relaxation<Dim> minimize(PotentialEnergy<Dim>& potential, const Positions<Dim>& positions,
                         const RelaxOptions& options, Monitor& monitor);

extern template Relaxation<2> minimize<2>(PotentialEnergy<2>&, const Positions<2>&, const RelaxOptions&,
                                          Monitor&);
extern template Relaxation<3> minimize<3>(PotentialEnergy<3>&, const Positions<3>&, const RelaxOptions&,
                                          Monitor&);

}  // namespace glassplast
