#pragma once

#include <glassplast/geometry/vector.hpp>

namespace glassplast {

/// exp(matrix): the finite deformation that a constant rate of deformation leads to.
template <int Dim>
Matrix<Dim> exponential(const Matrix<Dim>& matrix);

extern template Matrix<2> exponential<2>(const Matrix<2>&);
extern template Matrix<3> exponential<3>(const Matrix<3>&);

}  // namespace glassplast
