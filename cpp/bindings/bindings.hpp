#pragma once

#include <pybind11/pybind11.h>

/// One function for each storey of the engine, in the order in which module.cpp calls them: a type must be
/// bound before a signature names it.
namespace glassplast {

void bind_errors(pybind11::module_& module);
void bind_geometry(pybind11::module_& module);
void bind_tessellation(pybind11::module_& module);
void bind_fields(pybind11::module_& module);
void bind_models(pybind11::module_& module);
void bind_mechanics(pybind11::module_& module);
void bind_coarse_graining(pybind11::module_& module);
void bind_linalg(pybind11::module_& module);
void bind_relax(pybind11::module_& module);
void bind_sampling(pybind11::module_& module);
void bind_dynamics(pybind11::module_& module);
void bind_shear(pybind11::module_& module);
void bind_continuation(pybind11::module_& module);
void bind_probes(pybind11::module_& module);
void bind_patches(pybind11::module_& module);
void bind_saddles(pybind11::module_& module);

}  // namespace glassplast
