#include <glassplast/continuation/branch_follower.hpp>
#include <glassplast/continuation/inverse_lanczos.hpp>
#include <glassplast/errors.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace glassplast {

namespace {

/// A polished state is looked for at strains between these before the last point, and the corner at strains
/// between these beyond it.
constexpr double shortest = 1e-14;
constexpr double furthest = 1e-6;
constexpr double growth = 10.0;
constexpr int bisections = 20;
/// From this close, the tangent is followed to the corner; from further away, a nearer state is taken first.
constexpr double close = 1e-10;
constexpr int approaches = 5;

}  // namespace

bool BranchFollower::end_at_corner() {
    // Where one contact opens or closes, H changes by a matrix of rank one. If it stays positive definite the
    // branch goes on; if not, it turns back, and so this is its end. A particle that keeps two contacts in
    // line is not part of H any more, and buckles.
    parameter_ = Parameter();
    parameter_.scale(current_);
    const BranchPoint from = current_;
    // Newton's method must not go around the corner; if it does, fewer particles carry load.
    const auto bearing = [](const BranchPoint& point) { return (point.q_rate.array() != 0.0).count(); };
    const auto stable_state = [&](double distance) {
        const double back = -direction_ * distance;
        return corrector_.polish(current_.q + back * current_.q_rate, current_.gamma + back, before_reach) &&
               corrector_.arrive(before_, 0) && bearing(before_) >= bearing(from);
    };
    double back = 0.0;
    while (!stable_state(back)) {
        back = std::max(shortest, growth * back);
        if (back > furthest) {
            return false;
        }
    }
    BranchPoint last = before_;
    const auto move_beyond = [&](double distance) {
        system_.move(last.q + direction_ * distance * last.q_rate, last.gamma + direction_ * distance);
        return system_.factorize() == 0 && system_.buckling(last.q_rate).size() == 0;
    };
    double inside = 0.0;
    double beyond = 0.0;
    try {
        for (int approach = 0; approach < approaches; ++approach) {
            inside = 0.0;
            beyond = shortest;
            while (move_beyond(beyond)) {
                inside = beyond;
                beyond *= growth;
                if (beyond > furthest) {
                    return false;
                }
            }
            for (int k = 0; k < bisections; ++k) {
                const double middle = 0.5 * (inside + beyond);
                (move_beyond(middle) ? inside : beyond) = middle;
            }
            current_ = last;
            if (beyond < close || !stable_state(-inside)) {
                break;
            }
            last = before_;
        }
        move_beyond(beyond);
    } catch (const InstabilityError&) {
        return false;
    }
    Fold fold;
    fold.mode = system_.buckling(last.q_rate);
    if (fold.mode.size() == 0) {
        const RitzVectors found = inverse_lanczos(
            last.q_rate, [this](const Eigen::VectorXd& right) { return system_.solve(right); });
        if (!(found.values(0) < 0.0)) {
            return false;
        }
        fold.mode = found.vectors.col(0);
    }
    fold.gamma = last.gamma + direction_ * beyond;
    fold.q = last.q + direction_ * beyond * last.q_rate;
    fold.energy = system_.energy();
    fold.stress = system_.stress();
    fold.watched = system_.watched_stress();
    fold.uncertainty = beyond + system_.force_floor() / system_.mixed().norm() +
                       std::numeric_limits<double>::epsilon() * std::abs(fold.gamma);
    // Go along the force that a further strain leaves.
    const double further = direction_ * (beyond + furthest);
    system_.move(last.q + further * last.q_rate, last.gamma + further);
    if (fold.mode.dot(system_.gradient()) > 0.0) {
        fold.mode = -fold.mode;
    }
    fold.curvature = std::numeric_limits<double>::quiet_NaN();
    fold.overlap = std::numeric_limits<double>::quiet_NaN();
    BranchPoint end = last;
    end.gamma = fold.gamma;
    end.q = fold.q;
    end.energy = fold.energy;
    end.stress = fold.stress;
    if (direction_ * (end.gamma - branch_.gamma.back()) > 0.0) {
        current_ = from;
        accept(end, end.gamma - from.gamma);
    }
    // Take the last stable state, or a nearer one if a contact changes between it and the corner.
    const double available = std::abs(fold.gamma - branch_.gamma.front());
    current_ = last;
    double distance = std::min(before_distance, 0.5 * available);
    while (!stable_state(distance)) {
        distance /= growth;
        if (distance < shortest) {
            return false;
        }
    }
    record_before(fold);
    branch_.q = fold.q;
    branch_.end_gamma = fold.gamma;
    branch_.fold = std::move(fold);
    finished_ = true;
    return true;
}

}  // namespace glassplast
