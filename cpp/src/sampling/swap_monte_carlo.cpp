#include <glassplast/sampling/swap_monte_carlo.hpp>

#include <glassplast/errors.hpp>
#include <glassplast/models/potential_energy.hpp>
#include <glassplast/require_positive.hpp>
#include <glassplast/sampling/padded_cells.hpp>

#include <algorithm>
#include <cmath>
#include <sstream>

namespace glassplast {

namespace {

/// The number of moves between two calls of the monitor.
constexpr long long patience = 4096;

/// The moves of one call of `run`.
template <int Dim>
class Walk {
public:
    Walk(const LocalEnergy<Dim>& local, PaddedCells<Dim>& cells, RandomStream& random,
         const MonteCarloOptions& options)
        : local_(local),
          cells_(cells),
          random_(random),
          options_(options),
          size_(static_cast<std::uint32_t>(cells.size())),
          inverse_temperature_(1.0 / options.temperature),
          reach_(reach(options.step)) {}

    /// How far a displacement can reach: the new place is looked up around the cell of the old one.
    static double reach(double step) { return 0.5 * step * std::sqrt(static_cast<double>(Dim)); }

    /// Half the sum over the particles, which counts every pair twice.
    double total_energy() const {
        double total = 0.0;
        for (std::uint32_t i = 0; i < size_; ++i) {
            const int particle = static_cast<int>(i);
            total += local_.energy(cells_.around(particle, local_.range()), cells_.probe(particle));
        }
        return 0.5 * total;
    }

    /// Tries one move; returns the change of the energy.
    double move(MoveCounts& counts) {
        return random_.uniform() < options_.swap_probability ? swap(counts) : translate(counts);
    }

private:
    double translate(MoveCounts& counts) {
        ++counts.translations;
        const int particle = static_cast<int>(random_.below(size_));
        const Probe<Dim> before = cells_.probe(particle);
        Probe<Dim> after = before;
        for (int a = 0; a < Dim; ++a) {
            after.position(a) += options_.step * (random_.uniform() - 0.5);
        }
        const double range = local_.range(before.kind) + reach_;
        const double difference = local_.difference(cells_.around(particle, range), before, after);
        if (!accepts(difference)) {
            return 0.0;
        }
        cells_.move(particle, after.position);
        ++counts.accepted_translations;
        return difference;
    }

    double swap(MoveCounts& counts) {
        ++counts.swaps;
        const int first = static_cast<int>(random_.below(size_));
        const int second = static_cast<int>(random_.below(size_));
        const Probe<Dim> one = cells_.probe(first);
        const Probe<Dim> other = cells_.probe(second);
        const double apart = std::abs(one.kind - other.kind);
        if (apart == 0.0 || !(apart < options_.swap_window)) {
            ++counts.idle_swaps;
            return 0.0;
        }
        // The energy of the two with each other stays: it depends on the two kinds, not on which particle has
        // which.
        const double range = std::max(local_.range(one.kind), local_.range(other.kind));
        double difference =
            local_.difference(cells_.around(first, range, second), one, {one.position, other.kind});
        difference +=
            local_.difference(cells_.around(second, range, first), other, {other.position, one.kind});
        if (!accepts(difference)) {
            return 0.0;
        }
        cells_.set_kind(first, other.kind);
        cells_.set_kind(second, one.kind);
        ++counts.accepted_swaps;
        return difference;
    }

    /// Written so that a NaN is refused.
    bool accepts(double difference) {
        return difference <= 0.0 || random_.uniform() < std::exp(-difference * inverse_temperature_);
    }

    const LocalEnergy<Dim>& local_;
    PaddedCells<Dim>& cells_;
    RandomStream& random_;
    MonteCarloOptions options_;
    std::uint32_t size_;
    double inverse_temperature_;
    double reach_;
};

}  // namespace

template <int Dim>
SwapMonteCarlo<Dim>::SwapMonteCarlo(std::shared_ptr<const Interaction<Dim>> interaction, const Box<Dim>& box,
                                    const Positions<Dim>& positions, const RandomStream::State& random,
                                    const MonteCarloOptions& options)
    : local_(interaction->local_energy()),
      box_(box),
      positions_(positions),
      kinds_(local_->kinds()),
      random_(random) {
    set_options(options);
    Positions<Dim> forces;
    energy_ = PotentialEnergy<Dim>(std::move(interaction), box).evaluate(positions, forces).energy;
}

template <int Dim>
void SwapMonteCarlo<Dim>::set_options(const MonteCarloOptions& options) {
    const auto refuse = [](const char* what, double value) {
        std::ostringstream message;
        message << what << ", not " << value;
        throw ArgumentError(message.str());
    };
    require_positive(options.temperature, "temperature");
    // Beyond this a particle could jump into the range of its own image.
    const double largest = (box_.smallest_width() - local_->range()) / std::sqrt(static_cast<double>(Dim));
    if (!(options.step > 0.0) || !(options.step < largest)) {
        std::ostringstream condition;
        condition << "step must be positive and below " << largest
                  << ", what the box leaves beside the range of the potential";
        refuse(condition.str().c_str(), options.step);
    }
    if (!(options.swap_probability >= 0.0) || !(options.swap_probability <= 1.0)) {
        refuse("swap_probability must lie between 0 and 1", options.swap_probability);
    }
    if (!(options.swap_window > 0.0)) {
        refuse("swap_window must be positive", options.swap_window);
    }
    options_ = options;
}

template <int Dim>
void SwapMonteCarlo<Dim>::run(long long moves, Monitor& monitor) {
    // The margin covers round-off in the places of particles in cells.
    const double width = (local_->range() + Walk<Dim>::reach(options_.step)) * (1.0 + 1e-9);
    PaddedCells<Dim> cells(box_, positions_, kinds_, width);
    RandomStream random = random_;
    Walk<Dim> walk(*local_, cells, random, options_);
    // The energy is summed anew, so that round-off does not build up over calls.
    double energy = walk.total_energy();
    MoveCounts counts;
    for (long long move = 0; move < moves; ++move) {
        if (move % patience == 0) {
            monitor(static_cast<double>(move), energy);
        }
        energy += walk.move(counts);
    }
    positions_ = cells.positions();
    kinds_ = cells.kinds();
    random_ = random;
    energy_ = energy;
    counts_ = counts;
}

template class SwapMonteCarlo<2>;
template class SwapMonteCarlo<3>;

}  // namespace glassplast
