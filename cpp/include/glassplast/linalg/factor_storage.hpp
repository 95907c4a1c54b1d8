#pragma once

#include <glassplast/linalg/factorization.hpp>

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace glassplast {

/// Factorizations whose memory is used again: the first touch of new memory takes longer than the arithmetic.
template <int Dim>
class FactorStorage {
public:
    using Factor = std::unique_ptr<Factorization<Dim>>;

    Factor borrow() {
        const std::lock_guard<std::mutex> guard(mutex_);
        if (free_.empty()) {
            return std::make_unique<Factorization<Dim>>();
        }
        Factor factor = std::move(free_.back());
        free_.pop_back();
        return factor;
    }
    void give_back(Factor factor) {
        const std::lock_guard<std::mutex> guard(mutex_);
        free_.push_back(std::move(factor));
    }

private:
    std::mutex mutex_;
    std::vector<Factor> free_;
};

}  // namespace glassplast
