#pragma once

#include <glassplast/models/stiffness_network.hpp>

#include <initializer_list>
#include <vector>

namespace glassplast {

/// Every interacting pair once (first < second, sorted), with its separation and the derivatives of its
/// energy up to the fourth.
template <int Dim>
struct ContactNetwork : StiffnessNetwork<Dim> {
    std::vector<Image<Dim>> image;  ///< separation = x[second] - x[first] + cell * image
    Eigen::VectorXd length;         ///< contact distance s of the pair
    Eigen::VectorXd phi;
    Eigen::VectorXd phi3;
    Eigen::VectorXd phi4;

    /// The third derivatives of phi(|r|) of a pair are a n n n + b (n 1, symmetrized over the three indices).
    struct Third {
        double a;
        double b;
    };
    Third third(Eigen::Index k) const {
        const double b = (this->phi2(k) - this->phi1(k) / this->distance(k)) / this->distance(k);
        return {phi3(k) - 3.0 * b, b};
    }

    /// Some of the pairs; particles keep their numbers.
    ContactNetwork part(const std::vector<Eigen::Index>& pairs) const {
        ContactNetwork result;
        result.particles = this->particles;
        for (const Eigen::Index k : pairs) {
            result.first.push_back(this->first[static_cast<std::size_t>(k)]);
            result.second.push_back(this->second[static_cast<std::size_t>(k)]);
            result.image.push_back(image[static_cast<std::size_t>(k)]);
        }
        for (Positions<Dim> ContactNetwork::* vectors :
             std::initializer_list<Positions<Dim> ContactNetwork::*>{&ContactNetwork::separation,
                                                                     &ContactNetwork::direction}) {
            (result.*vectors) = (this->*vectors)(Eigen::all, pairs);
        }
        for (Eigen::VectorXd ContactNetwork::* values :
             std::initializer_list<Eigen::VectorXd ContactNetwork::*>{
                 &ContactNetwork::distance, &ContactNetwork::length, &ContactNetwork::phi,
                 &ContactNetwork::phi1, &ContactNetwork::phi2, &ContactNetwork::phi3,
                 &ContactNetwork::phi4}) {
            result.*values = (this->*values)(pairs);
        }
        return result;
    }
};

}  // namespace glassplast
