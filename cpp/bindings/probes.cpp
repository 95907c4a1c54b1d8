#include <glassplast/probes/dipoles.hpp>
#include <glassplast/probes/energy_forms.hpp>
#include <glassplast/probes/quasilocalized_modes.hpp>

#include <limits>

#include "arrays.hpp"
#include "bindings.hpp"
#include "monitoring.hpp"

namespace py = pybind11;
using py::literals::operator""_a;

namespace glassplast {

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

template <int Dim, class Form>
FormOf<Dim> form_of() {
    return [](const ContactNetwork<Dim>& network) { return std::make_unique<Form>(network); };
}

template <int Dim>
py::dict search_from_dipoles(const FormOf<Dim>& form_of, const ElasticSolver<Dim>& solver,
                             const ContactNetwork<Dim>& network, const InputArray<int>& pairs,
                             const ModeSearch& search, const py::object& callback) {
    const std::vector<int> starts = list_from<int>(pairs, "pairs");
    for (const int pair : starts) {
        if (pair < 0 || static_cast<std::size_t>(pair) >= network.size()) {
            throw ArgumentError("pairs must be numbers of pairs of the network, which has " +
                                std::to_string(network.size()) + ", not " + std::to_string(pair));
        }
    }
    Monitor monitor = monitor_from(callback);
    QuasilocalizedModes modes;
    {
        const py::gil_scoped_release release;
        modes = quasilocalized_modes<Dim>(solver, network, form_of, starts, search, monitor);
        for (Eigen::Index k = 0; k < modes.vectors.cols(); ++k) {
            const Positions<Dim> field = solver.core().marked(modes.vectors.col(k), missing);
            modes.vectors.col(k) = flat<Dim>(field);
        }
    }
    const auto count = static_cast<py::ssize_t>(modes.vectors.cols());
    py::dict result;
    result["vectors"] =
        array_owning(std::move(modes.vectors), {count, static_cast<py::ssize_t>(network.particles), Dim});
    result["stiffness"] = array_from(std::move(modes.stiffness));
    result["form"] = array_from(std::move(modes.form));
    result["residual"] = array_from(std::move(modes.residual));
    result["found_from"] = array_from(std::move(modes.found_from));
    return result;
}

template <int Dim>
void bind_probes_in(py::module_& module) {
    module.def(
        "susceptible_pairs",
        [](const Box<Dim>& box, const InputArray<double>& positions, const ContactNetwork<Dim>& network,
           const InputArray<double>& velocity, double spacing) {
            return array_from(susceptible_pairs<Dim>(box, positions_from<Dim>(positions), network,
                                                     positions_from<Dim>(velocity, "velocity"), spacing));
        },
        "box"_a, "positions"_a, "network"_a, "velocity"_a, "spacing"_a,
        "Of each part of the box the pair whose energy changes fastest with the velocity.");
    module.def(
        "pseudo_harmonic_modes",
        [](const ElasticSolver<Dim>& solver, const ContactNetwork<Dim>& network, const InputArray<int>& pairs,
           double tolerance, int iterations, double overlap, int neighbourhood, int threads,
           const py::object& callback) {
            return search_from_dipoles<Dim>(form_of<Dim, PairQuartic<Dim>>(), solver, network, pairs,
                                            {tolerance, iterations, overlap, neighbourhood, threads},
                                            callback);
        },
        "solver"_a, "network"_a, "pairs"_a, "tolerance"_a, "iterations"_a, "overlap"_a, "neighbourhood"_a,
        "threads"_a, "callback"_a = py::none(),
        "Minima of (z.Hz)^2 / sum over pairs of (z_ij.z_ij)^2 from dipole responses.");
    module.def(
        "nonlinear_modes",
        [](const ElasticSolver<Dim>& solver, const ContactNetwork<Dim>& network, const InputArray<int>& pairs,
           int order, double tolerance, int iterations, double overlap, int neighbourhood, int threads,
           const py::object& callback) {
            const ModeSearch search{tolerance, iterations, overlap, neighbourhood, threads};
            if (order == 3) {
                return search_from_dipoles<Dim>(form_of<Dim, EnergyCubic<Dim>>(), solver, network, pairs,
                                                search, callback);
            }
            if (order == 4) {
                return search_from_dipoles<Dim>(form_of<Dim, EnergyQuartic<Dim>>(), solver, network, pairs,
                                                search, callback);
            }
            throw ArgumentError("order must be 3 or 4, not " + std::to_string(order));
        },
        "solver"_a, "network"_a, "pairs"_a, "order"_a, "tolerance"_a, "iterations"_a, "overlap"_a,
        "neighbourhood"_a, "threads"_a, "callback"_a = py::none(),
        "Extrema of (z.Hz)^n / (U^(n).z^n)^2 from dipole responses.");
}

}  // namespace

void bind_probes(py::module_& module) {
    bind_probes_in<2>(module);
    bind_probes_in<3>(module);
}

}  // namespace glassplast
