#pragma once

#include <glassplast/relax/descent.hpp>

#include <algorithm>
#include <cmath>

namespace glassplast {

namespace line_search {

/// No particle moves further than this in one line search: a tenth of the unit of length, which is the
/// diameter of a typical particle in every model.
inline constexpr double largest_move = 0.1;
/// A line search ends when the slope along it has fallen to this fraction of the slope at its start.
inline constexpr double slope_tolerance = 0.2;
inline constexpr int trials = 12;

}  // namespace line_search

template <int Dim, class Potential>
bool conjugate_gradient(Potential& potential, Descent<Dim>& at, double target, long evaluation_budget,
                        Monitor& monitor) {
    const long last = potential.evaluations() + evaluation_budget;
    Positions<Dim> direction = at.forces;
    const Positions<Dim>& forces = at.forces;
    double step = 0.0;
    double previous_slope = 0.0;
    int failures = 0;
    while (at.largest_force() > target) {
        if (potential.evaluations() >= last) {
            return false;
        }
        monitor(static_cast<double>(potential.evaluations()), at.largest_force());
        const double slope = forces.cwiseProduct(direction).sum();
        const double reach = largest_norm<Dim>(direction);
        const double longest = line_search::largest_move / reach;
        // The first trial: the last accepted step, scaled to the same expected fall of the energy.
        double trial = step > 0.0 ? step * previous_slope / slope : 1e-3 / std::max(reach, 1e-300);
        trial = std::min(trial, longest);

        const Descent<Dim> start = at;
        double low = 0.0;
        double low_slope = slope;
        double high = -1.0;
        double high_slope = 0.0;
        bool accepted = false;
        for (int attempt = 0; attempt < line_search::trials; ++attempt) {
            at.positions = start.positions + trial * direction;
            at.evaluation = potential.evaluate(at.positions, at.forces);
            const double here = forces.cwiseProduct(direction).sum();
            if (std::abs(here) <= line_search::slope_tolerance * slope || (here > 0.0 && trial >= longest)) {
                accepted = true;
                break;
            }
            if (here > 0.0) {
                const double secant =
                    low_slope > here ? (trial - low) * here / (low_slope - here) : 4.0 * trial;
                low = trial;
                low_slope = here;
                trial = high > 0.0 ? low + (high - low) * low_slope / (low_slope - high_slope)
                                   : trial + std::clamp(secant, 0.1 * trial, 4.0 * trial);
            } else {
                high = trial;
                high_slope = here;
                trial = low + (high - low) * low_slope / (low_slope - high_slope);
            }
            if (high > 0.0) {
                // Kept away from the ends of the bracket, since a secant can creep along a curved slope.
                trial = std::clamp(trial, low + 0.05 * (high - low), high - 0.05 * (high - low));
            }
            trial = std::min(trial, longest);
        }
        if (!accepted && at.evaluation.energy > start.evaluation.energy) {
            at = start;
            if (++failures > 1) {
                return false;
            }
            direction = at.forces;
            step = 0.0;
            continue;
        }
        failures = 0;
        step = trial;
        previous_slope = slope;
        const double before = start.forces.squaredNorm();
        const double beta = std::max(0.0, forces.cwiseProduct(forces - start.forces).sum() / before);
        direction = forces + beta * direction;
        if (forces.cwiseProduct(direction).sum() <= 0.0) {
            direction = forces;
        }
    }
    return true;
}

}  // namespace glassplast
