#pragma once

#include <glassplast/geometry/box.hpp>
#include <glassplast/models/interaction.hpp>
#include <glassplast/monitor.hpp>
#include <glassplast/sampling/random_stream.hpp>

#include <memory>
#include <vector>

namespace glassplast {

/// The state of a trajectory. A run that goes on from it reproduces the uninterrupted run to the same bits.
/// Positions are not wrapped, the mass of every particle is 1, and k_B = 1.
template <int Dim>
struct DynamicsState {
    Positions<Dim> positions;
    Positions<Dim> velocities;
    RandomStream random;
    long step = 0;
    /// The sum of the positions that were recorded every `average_interval` steps, and their number.
    Positions<Dim> position_sum;
    long averaged = 0;
};

struct DynamicsOptions {
    double time_step = 0.005;
    /// With a Langevin thermostat (BAOAB) if true; otherwise at constant energy (velocity Verlet).
    bool thermostat = false;
    /// Rate at which the thermostat replaces momentum, per unit time.
    double friction = 1.0;
    /// The thermostat acts once in this many steps, and then for the time of all of them.
    long thermostat_interval = 1;
    /// T changes linearly from the first value at step 0 to the last at step `ramp_steps`, and then stays
    /// there.
    double first_temperature = 0.0;
    double last_temperature = 0.0;
    long ramp_steps = 0;
    /// Steps between samples of the series, and between positions that enter the average; 0 means never.
    long sample_interval = 100;
    long average_interval = 0;
    double skin = 0.8;

    double temperature(long step) const;
};

/// The measurements along a trajectory, one entry a sample.
template <int Dim>
struct DynamicsSeries {
    std::vector<double> time;
    std::vector<double> temperature;  ///< 2 K / (Dim (N - 1)), without the centre-of-mass motion
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

/// Velocities from the Maxwell distribution at a temperature, with a total momentum of zero.
template <int Dim>
Positions<Dim> maxwell_velocities(std::size_t count, double temperature, RandomStream& random);

/// Kinetic energy and kinetic temperature, both without the motion of the centre of mass, so that there are
/// Dim (N - 1) degrees of freedom.
template <int Dim>
double kinetic_energy(const Positions<Dim>& velocities);
template <int Dim>
double kinetic_temperature(const Positions<Dim>& velocities);

/// Continues a trajectory from a state for a number of steps.
///
/// The neighbour list is made anew at the start, so that what a call returns is a function of its arguments
/// alone: a run that is stored between calls and resumed goes through the same bits.
///
/// Raises DynamicsError when a particle moves too far in one step; the message names the particle and says
/// what to do.
template <int Dim>
DynamicsRun<Dim> run_dynamics(const Interaction<Dim>& interaction, const Box<Dim>& box,
                              const DynamicsState<Dim>& start, const DynamicsOptions& options, long steps,
                              Monitor& monitor);

}  // namespace glassplast
