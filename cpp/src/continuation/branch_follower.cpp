#include <glassplast/continuation/branch_follower.hpp>

#include <glassplast/continuation/inverse_lanczos.hpp>
#include <glassplast/errors.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

namespace glassplast {

namespace {

/// A corrected point may lie at most this many step tolerances from its prediction.
constexpr double reach_factor = 4.0;
constexpr double first_step = 1e-4;
constexpr double largest_growth = 2.0;
/// Points of the branch are known to this displacement of a particle; a step that is shorter and still fails
/// ends the attempt.
constexpr double smallest_move = 1e-8;
constexpr double retrial_move = 1e-5;
/// Where no particle moves faster than this, as in a perfect lattice, displacements do not tell how short a
/// step is.
constexpr double still_speed = 1e-3;
constexpr double smallest_step_at_rest = 1e-7;
/// A cubic is not extrapolated further than this many times the step it was made on.
constexpr double longest_extrapolation = 4.0;
constexpr double smallest_shrinkage = 0.2;
/// The softest mode becomes the parameter when it carries the first fraction of the squared tangent, and is
/// given up as the parameter below the second.
constexpr double enter_share = 0.5;
constexpr double leave_share = 0.2;
/// A fold is found when its strain is known to this accuracy.
constexpr double fold_accuracy = 1e-14;
constexpr int search_budget = 40;
constexpr double maximum_accuracy = 1e-10;
/// The strain before a fold at which a second state is taken, whose softest mode must be that of the last
/// stable one.
constexpr double certificate_distance = 1e-6;

}  // namespace

Branch BranchFollower::follow(const Eigen::VectorXd& q, double gamma, double target) {
    branch_ = Branch();
    parameter_ = Parameter();
    previous_.reset();
    target_ = target;
    direction_ = target >= gamma ? 1.0 : -1.0;
    finished_ = false;
    BranchPoint start;
    if (!corrector_.correct(q, gamma, parameter_, reach_factor * options_.step_tolerance, 0) ||
        !corrector_.arrive(start, 0)) {
        std::ostringstream message;
        message << "the state at strain " << gamma
                << " is no minimum: Newton's method does not stay there, or H has negative eigenvalues";
        throw InstabilityError(message.str());
    }
    branch_.watched_slope = start.watched_rate / start.gamma_rate;
    if (branch_.watched_slope <= 0.0) {
        branch_.stress_maximum = gamma;
        branch_.largest_watched = start.watched;
    }
    const double speed = system_.largest_move(start.q_rate);
    step_ = direction_ * std::min(first_step, options_.step_tolerance / std::max(speed, 1e-300));
    accept(std::move(start), 0.0);
    while (!finished_ && current_.gamma != target_) {
        if ((options_.stop_at_maximum && branch_.stress_maximum) ||
            current_.watched >= options_.watched_limit) {
            break;
        }
        if (!advance() && !end_at_corner()) {
            std::ostringstream message;
            message.precision(12);
            message << "the elastic branch cannot be followed beyond strain " << current_.gamma
                    << ": every step is rejected, down to " << std::abs(step_)
                    << " (negative eigenvalues, a jump, or an energy that does not balance)";
            throw ConvergenceError(message.str());
        }
    }
    if (!branch_.fold) {
        branch_.q = current_.q;
        branch_.end_gamma = current_.gamma;
    }
    branch_.factorizations = corrector_.factorizations();
    return std::move(branch_);
}

void BranchFollower::accept(BranchPoint point, double length) {
    branch_.gamma.push_back(point.gamma);
    branch_.stress.push_back(point.stress);
    branch_.energy.push_back(point.energy);
    branch_.slope.push_back(point.slope());
    branch_.residual.push_back(length == 0.0 ? 0.0 : energy_residual(current_, point, length));
    if (length != 0.0) {
        previous_ = std::move(current_);
    }
    current_ = std::move(point);
}

bool BranchFollower::advance() {
    if (step()) {
        return true;
    }
    if (parameter_.natural()) {
        return false;
    }
    // Behind a corner the branch may go on in gamma, and back along the mode.
    return_to_gamma();
    step_ = direction_ * retrial_move / std::max(system_.largest_move(current_.q_rate), still_speed);
    return step();
}

bool BranchFollower::step() {
    const double speed = system_.largest_move(current_.q_rate);
    const double smallest =
        std::max(16.0 * std::numeric_limits<double>::epsilon() * std::max(1.0, std::abs(current_.gamma)),
                 speed < still_speed ? smallest_step_at_rest : smallest_move / speed);
    while (std::abs(step_) > smallest) {
        double length = step_;
        const bool last = parameter_.natural() && !(direction_ * (current_.gamma + length - target_) < 0.0);
        if (last) {
            length = target_ - current_.gamma;
        }
        Eigen::VectorXd q = current_.q + length * current_.q_rate;
        double gamma = last ? target_ : current_.gamma + length * current_.gamma_rate;
        if (previous_) {
            const BranchPoint& before = *previous_;
            const double span =
                parameter_.value(current_.q, current_.gamma) - parameter_.value(before.q, before.gamma);
            if (std::abs(length) <= longest_extrapolation * std::abs(span)) {
                q = hermite<Eigen::VectorXd>(before.q, before.q_rate, current_.q, current_.q_rate, span,
                                             span + length);
                if (!parameter_.natural()) {
                    gamma = hermite(before.gamma, before.gamma_rate, current_.gamma, current_.gamma_rate,
                                    span, span + length);
                    // Set the parameter exactly; the prediction of q has it only up to round-off.
                    q += (parameter_.value(current_.q, 0.0) + length - parameter_.value(q, 0.0)) *
                         parameter_.direction;
                }
            }
        }
        // An extrapolation would multiply the round-off of translations, which no corrector takes back.
        Eigen::VectorXd change = q - current_.q;
        system_.project(change);
        q = current_.q + change;
        const double reach = reach_factor * options_.step_tolerance;
        const int allowed = parameter_.natural() ? 0 : 1;
        BranchPoint next;
        bool good =
            corrector_.correct(q, gamma, parameter_, reach, allowed) && corrector_.arrive(next, allowed);
        double error = reach;
        if (good) {
            error = system_.largest_move(next.q - q);
            parameter_.scale(next);
            const bool rising = direction_ * next.gamma_rate > 0.0;
            good = (parameter_.natural() || next.negative == (rising ? 0 : 1)) &&
                   std::abs(energy_residual(current_, next, length)) <= options_.energy_tolerance;
        }
        if (!good) {
            ++branch_.rejected;
            step_ = 0.4 * length;
            continue;
        }
        // The prediction errs with the fourth power of the step.
        const double growth =
            std::clamp(0.9 * std::pow(options_.step_tolerance / std::max(error, 1e-300), 0.25),
                       smallest_shrinkage, largest_growth);
        step_ = growth * (last ? step_ : length);
        if (parameter_.natural()) {
            step_ = std::copysign(std::min(std::abs(step_), options_.largest_step), direction_);
        }
        const BranchPoint from = current_;
        if (!parameter_.natural() && next.negative > 0) {
            land(from, next, length);
            return true;
        }
        if (!parameter_.natural() && passes(next.gamma)) {
            return reach_target();
        }
        accept(std::move(next), length);
        const BranchPoint to = current_;
        choose_parameter();
        find_stress_maximum(from, to, length);
        return true;
    }
    return false;
}

void BranchFollower::return_to_gamma() {
    step_ *= current_.gamma_rate;
    parameter_ = Parameter();
    parameter_.scale(current_);
    if (previous_) {
        parameter_.scale(*previous_);
    }
}

void BranchFollower::choose_parameter() {
    if (parameter_.natural() && system_.largest_move(current_.q_rate) < still_speed) {
        return;
    }
    Eigen::VectorXd mode = system_.solve(system_.solve(current_.q_rate));
    mode.normalize();
    double along = mode.dot(current_.q_rate);
    const double share = along * along / current_.q_rate.squaredNorm();
    if (parameter_.natural() ? share < enter_share : share < leave_share) {
        if (!parameter_.natural()) {
            return_to_gamma();
        }
        return;
    }
    if (share < enter_share) {
        // Another mode takes over. Until it is the only one, the tangent itself is the direction that never
        // fails.
        mode = current_.q_rate.normalized();
        along = current_.q_rate.norm();
    }
    // The mode points forward along the branch.
    const double sense = parameter_.natural() ? direction_ : 1.0;
    if (sense * along < 0.0) {
        mode = -mode;
    }
    step_ = std::abs(step_ * along);
    parameter_.direction = std::move(mode);
    parameter_.scale(current_);
    if (previous_) {
        const double before = parameter_.direction.dot(previous_->q_rate);
        if (before * sense > 0.0 && parameter_.value(current_.q, 0.0) > parameter_.value(previous_->q, 0.0)) {
            parameter_.scale(*previous_);
        } else {
            previous_.reset();
        }
    }
    if (previous_) {
        // Aim just beyond the fold, if the rate at which gamma slows down tells where it is.
        const double span = parameter_.value(current_.q, 0.0) - parameter_.value(previous_->q, 0.0);
        const double slowing = (previous_->gamma_rate - current_.gamma_rate) / span;
        if (slowing * direction_ > 0.0) {
            step_ = std::min(step_, 1.5 * current_.gamma_rate / slowing);
        }
    }
}

bool BranchFollower::reach_target() {
    // The corrector stands at a point beyond the target; the target lies between it and the current point.
    BranchPoint beyond;
    if (!corrector_.arrive(beyond, 1)) {
        return false;
    }
    parameter_.scale(beyond);
    const double length =
        parameter_.value(beyond.q, beyond.gamma) - parameter_.value(current_.q, current_.gamma);
    double low = 0.0;
    double high = length;
    for (int k = 0; k < 100; ++k) {
        const double middle = 0.5 * (low + high);
        const double gamma =
            hermite(current_.gamma, current_.gamma_rate, beyond.gamma, beyond.gamma_rate, length, middle);
        (passes(gamma) ? high : low) = middle;
    }
    const auto q =
        hermite<Eigen::VectorXd>(current_.q, current_.q_rate, beyond.q, beyond.q_rate, length, low);
    BranchPoint end;
    if (!corrector_.polish(q, target_, reach_factor * options_.step_tolerance) ||
        !corrector_.arrive(end, 0)) {
        return false;
    }
    const BranchPoint from = current_;
    parameter_.scale(end);
    const double span = parameter_.value(end.q, end.gamma) - parameter_.value(from.q, from.gamma);
    accept(end, span);
    find_stress_maximum(from, end, span);
    finished_ = true;
    return true;
}

void BranchFollower::find_stress_maximum(const BranchPoint& from, const BranchPoint& to, double length) {
    // These two points are scaled alike, whatever the parameter has become since.
    const Eigen::VectorXd chord = to.q - from.q;
    const bool natural = from.gamma_rate == 1.0 && to.gamma_rate == 1.0;
    const auto climb = [&](const BranchPoint& point) {
        return natural ? point.watched_rate : direction_ * point.watched_rate;
    };
    if (branch_.stress_maximum || climb(from) <= 0.0 || climb(to) > 0.0) {
        return;
    }
    BranchPoint low = from;
    BranchPoint high = to;
    double span = length;
    Parameter between = parameter_;
    if (natural) {
        between = Parameter();
    } else if (between.natural()) {
        between.direction = chord.normalized();
    }
    between.scale(low);
    between.scale(high);
    span = between.value(high.q, high.gamma) - between.value(low.q, low.gamma);
    for (int k = 0; k < search_budget && span != 0.0; ++k) {
        const double place =
            hermite_extremum(low.watched, low.watched_rate, high.watched, high.watched_rate, span);
        const auto q = hermite<Eigen::VectorXd>(low.q, low.q_rate, high.q, high.q_rate, span, place);
        const double gamma =
            natural ? low.gamma + place
                    : hermite(low.gamma, low.gamma_rate, high.gamma, high.gamma_rate, span, place);
        branch_.stress_maximum = gamma;
        branch_.largest_watched =
            hermite(low.watched, low.watched_rate, high.watched, high.watched_rate, span, place);
        BranchPoint middle;
        if (std::abs(high.gamma - low.gamma) < maximum_accuracy ||
            !corrector_.correct(q, gamma, between, reach_factor * options_.step_tolerance, natural ? 0 : 1) ||
            !corrector_.arrive(middle, natural ? 0 : 1)) {
            return;
        }
        between.scale(middle);
        const double before = branch_.stress_maximum.value();
        (climb(middle) > 0.0 ? low : high) = middle;
        span = between.value(high.q, high.gamma) - between.value(low.q, low.gamma);
        const double better =
            hermite_extremum(low.watched, low.watched_rate, high.watched, high.watched_rate, span);
        branch_.stress_maximum =
            natural ? low.gamma + better
                    : hermite(low.gamma, low.gamma_rate, high.gamma, high.gamma_rate, span, better);
        branch_.largest_watched =
            hermite(low.watched, low.watched_rate, high.watched, high.watched_rate, span, better);
        if (std::abs(*branch_.stress_maximum - before) < maximum_accuracy) {
            return;
        }
    }
}

void BranchFollower::land(const BranchPoint& stable, const BranchPoint& beyond, double length) {
    BranchPoint low = stable;
    BranchPoint high = beyond;
    BranchPoint turning = beyond;
    double span = length;
    double slowing = 0.0;
    for (int k = 0; k < search_budget; ++k) {
        const double place = hermite_extremum(low.gamma, low.gamma_rate, high.gamma, high.gamma_rate, span);
        auto q = hermite<Eigen::VectorXd>(low.q, low.q_rate, high.q, high.q_rate, span, place);
        const double gamma = hermite(low.gamma, low.gamma_rate, high.gamma, high.gamma_rate, span, place);
        if (!corrector_.correct(q, gamma, parameter_, reach_factor * options_.step_tolerance, 1) ||
            !corrector_.arrive(turning, 1)) {
            // There may be a corner between the two points.
            step_ = 0.4 * length;
            ++branch_.rejected;
            return;
        }
        parameter_.scale(turning);
        const bool rising = direction_ * turning.gamma_rate > 0.0;
        const BranchPoint& other = rising ? high : low;
        slowing = (turning.gamma_rate - other.gamma_rate) /
                  (parameter_.value(turning.q, 0.0) - parameter_.value(other.q, 0.0));
        const double left = turning.gamma_rate * turning.gamma_rate / (2.0 * std::abs(slowing));
        (rising ? low : high) = turning;
        span = parameter_.value(high.q, 0.0) - parameter_.value(low.q, 0.0);
        if (left < fold_accuracy || !(span > 0.0)) {
            break;
        }
    }
    if (std::abs(energy_residual(stable, turning,
                                 parameter_.value(turning.q, 0.0) - parameter_.value(stable.q, 0.0))) >
        options_.energy_tolerance) {
        // Not with this step; try again nearer to the fold.
        step_ = 0.4 * length;
        ++branch_.rejected;
        return;
    }
    Fold fold;
    const double rest = turning.gamma_rate * turning.gamma_rate / (2.0 * slowing);
    fold.gamma = turning.gamma - rest;
    fold.q = turning.q - turning.gamma_rate / slowing * turning.q_rate;
    fold.energy = turning.energy;
    fold.stress = turning.stress;
    fold.watched = turning.watched;
    fold.mode = turning.q_rate.normalized();
    const double turn = parameter_.direction.dot(fold.mode);
    fold.curvature = slowing * turn * turn;
    system_.move(turning.q, turning.gamma);
    // Forces are known only up to round-off.
    const double push = std::abs(fold.mode.dot(system_.gradient())) + system_.force_floor();
    fold.uncertainty = std::abs(rest) + push / std::abs(fold.mode.dot(system_.mixed())) +
                       std::numeric_limits<double>::epsilon() * std::abs(fold.gamma);
    if (passes(fold.gamma)) {
        // The corrector must stand beyond the target.
        if (!corrector_.correct(turning.q, turning.gamma, parameter_, reach_factor * options_.step_tolerance,
                                1) ||
            !reach_target()) {
            throw ConvergenceError(
                "the target lies next to the end of a branch, and Newton's method fails there");
        }
        return;
    }
    const double whole = parameter_.value(turning.q, 0.0) - parameter_.value(stable.q, 0.0);
    if (!describe_fold(fold, stable, turning, whole)) {
        step_ = 0.4 * length;
        ++branch_.rejected;
        return;
    }
    find_stress_maximum(stable, turning, whole);
    turning.gamma = fold.gamma;
    accept(turning, whole);
    branch_.q = fold.q;
    branch_.end_gamma = fold.gamma;
    branch_.fold = std::move(fold);
    finished_ = true;
}

bool BranchFollower::describe_fold(Fold& fold, const BranchPoint& stable, const BranchPoint& turning,
                                   double length) {
    const double available = std::abs(fold.gamma - branch_.gamma.front());
    const auto state_before = [&](double distance) {
        const double gamma = fold.gamma - direction_ * distance;
        Eigen::VectorXd q = fold.q - std::sqrt(2.0 * distance / std::abs(fold.curvature)) * fold.mode;
        if (direction_ * (gamma - stable.gamma) > 0.0) {
            double low = 0.0;
            double high = length;
            for (int k = 0; k < 100; ++k) {
                const double middle = 0.5 * (low + high);
                const double there = hermite(stable.gamma, stable.gamma_rate, turning.gamma,
                                             turning.gamma_rate, length, middle);
                (direction_ * (there - gamma) > 0.0 ? high : low) = middle;
            }
            q = hermite<Eigen::VectorXd>(stable.q, stable.q_rate, turning.q, turning.q_rate, length, low);
        }
        return corrector_.polish(q, gamma, before_reach) && corrector_.arrive(before_, 0);
    };
    if (!state_before(std::min(before_distance, 0.5 * available))) {
        return false;
    }
    record_before(fold);
    fold.overlap = std::numeric_limits<double>::quiet_NaN();
    if (available > 2.0 * certificate_distance && state_before(certificate_distance)) {
        double eigenvalue = 0.0;
        fold.overlap = std::abs(fold.before_mode.dot(softest_mode(fold.before_mode, eigenvalue)));
    }
    return true;
}

void BranchFollower::record_before(Fold& fold) const {
    fold.before_gamma = before_.gamma;
    fold.before_q = before_.q;
    fold.before_energy = before_.energy;
    fold.before_stress = before_.stress;
    fold.before_mode = softest_mode(system_.displacement(fold.mode), fold.before_eigenvalue);
}

Eigen::VectorXd BranchFollower::softest_mode(const Eigen::VectorXd& start, double& eigenvalue) const {
    const RitzVectors found =
        inverse_lanczos(start, [this](const Eigen::VectorXd& force) { return system_.response(force); });
    // Take the mode that resembles the start most.
    Eigen::Index best = 0;
    (found.vectors.transpose() * start).cwiseAbs().maxCoeff(&best);
    Eigen::VectorXd mode = found.vectors.col(best);
    if (mode.dot(start) < 0.0) {
        mode = -mode;
    }
    eigenvalue = mode.dot(system_.stiffness(mode));
    return mode;
}

}  // namespace glassplast
