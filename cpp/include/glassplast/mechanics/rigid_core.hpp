#pragma once

#include <glassplast/models/contact_network.hpp>

#include <vector>

namespace glassplast {

/// The particles that carry load. A rattler has fewer than d + 1 interacting neighbours; rattlers are removed
/// recursively. What is left may fall into several clusters, each free to translate by itself.
template <int Dim>
struct RigidCore {
    std::vector<int> particles;  ///< in ascending order
    std::vector<int> index;      ///< of each particle in `particles`, -1 for a rattler
    std::vector<int> cluster;    ///< of each member of `particles`
    int clusters = 0;

    RigidCore() = default;
    /// Particles that are `anchored` count as carrying load, whatever contacts they have.
    explicit RigidCore(const StiffnessNetwork<Dim>& network, const std::vector<char>& anchored = {});

    std::size_t size() const { return particles.size(); }
    Eigen::Index freedom() const { return static_cast<Eigen::Index>(Dim * particles.size()); }
    int translations() const { return Dim * clusters; }

    /// The contacts among members of the core. A rattler that just touches a particle bears no load, but the
    /// higher derivatives of that contact need not vanish. Particles keep their numbers.
    ContactNetwork<Dim> load_bearing(const ContactNetwork<Dim>& network) const;

    /// Subtracts the translation of each cluster from a field, which is a vector over the degrees of freedom
    /// of all particles, and sets it to zero on rattlers.
    void project(Eigen::Ref<Eigen::VectorXd> values) const;

    /// The field with `missing` on the rattlers.
    Positions<Dim> marked(const Eigen::Ref<const Eigen::VectorXd>& values, double missing) const;
};

extern template struct RigidCore<2>;
extern template struct RigidCore<3>;

}  // namespace glassplast
