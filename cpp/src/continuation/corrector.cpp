#include <glassplast/continuation/corrector.hpp>

#include <glassplast/errors.hpp>

#include <algorithm>
#include <cmath>

namespace glassplast {

namespace {

/// A factor is kept while each iteration leaves less than this fraction of the forces.
constexpr double good_contraction = 0.25;
constexpr int iteration_budget = 40;
/// Forces may grow this many times with a new factor: where a contact closes, H is once that of the other
/// side.
constexpr int allowed_setbacks = 2;
/// Forces that are within this factor of their round-off and no longer fall are as small as they get.
constexpr double round_off_margin = 8.0;

}  // namespace

void Parameter::scale(BranchPoint& point) const {
    const double rate = natural() ? point.gamma_rate : direction.dot(point.q_rate);
    point.q_rate /= rate;
    point.gamma_rate /= rate;
    point.stress_rate /= rate;
    point.watched_rate /= rate;
}

double Corrector::target() const {
    return std::max(tolerance_, system_.force_floor());
}

bool Corrector::refactor(int allowed) {
    ++factorizations_;
    ready_ = false;
    try {
        negative_ = system_.factorize();
    } catch (const InstabilityError&) {
        return false;
    }
    if (negative_ > allowed) {
        return false;
    }
    velocity_ = -system_.solve(system_.mixed());
    ready_ = velocity_.allFinite();
    return ready_;
}

bool Corrector::correct(const Eigen::VectorXd& q, double gamma, const Parameter& parameter, double reach,
                        int allowed) {
    const double wanted = parameter.value(q, gamma);
    gamma_ = gamma;
    system_.move(q, gamma_);
    if (!ready_ && !refactor(allowed)) {
        return false;
    }
    double force = system_.largest_force();
    bool fresh = false;
    int setbacks = 0;
    for (int iteration = 0; iteration < iteration_budget; ++iteration) {
        monitor_(gamma_, force);
        if (!system_.settle(target())) {
            if (!refactor(allowed)) {
                return false;
            }
            fresh = true;
        }
        force = system_.largest_force();
        const Eigen::VectorXd here = system_.coordinates();
        const double off = parameter.natural() ? 0.0 : wanted - parameter.value(here, gamma_);
        if (force <= target()) {
            return true;
        }
        Eigen::VectorXd step = -system_.solve(system_.gradient());
        if (!parameter.natural()) {
            const double change = (off - parameter.direction.dot(step)) / parameter.direction.dot(velocity_);
            step += change * velocity_;
            gamma_ += change;
        }
        const Eigen::VectorXd next = here + step;
        if (!(system_.largest_move(next - q) <= reach)) {
            return false;
        }
        system_.move(next, gamma_);
        const double before = force;
        force = system_.largest_force();
        if (force <= target() || force <= good_contraction * before) {
            fresh = false;
            continue;
        }
        if (std::max(force, before) <= round_off_margin * system_.force_floor()) {
            return system_.settle(target());
        }
        if (fresh && force > before && ++setbacks > allowed_setbacks) {
            return false;
        }
        if (!refactor(allowed)) {
            return false;
        }
        fresh = true;
    }
    return false;
}

bool Corrector::arrive(BranchPoint& point, int allowed) {
    if (!refactor(allowed)) {
        return false;
    }
    point.q = system_.coordinates();
    point.gamma = gamma_;
    point.energy = system_.energy();
    point.stress = system_.stress();
    point.negative = negative_;
    point.q_rate = velocity_;
    point.gamma_rate = 1.0;
    point.stress_rate = system_.born() + system_.mixed().dot(velocity_);
    point.watched = system_.watched_stress();
    point.watched_rate = system_.watched_born() + system_.watched_mixed().dot(velocity_);
    return true;
}

bool Corrector::polish(const Eigen::VectorXd& q, double gamma, double reach) {
    gamma_ = gamma;
    system_.move(q, gamma);
    double best = system_.largest_force();
    for (int iteration = 0; iteration < iteration_budget; ++iteration) {
        if (!refactor(0)) {
            return false;
        }
        if (!system_.settle(target())) {
            continue;
        }
        const Eigen::VectorXd next = system_.coordinates() - system_.solve(system_.gradient());
        if (!(system_.largest_move(next - q) <= reach)) {
            return false;
        }
        const Eigen::VectorXd previous = system_.coordinates();
        system_.move(next, gamma);
        const double force = system_.largest_force();
        // Below the tolerance the iteration goes on as long as it helps, because the state moves by the force
        // over the softest stiffness.
        if (force > 0.5 * best && force <= target()) {
            if (force > best) {
                system_.move(previous, gamma);
            }
            return system_.settle(target());
        }
        if (iteration > 5 && force > best) {
            return false;
        }
        best = std::min(best, force);
    }
    return false;
}

}  // namespace glassplast
