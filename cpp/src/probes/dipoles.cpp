#include <glassplast/probes/dipoles.hpp>

#include <glassplast/errors.hpp>
#include <glassplast/require_positive.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>

namespace glassplast {

template <int Dim>
std::vector<int> susceptible_pairs(const Box<Dim>& box, const Positions<Dim>& positions,
                                   const StiffnessNetwork<Dim>& network, const Positions<Dim>& velocity,
                                   double spacing) {
    require_positive(spacing, "spacing");
    if (static_cast<std::size_t>(positions.cols()) != network.particles ||
        velocity.cols() != positions.cols()) {
        throw GeometryError("positions and velocities must be those of the particles of the network");
    }
    const Eigen::Array<double, Dim, 1> wanted =
        (box.cell().colwise().norm().transpose().array() / spacing * (1.0 - 1e-12)).ceil().max(1.0);
    constexpr double most = 1e7;
    if (wanted.prod() > most) {
        std::ostringstream message;
        message << "spacing must be larger than " << spacing << ", which cuts the box into " << wanted.prod()
                << " parts";
        throw ArgumentError(message.str());
    }
    std::array<int, Dim> parts{};
    for (int a = 0; a < Dim; ++a) {
        parts[a] = static_cast<int>(wanted(a));
    }
    const auto total = static_cast<std::size_t>(wanted.prod());
    Positions<Dim> middle(Dim, static_cast<Eigen::Index>(network.size()));
    for (std::size_t k = 0; k < network.size(); ++k) {
        const auto column = static_cast<Eigen::Index>(k);
        middle.col(column) = positions.col(network.first[k]) + 0.5 * network.separation.col(column);
    }
    const Positions<Dim> fraction = box.fractional(middle);
    std::vector<int> best(total, -1);
    std::vector<double> fastest(total, -1.0);
    for (std::size_t k = 0; k < network.size(); ++k) {
        const auto column = static_cast<Eigen::Index>(k);
        std::size_t part = 0;
        for (int a = 0; a < Dim; ++a) {
            const double inside = fraction(a, column) - std::floor(fraction(a, column));
            part = part * static_cast<std::size_t>(parts[a]) +
                   static_cast<std::size_t>(std::min(static_cast<int>(inside * parts[a]), parts[a] - 1));
        }
        const Vector<Dim> relative = velocity.col(network.second[k]) - velocity.col(network.first[k]);
        const double change = std::abs(network.phi1(column) * network.direction.col(column).dot(relative));
        if (change > fastest[part]) {
            fastest[part] = change;
            best[part] = static_cast<int>(k);
        }
    }
    best.erase(std::remove(best.begin(), best.end(), -1), best.end());
    std::sort(best.begin(), best.end());
    return best;
}

template <int Dim>
Eigen::VectorXd dipole(const StiffnessNetwork<Dim>& network, int pair) {
    const auto k = static_cast<std::size_t>(pair);
    Eigen::VectorXd field = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(Dim * network.particles));
    const Vector<Dim> pull = network.phi1(pair) * network.direction.col(pair);
    field.segment<Dim>(static_cast<Eigen::Index>(Dim) * network.second[k]) = pull;
    field.segment<Dim>(static_cast<Eigen::Index>(Dim) * network.first[k]) = -pull;
    return field;
}

#define GLASSPLAST_DIPOLES(Dim)                                                                           \
    template std::vector<int> susceptible_pairs<Dim>(const Box<Dim>&, const Positions<Dim>&,              \
                                                     const StiffnessNetwork<Dim>&, const Positions<Dim>&, \
                                                     double);                                             \
    template Eigen::VectorXd dipole<Dim>(const StiffnessNetwork<Dim>&, int);

GLASSPLAST_DIPOLES(2)
GLASSPLAST_DIPOLES(3)
#undef GLASSPLAST_DIPOLES

}  // namespace glassplast
