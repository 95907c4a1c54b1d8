#pragma once

#include <glassplast/models/stiffness_network.hpp>

#include <algorithm>
#include <limits>
#include <vector>

namespace glassplast {

/// The force that is left when positions are rounded to double precision: the resolution of a coordinate
/// times the stiffness of the stiffest particle. No iteration gets reliably below it.
template <int Dim>
double round_off_force(const StiffnessNetwork<Dim>& network, const Positions<Dim>& positions) {
    std::vector<double> stiffness(network.particles, 0.0);
    double stiffest = 0.0;
    for (std::size_t k = 0; k < network.size(); ++k) {
        const auto index = static_cast<Eigen::Index>(k);
        const double pair =
            std::abs(network.phi2(index)) + std::abs(network.phi1(index)) / network.distance(index);
        for (const int i : {network.first[k], network.second[k]}) {
            double& sum = stiffness[static_cast<std::size_t>(i)];
            sum += pair;
            stiffest = std::max(stiffest, sum);
        }
    }
    const double size = positions.size() == 0 ? 0.0 : positions.cwiseAbs().maxCoeff();
    return std::numeric_limits<double>::epsilon() * size * stiffest;
}

}  // namespace glassplast
