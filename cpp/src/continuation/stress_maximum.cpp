#include <glassplast/continuation/branch_follower.hpp>

#include <algorithm>
#include <cmath>

namespace glassplast {

namespace {

constexpr double maximum_accuracy = 1e-10;
constexpr int root_budget = 40;
/// A maximum is looked for between two points where the stress rises if the cubic between them is flatter
/// than this fraction of the smaller slope at its ends; and so often in a part of what was looked at.
constexpr double suspicious_flatness = 0.5;
constexpr int deepest_search = 6;

}  // namespace

void BranchFollower::find_stress_maximum(const BranchPoint& from, const BranchPoint& to, double length) {
    // These two points are scaled alike, whatever the parameter has become since.
    const Eigen::VectorXd chord = to.q - from.q;
    const bool natural = from.gamma_rate == 1.0 && to.gamma_rate == 1.0;
    const auto climb = [&](const BranchPoint& point) {
        return natural ? point.watched_rate : direction_ * point.watched_rate;
    };
    if (branch_.stress_maximum || climb(from) <= 0.0) {
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
    if (climb(high) > 0.0 && !enclose_maximum(low, high, between, deepest_search)) {
        return;
    }
    span = between.value(high.q, high.gamma) - between.value(low.q, low.gamma);
    for (int k = 0; k < root_budget && span != 0.0; ++k) {
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

bool BranchFollower::enclose_maximum(BranchPoint& low, BranchPoint& high, const Parameter& between,
                                     int depth) {
    const double sense = between.natural() ? 1.0 : direction_;
    const double span = between.value(high.q, high.gamma) - between.value(low.q, low.gamma);
    const double place =
        hermite_flattest(low.watched, low.watched_rate, high.watched, high.watched_rate, span);
    const double flattest =
        hermite_slope(low.watched, low.watched_rate, high.watched, high.watched_rate, span, place);
    const double smaller = std::min(sense * low.watched_rate, sense * high.watched_rate);
    if (depth == 0 || !(sense * flattest < suspicious_flatness * smaller)) {
        return false;
    }
    const auto q = hermite<Eigen::VectorXd>(low.q, low.q_rate, high.q, high.q_rate, span, place);
    const double gamma = hermite(low.gamma, low.gamma_rate, high.gamma, high.gamma_rate, span, place);
    const int allowed = between.natural() ? 0 : 1;
    BranchPoint middle;
    if (!corrector_.correct(q, gamma, between, reach_factor * options_.step_tolerance, allowed) ||
        !corrector_.arrive(middle, allowed)) {
        return false;
    }
    between.scale(middle);
    if (sense * middle.watched_rate <= 0.0) {
        high = std::move(middle);
        return true;
    }
    BranchPoint end = middle;
    if (enclose_maximum(low, end, between, depth - 1)) {
        high = std::move(end);
        return true;
    }
    low = std::move(middle);
    return enclose_maximum(low, high, between, depth - 1);
}

}  // namespace glassplast
