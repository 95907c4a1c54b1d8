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
};

}  // namespace glassplast
