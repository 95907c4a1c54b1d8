#pragma once

#include <Eigen/Core>

#include <cstddef>
#include <cstdint>

namespace glassplast {

template <int Dim>
using Vector = Eigen::Matrix<double, Dim, 1>;

template <int Dim>
using Matrix = Eigen::Matrix<double, Dim, Dim>;

/// Column i belongs to particle i: the memory of a C-contiguous (N, Dim) NumPy array.
template <int Dim>
using Positions = Eigen::Matrix<double, Dim, Eigen::Dynamic>;

/// Integer multiples of the cell vectors.
template <int Dim>
using Image = Eigen::Matrix<int, Dim, 1>;

/// The degrees of freedom of a set of positions as one vector, particle after particle.
template <int Dim>
Eigen::Map<const Eigen::VectorXd> flat(const Positions<Dim>& positions) {
    return {positions.data(), positions.size()};
}

template <int Dim>
Eigen::Map<Eigen::VectorXd> flat(Positions<Dim>& positions) {
    return {positions.data(), positions.size()};
}

}  // namespace glassplast
