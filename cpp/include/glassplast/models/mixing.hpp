#pragma once

#include <glassplast/models/shapes.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

namespace glassplast {

/// How the length s and the energy epsilon of a pair follow from its two particles. A `Particle` holds what
/// the rule needs to know of one of them.

/// A table over pairs of integer species.
class SpeciesMixing {
public:
    using Particle = int;

    /// `length` and `energy` are square symmetric tables, row by row. Raises ModelError for a species outside
    /// the table.
    SpeciesMixing(std::vector<int> species, int species_count, std::vector<double> length,
                  std::vector<double> energy);

    std::size_t size() const { return species_.size(); }
    int particle(std::size_t i) const { return species_[i]; }
    double largest_length() const { return largest_; }
    /// Of pairs of one of this species.
    double largest_length(int a) const {
        double largest = 0.0;
        for (int b = 0; b < count_; ++b) {
            largest = std::max(largest, length(a, b));
        }
        return largest;
    }

    int species_count() const { return count_; }
    const double* length_row(int a) const { return length_.data() + static_cast<std::ptrdiff_t>(a) * count_; }
    const double* energy_row(int a) const { return energy_.data() + static_cast<std::ptrdiff_t>(a) * count_; }

    /// Which entry of the tables belongs to a pair.
    static constexpr bool has_kinds = true;
    GLASSPLAST_INLINE int kind(int a, int b) const { return a * count_ + b; }
    GLASSPLAST_INLINE double length_of(int kind) const { return length_[kind]; }
    GLASSPLAST_INLINE double energy_of(int kind) const { return energy_[kind]; }

    GLASSPLAST_INLINE double length(int a, int b) const { return length_[a * count_ + b]; }
    GLASSPLAST_INLINE double energy(int a, int b) const { return energy_[a * count_ + b]; }

private:
    std::vector<int> species_;
    int count_;
    std::vector<double> length_;
    std::vector<double> energy_;
    double largest_ = 0.0;
};

/// s = (d_i + d_j) / 2 (1 - nonadditivity |d_i - d_j|), one energy for all pairs.
class DiameterMixing {
public:
    using Particle = double;

    /// Raises ModelError for a diameter that is not positive and finite.
    DiameterMixing(std::vector<double> diameters, double nonadditivity, double energy);

    std::size_t size() const { return diameters_.size(); }
    double particle(std::size_t i) const { return diameters_[i]; }
    double largest_length() const { return largest_; }
    /// Of pairs of one of this diameter: the length grows with the other diameter up to 1 / (2
    /// nonadditivity).
    double largest_length(double a) const {
        const double other = nonadditivity_ > 0.0 ? std::min(largest_, 0.5 / nonadditivity_) : largest_;
        return length(a, std::max(a, other));
    }

    double nonadditivity() const { return nonadditivity_; }

    static constexpr bool has_kinds = false;

    GLASSPLAST_INLINE double length(double a, double b) const {
        return 0.5 * (a + b) * (1.0 - nonadditivity_ * std::abs(a - b));
    }
    GLASSPLAST_INLINE double energy(double /*a*/, double /*b*/) const { return energy_; }

private:
    std::vector<double> diameters_;
    double nonadditivity_;
    double energy_;
    double largest_ = 0.0;
};

}  // namespace glassplast
