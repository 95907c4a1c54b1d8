#include <glassplast/relax/minimize.hpp>

#include "arrays.hpp"
#include "bindings.hpp"
#include "monitoring.hpp"

namespace py = pybind11;
using py::literals::operator""_a;

namespace glassplast {

namespace {

template <int Dim>
void bind_minimize(py::module_& module, const char* result_name) {
    using Result = Relaxation<Dim>;
    py::class_<Result>(module, result_name, "Where a minimization ended, and why.")
        .def_property_readonly(
            "positions",
            [](const py::object& self) { return view_of<Dim>(self.cast<const Result&>().positions, self); })
        .def_property_readonly(
            "forces",
            [](const py::object& self) { return view_of<Dim>(self.cast<const Result&>().forces, self); })
        .def_property_readonly("stress", [](const Result& result) { return array_of(result.stress); })
        .def_readonly("energy", &Result::energy)
        .def_readonly("first_force", &Result::first_force)
        .def_readonly("largest_force", &Result::largest_force)
        .def_readonly("largest_displacement", &Result::largest_displacement)
        .def_readonly("evaluations", &Result::evaluations)
        .def_readonly("factorizations", &Result::factorizations)
        .def_readonly("stop", &Result::stop);
    module.def(
        "minimize",
        [](PotentialEnergy<Dim>& potential, const InputArray<double>& array, const RelaxOptions& options,
           const py::object& callback) {
            const Positions<Dim> positions = positions_from<Dim>(array);
            Monitor monitor = monitor_from(callback);
            return alone_with(potential, [&] { return minimize(potential, positions, options, monitor); });
        },
        "potential"_a, "positions"_a, "options"_a, "callback"_a = py::none());
}

}  // namespace

void bind_relax(py::module_& module) {
    py::enum_<Method>(module, "Method")
        .value("conjugate_gradient", Method::conjugate_gradient)
        .value("fire", Method::fire);
    py::enum_<Stop>(module, "Stop")
        .value("converged", Stop::converged)
        .value("round_off", Stop::round_off)
        .value("budget", Stop::budget);
    py::class_<RelaxOptions>(module, "RelaxOptions")
        .def(py::init([](Method method, double tolerance, long evaluation_budget, bool polish) {
                 return RelaxOptions{method, tolerance, evaluation_budget, polish};
             }),
             "method"_a, "tolerance"_a, "evaluation_budget"_a, "polish"_a);
    bind_minimize<2>(module, "Relaxation2D");
    bind_minimize<3>(module, "Relaxation3D");
}

}  // namespace glassplast
