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
    explicit RigidCore(const ContactNetwork<Dim>& network);

    std::size_t size() const { return particles.size(); }
    Eigen::Index freedom() const { return static_cast<Eigen::Index>(Dim * particles.size()); }
    int translations() const { return Dim * clusters; }

    /// The contacts among members of the core: a rattler that just touches bears no load, but the higher
    /// derivatives of its contacts need not vanish. Particles keep their numbers.
    ContactNetwork<Dim> load_bearing(const ContactNetwork<Dim>& network) const;
    /// The same with the members of the core numbered among themselves.
    ContactNetwork<Dim> renumbered(ContactNetwork<Dim> network) const;

    /// Between fields over all particles and vectors over the degrees of freedom of the core.
    Eigen::VectorXd gather(const Positions<Dim>& field) const;
    /// `missing` stands on the rattlers.
    Positions<Dim> scatter(const Eigen::Ref<const Eigen::VectorXd>& values, double missing) const;

    /// Takes the translation of each cluster out of a vector over the core.
    void project_translations(Eigen::Ref<Eigen::VectorXd> values) const;
};

extern template struct RigidCore<2>;
extern template struct RigidCore<3>;

}  // namespace glassplast
