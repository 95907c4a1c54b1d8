#include <glassplast/geometry/box.hpp>

#include <sstream>

#include "arrays.hpp"
#include "bindings.hpp"

namespace py = pybind11;
using py::literals::operator""_a;

namespace glassplast {

namespace {

template <int Dim>
Box<Dim> make_box(const InputArray<double>& cell, const py::object& origin) {
    const Vector<Dim> corner = origin.is_none()
                                   ? Vector<Dim>(Vector<Dim>::Zero())
                                   : vector_from<Dim>(origin.cast<InputArray<double>>(), "origin");
    return Box<Dim>(matrix_from<Dim>(cell, "cell"), corner);
}

template <int Dim>
Positions<Dim> minimum_images(const Box<Dim>& box, const Positions<Dim>& separations) {
    Positions<Dim> shortest(Dim, separations.cols());
    for (Eigen::Index i = 0; i < separations.cols(); ++i) {
        shortest.col(i) = box.minimum_image(separations.col(i));
    }
    return shortest;
}

template <int Dim>
std::string text_of(const Box<Dim>& box) {
    const Eigen::IOFormat rows(Eigen::StreamPrecision, Eigen::DontAlignCols, ", ", ", ", "[", "]", "[", "]");
    const Eigen::IOFormat list(Eigen::StreamPrecision, Eigen::DontAlignCols, ", ", ", ", "", "", "[", "]");
    std::ostringstream text;
    text << "Box" << Dim << "D(cell=" << box.cell().format(rows)
         << ", origin=" << box.origin().transpose().format(list) << ")";
    return text.str();
}

template <int Dim>
void bind_box(py::module_& module, const char* name) {
    using Box = Box<Dim>;
    py::class_<Box>(module, name, "A periodic cell. The columns of `cell` are the cell vectors.")
        .def(py::init(&make_box<Dim>), "cell"_a, "origin"_a = py::none())
        .def_property_readonly_static("dimension", [](const py::object&) { return Dim; })
        .def_property_readonly("cell", [](const Box& box) { return array_of(box.cell()); })
        .def_property_readonly("origin", [](const Box& box) { return array_of(box.origin()); })
        .def_property_readonly("volume", &Box::volume)
        .def_property_readonly(
            "reduced_cell", [](const Box& box) { return array_of(box.reduced_cell()); },
            "The shortest vectors of the same lattice: cell @ reduction.")
        .def_property_readonly("reduction", [](const Box& box) { return array_of(box.reduction()); })
        .def_property_readonly(
            "widths", [](const Box& box) { return array_of(box.widths()); },
            "Distances between opposite faces of the reduced cell.")
        .def_property_readonly("smallest_width", &Box::smallest_width)
        .def(
            "wrap",
            [](const Box& box, const InputArray<double>& positions) {
                return array_from<Dim>(box.wrap(positions_from<Dim>(positions)));
            },
            "positions"_a, "The images of the positions inside the cell as it was given.")
        .def(
            "fractional",
            [](const Box& box, const InputArray<double>& positions) {
                return array_from<Dim>(box.fractional(positions_from<Dim>(positions)));
            },
            "positions"_a, "Coordinates in units of the cell vectors, not wrapped.")
        .def(
            "minimum_image",
            [](const Box& box, const InputArray<double>& separations) {
                return array_from<Dim>(
                    minimum_images<Dim>(box, positions_from<Dim>(separations, "separations")));
            },
            "separations"_a, "The shortest images; exact for lengths below half the smallest width.")
        .def("sheared", &Box::sheared, "strain"_a, "The box after the simple shear x -> x + strain * y.")
        .def(
            "deformed",
            [](const Box& box, const InputArray<double>& deformation) {
                return box.deformed(matrix_from<Dim>(deformation, "deformation"));
            },
            "deformation"_a, "The box after the deformation x -> deformation @ x.")
        .def("require_range", &Box::require_range, "range"_a,
             "Raise GeometryError unless two ranges fit into the smallest width.")
        .def(
            "__eq__",
            [](const Box& box, const Box& other) {
                return box.cell() == other.cell() && box.origin() == other.origin();
            },
            py::is_operator())
        .def("__repr__", &text_of<Dim>)
        .def(py::pickle(
            [](const Box& box) { return py::make_tuple(array_of(box.cell()), array_of(box.origin())); },
            [](const py::tuple& state) {
                return make_box<Dim>(state[0].cast<InputArray<double>>(), state[1]);
            }));
}

}  // namespace

void bind_geometry(py::module_& module) {
    bind_box<2>(module, "Box2D");
    bind_box<3>(module, "Box3D");
}

}  // namespace glassplast
