#include <glassplast/sampling/molecular_dynamics.hpp>

#include <glassplast/errors.hpp>
#include <glassplast/require_positive.hpp>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>

namespace glassplast {

namespace {

/// A particle that moves by this fraction of its own length in one step passes through others.
constexpr double longest_move = 0.3;
/// The number of steps between checks of how far particles move; overflow takes longer than that to develop.
constexpr long look_interval = 10;
/// The margin of the close pairs of the list. A longer one makes choosing them less frequent, but more pairs
/// are evaluated in vain.
constexpr double close_margin = 0.15;

template <int Dim>
class Integrator {
public:
    Integrator(const Interaction<Dim>& interaction, const Box<Dim>& box, const DynamicsState<Dim>& start,
               const DynamicsOptions& options)
        : interaction_(interaction),
          box_(box),
          options_(options),
          list_(options.skin, close_margin),
          forces_(Dim, start.positions.cols()) {
        run_.state = start;
        double shortest = interaction.range();
        for (std::size_t i = 0; i < interaction.size(); ++i) {
            shortest = std::min(shortest, interaction.pair_length(i, i));
        }
        fastest_ = longest_move * shortest / options.time_step;
    }

    DynamicsRun<Dim> advance(long steps, Monitor& monitor) {
        DynamicsState<Dim>& state = run_.state;
        try {
            evaluate();
            if (state.step == 0 && options_.sample_interval > 0) {
                sample();
            }
            for (long taken = 0; taken < steps; ++taken) {
                step();
                monitor(static_cast<double>(state.step), options_.temperature(state.step));
            }
        } catch (const GeometryError& error) {
            throw DynamicsError(described(error.what()));
        }
        run_.list_builds = list_.builds();
        return std::move(run_);
    }

private:
    void step() {
        DynamicsState<Dim>& state = run_.state;
        const double time_step = options_.time_step;
        state.velocities += 0.5 * time_step * forces_;
        ++state.step;
        if (options_.thermostat && state.step % options_.thermostat_interval == 0) {
            state.positions += 0.5 * time_step * state.velocities;
            thermalize();
            state.positions += 0.5 * time_step * state.velocities;
        } else {
            state.positions += time_step * state.velocities;
        }
        if (state.step % look_interval == 0) {
            look();
        }
        const bool sampled = options_.sample_interval > 0 && state.step % options_.sample_interval == 0;
        if (sampled) {
            evaluate();
        } else {
            interaction_.update(list_, box_, state.positions);
            interaction_.forces(list_, site_forces_, forces_);
        }
        state.velocities += 0.5 * time_step * forces_;
        if (sampled) {
            sample();
        }
        if (options_.average_interval > 0 && state.step % options_.average_interval == 0) {
            state.position_sum += state.positions;
            ++state.averaged;
        }
    }

    /// Applies the exact solution of dv = -friction v dt + sqrt(2 friction T) dW over the steps between two
    /// actions, in the space where the total momentum is zero.
    void thermalize() {
        DynamicsState<Dim>& state = run_.state;
        const double decay = std::exp(-options_.friction * options_.time_step *
                                      static_cast<double>(options_.thermostat_interval));
        const double temperature = options_.temperature(state.step);
        const double noise = std::sqrt(temperature * (1.0 - decay * decay));
        double* velocity = state.velocities.data();
        const Eigen::Index size = state.velocities.size();
        for (Eigen::Index k = 0; k + 1 < size; k += 2) {
            const std::array<double, 2> normal = state.random.normal_pair();
            velocity[k] = decay * velocity[k] + noise * normal[0];
            velocity[k + 1] = decay * velocity[k + 1] + noise * normal[1];
        }
        if (size % 2 != 0) {
            velocity[size - 1] = decay * velocity[size - 1] + noise * state.random.normal_pair()[0];
        }
        const Vector<Dim> drift = state.velocities.rowwise().mean();
        state.velocities.colwise() -= drift;
    }

    void evaluate() {
        interaction_.update(list_, box_, run_.state.positions);
        evaluation_ = interaction_.evaluate(list_, site_forces_, forces_);
    }

    void sample() {
        const Positions<Dim>& velocities = run_.state.velocities;
        DynamicsSeries<Dim>& series = run_.series;
        const Vector<Dim> drift = velocities.rowwise().mean();
        const Positions<Dim> relative = velocities.colwise() - drift;
        series.time.push_back(static_cast<double>(run_.state.step) * options_.time_step);
        series.temperature.push_back(kinetic_temperature<Dim>(velocities));
        series.potential.push_back(evaluation_.energy);
        series.kinetic.push_back(kinetic_energy<Dim>(velocities));
        series.stress.push_back((evaluation_.virial - relative * relative.transpose()) / box_.volume());
    }

