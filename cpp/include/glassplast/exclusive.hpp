#pragma once

#include <mutex>

namespace glassplast {

/// Held by objects that change under their calls, for callers on several threads. A thread may lock again
/// what it has locked: a monitor may look at the object that calls it. A copy has a lock of its own.
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
