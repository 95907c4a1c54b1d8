#include <glassplast/linalg/dephasing.hpp>
#include <glassplast/linalg/elastic_solver.hpp>
#include <glassplast/linalg/modes.hpp>
#include <glassplast/linalg/nonaffine_sums.hpp>
#include <glassplast/linalg/selected_inverse.hpp>
#include <glassplast/linalg/slice_modes.hpp>
#include <glassplast/linalg/spectra_modes.hpp>

#include <pybind11/stl.h>

#include <limits>
#include <optional>
#include <string>
#include <vector>

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
void require_size(const ElasticSolver<Dim>& solver, const Positions<Dim>& field, const char* name,
                  const InputArray<double>& given) {
    const std::size_t particles = solver.core().index.size();
    if (field.cols() != static_cast<Eigen::Index>(particles)) {
        throw_shape(name, "(" + std::to_string(particles) + ", " + std::to_string(Dim) + ")", given);
    }
}

/// One vector is one (N, d) field; NaN on the rattlers.
template <int Dim>
void mark_rattlers(const ElasticSolver<Dim>& solver, Eigen::MatrixXd& vectors) {
    const std::vector<int>& index = solver.core().index;
    for (std::size_t i = 0; i < index.size(); ++i) {
        if (index[i] < 0) {
            vectors.middleRows<Dim>(static_cast<Eigen::Index>(Dim * i)).setConstant(missing);
        }
    }
}

/// Values, vectors and certificate of what `compute(monitor)` finds without the GIL.
template <int Dim, class Compute>
py::tuple modes_by(const ElasticSolver<Dim>& solver, const py::object& callback, const Compute& compute) {
    Monitor monitor = monitor_from(callback);
    Modes modes;
    {
        const py::gil_scoped_release release;
        modes = compute(monitor);
        mark_rattlers(solver, modes.vectors);
    }
    const auto count = static_cast<py::ssize_t>(modes.values.size());
    const auto particles = static_cast<py::ssize_t>(solver.core().index.size());
    py::dict certificate;
    certificate["largest_residual"] = modes.largest_residual;
    certificate["bound"] = modes.certified_bound;
    certificate["count"] = modes.certified_count;
    return py::make_tuple(array_from(modes.values),
                          array_owning(std::move(modes.vectors), {count, particles, Dim}), certificate);
}

template <int Dim>
py::tuple find_modes(const ElasticSolver<Dim>& solver, int count, double tolerance,
                     const py::object& callback, int slice_size) {
    return modes_by(solver, callback, [&](Monitor& monitor) {
        return lowest_modes(solver, count, tolerance, monitor, slice_size);
    });
}

template <int Dim>
py::tuple find_spectra_modes(const ElasticSolver<Dim>& solver, int count, double tolerance,
                             const py::object& callback) {
    return modes_by(solver, callback,
                    [&](Monitor& monitor) { return spectra_modes(solver, count, tolerance, monitor); });
}

template <int Dim>
py::tuple find_modes_between(const ElasticSolver<Dim>& solver, double lower, double upper,
                             const std::optional<int>& expected, double tolerance,
                             const py::object& callback) {
    Monitor monitor = monitor_from(callback);
    SliceModes modes;
    {
        const py::gil_scoped_release release;
        SpectrumSlice slice = slice_between(solver, lower, upper);
        slice.count = expected.value_or(slice.count);
        modes = slice_modes(solver, slice, tolerance, monitor);
        mark_rattlers(solver, modes.vectors);
    }
    const auto particles = static_cast<py::ssize_t>(solver.core().index.size());
    const auto count = static_cast<py::ssize_t>(modes.values.size());
    return py::make_tuple(array_from(modes.values),
                          array_owning(std::move(modes.vectors), {count, particles, Dim}),
                          modes.largest_residual);
}

template <int Dim>
py::tuple sum_over_modes(const ElasticSolver<Dim>& solver, const std::vector<InputArray<double>>& loads,
                         double tolerance, const py::object& callback, int slice_size) {
    Monitor monitor = monitor_from(callback);
    Eigen::MatrixXd columns(solver.size(), static_cast<Eigen::Index>(loads.size()));
    for (std::size_t k = 0; k < loads.size(); ++k) {
        const Positions<Dim> load = positions_from<Dim>(loads[k], "load");
        require_size(solver, load, "load", loads[k]);
        columns.col(static_cast<Eigen::Index>(k)) = flat<Dim>(load);
    }
    NonaffineSums sums;
    {
        const py::gil_scoped_release release;
        sums = nonaffine_sums(solver, columns, tolerance, monitor, slice_size);
    }
    const auto pairs = static_cast<py::ssize_t>(sums.fields.cols());
    const auto particles = static_cast<py::ssize_t>(sums.fields.rows());
    return py::make_tuple(array_from(sums.values), array_owning(std::move(sums.fields), {pairs, particles}),
                          sums.largest_residual);
}

