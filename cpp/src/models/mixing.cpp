#include <glassplast/models/mixing.hpp>

#include <glassplast/errors.hpp>

#include <algorithm>
#include <sstream>

namespace glassplast {

SpeciesMixing::SpeciesMixing(std::vector<int> species, int species_count, std::vector<double> length,
                             std::vector<double> energy)
    : species_(std::move(species)),
      count_(species_count),
      length_(std::move(length)),
      energy_(std::move(energy)) {
    const auto entries = static_cast<std::size_t>(species_count) * static_cast<std::size_t>(species_count);
    if (species_count < 1 || length_.size() != entries || energy_.size() != entries) {
        throw ModelError("the tables of pair lengths and energies must be square, one row a species");
    }
    // Neighbour lists keep the kind of a pair in one byte.
    if (species_count > 16) {
        throw ModelError("there can be at most 16 species");
    }
    for (int a = 0; a < count_; ++a) {
        for (int b = 0; b < count_; ++b) {
            if (!(this->length(a, b) > 0.0) || !std::isfinite(this->length(a, b)) ||
                !std::isfinite(this->energy(a, b))) {
                throw ModelError("pair lengths must be positive and pair energies finite");
            }
            if (this->length(a, b) != this->length(b, a) || this->energy(a, b) != this->energy(b, a)) {
                throw ModelError("the tables of pair lengths and energies must be symmetric");
            }
        }
    }
    for (std::size_t i = 0; i < species_.size(); ++i) {
        if (species_[i] < 0 || species_[i] >= count_) {
            std::ostringstream message;
            message << "particle " << i << " has species " << species_[i] << "; the model knows 0 to "
                    << count_ - 1;
            throw ModelError(message.str());
        }
    }
    largest_ = *std::max_element(length_.begin(), length_.end());
}

DiameterMixing::DiameterMixing(std::vector<double> diameters, double nonadditivity, double energy)
    : diameters_(std::move(diameters)), nonadditivity_(nonadditivity), energy_(energy) {
    if (!std::isfinite(nonadditivity) || nonadditivity < 0.0 || !std::isfinite(energy)) {
        throw ModelError("nonadditivity must be finite and not negative, and energy finite");
    }
    double smallest_diameter = diameters_.empty() ? 1.0 : diameters_[0];
    double largest_diameter = smallest_diameter;
    for (std::size_t i = 0; i < diameters_.size(); ++i) {
        if (!(diameters_[i] > 0.0) || !std::isfinite(diameters_[i])) {
            std::ostringstream message;
            message << "particle " << i << " has diameter " << diameters_[i] << "; it must be positive";
            throw ModelError(message.str());
        }
        smallest_diameter = std::min(smallest_diameter, diameters_[i]);
        largest_diameter = std::max(largest_diameter, diameters_[i]);
    }
    if (nonadditivity_ * (largest_diameter - smallest_diameter) >= 1.0) {
        throw ModelError(
            "the non-additive rule gives a contact distance that is not positive: the diameters are too "
            "different");
    }
    // For a given larger diameter the length falls with |d_i - d_j|, so that a pair of equals is the longest.
    largest_ = largest_diameter;
}

}  // namespace glassplast
