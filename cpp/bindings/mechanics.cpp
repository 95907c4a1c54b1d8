#include <glassplast/mechanics/elastic_constants.hpp>
#include <glassplast/mechanics/network_mechanics.hpp>
#include <glassplast/mechanics/rigid_core.hpp>

#include "arrays.hpp"
#include "bindings.hpp"

namespace py = pybind11;
using py::literals::operator""_a;

namespace glassplast {

namespace {

/// data, indices, indptr of a compressed matrix: what scipy.sparse.csc_matrix takes.
py::tuple compressed(const Eigen::SparseMatrix<double>& matrix) {
    return py::make_tuple(py::array_t<double>(matrix.nonZeros(), matrix.valuePtr()),
                          py::array_t<int>(matrix.nonZeros(), matrix.innerIndexPtr()),
                          py::array_t<int>(matrix.outerSize() + 1, matrix.outerIndexPtr()));
}

template <int Dim>
void bind_network_mechanics(py::module_& module) {
    using Network = ContactNetwork<Dim>;
    using Field = InputArray<double>;
    module.def("energy", &energy<Dim>, "network"_a);
    module.def(
        "particle_energies", [](const Network& network) { return array_from(particle_energies(network)); },
        "network"_a);
    module.def(
        "forces", [](const Network& network) { return array_from<Dim>(forces(network)); }, "network"_a);
    module.def(
        "typical_force", [](const Network& network) { return typical_force(network); }, "network"_a,
        "The median of |phi'|; 0 without pairs.");
    module.def("virial", [](const Network& network) { return array_of(virial(network)); }, "network"_a);
    module.def("hessian", [](const Network& network) { return compressed(hessian(network)); }, "network"_a);
    module.def(
        "hessian_times",
        [](const Network& network, const Field& u) {
            return array_from<Dim>(hessian_times(network, positions_from<Dim>(u, "displacement")));
        },
        "network"_a, "displacement"_a);
    module.def(
        "affine_gradient",
        [](const Network& network, const Field& loading) {
            return array_from<Dim>(affine_gradient(network, matrix_from<Dim>(loading, "loading")));
        },
        "network"_a, "loading"_a);
    module.def(
        "born_curvature",
        [](const Network& network, const Field& loading) {
            return born_curvature(network, matrix_from<Dim>(loading, "loading"));
        },
        "network"_a, "loading"_a);
    module.def(
        "born_constants", [](const Network& network) { return array_of(born_constants(network)); },
        "network"_a, "V times the Born constants C_abcd: (d d, d d).");
    module.def(
        "third_contraction",
        [](const Network& network, const Field& a, const Field& b) {
            return array_from<Dim>(
                third_contraction(network, positions_from<Dim>(a, "a"), positions_from<Dim>(b, "b")));
        },
        "network"_a, "a"_a, "b"_a);
    module.def(
        "third_contraction_squares",
        [](const Network& network, const Field& fields, const Field& weights) {
            const auto particles = static_cast<py::ssize_t>(network.particles);
            if (fields.ndim() != 3 || fields.shape(1) != particles || fields.shape(2) != Dim) {
                throw_shape("fields", "(n, " + std::to_string(particles) + ", " + std::to_string(Dim) + ")",
                            fields);
            }
            if (weights.ndim() != 1 || weights.shape(0) != fields.shape(0)) {
                throw_shape("weights", "(" + std::to_string(fields.shape(0)) + ",)", weights);
            }
            const Eigen::Map<const Eigen::MatrixXd> columns(fields.data(), particles * Dim, fields.shape(0));
            const Eigen::Map<const Eigen::VectorXd> factors(weights.data(), weights.shape(0));
            Eigen::VectorXd squares;
            {
                const py::gil_scoped_release release;
                squares = third_contraction_squares(network, columns, factors);
            }
            return array_from(std::move(squares));
        },
        "network"_a, "fields"_a, "weights"_a,
        "The sum over fields (n, N, d) of weight |U3 : a a|_i^2, an array (N,).");
    module.def(
        "pair_elongations",
        [](const Network& network, const Field& u) {
            return array_from(pair_elongations(network, positions_from<Dim>(u, "displacement")));
        },
        "network"_a, "displacement"_a, "n . (u_second - u_first) of each pair, an array (P,).");
    module.def(
        "relative_covariance",
        [](const Network& network, const Field& diagonal, const Field& pairs) {
            return array_of_blocks<Dim>(relative_covariance(network, blocks_from<Dim>(diagonal, "diagonal"),
                                                            blocks_from<Dim>(pairs, "pairs")));
        },
        "network"_a, "diagonal"_a, "pairs"_a);
    module.def(
        "third_covariance_contraction",
        [](const Network& network, const Field& covariance) {
            return array_from<Dim>(third_contraction(network, blocks_from<Dim>(covariance, "covariance")));
        },
        "network"_a, "covariance"_a);
    module.def(
        "fourth_contraction",
        [](const Network& network, const Field& a, const Field& b, const Field& c) {
            return array_from<Dim>(fourth_contraction(network, positions_from<Dim>(a, "a"),
                                                      positions_from<Dim>(b, "b"),
                                                      positions_from<Dim>(c, "c")));
        },
        "network"_a, "a"_a, "b"_a, "c"_a);
    module.def(
        "load_bearing", [](const Network& network) { return RigidCore<Dim>(network).load_bearing(network); },
        "network"_a, "The network without the contacts of rattlers.");
    module.def(
        "coordination", [](const Network& network) { return array_from(coordination(network)); },
        "network"_a);
}

}  // namespace

void bind_mechanics(py::module_& module) {
    bind_network_mechanics<2>(module);
    bind_network_mechanics<3>(module);
}

}  // namespace glassplast
