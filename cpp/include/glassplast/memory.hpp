#pragma once

#include <glassplast/errors.hpp>

#include <unistd.h>

#include <sstream>
#include <string>

namespace glassplast {

/// Raises MemoryError when the machine has less memory than this. `what` begins the message: it says what the
/// memory is for.
inline void require_memory(double bytes, const std::string& what, const std::string& advice = {}) {
    const double available =
        static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
    if (bytes > available) {
        std::ostringstream message;
        message.precision(3);
        message << what << " would take " << bytes / 1e9 << " GB; this machine has " << available / 1e9
                << " GB";
        if (!advice.empty()) {
            message << ". " << advice;
        }
        throw MemoryError(message.str());
    }
}

}  // namespace glassplast
