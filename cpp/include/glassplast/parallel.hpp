#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace glassplast {

/// Calls work(0) ... work(count - 1), each once, on up to `threads` threads. What a call computes must not
/// depend on the others, so that the number of threads changes nothing. The first exception is passed on.
template <class Work>
void run_tasks(std::size_t count, int threads, const Work& work) {
    if (threads <= 1 || count <= 1) {
        for (std::size_t task = 0; task < count; ++task) {
            work(task);
        }
        return;
    }
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    std::exception_ptr failure;
    const auto serve = [&] {
        for (std::size_t task = next++; task < count; task = next++) {
            try {
                work(task);
            } catch (...) {
                const std::lock_guard<std::mutex> guard(mutex);
                if (!failure) {
                    failure = std::current_exception();
                }
                next = count;
            }
        }
    };
    std::vector<std::thread> helpers;
    const std::size_t wanted = std::min(static_cast<std::size_t>(threads), count);
    for (std::size_t k = 1; k < wanted; ++k) {
        helpers.emplace_back(serve);
    }
    serve();
    for (std::thread& helper : helpers) {
        helper.join();
    }
    if (failure) {
        std::rethrow_exception(failure);
    }
}

}  // namespace glassplast
