#include <glassplast/models/potential_energy.hpp>
#include <glassplast/models/registry.hpp>

#include <pybind11/stl.h>

#include <algorithm>
#include <memory>
#include <string>

#include "arrays.hpp"
#include "bindings.hpp"
#include "monitoring.hpp"

namespace py = pybind11;
using py::literals::operator""_a;

namespace glassplast {

namespace {

template <int Dim>
py::array_t<int> image_view(const std::vector<Image<Dim>>& image, const py::handle& owner) {
    const int* data = image.empty() ? nullptr : image.front().data();
    return view_of(data, {static_cast<py::ssize_t>(image.size()), Dim}, owner);
}

template <int Dim>
void bind_network(py::module_& module, const char* name) {
    using Network = ContactNetwork<Dim>;
    py::class_<Network> network(module, name,
                                "Every interacting pair once, sorted, with the derivatives of its energy.");
    network.def_readonly("particles", &Network::particles);
    network.def("__len__", &Network::size);
    const auto integers = [&](const char* key, std::vector<int> Network::* member) {
        network.def_property_readonly(key, [member](const py::object& self) {
            return view_of(self.cast<const Network&>().*member, self);
        });
    };
    const auto vectors = [&](const char* key, Positions<Dim> Network::* member) {
        network.def_property_readonly(key, [member](const py::object& self) {
            return view_of<Dim>(self.cast<const Network&>().*member, self);
        });
    };
    const auto scalars = [&](const char* key, Eigen::VectorXd Network::* member) {
        network.def_property_readonly(key, [member](const py::object& self) {
            return view_of(self.cast<const Network&>().*member, self);
        });
    };
    integers("first", &Network::first);
    integers("second", &Network::second);
    vectors("separation", &Network::separation);
    vectors("direction", &Network::direction);
    scalars("distance", &Network::distance);
    scalars("length", &Network::length);
    scalars("phi", &Network::phi);
    scalars("phi1", &Network::phi1);
    scalars("phi2", &Network::phi2);
    scalars("phi3", &Network::phi3);
    scalars("phi4", &Network::phi4);
    network.def_property_readonly("image", [](const py::object& self) {
        return image_view<Dim>(self.cast<const Network&>().image, self);
    });
}

template <int Dim>
void require_particles(const Interaction<Dim>& interaction, std::size_t i, std::size_t j) {
    if (std::max(i, j) >= interaction.size()) {
        throw py::index_error("there is no particle " + std::to_string(std::max(i, j)) + " among " +
                              std::to_string(interaction.size()));
    }
}

template <int Dim>
void bind_interaction(py::module_& module, const char* name) {
    using Interaction = Interaction<Dim>;
    py::class_<Interaction, std::shared_ptr<Interaction>>(
        module, name, "A pair potential together with the species or diameters of the particles.")
        .def("__len__", &Interaction::size)
        .def_property_readonly("range", &Interaction::range)
        .def(
            "pair_length",
            [](const Interaction& interaction, std::size_t i, std::size_t j) {
                require_particles(interaction, i, j);
                return interaction.pair_length(i, j);
            },
            "i"_a, "j"_a)
        .def(
            "pair_energy",
            [](const Interaction& interaction, std::size_t i, std::size_t j) {
                require_particles(interaction, i, j);
                return interaction.pair_energy(i, j);
            },
            "i"_a, "j"_a)
        .def(
            "pair_derivatives",
            [](const Interaction& interaction, std::size_t i, std::size_t j, double distance) {
                require_particles(interaction, i, j);
                return interaction.pair_derivatives(i, j, distance);
            },
            "i"_a, "j"_a, "distance"_a);
}

template <int Dim>
void bind_potential(py::module_& module, const char* name) {
    using Potential = PotentialEnergy<Dim>;
    py::class_<Potential>(module, name,
                          "The potential energy and its forces as functions of the positions in a given box.")
        .def(py::init([](std::shared_ptr<Interaction<Dim>> interaction, const Box<Dim>& box, double skin) {
                 return Potential(std::move(interaction), box, skin);
             }),
             "interaction"_a, "box"_a, "skin"_a = 0.3)
        .def_property(
            "box",
            [](const Potential& potential) {
                return alone_with(potential, [&] { return Box<Dim>(potential.box()); });
            },
            [](Potential& potential, const Box<Dim>& box) {
                alone_with(potential, [&] { potential.set_box(box); });
            })
        .def_property_readonly("evaluations", &Potential::evaluations)
        .def_property_readonly("list_builds", &Potential::list_builds)
        .def(
            "evaluate",
            [](Potential& potential, const InputArray<double>& array) {
                const Positions<Dim> positions = positions_from<Dim>(array);
                Positions<Dim> forces;
                Matrix<Dim> stress;
                const double energy = alone_with(potential, [&] {
                    const Evaluation<Dim> result = potential.evaluate(positions, forces);
                    stress = result.virial / potential.box().volume();
                    return result.energy;
                });
                return py::make_tuple(energy, array_from<Dim>(std::move(forces)), array_of(stress));
            },
            "positions"_a, "Energy, forces (N, d) and stress (d, d).")
        .def(
            "network",
            [](Potential& potential, const InputArray<double>& array) {
                const Positions<Dim> positions = positions_from<Dim>(array);
                return alone_with(potential, [&] { return potential.network(positions); });
            },
            "positions"_a);
}

template <int Dim>
void bind_makers(py::module_& module, const std::string& suffix) {
    const auto name = [&](const char* stem) { return stem + suffix; };
    module.def(
        name("lennard_jones_").c_str(),
        [](const InputArray<int>& species, int count, const std::vector<double>& length,
           const std::vector<double>& energy) {
            return std::shared_ptr<Interaction<Dim>>(
                make_lennard_jones<Dim>(list_from<int>(species, "species"), count, length, energy));
        },
        "species"_a, "species_count"_a, "length"_a, "energy"_a);
    const auto by_diameter = [&](const char* stem, auto make) {
        module.def(
            name(stem).c_str(),
            [make](const InputArray<double>& diameters, double nonadditivity, double energy) {
                return std::shared_ptr<Interaction<Dim>>(
                    make(list_from<double>(diameters, "diameters"), nonadditivity, energy));
            },
            "diameters"_a, "nonadditivity"_a, "energy"_a);
    };
    by_diameter("soft_disks_", &make_soft_disks<Dim>);
    by_diameter("harmonic_", &make_harmonic<Dim>);
    by_diameter("hertzian_", &make_hertzian<Dim>);
    module.def(
        name("inverse_power_").c_str(),
        [](const InputArray<double>& diameters, double nonadditivity, double energy, int exponent,
           double cutoff, int smoothness) {
            return std::shared_ptr<Interaction<Dim>>(
                make_inverse_power<Dim>(list_from<double>(diameters, "diameters"), nonadditivity, energy,
                                        exponent, cutoff, smoothness));
        },
        "diameters"_a, "nonadditivity"_a, "energy"_a, "exponent"_a, "cutoff"_a, "smoothness"_a);
}

}  // namespace

void bind_models(py::module_& module) {
    bind_network<2>(module, "ContactNetwork2D");
    bind_network<3>(module, "ContactNetwork3D");
    bind_interaction<2>(module, "Interaction2D");
    bind_interaction<3>(module, "Interaction3D");
    bind_potential<2>(module, "PotentialEnergy2D");
    bind_potential<3>(module, "PotentialEnergy3D");
    bind_makers<2>(module, "2d");
    bind_makers<3>(module, "3d");
}

}  // namespace glassplast
