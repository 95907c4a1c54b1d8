#include <glassplast/probes/saddle_points.hpp>

#include <pybind11/stl.h>

#include "arrays.hpp"
#include "bindings.hpp"
#include "monitoring.hpp"

namespace py = pybind11;
using py::literals::operator""_a;

namespace glassplast {

namespace {

template <int Dim>
py::dict dict_of(const SaddlesOfCentre<Dim>& found, bool displacements) {
    py::list rows;
    for (const Saddle<Dim>& saddle : found.saddles) {
        py::dict row;
        row["attempt"] = saddle.attempt;
        row["barrier"] = saddle.barrier;
        row["coarse_barrier"] = saddle.coarse_barrier;
        row["stress"] = array_from<Dim>(Positions<Dim>(saddle.stress));
        row["eigenvalue"] = saddle.eigenvalue;
        row["force"] = saddle.force;
        row["core"] = saddle.core;
        row["energy_beyond"] = saddle.energy_beyond;
        row["fall"] = saddle.fall;
        row["participation"] = saddle.participation;
        if (displacements) {
            row["displacement"] = array_from<Dim>(saddle.displacement);
        }
        rows.append(row);
    }
    py::dict result;
    result["saddles"] = rows;
    result["attempts"] = found.attempts;
    result["lost"] = found.lost;
    result["repeated"] = found.repeated;
    result["unconnected"] = found.unconnected;
    result["steps"] = found.steps;
    return result;
}

template <int Dim>
void bind_saddles_in(py::module_& module) {
    module.def(
        "saddle_points",
        [](const std::shared_ptr<const Interaction<Dim>>& interaction, const Box<Dim>& box,
           const InputArray<double>& positions, const std::vector<int>& centres,
           const std::vector<RandomStream::State>& seeds, const SaddleSearch& search, bool displacements,
           const py::object& callback) {
            const Positions<Dim> points = positions_from<Dim>(positions);
            if (seeds.size() != centres.size()) {
                throw GeometryError("there must be one seed for each centre");
            }
            for (const int centre : centres) {
                if (centre < 0 || centre >= points.cols()) {
                    throw GeometryError("there is no particle " + std::to_string(centre) + " among " +
                                        std::to_string(points.cols()));
                }
            }
            Monitor monitor = monitor_from(callback);
            std::vector<SaddlesOfCentre<Dim>> found;
            {
                const py::gil_scoped_release release;
                const SaddleSampler<Dim> sampler(interaction, box, points, search);
                for (std::size_t k = 0; k < centres.size(); ++k) {
                    found.push_back(sampler.sample(centres[k], RandomStream(seeds[k]), monitor));
                }
            }
            py::list result;
            for (const SaddlesOfCentre<Dim>& of_centre : found) {
                result.append(dict_of<Dim>(of_centre, displacements));
            }
            return result;
        },
        "interaction"_a, "box"_a, "positions"_a, "centres"_a, "seeds"_a, "search"_a, "displacements"_a,
        "callback"_a = py::none(), "Saddle points around particles of a minimum, by activation.");
}

}  // namespace

void bind_saddles(py::module_& module) {
    py::class_<SaddleSearch>(module, "SaddleSearch")
        .def(py::init([](double push, double longest_step, double farthest, double tolerance,
                         double coarse_tolerance, double cluster_radius, double patch_radius, int events,
                         int attempts) {
                 SaddleSearch search;
                 search.climb.push = push;
                 search.climb.longest_step = longest_step;
                 search.climb.farthest = farthest;
                 search.climb.tolerance = tolerance;
                 search.climb.coarse_tolerance = coarse_tolerance;
                 search.cluster_radius = cluster_radius;
                 search.patch_radius = patch_radius;
                 search.events = events;
                 search.attempts = attempts;
                 return search;
             }),
             "push"_a = 0.05, "longest_step"_a = 0.1, "farthest"_a = 3.0, "tolerance"_a = 1e-8,
             "coarse_tolerance"_a = 5e-3, "cluster_radius"_a = 2.0, "patch_radius"_a = 10.0, "events"_a = 5,
             "attempts"_a = 50);
    bind_saddles_in<2>(module);
    bind_saddles_in<3>(module);
}

}  // namespace glassplast
