#pragma once

#include <Eigen/Core>

namespace glassplast {

/// A minimum on a branch (or a saddle just past a fold), with the direction in which the branch goes on:
/// rates of change with respect to whichever parameter the branch is followed along.
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

/// The cubic through two points with given rates; `place` is 0 at the first point and `length` at the second.
template <class Value>
Value hermite(const Value& p0, const Value& d0, const Value& p1, const Value& d1, double length,
              double place) {
    const double t = place / length;
    const double s = 1.0 - t;
    // Written as differences from the second point, which an extrapolation must not lose to round-off.
    return p1 - (1.0 + 2.0 * t) * s * s * (p1 - p0) + t * s * s * length * d0 - t * t * s * length * d1;
}

/// The derivative of that cubic with respect to `place`.
double hermite_slope(double p0, double d0, double p1, double d1, double length, double place);

/// The place between the points where the derivative vanishes; that of the second point if it does not
/// vanish.
double hermite_extremum(double p0, double d0, double p1, double d1, double length);

/// The energy balance of a step: U2 - U1 minus the integral of the stress over gamma, both taken as cubics of
/// the parameter. Its error is O(length^5) where the branch is smooth and O(length^3) across a contact
/// change.
double energy_residual(const BranchPoint& p0, const BranchPoint& p1, double length);

}  // namespace glassplast
