#include <glassplast/models/mixing.hpp>
#include <glassplast/models/pair_interaction.hpp>
#include <glassplast/models/registry.hpp>

#include <Eigen/LU>

#include <sstream>

namespace glassplast {

InversePowerShape::InversePowerShape(int exponent, double cutoff, int smoothness)
    : exponent_(exponent), cutoff_(cutoff) {
    if (exponent < 1 || !(cutoff > 0.0) || !std::isfinite(cutoff) || smoothness < 2 || smoothness > 3) {
        std::ostringstream message;
        message << "exponent must be at least 1, cutoff positive and finite, and smoothness 2 or 3, not "
                << exponent << ", " << cutoff << " and " << smoothness;
        throw ModelError(message.str());
    }
    // Derivative k of sum_l c_l x^(2l) cancels that of x^-n at the cutoff, k = 0 ... smoothness.
    const int terms = smoothness + 1;
    Eigen::MatrixXd equations(terms, terms);
    Eigen::VectorXd values(terms);
    double value = std::pow(cutoff, -exponent);
    for (int k = 0; k < terms; ++k) {
        for (int l = 0; l < terms; ++l) {
            double factor = 1.0;
            for (int m = 0; m < k; ++m) {
                factor *= 2 * l - m;
            }
            equations(k, l) = factor * std::pow(cutoff, 2 * l - k);
        }
        values(k) = -value;
        value *= -(exponent + k) / cutoff;
    }
    const Eigen::VectorXd c = equations.fullPivLu().solve(values);
    for (int l = 0; l < terms; ++l) {
        c_[l] = c(l);
    }
}

template <int Dim>
std::unique_ptr<Interaction<Dim>> make_inverse_power(std::vector<double> diameters, double nonadditivity,
                                                     double energy, int exponent, double cutoff,
                                                     int smoothness) {
    return std::make_unique<PairInteraction<Dim, InversePowerShape, DiameterMixing>>(
        InversePowerShape(exponent, cutoff, smoothness),
        DiameterMixing(std::move(diameters), nonadditivity, energy));
}

template std::unique_ptr<Interaction<2>> make_inverse_power<2>(std::vector<double>, double, double, int,
                                                               double, int);
template std::unique_ptr<Interaction<3>> make_inverse_power<3>(std::vector<double>, double, double, int,
                                                               double, int);

}  // namespace glassplast
