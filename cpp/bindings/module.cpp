#include <pybind11/pybind11.h>

#include "bindings.hpp"

PYBIND11_MODULE(_engine, module) {
    module.doc() = "The compiled engine of glassplast. Its users are the modules of the package.";
    glassplast::bind_errors(module);
    glassplast::bind_geometry(module);
    glassplast::bind_models(module);
    glassplast::bind_tessellation(module);
    glassplast::bind_fields(module);
    glassplast::bind_mechanics(module);
    glassplast::bind_coarse_graining(module);
    glassplast::bind_linalg(module);
    glassplast::bind_relax(module);
    glassplast::bind_sampling(module);
    glassplast::bind_dynamics(module);
    glassplast::bind_shear(module);
    glassplast::bind_continuation(module);
    glassplast::bind_probes(module);
    glassplast::bind_patches(module);
    glassplast::bind_saddles(module);
}
