#include <glassplast/shear/quasistatic_stepper.hpp>

#include <memory>

#include "arrays.hpp"
#include "bindings.hpp"
#include "monitoring.hpp"

namespace py = pybind11;
using py::literals::operator""_a;

namespace glassplast {

namespace {

template <int Dim>
void bind_stepper(py::module_& module, const char* state_name, const char* stepper_name) {
    using State = ShearedState<Dim>;
    using Stepper = QuasistaticStepper<Dim>;
    py::class_<State>(module, state_name, "A relaxed state along a quasistatic path.")
        .def_readonly("strain", &State::strain)
        .def_readonly("energy", &State::energy)
        .def_readonly("largest_force", &State::largest_force)
        .def_property_readonly("stress", [](const State& state) { return array_of(state.stress); })
        .def_property_readonly("positions", [](const py::object& self) {
            return view_of<Dim>(self.cast<const State&>().positions, self);
        });
    py::class_<Stepper>(module, stepper_name, "Quasistatic simple shear in finite steps.")
        .def(py::init([](std::shared_ptr<Interaction<Dim>> interaction, const Box<Dim>& reference,
                         double strain, const InputArray<double>& positions, const RelaxOptions& options,
                         double tolerance) {
                 return Stepper(std::move(interaction), reference, strain, positions_from<Dim>(positions),
                                options, tolerance);
             }),
             "interaction"_a, "reference"_a, "strain"_a, "positions"_a, "options"_a, "tolerance"_a)
        .def(
            "step_to",
            [](Stepper& stepper, double strain, bool follow, const py::object& callback) {
                Monitor monitor = monitor_from(callback);
                alone_with(stepper, [&] { stepper.step_to(strain, follow, monitor); });
            },
            "strain"_a, "follow"_a = true, "callback"_a = py::none())
        .def(
            "restore",
            [](Stepper& stepper, const State& state) {
                alone_with(stepper, [&] { stepper.restore(state); });
            },
            "state"_a)
        .def_property_readonly(
            "state",
            [](const Stepper& stepper) {
                return alone_with(stepper, [&] { return State(stepper.state()); });
            },
            "A copy of the present state.")
        .def_property_readonly(
            "box", [](const Stepper& stepper) { return alone_with(stepper, [&] { return stepper.box(); }); })
        .def_property_readonly("nonaffine_displacement", &Stepper::nonaffine_displacement)
        .def_property_readonly("fell_back", &Stepper::fell_back)
        .def_property_readonly("evaluations", &Stepper::evaluations)
        .def_property_readonly("factorizations", &Stepper::factorizations);
}

}  // namespace

void bind_shear(py::module_& module) {
    bind_stepper<2>(module, "ShearedState2D", "QuasistaticStepper2D");
    bind_stepper<3>(module, "ShearedState3D", "QuasistaticStepper3D");
}

}  // namespace glassplast
