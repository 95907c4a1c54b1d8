#pragma once

#include <array>
#include <cmath>
#include <cstddef>

namespace glassplast {

/// A sum of doubles without round-off, held as components that do not overlap, smallest first.
///
/// Shewchuk, Adaptive precision floating-point arithmetic and fast robust geometric predicates, Discrete
/// Comput. Geom. 18, 305 (1997): two-sum, two-product and grow-expansion. `Capacity` must be at least the
/// number of terms added (a product of doubles counts as two). Assumes no overflow or underflow.
template <std::size_t Capacity>
class ExactSum {
public:
    void add(double value) {
        std::size_t kept = 0;
        for (std::size_t k = 0; k < size_; ++k) {
            const double component = component_[k];
            const double sum = value + component;
            const double virtual_part = sum - value;
            const double error = (value - (sum - virtual_part)) + (component - virtual_part);
            if (error != 0.0) {
                component_[kept++] = error;
            }
            value = sum;
        }
        if (value != 0.0) {
            component_[kept++] = value;
        }
        size_ = kept;
    }

    void add_product(double a, double b) {
        const double product = a * b;
        add(std::fma(a, b, -product));
        add(product);
    }

    template <std::size_t First, std::size_t Second>
    void add_product(const ExactSum<First>& a, const ExactSum<Second>& b) {
        static_assert(Capacity >= 2 * First * Second);
        for (std::size_t i = 0; i < a.size(); ++i) {
            for (std::size_t j = 0; j < b.size(); ++j) {
                add_product(a[i], b[j]);
            }
        }
    }

    /// That of the last component, which outweighs all others together.
    int sign() const { return size_ == 0 ? 0 : (component_[size_ - 1] > 0.0 ? 1 : -1); }

    /// The nearest double, up to one unit in the last place.
    double rounded() const {
        double sum = 0.0;
        for (std::size_t k = 0; k < size_; ++k) {
            sum += component_[k];
        }
        return sum;
    }

    std::size_t size() const { return size_; }
    double operator[](std::size_t k) const { return component_[k]; }

private:
    // Left uninitialized on purpose: only the first size_ components are ever read.
    std::array<double, Capacity> component_;
    std::size_t size_ = 0;
};

}  // namespace glassplast
