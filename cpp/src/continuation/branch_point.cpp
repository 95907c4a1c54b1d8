#include <glassplast/continuation/branch_point.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace glassplast {

double hermite_slope(double p0, double d0, double p1, double d1, double length, double place) {
    const double t = place / length;
    const double s = 1.0 - t;
    return 6.0 * t * s * (p1 - p0) / length + s * (1.0 - 3.0 * t) * d0 + t * (3.0 * t - 2.0) * d1;
}

double hermite_extremum(double p0, double d0, double p1, double d1, double length) {
    if (!(d0 * d1 < 0.0)) {
        return length;
    }
    double low = 0.0;
    double high = length;
    for (int k = 0; k < 100; ++k) {
        const double middle = 0.5 * (low + high);
        if (hermite_slope(p0, d0, p1, d1, length, middle) * d0 > 0.0) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return 0.5 * (low + high);
}

double energy_residual(const BranchPoint& p0, const BranchPoint& p1, double length) {
    // Three points of Gauss integrate the product of a cubic and a parabola exactly.
    const double offset = std::sqrt(0.6);
    const std::array<double, 3> place = {0.5 * (1.0 - offset), 0.5, 0.5 * (1.0 + offset)};
    const std::array<double, 3> weight = {5.0 / 18.0, 8.0 / 18.0, 5.0 / 18.0};
    double work = 0.0;
    for (std::size_t k = 0; k < place.size(); ++k) {
        const double at = place[k] * length;
        work += weight[k] * length *
                hermite(p0.stress, p0.stress_rate, p1.stress, p1.stress_rate, length, at) *
                hermite_slope(p0.gamma, p0.gamma_rate, p1.gamma, p1.gamma_rate, length, at);
    }
    return p1.energy - p0.energy - work;
}

}  // namespace glassplast
