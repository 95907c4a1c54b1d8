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

/// Applies a matrix to the entries that such a vector has for each particle.
template <int Dim>
Eigen::VectorXd applied(const Matrix<Dim>& matrix, const Eigen::VectorXd& vector) {
    Eigen::VectorXd result(vector.size());
    for (Eigen::Index i = 0; i < vector.size(); i += Dim) {
        result.segment<Dim>(i).noalias() = matrix * vector.segment<Dim>(i);
    }
    return result;
}

}  // namespace glassplast
