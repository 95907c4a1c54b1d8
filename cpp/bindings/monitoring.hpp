#pragma once

#include <glassplast/monitor.hpp>

#include <pybind11/pybind11.h>

namespace glassplast {

/// A monitor that looks for Ctrl-C now and then and tells `callback(progress, measure)` unless it is None.
/// It may be called without the GIL.
inline Monitor monitor_from(const pybind11::object& callback) {
    return Monitor([callback](double progress, double measure) {
        const pybind11::gil_scoped_acquire gil;
        if (PyErr_CheckSignals() != 0) {
            throw pybind11::error_already_set();
        }
        if (!callback.is_none()) {
            callback(progress, measure);
        }
    });
}

/// Computes without the GIL, while no other thread uses `shared`. The lock is awaited without the GIL, which
/// a monitor of the thread that holds it may need.
template <class Shared, class Compute>
auto alone_with(const Shared& shared, Compute&& compute) {
    const pybind11::gil_scoped_release release;
    const auto lock = shared.lock();
    return compute();
}

}  // namespace glassplast
