#include <glassplast/mechanics/local_stress.hpp>

#include <glassplast/errors.hpp>

namespace glassplast {

namespace {

template <int Dim>
void require_positions(const StiffnessNetwork<Dim>& network, const Positions<Dim>& positions) {
    if (static_cast<std::size_t>(positions.cols()) != network.particles) {
        throw GeometryError("the positions are not those of the network");
    }
}

// phi' r r^T / r.
template <int Dim>
Matrix<Dim> tension(const StiffnessNetwork<Dim>& network, Eigen::Index k) {
    return network.phi1(k) * network.direction.col(k) * network.separation.col(k).transpose();
}

// The derivative of phi' r r^T / r when r changes.
template <int Dim>
Matrix<Dim> tension_rate(const StiffnessNetwork<Dim>& network, Eigen::Index k, const Vector<Dim>& change) {
    const Vector<Dim> n = network.direction.col(k);
    const Vector<Dim> r = network.separation.col(k);
    const double pull = network.phi1(k) / network.distance(k);
    return ((network.phi2(k) - pull) * n.dot(change)) * n * r.transpose() +
           pull * (change * r.transpose() + r * change.transpose());
}

}  // namespace

template <int Dim>
TensorField<Dim> local_stress(const Box<Dim>& box, const Positions<Dim>& positions,
                              const StiffnessNetwork<Dim>& network, const Positions<Dim>& points,
                              double radius, Monitor& monitor) {
    require_positions(network, positions);
    const auto count = static_cast<Eigen::Index>(network.size());
    Bonds<Dim> bonds{Positions<Dim>(Dim, count), network.separation, {}};
    bonds.tensor.reserve(network.size());
    for (Eigen::Index k = 0; k < count; ++k) {
        bonds.start.col(k) = positions.col(network.first[static_cast<std::size_t>(k)]);
        bonds.tensor.push_back(tension(network, k));
    }
    return coarse_grained_tensors(box, bonds, points, radius, monitor);
}

template <int Dim>
TensorField<Dim> local_stress_rate(const Box<Dim>& box, const Positions<Dim>& positions,
                                   const StiffnessNetwork<Dim>& network, const Matrix<Dim>& loading,
                                   const Positions<Dim>& nonaffine, const Positions<Dim>& points,
                                   const Positions<Dim>& point_velocity, double radius, int threads,
                                   Monitor& monitor) {
    require_positions(network, positions);
    if (nonaffine.cols() != positions.cols() || point_velocity.cols() != points.cols()) {
        throw GeometryError("every particle and every point needs a velocity");
    }
    const auto count = static_cast<Eigen::Index>(network.size());
    Bonds<Dim> bonds{Positions<Dim>(Dim, count), Positions<Dim>(Dim, count), {}};
    BondMotion<Dim> motion{loading, Positions<Dim>(Dim, count), Positions<Dim>(Dim, count), {}};
    Eigen::Index kept = 0;
    for (Eigen::Index k = 0; k < count; ++k) {
        const int i = network.first[static_cast<std::size_t>(k)];
        const Vector<Dim> start = nonaffine.col(i);
        const Vector<Dim> turn = nonaffine.col(network.second[static_cast<std::size_t>(k)]) - start;
        if (!turn.allFinite()) {
            continue;
        }
        bonds.start.col(kept) = positions.col(i);
        bonds.separation.col(kept) = network.separation.col(k);
        bonds.tensor.push_back(tension(network, k));
        motion.start.col(kept) = start;
        motion.separation.col(kept) = turn;
        motion.tensor_rate.push_back(
            tension_rate<Dim>(network, k, loading * network.separation.col(k) + turn));
        ++kept;
    }
    bonds.start.conservativeResize(Dim, kept);
    bonds.separation.conservativeResize(Dim, kept);
    return coarse_grained_tensor_rates(box, bonds, motion, points, point_velocity, radius, threads, monitor);
}

#define GLASSPLAST_LOCAL_STRESS(Dim)                                                                         \
    template TensorField<Dim> local_stress<Dim>(const Box<Dim>&, const Positions<Dim>&,                      \
                                                const StiffnessNetwork<Dim>&, const Positions<Dim>&, double, \
                                                Monitor&);                                                   \
    template TensorField<Dim> local_stress_rate<Dim>(                                                        \
        const Box<Dim>&, const Positions<Dim>&, const StiffnessNetwork<Dim>&, const Matrix<Dim>&,            \
        const Positions<Dim>&, const Positions<Dim>&, const Positions<Dim>&, double, int, Monitor&);

GLASSPLAST_LOCAL_STRESS(2)
GLASSPLAST_LOCAL_STRESS(3)
#undef GLASSPLAST_LOCAL_STRESS

}  // namespace glassplast
