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
           const InputArray<double>& positions, int centre, const RandomStream::State& seed,
           const SaddleSearch& search, bool displacements, const py::object& callback) {
            const Positions<Dim> points = positions_from<Dim>(positions);
            if (centre < 0 || centre >= points.cols()) {
                throw ArgumentError("centre must be a particle, one of " + std::to_string(points.cols()) +
                                    ", not " + std::to_string(centre));
            }
            Monitor monitor = monitor_from(callback);
            SaddlesOfCentre<Dim> found;
            {
                const py::gil_scoped_release release;
                const SaddleSampler<Dim> sampler(interaction, box, points, search);
                found = sampler.sample(centre, RandomStream(seed), monitor);
            }
            return dict_of<Dim>(found, displacements);
        },
        "interaction"_a, "box"_a, "positions"_a, "centre"_a, "seed"_a, "search"_a, "displacements"_a,
        "callback"_a = py::none(), "Saddle points around a particle of a minimum, by activation.");
}

}  // namespace

void bind_saddles(py::module_& module) {
    py::class_<SaddleSearch>(module, "SaddleSearch")
        .def(py::init([](double push, double tolerance, double coarse_tolerance, double cluster_radius,
                         double patch_radius, int events, int attempts) {
                 SaddleSearch search;
                 search.climb.push = push;
                 search.climb.tolerance = tolerance;
                 search.climb.coarse_tolerance = coarse_tolerance;
                 search.cluster_radius = cluster_radius;
                 search.patch_radius = patch_radius;
                 search.events = events;
                 search.attempts = attempts;
                 return search;
             }),
             "push"_a, "tolerance"_a, "coarse_tolerance"_a, "cluster_radius"_a, "patch_radius"_a, "events"_a,
             "attempts"_a);
    bind_saddles_in<2>(module);
    bind_saddles_in<3>(module);
}

}  // namespace glassplast