template <int Dim>
Eigen::VectorXd column_from(const ElasticSolver<Dim>& solver, const InputArray<double>& values) {
    const Positions<Dim> load = positions_from<Dim>(values, "load");
    require_size(solver, load, "load", values);
    Eigen::VectorXd column = flat<Dim>(load);
    solver.core().project(column);
    return column;
}

template <int Dim>
py::tuple sum_by_dephasing(const ElasticSolver<Dim>& solver, const InputArray<double>& first,
                           const InputArray<double>& second, double accuracy, int most_steps,
                           const py::object& callback) {
    Monitor monitor = monitor_from(callback);
    const Eigen::VectorXd u = column_from(solver, first);
    const Eigen::VectorXd v = column_from(solver, second);
    ModeSums sums;
    {
        const py::gil_scoped_release release;
        sums = mode_sums(solver, u, v, accuracy, most_steps, monitor);
    }
    return py::make_tuple(array_from(sums.field), array_from(sums.difference), sums.error, sums.steps,
                          sums.converged);
}

template <int Dim>
py::tuple find_inverse_blocks(const ElasticSolver<Dim>& solver, const py::object& callback) {
    Monitor monitor = monitor_from(callback);
    InverseBlocks<Dim> blocks;
    {
        const py::gil_scoped_release release;
        blocks = inverse_blocks(solver, missing, monitor);
    }
    return py::make_tuple(array_of_blocks<Dim>(std::move(blocks.diagonal)),
                          array_of_blocks<Dim>(std::move(blocks.pairs)));
}

template <int Dim>
void bind_solver(py::module_& module, const char* name) {
    using Solver = ElasticSolver<Dim>;
    py::class_<Solver>(module, name, "The factorized Hessian of the rigid core and its pseudo-inverse.")
        .def(py::init(&make_solver<Dim>), "network"_a, "box"_a, "positions"_a, "threads"_a = 1)
        .def_property_readonly("negative", &Solver::negative, "Number of negative eigenvalues.")
        .def_property_readonly("further_zero_modes", &Solver::further_zero_modes)
        .def("refactorize", &Solver::refactorize, py::call_guard<py::gil_scoped_release>(),
             "Repeat the numeric factorization.")
        .def_property_readonly(
            "factor_entries", [](const Solver& solver) { return solver.supernodes().entries(); },
            "How many numbers the factor has.")
        .def_property_readonly(
            "factor_bytes", [](const Solver& solver) { return solver.supernodes().bytes(); },
            "Bytes that a numeric factorization takes, known before they are allocated.")
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
                require_size(solver, field, "right", right);
                Positions<Dim> response;
                {
                    const py::gil_scoped_release release;
                    response = solver.core().marked(solver.solve(flat<Dim>(field)).col(0), missing);
                }
                return array_from<Dim>(std::move(response));
            },
            "right"_a, "The pseudo-inverse of H applied to a field; NaN on the rattlers.")
        .def("lowest_modes", &find_modes<Dim>, "count"_a, "tolerance"_a, "callback"_a = py::none(),
             "slice_size"_a = 0)
        .def("spectra_modes", &find_spectra_modes<Dim>, "count"_a, "tolerance"_a, "callback"_a = py::none(),
             "The same as `lowest_modes` finds, by the library Spectra.")
        .def("modes_between", &find_modes_between<Dim>, "lower"_a, "upper"_a, "expected"_a = py::none(),
             "tolerance"_a = 1e-10, "callback"_a = py::none(),
             "Eigenvalues, vectors and largest residual of all modes between two numbers, which are no "
             "eigenvalues; as many as the inertia counts unless another number is expected.")
        .def("nonaffine_sums", &sum_over_modes<Dim>, "loads"_a, "tolerance"_a, "callback"_a = py::none(),
             "slice_size"_a = 0,
             "All eigenvalues, the sums over all modes for each pair of loads, and the largest residual.")
        .def(
            "mode_sums", &sum_by_dephasing<Dim>, "first"_a, "second"_a, "accuracy"_a, "most_steps"_a,
            "callback"_a = py::none(),
            "The sum over all modes of (Psi . first) (Psi . second) |Psi|_i^2 by dephasing; how far the sums "
            "from both halves of the steps lie apart, the median relative error, the steps, and whether "
            "the accuracy was reached.")
        .def_property_readonly(
            "inverse_bytes",
            [](const Solver& solver) {
                return selected_inverse_bytes(solver.supernodes(), solver.threads());
            },
            "Bytes that `inverse_blocks` takes besides the factor, known before they are allocated.")
        .def("inverse_blocks", &find_inverse_blocks<Dim>, "callback"_a = py::none(),
             "Blocks of the pseudo-inverse: of the particles, NaN on rattlers, and of the load-bearing "
             "pairs.");
}

}  // namespace

void bind_linalg(py::module_& module) {
    bind_solver<2>(module, "ElasticSolver2D");
    bind_solver<3>(module, "ElasticSolver3D");
}

}  // namespace glassplast
