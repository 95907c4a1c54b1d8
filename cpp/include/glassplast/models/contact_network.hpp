#pragma once

#include <glassplast/models/stiffness_network.hpp>

#include <vector>

namespace glassplast {

/// Every interacting pair once (first < second, sorted), with its separation and the derivatives of its
/// energy up to the fourth.
template <int Dim>
struct ContactNetwork : StiffnessNetwork<Dim> {
    std::vector<Image<Dim>> image;  ///< separation = x[second] - x[first] + cell * image
    Eigen::VectorXd length;         ///< contact distance s of the pair
    Eigen::VectorXd phi;
    Eigen::VectorXd phi3;
    Eigen::VectorXd phi4;

    /// Third derivatives of phi(|r|) of a pair: a n n n + b (n 1, symmetrized over the three places).
    struct Third {
        double a;
        double b;
    };
    Third third(Eigen::Index k) const {
        const double b = (this->phi2(k) - this->phi1(k) / this->distance(k)) / this->distance(k);
        return {phi3(k) - 3.0 * b, b};
    }
};

}  // namespace glassplast
