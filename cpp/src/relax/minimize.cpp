#include <glassplast/relax/minimize.hpp>

#include <glassplast/relax/round_off.hpp>

#include <algorithm>
#include <cmath>

namespace glassplast {

namespace {

/// Newton's method takes over at this fraction of the typical pair force, and tries again at each tenth of
/// that.
constexpr double handover_fraction = 1e-2;
/// As long as Newton's method moves no particle further than this, the state is taken to be in the same
/// basin. The unit is that of length, the diameter of a typical particle.
constexpr double newton_reach = 0.1;
/// Below this fraction of the typical pair force, Newton's method is not tried any more.
constexpr double last_handover = 1e-9;

template <int Dim>
double typical_pair_force(PotentialEnergy<Dim>& potential, const Positions<Dim>& positions) {
    Eigen::VectorXd force = potential.stiffness(positions).phi1.cwiseAbs();
    if (force.size() == 0) {
        return 1.0;
    }
    double* const middle = force.data() + force.size() / 2;
    std::nth_element(force.data(), middle, force.data() + force.size());
    return *middle > 0.0 ? *middle : 1.0;
}

template <int Dim>
double largest_shift(const Positions<Dim>& from, const Positions<Dim>& to) {
    const Positions<Dim> moved = to - from;
    return largest_norm<Dim>(moved.colwise() - moved.rowwise().mean());
}

}  // namespace

template <int Dim>
Relaxation<Dim> minimize(PotentialEnergy<Dim>& potential, const Positions<Dim>& positions,
                         const RelaxOptions& options, Monitor& monitor) {
    const long before = potential.evaluations();
    const long last = before + options.evaluation_budget;
    Descent<Dim> at(potential, positions);
    Relaxation<Dim> result;
    result.first_force = at.largest_force();

    ChordNewton<Dim> newton;
    using Outcome = typename ChordNewton<Dim>::Outcome;
    const double scale = typical_pair_force(potential, positions);
    double handover = handover_fraction * scale;
    bool done = at.largest_force() <= options.tolerance;
    result.stop = Stop::converged;
    while (!done) {
        const bool polishing = options.polish && handover > last_handover * scale;
        const double floor = round_off_force(potential.stiffness(at.positions), at.positions);
        const double target = std::max(options.tolerance, polishing ? handover : floor);
        const long budget = last - potential.evaluations();
        const bool reached = options.method == Method::fire
                                 ? fire(potential, at, target, budget, monitor)
                                 : conjugate_gradient(potential, at, target, budget, monitor);
        if (reached && at.largest_force() <= options.tolerance) {
            break;
        }
        if (potential.evaluations() >= last) {
            result.stop = Stop::budget;
            break;
        }
        if (!polishing) {
            // The round-off floor at a hot start is that of its stiffest contacts, so it is computed again at
            // the end.
            if (reached && round_off_force(potential.stiffness(at.positions), at.positions) < 0.5 * floor) {
                continue;
            }
            result.stop = Stop::round_off;
            break;
        }
        Descent<Dim> trial = at;
        newton.forget();
        const Outcome outcome = newton.correct(potential, trial, options.tolerance, newton_reach, monitor);
        if (outcome == Outcome::converged || outcome == Outcome::round_off) {
            at = std::move(trial);
            result.stop = outcome == Outcome::converged ? Stop::converged : Stop::round_off;
            done = true;
        } else {
            handover = 0.1 * std::min(handover, at.largest_force());
        }
    }

    result.energy = at.evaluation.energy;
    result.stress = at.evaluation.virial / potential.box().volume();
    result.largest_force = at.largest_force();
    result.largest_displacement = largest_shift<Dim>(positions, at.positions);
    result.evaluations = potential.evaluations() - before;
    result.factorizations = newton.factorizations();
    result.positions = std::move(at.positions);
    result.forces = std::move(at.forces);
    return result;
}

template Relaxation<2> minimize<2>(PotentialEnergy<2>&, const Positions<2>&, const RelaxOptions&, Monitor&);
template Relaxation<3> minimize<3>(PotentialEnergy<3>&, const Positions<3>&, const RelaxOptions&, Monitor&);

}  // namespace glassplast
