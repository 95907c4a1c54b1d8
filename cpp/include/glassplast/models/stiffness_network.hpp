#pragma once

#include <glassplast/geometry/vector.hpp>

#include <vector>

namespace glassplast {

/// Every interacting pair once, with what the second derivatives of U need: separation, phi' and phi''.
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

    /// The tensor of second derivatives of phi(|r|) of a pair.
    Matrix<Dim> stiffness(std::size_t pair) const {
        const auto k = static_cast<Eigen::Index>(pair);
        const double tangential = phi1(k) / distance(k);
        const Vector<Dim> n = direction.col(k);
        return (phi2(k) - tangential) * n * n.transpose() + tangential * Matrix<Dim>::Identity();
    }
};

}  // namespace glassplast
