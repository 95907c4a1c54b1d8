#include <glassplast/relax/chord_newton.hpp>

#include <glassplast/errors.hpp>
#include <glassplast/relax/round_off.hpp>

#include <algorithm>
#include <cmath>

namespace glassplast {

namespace {

/// A factor is kept while each step leaves less than this fraction of the forces.
constexpr double good_contraction = 0.25;
/// A fresh factor that leaves more than this fraction is of no use.
constexpr double poor_contraction = 0.9;
constexpr int iteration_budget = 100;

}  // namespace

template <int Dim>
bool ChordNewton<Dim>::refactor(PotentialEnergy<Dim>& potential, const Positions<Dim>& positions) {
    ready_ = false;
    ++factorizations_;
    try {
        solver_.factorize(potential, positions, pattern_margin);
    } catch (const InstabilityError&) {
        return false;
    }
    const StiffnessNetwork<Dim>& network = solver_.network();
    floor_ = round_off_force(network, positions);
    if (solver_.negative() > 0 || solver_.further_zero_modes() > 0) {
        return false;
    }
    rattlers_.set(solver_.core());
    ready_ = true;
    rattlers_.refresh(network);
    return true;
}

template <int Dim>
Positions<Dim> ChordNewton<Dim>::core_step(const Positions<Dim>& forces) const {
    const Eigen::MatrixXd step = solver_.solve(flat<Dim>(forces), false);
    return Eigen::Map<const Positions<Dim>>(step.data(), Dim, forces.cols());
}

template <int Dim>
double ChordNewton<Dim>::core_force(const Positions<Dim>& forces) const {
    double sum = 0.0;
    for (const int i : solver_.core().particles) {
        sum += forces.col(i).squaredNorm();
    }
    return std::sqrt(sum);
}

template <int Dim>
typename ChordNewton<Dim>::Outcome ChordNewton<Dim>::correct(PotentialEnergy<Dim>& potential,
                                                             Descent<Dim>& at, double target, double reach,
                                                             Monitor& monitor) {
    const Positions<Dim> start = at.positions;
    bool fresh = false;
    if (!ready_) {
        if (!refactor(potential, at.positions)) {
            return Outcome::unstable;
        }
        fresh = true;
    }
    for (int iteration = 0; iteration < iteration_budget; ++iteration) {
        if (at.largest_force() <= target) {
            return Outcome::converged;
        }
        monitor(static_cast<double>(potential.evaluations()), at.largest_force());
        if (rattlers_.largest_force(at.forces) > target &&
            !rattlers_.refresh(potential.stiffness(at.positions))) {
            if (!refactor(potential, at.positions)) {
                return Outcome::unstable;
            }
            fresh = true;
        }
        const double before = core_force(at.forces);
        const Positions<Dim> core_move = core_step(at.forces);
        Positions<Dim> from_start = at.positions + core_move - start;
        for (const int i : rattlers_.particles()) {
            from_start.col(i).setZero();
        }
        const double distance = largest_norm<Dim>(from_start);
        if (!(distance <= reach)) {
            if (!fresh && refactor(potential, at.positions)) {
                fresh = true;
                continue;
            }
            return Outcome::diverged;
        }
        Descent<Dim> next = at;
        next.positions += core_move + rattlers_.step(at.forces);
        next.evaluation = potential.evaluate(next.positions, next.forces);
        const double after = core_force(next.forces);
        if (at.largest_force() <= floor_ && after > good_contraction * before) {
            if (next.largest_force() < at.largest_force()) {
                at = std::move(next);
            }
            return Outcome::round_off;
        }
        if (next.largest_force() <= target || after <= good_contraction * before ||
            rattlers_.largest_force(at.forces) > before) {
            at = std::move(next);
            fresh = false;
            continue;
        }
        if (!fresh) {
            // The factor is out of date. Keep the progress that it made, if any.
            if (after < before) {
                at = std::move(next);
            }
            if (!refactor(potential, at.positions)) {
                return Outcome::unstable;
            }
            fresh = true;
            continue;
        }
        if (after > poor_contraction * before) {
            return Outcome::diverged;
        }
        at = std::move(next);
        if (!refactor(potential, at.positions)) {
            return Outcome::unstable;
        }
    }
    return at.largest_force() <= target ? Outcome::converged : Outcome::diverged;
}

template class ChordNewton<2>;
template class ChordNewton<3>;

}  // namespace glassplast
