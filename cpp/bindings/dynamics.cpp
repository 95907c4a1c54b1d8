#include <glassplast/sampling/molecular_dynamics.hpp>

#include <pybind11/stl.h>

#include <memory>
#include <string>
#include <utility>

#include "arrays.hpp"
#include "bindings.hpp"
#include "monitoring.hpp"

namespace py = pybind11;
using py::literals::operator""_a;

namespace glassplast {

namespace {

template <int Dim>
void bind_state(py::module_& module, const char* name) {
    using State = DynamicsState<Dim>;
    py::class_<State>(module, name, "The state from which a trajectory goes on.")
        .def(py::init([](const InputArray<double>& positions, const InputArray<double>& velocities,
                         const RandomStream::State& random, long step, const InputArray<double>& position_sum,
                         long averaged) {
                 return State{positions_from<Dim>(positions),
                              positions_from<Dim>(velocities),
                              RandomStream(random),
                              step,
                              positions_from<Dim>(position_sum),
                              averaged};
             }),
             "positions"_a, "velocities"_a, "random"_a, "step"_a, "position_sum"_a, "averaged"_a)
        .def_property_readonly(
            "positions",
            [](const py::object& self) { return view_of<Dim>(self.cast<const State&>().positions, self); })
        .def_property_readonly(
            "velocities",
            [](const py::object& self) { return view_of<Dim>(self.cast<const State&>().velocities, self); })
        .def_property_readonly("random", [](const State& state) { return state.random.state(); })
        .def_readonly("step", &State::step)
        .def_property_readonly(
            "position_sum",
            [](const py::object& self) { return view_of<Dim>(self.cast<const State&>().position_sum, self); })
        .def_readonly("averaged", &State::averaged);
}

template <int Dim>
void bind_run(py::module_& module, const char* name) {
    using Run = DynamicsRun<Dim>;
    py::class_<Run> run(module, name, "The end of a trajectory, and the measurements along it.");
    const auto series = [&](const char* key, std::vector<double> DynamicsSeries<Dim>::* member) {
        run.def_property_readonly(key, [member](const py::object& self) {
            return view_of(self.cast<const Run&>().series.*member, self);
        });
    };
    run.def_readonly("state", &Run::state);
    series("time", &DynamicsSeries<Dim>::time);
    series("temperature", &DynamicsSeries<Dim>::temperature);
    series("potential", &DynamicsSeries<Dim>::potential);
    series("kinetic", &DynamicsSeries<Dim>::kinetic);
    run.def_property_readonly("stress", [](const py::object& self) {
        const std::vector<Matrix<Dim>>& stress = self.cast<const Run&>().series.stress;
        const double* data = stress.empty() ? nullptr : stress.front().data();
        return view_of(data, {static_cast<py::ssize_t>(stress.size()), Dim, Dim}, self);
    });
    run.def_readonly("list_builds", &Run::list_builds);
}

template <int Dim>
void bind_functions(py::module_& module) {
    module.def(("maxwell_velocities_" + std::to_string(Dim) + "d").c_str(),
               [](std::size_t count, double temperature, const RandomStream::State& random) {
                   RandomStream stream(random);
                   Positions<Dim> velocities = maxwell_velocities<Dim>(count, temperature, stream);
                   return py::make_tuple(array_from<Dim>(std::move(velocities)), stream.state());
               },
               "count"_a, "temperature"_a, "random"_a,
               "Velocities (N, d), and the state of the random stream afterwards.");
    module.def(
        "run_dynamics",
        [](const Interaction<Dim>& interaction, const Box<Dim>& box, const DynamicsState<Dim>& start,
           const DynamicsOptions& options, long steps, const py::object& callback) {
            Monitor monitor = monitor_from(callback);
            const py::gil_scoped_release release;
            return run_dynamics<Dim>(interaction, box, start, options, steps, monitor);
        },
        "interaction"_a, "box"_a, "start"_a, "options"_a, "steps"_a, "callback"_a = py::none());
}

}  // namespace

void bind_dynamics(py::module_& module) {
    py::class_<DynamicsOptions>(module, "DynamicsOptions")
        .def(py::init([](double time_step, bool thermostat, double friction, long thermostat_interval,
                         double first_temperature, double last_temperature, long ramp_steps,
                         long sample_interval, long average_interval, double skin) {
                 return DynamicsOptions{
                     time_step,        thermostat, friction,        thermostat_interval, first_temperature,
                     last_temperature, ramp_steps, sample_interval, average_interval,    skin};
             }),
             "time_step"_a, "thermostat"_a, "friction"_a, "thermostat_interval"_a, "first_temperature"_a,
             "last_temperature"_a, "ramp_steps"_a, "sample_interval"_a, "average_interval"_a, "skin"_a)
        .def("temperature", &DynamicsOptions::temperature, "step"_a);
    bind_state<2>(module, "DynamicsState2D");
    bind_state<3>(module, "DynamicsState3D");
    bind_run<2>(module, "DynamicsRun2D");
    bind_run<3>(module, "DynamicsRun3D");
    bind_functions<2>(module);
    bind_functions<3>(module);
}

}  // namespace glassplast
