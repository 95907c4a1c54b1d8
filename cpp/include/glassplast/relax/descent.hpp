#pragma once

#include <glassplast/models/potential_energy.hpp>
#include <glassplast/monitor.hpp>

namespace glassplast {

/// A point on the way down: positions, and what was evaluated there.
template <int Dim>
struct Descent {
    Positions<Dim> positions;
    Positions<Dim> forces;
    Evaluation<Dim> evaluation;

    template <class Potential>
    Descent(Potential& potential, Positions<Dim> start)
        : positions(std::move(start)), evaluation(potential.evaluate(positions, forces)) {}

    double largest_force() const { return largest_norm<Dim>(forces); }
};

/// Nonlinear conjugate gradient (Polak-Ribiere, restarted when negative). The line search is a secant on the
/// slope, never on energies, which round off first. Stops at `target` (largest force) or after the budget of
/// evaluations, or when round-off leaves no direction that descends; returns whether the target was reached.
///
/// A potential is anything with evaluate(positions, forces) and evaluations(), such as PotentialEnergy.
template <int Dim, class Potential>
bool conjugate_gradient(Potential& potential, Descent<Dim>& at, double target, long evaluation_budget,
                        Monitor& monitor);

/// FIRE (Bitzek et al., Phys. Rev. Lett. 97, 170201 (2006)) with the semi-implicit Euler step and a time step
/// bounded by 2 / sqrt(largest eigenvalue of H), which is estimated anew on the way.
template <int Dim>
bool fire(PotentialEnergy<Dim>& potential, Descent<Dim>& at, double target, long evaluation_budget,
          Monitor& monitor);

}  // namespace glassplast
