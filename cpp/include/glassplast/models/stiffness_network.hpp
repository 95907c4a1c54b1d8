#pragma once

#include <glassplast/geometry/vector.hpp>

#include <vector>

namespace glassplast {

/// Every interacting pair once, with what the tangent of U needs of it: separation, phi' and phi''.
template <int Dim>
struct StiffnessNetwork {
    std::size_t particles = 0;
    std::vector<int> first;
    std::vector<int> second;
    Positions<Dim> separation;  ///< from first to second
    Positions<Dim> direction;   ///< separation / distance
    Eigen::VectorXd distance;
    Eigen::VectorXd phi1;
    Eigen::VectorXd phi2;

    std::size_t size() const { return first.size(); }
};

}  // namespace glassplast
