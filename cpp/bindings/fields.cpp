#include <glassplast/fields/bond_order.hpp>
#include <glassplast/fields/environment_features.hpp>
#include <glassplast/fields/structure_functions.hpp>
#include <glassplast/geometry/image_cells.hpp>
#include <glassplast/models/interaction.hpp>

#include <algorithm>

#include "arrays.hpp"
#include "bindings.hpp"

namespace py = pybind11;
using py::literals::operator""_a;

namespace glassplast {

namespace {

using Array = InputArray<double>;

// Computes while other Python threads may run.
template <class Compute>
auto without_interpreter(Compute&& compute) {
    const py::gil_scoped_release release;
    return compute();
}

template <int Dim>
void bind_pairs(py::module_& module) {
    module.def(
        "find_pairs",
        [](const Box<Dim>& box, const Array& array, double range) {
            const Positions<Dim> positions = positions_from<Dim>(array);
            PairTable<Dim> pairs =
                without_interpreter([&] { return find_pairs<Dim>(box, positions, range); });
            const auto count = static_cast<py::ssize_t>(pairs.first.size());
            py::array_t<int> image({count, static_cast<py::ssize_t>(Dim)});
            for (py::ssize_t k = 0; k < count; ++k) {
                Image<Dim>::Map(image.mutable_data(k, 0)) = pairs.image[static_cast<std::size_t>(k)];
            }
            return py::make_tuple(array_from(std::move(pairs.first)), array_from(std::move(pairs.second)),
                                  image, array_from<Dim>(std::move(pairs.separation)),
                                  array_from(std::move(pairs.distance)));
        },
        "box"_a, "positions"_a, "range"_a,
        "Every pair closer than a range, each once, over all images: first, second (P,), image (P, d), "
        "separation (P, d) = positions[second] - positions[first] + cell @ image, distance (P,).");
}

template <int Dim>
void bind_structure_functions(py::module_& module) {
    module.def(
        "local_radial_distribution",
        [](const Box<Dim>& box, const Array& array, const Array& r, double delta) {
            const Positions<Dim> positions = positions_from<Dim>(array);
            const Eigen::VectorXd radii = values_from(r, "r");
            Eigen::MatrixXd local =
                without_interpreter([&] { return local_radial_distribution(box, positions, radii, delta); });
            return array_owning(std::move(local), {positions.cols(), radii.size()});
        },
        "box"_a, "positions"_a, "r"_a, "delta"_a, "Smoothed g_i(r): (N, R).");
    module.def(
        "radial_distribution",
        [](const Box<Dim>& box, const Array& array, const Array& r, double delta, int threads) {
            const Positions<Dim> positions = positions_from<Dim>(array);
            const Eigen::VectorXd radii = values_from(r, "r");
            return array_from(without_interpreter(
                [&] { return radial_distribution(box, positions, radii, delta, threads); }));
        },
        "box"_a, "positions"_a, "r"_a, "delta"_a, "threads"_a = 1,
        "The mean over the particles of the smoothed g_i(r): (R,).");
    module.def(
        "pair_histogram",
        [](const Box<Dim>& box, const Array& array, double r_max, int bins) {
            const Positions<Dim> positions = positions_from<Dim>(array);
            return array_from(
                without_interpreter([&] { return pair_histogram(box, positions, r_max, bins); }));
        },
        "box"_a, "positions"_a, "r_max"_a, "bins"_a, "g(r) in equal shells: (bins,).");
    module.def(
        "excess_entropy",
        [](const Box<Dim>& box, const Array& array, double r_max, double delta, int threads) {
            const Positions<Dim> positions = positions_from<Dim>(array);
            return array_from(
                without_interpreter([&] { return excess_entropy(box, positions, r_max, delta, threads); }));
        },
        "box"_a, "positions"_a, "r_max"_a, "delta"_a, "threads"_a = 1,
        "Pair excess entropy of each particle: (N,).");
}

using Species = InputArray<int>;

template <int Dim>
void bind_environment_features(py::module_& module) {
    module.def(
        "triangle_features",
        [](const Box<Dim>& box, const Array& array, const Array& sizes, double nonadditivity,
           const Array& x) {
            const Positions<Dim> positions = positions_from<Dim>(array);
            const std::vector<double> diameters = list_from<double>(sizes, "diameters", positions.cols());
            const Eigen::VectorXd knots = values_from(x, "knots");
            Eigen::MatrixXd features = without_interpreter(
                [&] { return triangle_features(box, positions, diameters, nonadditivity, knots); });
            return array_owning(std::move(features), {positions.cols(), knots.size() - 2});
        },
        "box"_a, "positions"_a, "diameters"_a, "nonadditivity"_a, "knots"_a,
        "Sums of triangular functions of r / d_ij with their tops at the inner knots: (N, knots - 2).");
    module.def(
        "bin_features",
        [](const Box<Dim>& box, const Array& array, const Species& kinds, const Array& table,
           const Array& x) {
            const Positions<Dim> positions = positions_from<Dim>(array);
            const std::vector<int> species = list_from<int>(kinds, "species", positions.cols());
            const Eigen::VectorXd edges = values_from(x, "edges");
            if (table.ndim() != 2) {
                throw_shape("lengths", "(S, S)", table);
            }
            const Eigen::MatrixXd lengths =
                Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
                    table.data(), static_cast<Eigen::Index>(table.shape(0)),
                    static_cast<Eigen::Index>(table.shape(1)));
            Eigen::MatrixXd features =
                without_interpreter([&] { return bin_features(box, positions, species, lengths, edges); });
            const Eigen::Index count = features.rows();
            return array_owning(std::move(features), {positions.cols(), count});
        },
        "box"_a, "positions"_a, "species"_a, "lengths"_a, "edges"_a,
        "Numbers of neighbours of each species in half-open bins of r / s_ij: (N, species * bins).");
    module.def(
        "radial_features",
        [](const Box<Dim>& box, const Array& array, const Species& kinds, int species_count, const Array& x,
           double width, double cutoff) {
            const Positions<Dim> positions = positions_from<Dim>(array);
            const std::vector<int> species = list_from<int>(kinds, "species", positions.cols());
            const Eigen::VectorXd centers = values_from(x, "centers");
            Eigen::MatrixXd features = without_interpreter([&] {
                return radial_features(box, positions, species, species_count, centers, width, cutoff);
            });
            return array_owning(std::move(features), {positions.cols(), species_count * centers.size()});
        },
        "box"_a, "positions"_a, "species"_a, "species_count"_a, "centers"_a, "width"_a, "cutoff"_a,
        "Sums of Gaussians of r over the neighbours of each species: (N, species * centers).");
    module.def(
        "angular_features",
        [](const Box<Dim>& box, const Array& array, const Species& kinds, int species_count,
           const Array& table, double cutoff) {
            const Positions<Dim> positions = positions_from<Dim>(array);
            const std::vector<int> species = list_from<int>(kinds, "species", positions.cols());
            if (table.ndim() != 2 || table.shape(1) != 3) {
                throw_shape("functions", "(M, 3)", table);
            }
            std::vector<AngularFunction> functions;
            functions.reserve(static_cast<std::size_t>(table.shape(0)));
            for (py::ssize_t k = 0; k < table.shape(0); ++k) {
                functions.push_back({table.at(k, 0), table.at(k, 1), static_cast<int>(table.at(k, 2))});
            }
            Eigen::MatrixXd features = without_interpreter(
                [&] { return angular_features(box, positions, species, species_count, functions, cutoff); });
            const Eigen::Index count = features.rows();
            return array_owning(std::move(features), {positions.cols(), count});
        },
        "box"_a, "positions"_a, "species"_a, "species_count"_a, "functions"_a, "cutoff"_a,
        "Sums of angular functions (xi, lambda, zeta) over pairs of neighbours of each pair of species: "
        "(N, pairs of species * M).");
}

// A contact distance together with a bound on it.
struct Contacts {
    ContactDistance distance;
    double longest;
};

Contacts contacts_of(const Interaction<2>& interaction, const Positions<2>& positions) {
    interaction.require_size(positions);
    // The range bounds the contact distances, unless the cutoff of a model lies inside contact. In that case
    // two equal particles have the longest contact distance.
    double longest = interaction.range();
    for (std::size_t i = 0; i < interaction.size(); ++i) {
        longest = std::max(longest, interaction.pair_length(i, i));
    }
    return {[&](std::size_t i, std::size_t j) { return interaction.pair_length(i, j); }, longest};
}

Contacts contacts_of(const Array& array, const Positions<2>& positions) {
    const std::vector<double> diameters = list_from<double>(array, "diameters", positions.cols());
    const double longest = diameters.empty() ? 0.0 : *std::max_element(diameters.begin(), diameters.end());
    return {[diameters](std::size_t i, std::size_t j) { return 0.5 * (diameters[i] + diameters[j]); },
            longest};
}

// `Particles` is an interaction, or an array of diameters whose means are the contact distances.
template <class Particles>
void bind_bond_order(py::module_& module, const char* particles) {
    module.def(
        "bond_orientational_order",
        [](const Box<2>& box, const Array& array, const Particles& particles, double factor, int m) {
            const Positions<2> positions = positions_from<2>(array);
            const Contacts contacts = contacts_of(particles, positions);
            return array_from(without_interpreter([&] {
                return bond_orientational_order(
                    angular_neighbors(box, positions, contacts.distance, contacts.longest, factor), m);
            }));
        },
        "box"_a, "positions"_a, py::arg(particles), "factor"_a, "m"_a,
        "|mean of exp(i m theta)| over neighbours closer than factor times the contact distance: (N,).");
    module.def(
        "steric_order",
        [](const Box<2>& box, const Array& array, const Particles& particles, double factor) {
            const Positions<2> positions = positions_from<2>(array);
            const Contacts contacts = contacts_of(particles, positions);
            return array_from(without_interpreter([&] {
                return steric_order(
                    angular_neighbors(box, positions, contacts.distance, contacts.longest, factor),
                    contacts.distance);
            }));
        },
        "box"_a, "positions"_a, py::arg(particles), "factor"_a,
        "Mean deviation of the angles between neighbours from those of touching particles: (N,).");
}

}  // namespace

void bind_fields(py::module_& module) {
    bind_pairs<2>(module);
    bind_pairs<3>(module);
    bind_structure_functions<2>(module);
    bind_structure_functions<3>(module);
    bind_environment_features<2>(module);
    bind_environment_features<3>(module);
    bind_bond_order<Interaction<2>>(module, "interaction");
    bind_bond_order<Array>(module, "diameters");
}

}  // namespace glassplast
