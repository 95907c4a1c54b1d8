#include <glassplast/sampling/swap_monte_carlo.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "arrays.hpp"
#include "bindings.hpp"
#include "monitoring.hpp"

namespace py = pybind11;
using py::literals::operator""_a;

namespace glassplast {

namespace {

RandomStream::State random_state_from(const InputArray<std::uint64_t>& words) {
    RandomStream::State state{};
    if (words.ndim() != 1 || words.shape(0) != static_cast<py::ssize_t>(state.size())) {
        throw_shape("the state of the random stream", "(4,)", words);
    }
    std::copy_n(words.data(), state.size(), state.begin());
    return state;
}

template <int Dim>
void bind_monte_carlo(py::module_& module, const char* name) {
    using MonteCarlo = SwapMonteCarlo<Dim>;
    py::class_<MonteCarlo>(module, name,
                           "Metropolis Monte Carlo of displacements and exchanges of diameters or species.")
        .def(py::init([](const std::shared_ptr<Interaction<Dim>>& interaction, const Box<Dim>& box,
                         const InputArray<double>& positions, const InputArray<std::uint64_t>& random_state,
                         const MonteCarloOptions& options) {
                 return MonteCarlo(interaction, box, positions_from<Dim>(positions),
                                   random_state_from(random_state), options);
             }),
             "interaction"_a, "box"_a, "positions"_a, "random_state"_a, "options"_a)
        .def(
            "run",
            [](MonteCarlo& simulation, long long moves, const py::object& callback) {
                Monitor monitor = monitor_from(callback);
                alone_with(simulation, [&] { simulation.run(moves, monitor); });
            },
            "moves"_a, "callback"_a = py::none(),
            "Make this many moves and call callback(moves, energy) now and then; if it raises, nothing "
            "changes.")
        .def_property(
            "options",
            [](const MonteCarlo& simulation) {
                return alone_with(simulation, [&] { return MonteCarloOptions(simulation.options()); });
            },
            [](MonteCarlo& simulation, const MonteCarloOptions& options) {
                alone_with(simulation, [&] { simulation.set_options(options); });
            })
        .def_property_readonly(
            "positions",
            [](const MonteCarlo& simulation) {
                return array_from<Dim>(
                    alone_with(simulation, [&] { return Positions<Dim>(simulation.positions()); }));
            },
            "(N, d), on paths without jumps: not wrapped into the box.")
        .def_property_readonly(
            "kinds",
            [](const MonteCarlo& simulation) {
                return array_from(
                    alone_with(simulation, [&] { return std::vector<double>(simulation.kinds()); }));
            },
            "(N,) diameters, or species as floating-point numbers.")
        .def_property_readonly("random_state",
                               [](const MonteCarlo& simulation) {
                                   const RandomStream::State state = alone_with(simulation, [&] {
                                       return RandomStream::State(simulation.random_state());
                                   });
                                   return array_from(std::vector<std::uint64_t>(state.begin(), state.end()));
                               })
        .def_property_readonly("energy",
                               [](const MonteCarlo& simulation) {
                                   return alone_with(simulation, [&] { return simulation.energy(); });
                               })
        .def_property_readonly(
            "counts",
            [](const MonteCarlo& simulation) {
                return alone_with(simulation, [&] { return MoveCounts(simulation.counts()); });
            },
            "The counts of the last call of run.");
}

}  // namespace

void bind_sampling(py::module_& module) {
    py::class_<MonteCarloOptions>(module, "MonteCarloOptions")
        .def(py::init([](double temperature, double step, double swap_probability, double swap_window) {
                 return MonteCarloOptions{temperature, step, swap_probability, swap_window};
             }),
             "temperature"_a, "step"_a, "swap_probability"_a, "swap_window"_a)
        .def_readonly("temperature", &MonteCarloOptions::temperature)
        .def_readonly("step", &MonteCarloOptions::step)
        .def_readonly("swap_probability", &MonteCarloOptions::swap_probability)
        .def_readonly("swap_window", &MonteCarloOptions::swap_window);
    py::class_<MoveCounts>(module, "MoveCounts", "How many Monte Carlo moves were tried and accepted.")
        .def_readonly("translations", &MoveCounts::translations)
        .def_readonly("accepted_translations", &MoveCounts::accepted_translations)
        .def_readonly("swaps", &MoveCounts::swaps)
        .def_readonly("idle_swaps", &MoveCounts::idle_swaps,
                      "Swaps refused before any energy was computed: the kinds were equal or too different.")
        .def_readonly("accepted_swaps", &MoveCounts::accepted_swaps);
    bind_monte_carlo<2>(module, "SwapMonteCarlo2D");
    bind_monte_carlo<3>(module, "SwapMonteCarlo3D");
}

}  // namespace glassplast
