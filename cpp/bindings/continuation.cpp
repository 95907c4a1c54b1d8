#include <glassplast/shear/elastic_branch.hpp>

#include <limits>
#include <memory>

#include "arrays.hpp"
#include "bindings.hpp"
#include "monitoring.hpp"

namespace py = pybind11;
using py::literals::operator""_a;

namespace glassplast {

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

template <int Dim>
void bind_branch(py::module_& module, const char* name) {
    using Result = ElasticBranch<Dim>;
    py::class_<Result> branch(module, name, "An elastic branch, and the instability that ends it.");
    const auto curve = [&](const char* key, std::vector<double> Branch::* member) {
        branch.def_property_readonly(key, [member](const py::object& self) {
            return view_of(self.cast<const Result&>().curve.*member, self);
        });
    };
    curve("strain", &Branch::gamma);
    curve("stress", &Branch::stress);
    curve("energy", &Branch::energy);
    curve("slope", &Branch::slope);
    curve("residual", &Branch::residual);
    const auto field = [&](const char* key, Positions<Dim> Result::* member) {
        branch.def_property_readonly(key, [member](const py::object& self) {
            return view_of<Dim>(self.cast<const Result&>().*member, self);
        });
    };
    field("positions", &Result::positions);
    field("critical_mode", &Result::mode);
    field("mode", &Result::before_mode);
    field("before_positions", &Result::before_positions);
    const auto of_fold = [&](const char* key, double Fold::* member, double scale_by_volume) {
        branch.def_property_readonly(key, [member, scale_by_volume](const Result& result) {
            if (!result.curve.fold) {
                return missing;
            }
            const double value = (*result.curve.fold).*member;
            return scale_by_volume != 0.0 ? value / result.box.volume() : value;
        });
    };
    of_fold("critical_strain", &Fold::gamma, 0.0);
    of_fold("critical_strain_uncertainty", &Fold::uncertainty, 0.0);
    of_fold("before_strain", &Fold::before_gamma, 0.0);
    of_fold("before_energy", &Fold::before_energy, 0.0);
    of_fold("before_stress", &Fold::before_stress, 1.0);
    of_fold("eigenvalue", &Fold::before_eigenvalue, 0.0);
    of_fold("overlap", &Fold::overlap, 0.0);
    branch.def_property_readonly("ended", [](const Result& result) { return result.curve.fold.has_value(); })
        .def_property_readonly(
            "stress_maximum",
            [](const Result& result) { return result.curve.stress_maximum.value_or(missing); })
        .def_property_readonly("stress_tensor", [](const Result& result) { return array_of(result.stress); })
        .def_readonly("end_strain", &Result::end_strain)
        .def_readonly("end_energy", &Result::end_energy)
        .def_readonly("box", &Result::box)
        .def_readonly("evaluations", &Result::evaluations)
        .def_property_readonly("factorizations",
                               [](const Result& result) { return result.curve.factorizations; })
        .def_property_readonly("rejected", [](const Result& result) { return result.curve.rejected; })
        .def_property_readonly("largest_residual", [](const Result& result) {
            double largest = 0.0;
            for (const double value : result.curve.residual) {
                largest = std::max(largest, std::abs(value));
            }
            return largest;
        });
    module.def(
        "follow_branch",
        [](std::shared_ptr<Interaction<Dim>> interaction, const Box<Dim>& box, double strain,
           const InputArray<double>& positions, const InputArray<double>& loading, double to,
           const BranchOptions& options, int threads, const py::object& callback) {
            const Positions<Dim> start = positions_from<Dim>(positions);
            const Matrix<Dim> matrix = matrix_from<Dim>(loading, "loading");
            Monitor monitor = monitor_from(callback);
            const py::gil_scoped_release release;
            return follow_branch<Dim>(std::move(interaction), box, strain, start, matrix, to, options,
                                      threads, monitor);
        },
        "interaction"_a, "box"_a, "strain"_a, "positions"_a, "loading"_a, "to"_a, "options"_a,
        "threads"_a = 1, "callback"_a = py::none());
    module.def(
        "release_branch",
        [](std::shared_ptr<Interaction<Dim>> interaction, const Result& result, const RelaxOptions& options,
           const py::object& callback) {
            Monitor monitor = monitor_from(callback);
            const py::gil_scoped_release release;
            return release_branch<Dim>(std::move(interaction), result, options, monitor);
        },
        "interaction"_a, "branch"_a, "options"_a, "callback"_a = py::none());
}

}  // namespace

void bind_continuation(py::module_& module) {
    py::class_<BranchOptions>(module, "BranchOptions")
        .def(py::init(
                 [](double tolerance, double step_tolerance, double energy_tolerance, double largest_step) {
                     return BranchOptions{tolerance, step_tolerance, energy_tolerance, largest_step};
                 }),
             "tolerance"_a = BranchOptions().tolerance, "step_tolerance"_a = BranchOptions().step_tolerance,
             "energy_tolerance"_a = BranchOptions().energy_tolerance,
             "largest_step"_a = BranchOptions().largest_step)
        .def_readonly("tolerance", &BranchOptions::tolerance)
        .def_readonly("step_tolerance", &BranchOptions::step_tolerance)
        .def_readonly("energy_tolerance", &BranchOptions::energy_tolerance)
        .def_readonly("largest_step", &BranchOptions::largest_step);
    bind_branch<2>(module, "Branch2D");
    bind_branch<3>(module, "Branch3D");
}

}  // namespace glassplast
