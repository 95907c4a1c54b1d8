#include <glassplast/tessellation/radical_voronoi.hpp>

#include "arrays.hpp"
#include "bindings.hpp"

namespace py = pybind11;
using py::literals::operator""_a;

namespace glassplast {

namespace {

template <typename Member>
auto view(Member RadicalTessellation::* member) {
    return [member](const py::object& self) {
        return view_of(self.cast<const RadicalTessellation&>().*member, self);
    };
}

/// (columns, ...rows), read-only: what Eigen stores as a column is a row for NumPy.
template <typename Matrix>
auto view(Matrix RadicalTessellation::* member, const std::vector<py::ssize_t>& row) {
    return [member, row](const py::object& self) {
        const Matrix& matrix = self.cast<const RadicalTessellation&>().*member;
        std::vector<py::ssize_t> shape{matrix.cols()};
        shape.insert(shape.end(), row.begin(), row.end());
        return view_of(matrix.data(), shape, self);
    };
}

}  // namespace

void bind_tessellation(py::module_& module) {
    using Result = RadicalTessellation;
    py::class_<Result>(module, "RadicalTessellation",
                       "Radical Voronoi cells and their dual triangles; all arrays are read-only views.")
        .def_property_readonly("areas", view(&Result::area), "(N,)")
        .def_property_readonly(
            "centroids", view(&Result::centroid),
            "(N, 2), vectors from the particle to the centroid of its cell; NaN when hidden.")
        .def_property_readonly(
            "hidden",
            [](const py::object& self) {
                const auto& hidden = self.cast<const Result&>().hidden;
                return view_of(hidden.data(), {hidden.size()}, self);
            },
            "(N,), true where the cell is empty.")
        .def_property_readonly(
            "neighbor_start", view(&Result::start),
            "(N + 1,): the edges of i are start[i] ... start[i + 1] - 1, counterclockwise.")
        .def_property_readonly("neighbor_index", view(&Result::neighbor), "(E,)")
        .def_property_readonly("neighbor_shift", view(&Result::neighbor_shift, {2}),
                               "(E, 2): the neighbour is positions[index] + cell @ shift.")
        .def_property_readonly("edge_length", view(&Result::edge_length), "(E,)")
        .def_property_readonly("vertex_start", view(&Result::start),
                               "(N + 1,), the same as neighbor_start: vertex k ends edge k.")
        .def_property_readonly("vertices", view(&Result::vertex), "(E, 2), vectors from the particle.")
        .def_property_readonly("triangles", view(&Result::triangle, {3}),
                               "(T, 3), the corners, counterclockwise.")
        .def_property_readonly("triangle_shifts", view(&Result::triangle_shift, {3, 2}),
                               "(T, 3, 2), of the image of each corner; zero for the first.")
        .def_property_readonly("triangle_areas", view(&Result::triangle_area), "(T,)");
    module.def(
        "tessellate",
        [](const Box<2>& box, const InputArray<double>& positions, const InputArray<double>& weights) {
            const Positions<2> points = positions_from<2>(positions);
            const std::vector<double> list = list_from<double>(weights, "weights", points.cols());
            const py::gil_scoped_release release;
            return tessellate(box, points, list);
        },
        "box"_a, "positions"_a, "weights"_a,
        "The radical Voronoi tessellation of the periodic plane; weights are squared radii.");
}

}  // namespace glassplast
