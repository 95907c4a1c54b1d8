#include <pybind11/pybind11.h>

#include "bindings.hpp"

PYBIND11_MODULE(_engine, module) {
    module.doc() = "The compiled engine of glassplast. Its users are the modules of the package.";
    glassplast::bind_errors(module);
    glassplast::bind_geometry(module);
}
