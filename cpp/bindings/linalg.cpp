#include <glassplast/linalg/elastic_solver.hpp>
#include <glassplast/linalg/modes.hpp>

#include <limits>
#include <string>

#include "arrays.hpp"
#include "bindings.hpp"
#include "monitoring.hpp"

namespace py = pybind11;
using py::literals::operator""_a;

namespace glassplast {

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

template <int Dim>
ElasticSolver<Dim> make_solver(const ContactNetwork<Dim>& network, const Box<Dim>& box,
                               const InputArray<double>& positions, int threads) {
    const Positions<Dim> points = positions_from<Dim>(positions);
    if (static_cast<std::size_t>(points.cols()) != network.particles) {
        throw GeometryError("there are " + std::to_string(points.cols()) + " positions for a network of " +
                            std::to_string(network.particles) + " particles");
    }
    const py::gil_scoped_release release;
    ElasticSolver<Dim> solver(threads);
    solver.analyze(box, points, network.first, network.second);
    solver.factorize(network);
    return solver;
}

template <int Dim>
py::tuple find_modes(const ElasticSolver<Dim>& solver, int count, double tolerance,
                     const py::object& callback) {
    Monitor monitor = monitor_from(callback);
    Modes modes;
    Eigen::MatrixXd fields;
    {
        const py::gil_scoped_release release;
        modes = lowest_modes(solver, count, tolerance, monitor);
        // One mode is one (N, d) field, with NaN on the rattlers.
        fields.resize(static_cast<Eigen::Index>(Dim * solver.core().index.size()), count);
        for (Eigen::Index k = 0; k < count; ++k) {
            const Positions<Dim> field = solver.core().marked(modes.vectors.col(k), missing);
            fields.col(k) = flat<Dim>(field);
        }
    }
    const auto particles = static_cast<py::ssize_t>(solver.core().index.size());
    py::dict certificate;
    certificate["largest_residual"] = modes.largest_residual;
    certificate["bound"] = modes.certified_bound;
    certificate["count"] = modes.certified_count;
    return py::make_tuple(array_from(modes.values), array_owning(std::move(fields), {count, particles, Dim}),
                          certificate);
}

template <int Dim>
void bind_solver(py::module_& module, const char* name) {
    using Solver = ElasticSolver<Dim>;
    py::class_<Solver>(module, name, "The factorized Hessian of the rigid core and its pseudo-inverse.")
        .def(py::init(&make_solver<Dim>), "network"_a, "box"_a, "positions"_a, "threads"_a = 1)
        .def_property_readonly("negative", &Solver::negative, "Number of negative eigenvalues.")
        .def_property_readonly("further_zero_modes", &Solver::further_zero_modes)
        .def("refactorize", &Solver::refactorize, py::call_guard<py::gil_scoped_release>(),
             "The numeric factorization once more.")
        .def_property_readonly(
            "factor_entries", [](const Solver& solver) { return solver.supernodes().entries(); },
            "Numbers in the factor.")
        .def_property_readonly(
            "factor_bytes", [](const Solver& solver) { return solver.supernodes().bytes(); },
            "Memory of a numeric factorization, known before it is allocated.")
        .def_property_readonly(
            "factor_operations", [](const Solver& solver) { return solver.supernodes().operations(); },
            "Multiplications, each with an addition, of a numeric factorization.")
        .def_property_readonly("translations",
                               [](const Solver& solver) { return solver.core().translations(); })
        .def_property_readonly("clusters", [](const Solver& solver) { return solver.core().clusters; })
        .def_property_readonly(
            "core_index",
            [](const py::object& self) { return view_of(self.cast<const Solver&>().core().index, self); },
            "Place of each particle in the rigid core, -1 for a rattler.")
        .def("count_below", &Solver::count_below, "sigma"_a, py::call_guard<py::gil_scoped_release>(),
             "Eigenvalues below sigma > 0, translations not counted.")
        .def(
            "solve",
            [](const Solver& solver, const InputArray<double>& right) {
                const Positions<Dim> field = positions_from<Dim>(right, "right");
                if (field.cols() != static_cast<Eigen::Index>(solver.core().index.size())) {
                    throw_shape(
                        "right",
                        "(" + std::to_string(solver.core().index.size()) + ", " + std::to_string(Dim) + ")",
                        right);
                }
                Positions<Dim> response;
                {
                    const py::gil_scoped_release release;
                    response = solver.core().marked(solver.solve(flat<Dim>(field)).col(0), missing);
                }
                return array_from<Dim>(std::move(response));
            },
            "right"_a, "Pseudo-inverse of H on a field; NaN on the rattlers.")
        .def("lowest_modes", &find_modes<Dim>, "count"_a, "tolerance"_a, "callback"_a = py::none());
}

}  // namespace

void bind_linalg(py::module_& module) {
    bind_solver<2>(module, "ElasticSolver2D");
    bind_solver<3>(module, "ElasticSolver3D");
}

}  // namespace glassplast