    void look() const {
        const Positions<Dim>& velocities = run_.state.velocities;
        Eigen::Index fastest = 0;
        const double speed = std::sqrt(velocities.colwise().squaredNorm().maxCoeff(&fastest));
        // Written so that a NaN does not pass for a speed.
        if (!(speed < fastest_) || !velocities.allFinite()) {
            std::ostringstream what;
            what << "particle " << fastest << " moves by " << speed * options_.time_step << " in one step";
            throw DynamicsError(described(what.str()));
        }
    }

    std::string described(const std::string& what) const {
        std::ostringstream message;
        message << "the energy exploded by step " << run_.state.step << " (" << what << "): the time step of "
                << options_.time_step
                << " is too large for this temperature, or particles overlap at the start; choose a smaller "
                   "time_step, or minimize first";
        return message.str();
    }

    const Interaction<Dim>& interaction_;
    Box<Dim> box_;
    DynamicsOptions options_;
    VerletList<Dim> list_;
    Positions<Dim> site_forces_;
    Positions<Dim> forces_;
    Evaluation<Dim> evaluation_;
    DynamicsRun<Dim> run_{{{}, {}, RandomStream({}), 0, {}, 0}, {}, 0};
    double fastest_ = 0.0;
};

void require_not_negative(double value, const std::string& name) {
    if (!(value >= 0.0) || !std::isfinite(value)) {
        std::ostringstream message;
        message << name << " must be finite and not negative, not " << value;
        throw ArgumentError(message.str());
    }
}

void require_shape(bool holds, const char* message) {
    if (!holds) {
        throw GeometryError(message);
    }
}

}  // namespace

double DynamicsOptions::temperature(long step) const {
    if (step >= ramp_steps) {
        return last_temperature;
    }
    return first_temperature + (last_temperature - first_temperature) * static_cast<double>(step) /
                                   static_cast<double>(ramp_steps);
}

template <int Dim>
double kinetic_energy(const Positions<Dim>& velocities) {
    const Vector<Dim> drift = velocities.rowwise().mean();
    return 0.5 * (velocities.colwise() - drift).squaredNorm();
}

template <int Dim>
double kinetic_temperature(const Positions<Dim>& velocities) {
    const Eigen::Index others = std::max<Eigen::Index>(velocities.cols() - 1, 1);
    return 2.0 * kinetic_energy<Dim>(velocities) / static_cast<double>(Dim * others);
}

template <int Dim>
Positions<Dim> maxwell_velocities(std::size_t count, double temperature, RandomStream& random) {
    require_not_negative(temperature, "temperature");
    Positions<Dim> velocities(Dim, static_cast<Eigen::Index>(count));
    const double width = std::sqrt(temperature);
    for (Eigen::Index k = 0; k < velocities.size(); k += 2) {
        const std::array<double, 2> normal = random.normal_pair();
        velocities.data()[k] = width * normal[0];
        if (k + 1 < velocities.size()) {
            velocities.data()[k + 1] = width * normal[1];
        }
    }
    const Vector<Dim> drift = velocities.rowwise().mean();
    velocities.colwise() -= drift;
    return velocities;
}

template <int Dim>
DynamicsRun<Dim> run_dynamics(const Interaction<Dim>& interaction, const Box<Dim>& box,
                              const DynamicsState<Dim>& start, const DynamicsOptions& options, long steps,
                              Monitor& monitor) {
    interaction.require_size(start.positions);
    require_shape(start.velocities.cols() == start.positions.cols() && start.velocities.allFinite(),
                  "velocities must have one finite row for each particle");
    require_shape(options.average_interval == 0 || start.position_sum.cols() == start.positions.cols(),
                  "position_sum must have one row for each particle");
    require_positive(options.time_step, "time_step");
    require_not_negative(options.first_temperature, "temperature");
    require_not_negative(options.last_temperature, "temperature");
    require_not_negative(options.friction, "friction");
    require_positive(static_cast<double>(options.thermostat_interval), "thermostat_interval");
    require_not_negative(static_cast<double>(steps), "steps");
    require_not_negative(static_cast<double>(options.sample_interval), "sample_interval");
    require_not_negative(static_cast<double>(options.average_interval), "average_interval");
    require_not_negative(options.skin, "skin");
    box.require_range(interaction.range());
    return Integrator<Dim>(interaction, box, start, options).advance(steps, monitor);
}

template double kinetic_energy<2>(const Positions<2>&);
template double kinetic_energy<3>(const Positions<3>&);
template double kinetic_temperature<2>(const Positions<2>&);
template double kinetic_temperature<3>(const Positions<3>&);
template Positions<2> maxwell_velocities<2>(std::size_t, double, RandomStream&);
template Positions<3> maxwell_velocities<3>(std::size_t, double, RandomStream&);
template DynamicsRun<2> run_dynamics<2>(const Interaction<2>&, const Box<2>&, const DynamicsState<2>&,
                                        const DynamicsOptions&, long, Monitor&);
template DynamicsRun<3> run_dynamics<3>(const Interaction<3>&, const Box<3>&, const DynamicsState<3>&,
                                        const DynamicsOptions&, long, Monitor&);

}  // namespace glassplast
