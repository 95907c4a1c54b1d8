#include <glassplast/relax/chord_newton.hpp>

#include <glassplast/errors.hpp>
#include <glassplast/relax/round_off.hpp>

#include <algorithm>
#include <cmath>

namespace glassplast {

namespace {

/// A factor is kept while each step leaves less than this part of the forces.
constexpr double good_contraction = 0.25;
/// A fresh factor that leaves more than this is of no use.
constexpr double poor_contraction = 0.9;
constexpr int iteration_budget = 100;

}  // namespace

template <int Dim>
bool ChordNewton<Dim>::refactor(PotentialEnergy<Dim>& potential, const Positions<Dim>& positions) {
    const ContactNetwork<Dim> network = potential.network(positions);
    ready_ = false;
    floor_ = round_off_force(network, positions);
    ++factorizations_;
    try {
        solver_.factorize(network, potential.box().fractional(positions));
    } catch (const InstabilityError&) {
        return false;
    }
    if (solver_.negative() > 0 || solver_.further_zero_modes() > 0) {
        return false;
    }
    const RigidCore<Dim>& core = solver_.core();
    rattlers_.clear();
    rattler_stiffness_.clear();
    std::vector<int> place(network.particles, -1);
    for (std::size_t i = 0; i < network.particles; ++i) {
        if (core.index[i] < 0) {
            place[i] = static_cast<int>(rattlers_.size());
            rattlers_.push_back(static_cast<int>(i));
        }
    }
    rattler_stiffness_.assign(rattlers_.size(), Matrix<Dim>::Zero());
    for (std::size_t k = 0; k < network.size() && !rattlers_.empty(); ++k) {
        for (const int i : {network.first[k], network.second[k]}) {
            const int r = place[static_cast<std::size_t>(i)];
            if (r >= 0) {
                const auto index = static_cast<Eigen::Index>(k);
                const Vector<Dim> n = network.direction.col(index);
                rattler_stiffness_[static_cast<std::size_t>(r)] += network.phi2(index) * n * n.transpose();
            }
        }
    }
    ready_ = true;
    return true;
}

template <int Dim>
Positions<Dim> ChordNewton<Dim>::step(const Positions<Dim>& forces) const {
    Positions<Dim> move = solver_.core().scatter(solver_.solve(solver_.core().gather(forces), false), 0.0);
    for (std::size_t r = 0; r < rattlers_.size(); ++r) {
        const Vector<Dim> force = forces.col(rattlers_[r]);
        const double curvature = force.dot(rattler_stiffness_[r] * force);
        if (curvature > 0.0) {
            move.col(rattlers_[r]) = force * (force.squaredNorm() / curvature);
        }
    }
    return move;
}

template <int Dim>
double ChordNewton<Dim>::core_force(const Positions<Dim>& forces) const {
    return std::sqrt(solver_.core().gather(forces).squaredNorm());
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
        const double before = core_force(at.forces);
        const Positions<Dim> move = step(at.forces);
        const double length = largest_norm<Dim>(move);
        if (!std::isfinite(length) || largest_norm<Dim>(at.positions + move - start) > reach) {
            if (!fresh && refactor(potential, at.positions)) {
                fresh = true;
                continue;
            }
            return Outcome::diverged;
        }
        Descent<Dim> next = at;
        next.positions += move;
        next.evaluation = potential.evaluate(next.positions, next.forces);
        const double after = core_force(next.forces);
        if (at.largest_force() <= floor_ && after > good_contraction * before) {
            if (next.largest_force() < at.largest_force()) {
                at = std::move(next);
            }
            return Outcome::round_off;
        }
        if (next.largest_force() <= target || after <= good_contraction * before ||
            at.largest_force() > before) {
            at = std::move(next);
            fresh = false;
            continue;
        }
        if (!fresh) {
            // The factor has aged. Keep what it gained, if anything.
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
