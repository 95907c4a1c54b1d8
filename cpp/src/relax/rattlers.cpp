#include <glassplast/relax/rattlers.hpp>

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>

namespace glassplast {

namespace {

/// How far a rattler may go in one iteration along each of its principal directions.
constexpr double largest_rattler_move = 0.05;

}  // namespace

template <int Dim>
void Rattlers<Dim>::set(const RigidCore<Dim>& core) {
    particles_.clear();
    for (std::size_t i = 0; i < core.index.size(); ++i) {
        if (core.index[i] < 0) {
            particles_.push_back(static_cast<int>(i));
        }
    }
}

template <int Dim>
bool Rattlers<Dim>::refresh(const StiffnessNetwork<Dim>& network, const std::vector<char>& anchored) {
    std::vector<int> place(network.particles, -1);
    for (std::size_t r = 0; r < particles_.size(); ++r) {
        place[static_cast<std::size_t>(particles_[r])] = static_cast<int>(r);
    }
    block_.assign(particles_.size(), Matrix<Dim>::Zero());
    for (std::size_t k = 0; k < network.size(); ++k) {
        for (const int i : {network.first[k], network.second[k]}) {
            const int r = place[static_cast<std::size_t>(i)];
            if (r >= 0) {
                const auto index = static_cast<Eigen::Index>(k);
                const Vector<Dim> n = network.direction.col(index);
                const double tangential = network.phi1(index) / network.distance(index);
                block_[static_cast<std::size_t>(r)] +=
                    (network.phi2(index) - tangential) * n * n.transpose() +
                    tangential * Matrix<Dim>::Identity();
            }
        }
    }
    const RigidCore<Dim> core(network, anchored);
    return std::none_of(particles_.begin(), particles_.end(),
                        [&](int i) { return core.index[static_cast<std::size_t>(i)] >= 0; });
}

template <int Dim>
Positions<Dim> Rattlers<Dim>::step(const Positions<Dim>& forces) const {
    Positions<Dim> move = Positions<Dim>::Zero(Dim, forces.cols());
    for (std::size_t r = 0; r < particles_.size(); ++r) {
        const Vector<Dim> force = forces.col(particles_[r]);
        if (force.isZero(0.0)) {
            continue;
        }
        // Go downhill along every principal direction, also where the prestress of the contacts makes the
        // rattler unstable.
        const Eigen::SelfAdjointEigenSolver<Matrix<Dim>> principal(block_[r]);
        Vector<Dim> step = Vector<Dim>::Zero();
        for (int a = 0; a < Dim; ++a) {
            const Vector<Dim> axis = principal.eigenvectors().col(a);
            const double along = axis.dot(force);
            const double stiffness = std::abs(principal.eigenvalues()(a));
            const double wanted =
                stiffness > 0.0 ? along / stiffness : std::copysign(largest_rattler_move, along);
            step += std::clamp(wanted, -largest_rattler_move, largest_rattler_move) * axis;
        }
        move.col(particles_[r]) = step;
    }
    return move;
}

template <int Dim>
double Rattlers<Dim>::largest_force(const Positions<Dim>& forces) const {
    double largest = 0.0;
    for (const int i : particles_) {
        largest = std::max(largest, forces.col(i).norm());
    }
    return largest;
}

template class Rattlers<2>;
template class Rattlers<3>;

}  // namespace glassplast
