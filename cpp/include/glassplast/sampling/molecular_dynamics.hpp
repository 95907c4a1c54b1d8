#pragma once

#include <glassplast/geometry/box.hpp>
#include <glassplast/models/interaction.hpp>
#include <glassplast/monitor.hpp>
#include <glassplast/sampling/random_stream.hpp>

#include <memory>
#include <vector>

namespace glassplast {

/// All that a trajectory goes on from, to the same bits: positions are not wrapped, the mass of every
/// particle is 1, k_B = 1.
template <int Dim>
struct DynamicsState {
    Positions<Dim> positions;
    Positions<Dim> velocities;
    RandomStream random;
    long step = 0;
    /// Sum of the positions after each `average_interval` steps, and how many there are.
    Positions<Dim> position_sum;
    long averaged = 0;
};

struct DynamicsOptions {
    double time_step = 0.005;
    /// Langevin thermostat (BAOAB); otherwise the energy is constant (velocity Verlet).
    bool thermostat = false;
    /// Rate at which the thermostat replaces momentum, per unit time.
    double friction = 1.0;
    /// The thermostat acts in every so many steps, for all of them.
    long thermostat_interval = 1;
    /// T goes linearly from the first value at step 0 to the second at step `ramp_steps`, and stays there.
    double first_temperature = 0.0;
    double last_temperature = 0.0;
    long ramp_steps = 0;
    /// Steps between samples of the series, and of the average of positions; 0 is never.
    long sample_interval = 100;
    long average_interval = 0;
    double skin = 0.8;

    double temperature(long step) const;
};

/// What was measured along a trajectory, sample by sample.
template <int Dim>
struct DynamicsSeries {
    std::vector<double> time;
    std::vector<double> temperature;  ///< 2 K / (Dim (N - 1)), momentum of the whole taken out
    std::vector<double> potential;
    std::vector<double> kinetic;
    std::vector<Matrix<Dim>> stress;  ///< (virial - sum v v^T) / V, positive under tension
};

template <int Dim>
struct DynamicsRun {
    DynamicsState<Dim> state;
    DynamicsSeries<Dim> series;
    long list_builds = 0;
};

/// Velocities of a Maxwell distribution at a temperature, without momentum of the whole.
template <int Dim>
Positions<Dim> maxwell_velocities(std::size_t count, double temperature, RandomStream& random);

/// Kinetic energy, and kinetic temperature: the momentum of the whole counts for nothing, so that there are
/// Dim (N - 1) degrees of freedom.
template <int Dim>
double kinetic_energy(const Positions<Dim>& velocities);
template <int Dim>
double kinetic_temperature(const Positions<Dim>& velocities);

/// Goes on from a state for a number of steps.
///
/// The neighbour list is made anew at the start, so that what a call returns is a function of its arguments
/// alone: a run that is stored between calls and resumed goes through the same bits.
///
/// Raises DynamicsError when a particle moves too far in one step, naming it and what to do.
template <int Dim>
DynamicsRun<Dim> run_dynamics(const Interaction<Dim>& interaction, const Box<Dim>& box,
                              const DynamicsState<Dim>& start, const DynamicsOptions& options, long steps,
                              Monitor& monitor);

}  // namespace glassplast
