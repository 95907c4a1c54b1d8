#pragma once

#include <chrono>
#include <functional>
#include <thread>
#include <utility>

namespace glassplast {

/// How a long computation shows its progress and lets itself be interrupted: the callback is called now and
/// then with a number that grows (an iteration, a strain) and a measure (a force); it may throw. Only the
/// thread that made the monitor is heard: Python looks for signals in that one.
class Monitor {
public:
    using Callback = std::function<void(double progress, double measure)>;

    Monitor() = default;
    explicit Monitor(Callback callback) : callback_(std::move(callback)) {}

    void operator()(double progress, double measure) {
        if (!callback_ || std::this_thread::get_id() != maker_) {
            return;
        }
        const auto now = std::chrono::steady_clock::now();
        if (now - last_ >= std::chrono::milliseconds(50)) {
            last_ = now;
            callback_(progress, measure);
        }
    }

private:
    Callback callback_;
    std::thread::id maker_ = std::this_thread::get_id();
    std::chrono::steady_clock::time_point last_{};
};

}  // namespace glassplast
