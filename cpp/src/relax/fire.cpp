#include <glassplast/relax/descent.hpp>

#include <glassplast/mechanics/network_mechanics.hpp>

#include <algorithm>
#include <cmath>

namespace glassplast {

namespace {

constexpr double largest_move = 0.1;
constexpr double mixing_start = 0.1;
constexpr double mixing_decay = 0.99;
constexpr double growth = 1.1;
constexpr double shrinkage = 0.5;
constexpr int patience = 5;
constexpr long estimate_interval = 50;
/// The fraction of the stability limit 2 / sqrt(largest eigenvalue) that the time step may reach.
constexpr double safety = 0.8;

/// A lower bound that a few power iterations bring close to the largest eigenvalue of H.
template <int Dim>
double largest_eigenvalue(PotentialEnergy<Dim>& potential, const Positions<Dim>& positions,
                          Positions<Dim>& vector) {
    const StiffnessNetwork<Dim> network = potential.stiffness(positions);
    double value = 0.0;
    for (int k = 0; k < 12; ++k) {
        const double norm = vector.norm();
        if (!(norm > 0.0)) {
            break;
        }
        vector /= norm;
        const Positions<Dim> image = hessian_times(network, vector);
        value = image.norm();
        vector = image;
    }
    return value;
}

}  // namespace

template <int Dim>
bool fire(PotentialEnergy<Dim>& potential, Descent<Dim>& at, double target, long evaluation_budget,
          Monitor& monitor) {
    const long last = potential.evaluations() + evaluation_budget;
    Positions<Dim> velocity = Positions<Dim>::Zero(Dim, at.positions.cols());
    Positions<Dim> probe = at.forces;
    double limit = 0.0;
    double time_step = 0.0;
    double mixing = mixing_start;
    int downhill = 0;
    long until_estimate = 0;
    while (at.largest_force() > target) {
        if (potential.evaluations() >= last) {
            return false;
        }
        monitor(static_cast<double>(potential.evaluations()), at.largest_force());
        if (until_estimate-- == 0) {
            until_estimate = estimate_interval;
            const double stiffest = largest_eigenvalue(potential, at.positions, probe);
            limit = stiffest > 0.0 ? safety * 2.0 / std::sqrt(stiffest) : 0.1;
            time_step = time_step > 0.0 ? std::min(time_step, limit) : 0.25 * limit;
        }
        const double power = at.forces.cwiseProduct(velocity).sum();
        if (power > 0.0) {
            const double ratio = velocity.norm() / at.forces.norm();
            velocity = (1.0 - mixing) * velocity + mixing * ratio * at.forces;
            if (++downhill > patience) {
                time_step = std::min(growth * time_step, limit);
                mixing *= mixing_decay;
            }
        } else {
            velocity.setZero();
            time_step *= downhill > 0 ? shrinkage : 1.0;
            mixing = mixing_start;
            downhill = 0;
        }
        velocity += time_step * at.forces;
        const double move = time_step * largest_norm<Dim>(velocity);
        if (move > largest_move) {
            velocity *= largest_move / move;
        }
        at.positions += time_step * velocity;
        at.evaluation = potential.evaluate(at.positions, at.forces);
    }
    return true;
}

template bool fire<2>(PotentialEnergy<2>&, Descent<2>&, double, long, Monitor&);
template bool fire<3>(PotentialEnergy<3>&, Descent<3>&, double, long, Monitor&);

}  // namespace glassplast
