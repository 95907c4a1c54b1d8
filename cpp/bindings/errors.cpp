#include <glassplast/errors.hpp>

#include <pybind11/gil_safe_call_once.h>

#include <exception>
#include <string>
#include <utility>

#include "bindings.hpp"

namespace py = pybind11;

namespace glassplast {

namespace {

struct ErrorTypes {
    py::object base;
    py::object argument;
    py::object geometry;
    py::object model;
    py::object convergence;
    py::object instability;
    py::object dynamics;
    py::object memory;
};

// The translator is a plain function, so the types it raises must outlive every module object.
PYBIND11_CONSTINIT py::gil_safe_call_once_and_store<ErrorTypes> error_types;

py::object error_type(py::module_& module, const char* name, const py::tuple& bases, const char* doc) {
    const std::string qualified = "glassplast._engine." + std::string(name);
    auto type = py::reinterpret_steal<py::object>(
        PyErr_NewExceptionWithDoc(qualified.c_str(), doc, bases.ptr(), nullptr));
    if (!type) {
        throw py::error_already_set();
    }
    module.add_object(name, type);
    return type;
}

ErrorTypes create(py::module_& module) {
    const py::handle runtime_error = PyExc_RuntimeError;
    const py::handle value_error = PyExc_ValueError;
    const py::handle memory_error = PyExc_MemoryError;
    ErrorTypes types;
    types.base = error_type(module, "GlassplastError", py::make_tuple(runtime_error),
                            "The base of every error that glassplast raises.");
    types.argument = error_type(module, "ArgumentError", py::make_tuple(types.base, value_error),
                                "An argument whose value makes no sense; the message names it.");
    types.geometry = error_type(module, "GeometryError", py::make_tuple(types.base, value_error),
                                "Positions, boxes or shapes that make no sense.");
    types.model = error_type(module, "ModelError", py::make_tuple(types.base, value_error),
                             "Unknown models, species out of range, diameters that are not positive.");
    types.convergence =
        error_type(module, "ConvergenceError", py::make_tuple(types.base),
                   "An iteration that ended before it reached the accuracy that was asked for.");
    types.instability = error_type(module, "InstabilityError", py::make_tuple(types.base),
                                   "A state that is not a minimum where a minimum is needed.");
    types.dynamics = error_type(module, "DynamicsError", py::make_tuple(types.base),
                                "A trajectory whose time step is too large, or whose start makes no sense.");
    types.memory = error_type(module, "MemoryLimitError", py::make_tuple(types.base, memory_error),
                              "A computation that would take more memory than the machine has.");
    return types;
}

void translate(std::exception_ptr pointer) {
    if (!pointer) {
        return;
    }
    const ErrorTypes& types = error_types.get_stored();
    try {
        std::rethrow_exception(std::move(pointer));
    } catch (const ArgumentError& error) {
        PyErr_SetString(types.argument.ptr(), error.what());
    } catch (const GeometryError& error) {
        PyErr_SetString(types.geometry.ptr(), error.what());
    } catch (const ModelError& error) {
        PyErr_SetString(types.model.ptr(), error.what());
    } catch (const ConvergenceError& error) {
        PyErr_SetString(types.convergence.ptr(), error.what());
    } catch (const InstabilityError& error) {
        PyErr_SetString(types.instability.ptr(), error.what());
    } catch (const DynamicsError& error) {
        PyErr_SetString(types.dynamics.ptr(), error.what());
    } catch (const MemoryError& error) {
        PyErr_SetString(types.memory.ptr(), error.what());
    } catch (const Error& error) {
        PyErr_SetString(types.base.ptr(), error.what());
    }
}

}  // namespace

void bind_errors(py::module_& module) {
    error_types.call_once_and_store_result([&module] { return create(module); });
    py::register_local_exception_translator(translate);
}

}  // namespace glassplast
