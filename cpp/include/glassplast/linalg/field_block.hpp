#pragma once

#include <glassplast/linalg/dense_kernels.hpp>

#include <Eigen/Core>

namespace glassplast {

/// Several fields beside each other: one row for each degree of freedom.
using FieldBlock = Eigen::Matrix<double, Eigen::Dynamic, solve_width, Eigen::RowMajor>;
/// One number for each of them.
using BlockRow = Eigen::Array<double, 1, solve_width>;

}  // namespace glassplast
