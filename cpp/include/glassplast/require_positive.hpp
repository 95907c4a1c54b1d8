#pragma once

#include <glassplast/errors.hpp>

#include <cmath>
#include <sstream>
#include <string>

namespace glassplast {

/// Raises ArgumentError, with the name of the argument, unless its value is positive and finite.
inline void require_positive(double value, const std::string& name) {
    if (!(value > 0.0) || !std::isfinite(value)) {
        std::ostringstream message;
        message << name << " must be positive and finite, not " << value;
        throw ArgumentError(message.str());
    }
}

}  // namespace glassplast
