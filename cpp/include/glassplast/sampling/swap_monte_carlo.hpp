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
    /// Side of the square or cube from which displacements are drawn.
    double step = 0.12;
    /// Part of the moves that exchange the kinds of two particles.
    double swap_probability = 0.2;
    /// Kinds are exchanged only if they differ by less (and at all).
    double swap_window = 0.2;
};

/// What became of the moves.
struct MoveCounts {
    long long translations = 0;
    long long accepted_translations = 0;
    /// Exchanges that were tried, and those of them that needed no energy: the kinds were equal or too
    /// different.
    long long swaps = 0;
    long long idle_swaps = 0;
    long long accepted_swaps = 0;
};

/// Metropolis Monte Carlo at constant volume and temperature: displacements of single particles, and
/// exchanges of the kinds (diameters or species) of two of them. Ninarello, Berthier and Coslovich, Phys.
/// Rev. X 7, 021039 (2017).
///
/// The state is a value: positions, kinds and the random stream. Between calls of `run` nothing else is
/// kept, so that a simulation restored from them goes on to the same bits.
template <int Dim>
class SwapMonteCarlo {
public:
    /// Raises GeometryError when two particles coincide or two ranges do not fit into the box.
    SwapMonteCarlo(std::shared_ptr<const Interaction<Dim>> interaction, const Box<Dim>& box,
                   const Positions<Dim>& positions, const RandomStream::State& random,
                   const MonteCarloOptions& options);

    /// So many moves. The monitor is told the number of moves made and the energy. If it throws, the state
    /// is the one before the call.
    void run(long long moves, Monitor& monitor);

    const MonteCarloOptions& options() const { return options_; }
    /// Raises ArgumentError for values that make no sense.
    void set_options(const MonteCarloOptions& options);

    /// On paths without jumps.
    const Positions<Dim>& positions() const { return positions_; }
    const std::vector<double>& kinds() const { return kinds_; }
    const RandomStream::State& random_state() const { return random_.state(); }
    /// The sum of all differences since the last call of `run` began.
    double energy() const { return energy_; }
    /// Of the last call of `run`.
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
