#include <glassplast/fields/coarse_graining.hpp>
#include <glassplast/mechanics/local_stress.hpp>

#include "arrays.hpp"
#include "bindings.hpp"
#include "monitoring.hpp"

namespace py = pybind11;
using py::literals::operator""_a;

namespace glassplast {

namespace {

using Array = InputArray<double>;

/// (P, Dim, Dim).
template <int Dim>
py::array_t<double> tensors_from(const TensorField<Dim>& tensors) {
    const auto count = static_cast<py::ssize_t>(tensors.size());
    py::array_t<double> array({count, static_cast<py::ssize_t>(Dim), static_cast<py::ssize_t>(Dim)});
    for (py::ssize_t k = 0; k < count; ++k) {
        Eigen::Map<Eigen::Matrix<double, Dim, Dim, Eigen::RowMajor>>(array.mutable_data(k, 0, 0)) =
            tensors[static_cast<std::size_t>(k)];
    }
    return array;
}

template <int Dim>
void bind_coarse_graining_in(py::module_& module) {
    module.def(
        "coarse_grained_vectors",
        [](const Box<Dim>& box, const Array& positions, const Array& vectors, const Array& affine,
           const Array& points, double radius) {
            const Positions<Dim> x = positions_from<Dim>(positions);
            const Positions<Dim> u = positions_from<Dim>(vectors, "vectors");
            const Matrix<Dim> flow = matrix_from<Dim>(affine, "affine");
            const Positions<Dim> at = positions_from<Dim>(points, "points");
            Monitor monitor = monitor_from(py::none());
            CoarseGrainedVectors<Dim> field;
            {
                const py::gil_scoped_release release;
                field = coarse_grained_vectors<Dim>(box, x, u, flow, at, radius, monitor);
            }
            return py::make_tuple(array_from(std::move(field.density)),
                                  array_from<Dim>(std::move(field.value)), tensors_from<Dim>(field.gradient));
        },
        "box"_a, "positions"_a, "vectors"_a, "affine"_a, "points"_a, "radius"_a,
        "Sum of the kernels (P,), weighted mean of the vectors (P, d) and its gradient (P, d, d).");
    module.def(
        "local_stress",
        [](const Box<Dim>& box, const Array& positions, const ContactNetwork<Dim>& network,
           const Array& points, double radius) {
            const Positions<Dim> x = positions_from<Dim>(positions);
            const Positions<Dim> at = positions_from<Dim>(points, "points");
            Monitor monitor = monitor_from(py::none());
            TensorField<Dim> stress;
            {
                const py::gil_scoped_release release;
                stress = local_stress<Dim>(box, x, network, at, radius, monitor);
            }
            return tensors_from<Dim>(stress);
        },
        "box"_a, "positions"_a, "network"_a, "points"_a, "radius"_a, "Coarse-grained stress: (P, d, d).");
    module.def(
        "local_stress_rate",
        [](const Box<Dim>& box, const Array& positions, const ContactNetwork<Dim>& network,
           const Array& loading, const Array& nonaffine, const Array& points, const Array& point_velocity,
           double radius, int threads) {
            const Positions<Dim> x = positions_from<Dim>(positions);
            const Matrix<Dim> flow = matrix_from<Dim>(loading, "loading");
            const Positions<Dim> u = positions_from<Dim>(nonaffine, "nonaffine");
            const Positions<Dim> at = positions_from<Dim>(points, "points");
            const Positions<Dim> moving = positions_from<Dim>(point_velocity, "point_velocity");
            Monitor monitor = monitor_from(py::none());
            TensorField<Dim> rate;
            {
                const py::gil_scoped_release release;
                rate = local_stress_rate<Dim>(box, x, network, flow, u, at, moving, radius, threads, monitor);
            }
            return tensors_from<Dim>(rate);
        },
        "box"_a, "positions"_a, "network"_a, "loading"_a, "nonaffine"_a, "points"_a, "point_velocity"_a,
        "radius"_a, "threads"_a = 1,
        "Derivative of the coarse-grained stress with gamma at moving points: (P, d, d).");
}

}  // namespace

void bind_coarse_graining(py::module_& module) {
    bind_coarse_graining_in<2>(module);
    bind_coarse_graining_in<3>(module);
}

}  // namespace glassplast
