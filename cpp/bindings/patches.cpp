#include <glassplast/probes/local_yield_stress.hpp>

#include <pybind11/stl.h>

#include "arrays.hpp"
#include "bindings.hpp"
#include "monitoring.hpp"

namespace py = pybind11;
using py::literals::operator""_a;

namespace glassplast {

namespace {

/// One array for each quantity, (nodes, angles), of results in that order.
py::dict columns_of(const std::vector<LocalYield>& found, const Positions<3>& prestress, std::size_t angles) {
    const std::vector<py::ssize_t> shape = {static_cast<py::ssize_t>(prestress.cols()),
                                            static_cast<py::ssize_t>(angles)};
    py::dict result;
    const auto column = [&](const char* name, auto member) {
        Eigen::VectorXd values(static_cast<Eigen::Index>(found.size()));
        for (std::size_t k = 0; k < found.size(); ++k) {
            values(static_cast<Eigen::Index>(k)) = static_cast<double>(found[k].*member);
        }
        result[name] = array_from(values).reshape(shape);
    };
    column("stress", &LocalYield::stress);
    column("modulus", &LocalYield::modulus);
    column("threshold", &LocalYield::threshold);
    column("strain", &LocalYield::strain);
    column("instability_threshold", &LocalYield::instability_threshold);
    column("instability_strain", &LocalYield::instability_strain);
    column("largest_residual", &LocalYield::largest_residual);
    column("evaluations", &LocalYield::evaluations);
    column("factorizations", &LocalYield::factorizations);
    result["prestress"] = array_from<3>(prestress);
    return result;
}

template <class Options>
using Probe = std::vector<LocalYield> (*)(Patch&, const std::vector<double>&, const Options&, Monitor&);

template <class Options>
py::dict yield_of_nodes(Probe<Options> probe, const Interaction<2>& interaction, const Box<2>& box,
                        const InputArray<double>& positions, const InputArray<double>& nodes,
                        const std::vector<double>& angles, const Options& options,
                        const py::object& callback) {
    const Positions<2> points = positions_from<2>(positions);
    const Positions<2> centres = positions_from<2>(nodes, "nodes");
    interaction.require_size(points);
    Monitor monitor = monitor_from(callback);
    std::vector<LocalYield> found;
    Positions<3> prestress(3, centres.cols());
    {
        const py::gil_scoped_release release;
        const PatchCutter cutter(interaction, box, points, options.extent);
        for (Eigen::Index k = 0; k < centres.cols(); ++k) {
            Patch patch = cutter.cut(centres.col(k));
            const Matrix<2> before = patch.local_stress();
            prestress.col(k) << before(0, 0), before(1, 1), before(0, 1);
            const std::vector<LocalYield> of_node = probe(patch, angles, options, monitor);
            found.insert(found.end(), of_node.begin(), of_node.end());
        }
    }
    return columns_of(found, prestress, angles.size());
}

template <class Options>
void bind_probe(py::module_& module, const char* name, Probe<Options> probe) {
    module.def(
        name,
        [probe](const Interaction<2>& interaction, const Box<2>& box, const InputArray<double>& positions,
                const InputArray<double>& nodes, const std::vector<double>& angles, const Options& options,
                const py::object& progress) {
            return yield_of_nodes<Options>(probe, interaction, box, positions, nodes, angles, options,
                                           progress);
        },
        "interaction"_a, "box"_a, "positions"_a, "nodes"_a, "angles"_a, "options"_a,
        "progress"_a = py::none());
}

py::array_t<double> strength_of_nodes(const Interaction<2>& interaction, const Box<2>& box,
                                      const InputArray<double>& positions, const InputArray<double>& nodes,
                                      const std::vector<double>& angles, const std::vector<double>& cosines,
                                      const YieldOptions& options, const py::object& callback) {
    const Positions<2> points = positions_from<2>(positions);
    const Positions<2> centres = positions_from<2>(nodes, "nodes");
    interaction.require_size(points);
    if (cosines.size() != angles.size()) {
        throw GeometryError("there must be one cosine for each angle");
    }
    Monitor monitor = monitor_from(callback);
    Eigen::VectorXd result(centres.cols());
    {
        const py::gil_scoped_release release;
        const PatchCutter cutter(interaction, box, points, options.extent);
        for (Eigen::Index k = 0; k < centres.cols(); ++k) {
            Patch patch = cutter.cut(centres.col(k));
            result(k) = residual_strength(patch, angles, cosines, options, monitor);
        }
    }
    return array_from(result);
}

}  // namespace

void bind_patches(py::module_& module) {
    py::class_<YieldOptions>(module, "YieldOptions")
        .def(py::init([](double radius, double skin, double largest_strain, bool to_instability,
                         double step_tolerance, double energy_tolerance) {
                 YieldOptions options;
                 options.extent = {radius, skin};
                 options.largest_strain = largest_strain;
                 options.to_instability = to_instability;
                 options.branch.step_tolerance = step_tolerance;
                 options.branch.energy_tolerance = energy_tolerance;
                 return options;
             }),
             "radius"_a = 5.0, "skin"_a = 0.4, "largest_strain"_a = 0.5, "to_instability"_a = false,
             "step_tolerance"_a = 2e-3, "energy_tolerance"_a = 1e-7);
    py::enum_<PatchRelaxer>(module, "PatchRelaxer")
        .value("conjugate_gradient", PatchRelaxer::conjugate_gradient)
        .value("newton", PatchRelaxer::newton);
    py::class_<FixedYieldOptions>(module, "FixedYieldOptions")
        .def(py::init([](PatchRelaxer relaxer, double radius, double skin, double increment, double tolerance,
                         double largest_strain) {
                 return FixedYieldOptions{{radius, skin}, increment, tolerance, relaxer, largest_strain};
             }),
             "relaxer"_a, "radius"_a = 5.0, "skin"_a = 0.4, "increment"_a = 1e-4, "tolerance"_a = 1e-8,
             "largest_strain"_a = 0.5);
    bind_probe<YieldOptions>(module, "local_yield", &local_yield);
    bind_probe<FixedYieldOptions>(module, "fixed_yield", &fixed_yield);
    module.def("residual_strength", &strength_of_nodes, "interaction"_a, "box"_a, "positions"_a, "nodes"_a,
               "angles"_a, "cosines"_a, "options"_a, "progress"_a = py::none());
}

}  // namespace glassplast
