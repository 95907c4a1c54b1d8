#pragma once

#include <mutex>

namespace glassplast {

/// The lock of an object whose calls change it, so that several threads can share the object. A thread may
/// lock again what it has locked, since a monitor may look at the object that calls it. A copy has a lock of
/// its own.
class Exclusive {
public:
    Exclusive() = default;
    Exclusive(const Exclusive& /*other*/) {}
    Exclusive& operator=(const Exclusive& /*other*/) { return *this; }
    ~Exclusive() = default;

    [[nodiscard]] std::unique_lock<std::recursive_mutex> lock() const {
        return std::unique_lock<std::recursive_mutex>(mutex_);
    }

private:
    mutable std::recursive_mutex mutex_;
};

}  // namespace glassplast
