#pragma once

#include <glassplast/exclusive.hpp>
#include <glassplast/models/interaction.hpp>
#include <glassplast/monitor.hpp>
#include <glassplast/sampling/random_stream.hpp>

#include <memory>
#include <vector>

namespace glassplast {

struct MonteCarloOptions {
    double temperature = 1.0;
    /// The side of the square or cube from which displacements are drawn.
    double step = 0.12;
    /// The fraction of the moves that exchange the kinds of two particles.
    double swap_probability = 0.2;
    /// Kinds are exchanged only if they differ, and by less than this.
    double swap_window = 0.2;
};

/// How many moves of each sort were tried and accepted.
struct MoveCounts {
    long long translations = 0;
    long long accepted_translations = 0;
    /// The number of exchanges that were tried, and of those among them that were refused before any energy
    /// was computed, because the kinds were equal or too different.
    long long swaps = 0;
    long long idle_swaps = 0;
    long long accepted_swaps = 0;
};

/// Metropolis Monte Carlo at constant volume and temperature: displacements of single particles, and
/// exchanges of the kinds (diameters or species) of two of them. Ninarello, Berthier and Coslovich, Phys.
/// Rev. X 7, 021039 (2017).
///
/// The state is a value: positions, kinds and the random stream. Nothing else is kept between calls of `run`,
/// so that a simulation that is restored from them continues to the same bits.
template <int Dim>
class SwapMonteCarlo {
public:
    /// Raises GeometryError when two particles coincide or two ranges do not fit into the box.
    SwapMonteCarlo(std::shared_ptr<const Interaction<Dim>> interaction, const Box<Dim>& box,
                   const Positions<Dim>& positions, const RandomStream::State& random,
                   const MonteCarloOptions& options);

    /// Makes this many moves. The monitor is told how many have been made, and the energy. If it throws, the
    /// state is that before the call.
    void run(long long moves, Monitor& monitor);

    const MonteCarloOptions& options() const { return options_; }
    /// Raises ArgumentError for values that make no sense.
    void set_options(const MonteCarloOptions& options);

    /// Positions on paths without jumps: they are not wrapped into the box.
    const Positions<Dim>& positions() const { return positions_; }
    const std::vector<double>& kinds() const { return kinds_; }
    const RandomStream::State& random_state() const { return random_.state(); }
    /// The energy at the start of the last call of `run` plus all changes since.
    double energy() const { return energy_; }
    /// The counts of the last call of `run`.
    const MoveCounts& counts() const { return counts_; }

    std::unique_lock<std::recursive_mutex> lock() const { return exclusive_.lock(); }

private:
    std::unique_ptr<LocalEnergy<Dim>> local_;
    Box<Dim> box_;
    Positions<Dim> positions_;
    std::vector<double> kinds_;
    RandomStream random_;
    MonteCarloOptions options_;
    double energy_ = 0.0;
    MoveCounts counts_;
    Exclusive exclusive_;
};

extern template class SwapMonteCarlo<2>;
extern template class SwapMonteCarlo<3>;

}  // namespace glassplast
