#pragma once

#include <Eigen/Core>

#include <functional>

namespace glassplast {

struct RitzVectors {
    Eigen::VectorXd values;   ///< of H^-1, ascending
    Eigen::MatrixXd vectors;  ///< columns of unit norm
};

/// A few steps of Lanczos' method on H^-1 with full reorthogonalization: finds the soft modes that `start`
/// has a component along.
RitzVectors inverse_lanczos(const Eigen::VectorXd& start,
                            const std::function<Eigen::VectorXd(const Eigen::VectorXd&)>& inverse);

}  // namespace glassplast
