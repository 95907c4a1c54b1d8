#pragma once

#include <glassplast/errors.hpp>
#include <glassplast/geometry/vector.hpp>

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

/// Conversions between NumPy arrays and the engine's types.
namespace glassplast {

/// What functions take: any array-like, made C-contiguous and of the wanted type if it is not.
template <typename Scalar>
using InputArray = pybind11::array_t<Scalar, pybind11::array::c_style | pybind11::array::forcecast>;

inline std::string shape_of(const pybind11::array& array) {
    std::ostringstream text;
    text << "(";
    for (pybind11::ssize_t axis = 0; axis < array.ndim(); ++axis) {
        text << (axis > 0 ? ", " : "") << array.shape(axis);
    }
    text << (array.ndim() == 1 ? ",)" : ")");
    return text.str();
}

[[noreturn]] inline void throw_shape(const std::string& name, const std::string& expected,
                                     const pybind11::array& array) {
    throw GeometryError(name + " must have shape " + expected + ", not " + shape_of(array));
}

/// An (N, Dim) array as positions (or velocities, forces, ...); `name` is for the message.
template <int Dim>
Positions<Dim> positions_from(const InputArray<double>& array, const std::string& name = "positions") {
    if (array.ndim() != 2 || array.shape(1) != Dim) {
        throw_shape(name, "(N, " + std::to_string(Dim) + ")", array);
    }
    return Eigen::Map<const Positions<Dim>>(array.data(), Dim, array.shape(0));
}

/// An (n, Dim, Dim) array as one column for each of the n matrices.
template <int Dim>
Eigen::Matrix<double, Dim * Dim, Eigen::Dynamic> blocks_from(const InputArray<double>& array,
                                                             const std::string& name) {
    if (array.ndim() != 3 || array.shape(1) != Dim || array.shape(2) != Dim) {
        throw_shape(name, "(n, " + std::to_string(Dim) + ", " + std::to_string(Dim) + ")", array);
    }
    // NumPy keeps the rows of a matrix together, the engine its columns.
    Eigen::Matrix<double, Dim * Dim, Eigen::Dynamic> blocks(Dim * Dim, array.shape(0));
    for (Eigen::Index k = 0; k < blocks.cols(); ++k) {
        Eigen::Map<Matrix<Dim>>(blocks.col(k).data()) =
            Eigen::Map<const Eigen::Matrix<double, Dim, Dim, Eigen::RowMajor>>(array.data() + k * Dim * Dim);
    }
    return blocks;
}

/// A (Dim, Dim) array as a matrix: row and column mean the same on both sides.
template <int Dim>
Matrix<Dim> matrix_from(const InputArray<double>& array, const std::string& name = "matrix") {
    if (array.ndim() != 2 || array.shape(0) != Dim || array.shape(1) != Dim) {
        throw_shape(name, "(" + std::to_string(Dim) + ", " + std::to_string(Dim) + ")", array);
    }
    return Eigen::Map<const Eigen::Matrix<double, Dim, Dim, Eigen::RowMajor>>(array.data());
}

/// A (Dim,) array as a vector.
template <int Dim>
Vector<Dim> vector_from(const InputArray<double>& array, const std::string& name = "vector") {
    if (array.ndim() != 1 || array.shape(0) != Dim) {
        throw_shape(name, "(" + std::to_string(Dim) + ",)", array);
    }
    return Eigen::Map<const Vector<Dim>>(array.data());
}

/// A one-dimensional array as an Eigen vector; `size` is checked unless it is negative.
inline Eigen::VectorXd values_from(const InputArray<double>& array, const std::string& name,
                                   pybind11::ssize_t size = -1) {
    if (array.ndim() != 1 || (size >= 0 && array.shape(0) != size)) {
        throw_shape(name, size >= 0 ? "(" + std::to_string(size) + ",)" : "(N,)", array);
    }
    return Eigen::Map<const Eigen::VectorXd>(array.data(), array.shape(0));
}

/// A one-dimensional array as a std::vector; `size` is checked unless it is negative.
template <typename Scalar>
std::vector<Scalar> list_from(const InputArray<Scalar>& array, const std::string& name,
                              pybind11::ssize_t size = -1) {
    if (array.ndim() != 1 || (size >= 0 && array.shape(0) != size)) {
        throw_shape(name, size >= 0 ? "(" + std::to_string(size) + ",)" : "(N,)", array);
    }
    return std::vector<Scalar>(array.data(), array.data() + array.shape(0));
}

/// Moves `values` behind the array: the array looks at their memory and its capsule owns them.
template <typename Values>
pybind11::array_t<typename Values::value_type> array_owning(Values values,
                                                            const std::vector<pybind11::ssize_t>& shape) {
    auto owned = std::make_unique<Values>(std::move(values));
    const auto* const data = owned->data();
    const pybind11::capsule owner(owned.get(), [](void* pointer) { delete static_cast<Values*>(pointer); });
    // The capsule deletes from here on.
    static_cast<void>(owned.release());
    return pybind11::array_t<typename Values::value_type>(shape, data, owner);
}

/// (N, Dim) without a copy.
template <int Dim>
pybind11::array_t<double> array_from(Positions<Dim> positions) {
    const pybind11::ssize_t size = positions.cols();
    return array_owning(std::move(positions), {size, Dim});
}

/// (n, Dim, Dim) of one column for each matrix.
template <int Dim>
pybind11::array_t<double> array_of_blocks(Eigen::Matrix<double, Dim * Dim, Eigen::Dynamic> blocks) {
    for (Eigen::Index k = 0; k < blocks.cols(); ++k) {
        Eigen::Map<Matrix<Dim>>(blocks.col(k).data()).transposeInPlace();
    }
    const pybind11::ssize_t count = blocks.cols();
    return array_owning(std::move(blocks), {count, Dim, Dim});
}

/// (N,) without a copy.
inline pybind11::array_t<double> array_from(Eigen::VectorXd values) {
    const pybind11::ssize_t size = values.size();
    return array_owning(std::move(values), {size});
}

/// (N,) without a copy.
template <typename Scalar>
pybind11::array_t<Scalar> array_from(std::vector<Scalar> values) {
    const auto size = static_cast<pybind11::ssize_t>(values.size());
    return array_owning(std::move(values), {size});
}

/// (rows, columns), copied: for the small matrices of fixed size.
template <typename Scalar, int Rows, int Columns>
pybind11::array_t<Scalar> array_of(const Eigen::Matrix<Scalar, Rows, Columns>& matrix) {
    static_assert(Rows != Eigen::Dynamic && Columns != Eigen::Dynamic);
    if constexpr (Columns == 1) {
        return pybind11::array_t<Scalar>(Rows, matrix.data());
    } else {
        pybind11::array_t<Scalar> array({Rows, Columns});
        Eigen::Map<Eigen::Matrix<Scalar, Rows, Columns, Eigen::RowMajor>>(array.mutable_data()) = matrix;
        return array;
    }
}

/// A read-only array of this shape that looks at memory of `owner`, a Python object it keeps alive.
template <typename Scalar>
pybind11::array_t<Scalar> view_of(const Scalar* data, const std::vector<pybind11::ssize_t>& shape,
                                  const pybind11::handle& owner) {
    pybind11::array_t<Scalar> array(shape, data, owner);
    array.attr("setflags")(pybind11::arg("write") = false);
    return array;
}

/// (N, Dim), read-only, without a copy.
template <int Dim>
pybind11::array_t<double> view_of(const Positions<Dim>& positions, const pybind11::handle& owner) {
    return view_of(positions.data(), {positions.cols(), Dim}, owner);
}

/// (N,), read-only, without a copy.
inline pybind11::array_t<double> view_of(const Eigen::VectorXd& values, const pybind11::handle& owner) {
    return view_of(values.data(), {values.size()}, owner);
}

/// (N,), read-only, without a copy.
template <typename Scalar>
pybind11::array_t<Scalar> view_of(const std::vector<Scalar>& values, const pybind11::handle& owner) {
    return view_of(values.data(), {static_cast<pybind11::ssize_t>(values.size())}, owner);
}

}  // namespace glassplast
