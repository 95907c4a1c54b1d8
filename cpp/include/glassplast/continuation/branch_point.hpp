#pragma once

#include <Eigen/Core>

namespace glassplast {

/// A minimum (or, just past a fold, a saddle) on a branch, with the direction in which the branch goes on:
/// rates with respect to any parameter, scaled as the parameter wants.
struct BranchPoint {
    Eigen::VectorXd q;
    double gamma = 0.0;
    double energy = 0.0;
    double stress = 0.0;  ///< dU/dgamma
    Eigen::VectorXd q_rate;
    double gamma_rate = 1.0;
    double stress_rate = 0.0;
    double watched = 0.0;  ///< the stress whose maximum is looked for
    double watched_rate = 0.0;
    int negative = 0;

    /// d stress / d gamma along the branch.
    double slope() const { return stress_rate / gamma_rate; }
};

/// A curve through two points and along their rates: cubic, `place` = 0 at the first and `length` at the
/// second.
template <class Value>
Value hermite(const Value& p0, const Value& d0, const Value& p1, const Value& d1, double length,
              double place) {
    const double t = place / length;
    const double s = 1.0 - t;
    // In differences from the second point, which an extrapolation must not lose to round-off.
    return p1 - (1.0 + 2.0 * t) * s * s * (p1 - p0) + t * s * s * length * d0 - t * t * s * length * d1;
}

/// Its derivative with `place`.
double hermite_slope(double p0, double d0, double p1, double d1, double length, double place);

/// Where, between the points, the derivative vanishes; the place of the second point if it does not.
double hermite_extremum(double p0, double d0, double p1, double d1, double length);

/// Energy balance of a step: U2 - U1 minus the integral of the stress over gamma, both taken as cubics of the
/// parameter. Error O(length^5) where the branch is smooth, O(length^3) across a contact change.
double energy_residual(const BranchPoint& p0, const BranchPoint& p1, double length);

}  // namespace glassplast
