#pragma once

#include <glassplast/geometry/box.hpp>

#include <vector>

namespace glassplast {

/// Every interacting pair once (first < second, sorted), with its separation and the derivatives of its
/// energy.
template <int Dim>
struct ContactNetwork {
    std::size_t particles = 0;
    std::vector<int> first;
    std::vector<int> second;
    std::vector<Image<Dim>> image;  ///< separation = x[second] - x[first] + cell * image
    Positions<Dim> separation;
    Positions<Dim> direction;  ///< separation / distance
    Eigen::VectorXd distance;
    Eigen::VectorXd length;  ///< contact distance s of the pair
    Eigen::VectorXd phi;
    Eigen::VectorXd phi1;
    Eigen::VectorXd phi2;
    Eigen::VectorXd phi3;
    Eigen::VectorXd phi4;

    std::size_t size() const { return first.size(); }
};

}  // namespace glassplast
