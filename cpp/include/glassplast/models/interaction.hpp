#pragma once

#include <glassplast/geometry/verlet_list.hpp>
#include <glassplast/models/contact_network.hpp>
#include <glassplast/models/local_energy.hpp>

#include <memory>
#include <string>
#include <vector>

namespace glassplast {

/// The result of one pass over all pairs.
template <int Dim>
struct Evaluation {
    double energy = 0.0;
    /// V sigma = sum over pairs of phi' r r^T / r (positive under tension).
    Matrix<Dim> virial = Matrix<Dim>::Zero();
};

/// A pair potential together with what it needs to know of each particle: the species or the diameter.
///
/// Everything above the models sees this one interface of whole-array calls; only the kernels behind it are
/// templated on the potential.
template <int Dim>
class Interaction {
public:
    Interaction() = default;
    Interaction(const Interaction&) = delete;
    Interaction& operator=(const Interaction&) = delete;
    virtual ~Interaction() = default;

    virtual std::size_t size() const = 0;
    /// The largest cutoff over all pairs of particles.
    virtual double range() const = 0;
    /// Contact distance s_ij and energy scale of a pair of particles.
    virtual double pair_length(std::size_t i, std::size_t j) const = 0;
    virtual double pair_energy(std::size_t i, std::size_t j) const = 0;
    virtual double pair_cutoff(std::size_t i, std::size_t j) const = 0;
    /// phi and its first four derivatives with respect to r (zero at and beyond the cutoff).
    virtual std::array<double, 5> pair_derivatives(std::size_t i, std::size_t j, double distance) const = 0;

    /// phi, phi' and phi'' of some pairs of particles at given distances; zero at and beyond their cutoff.
    /// All arrays have one entry for each pair.
    virtual void pair_values(const std::vector<int>& first, const std::vector<int>& second,
                             const std::vector<double>& distance, std::vector<double>& phi,
                             std::vector<double>& phi1, std::vector<double>& phi2) const = 0;

    /// Makes the list anew where needed; it holds the pairs inside their own cutoff plus the skin.
    virtual bool update(VerletList<Dim>& list, const Box<Dim>& box,
                        const Positions<Dim>& positions) const = 0;

    /// Energy, virial and forces for an updated list. Raises GeometryError when two particles coincide.
    /// `site_forces` is scratch that the caller keeps: the system maps an array of this size anew, page by
    /// page, whenever it is allocated.
    virtual Evaluation<Dim> evaluate(const VerletList<Dim>& list, Positions<Dim>& site_forces,
                                     Positions<Dim>& forces) const = 0;

    /// Forces alone, for an updated list that keeps its close pairs: the same bits as those of `evaluate` in
    /// less time. Raises GeometryError when a force is not finite.
    virtual void forces(const VerletList<Dim>& list, Positions<Dim>& site_forces,
                        Positions<Dim>& forces) const = 0;

    /// All interacting pairs with first and second derivatives of phi, for an updated list and in its order.
    virtual StiffnessNetwork<Dim> stiffness(const VerletList<Dim>& list) const = 0;

    /// Pairs of particles of an updated list whose distance exceeds their cutoff by less than `margin`,
    /// interacting ones included.
    virtual void pairs_within(const VerletList<Dim>& list, double margin, std::vector<int>& first,
                              std::vector<int>& second) const = 0;

    /// All interacting pairs with the derivatives of phi up to the fourth, for an updated list.
    virtual ContactNetwork<Dim> network(const VerletList<Dim>& list, const Box<Dim>& box) const = 0;

    /// The energies of single particles, which Monte Carlo moves need.
    virtual std::unique_ptr<LocalEnergy<Dim>> local_energy() const = 0;

    /// Raises GeometryError unless there is one position for each particle.
    void require_size(const Positions<Dim>& positions) const;
};

extern template class Interaction<2>;
extern template class Interaction<3>;

}  // namespace glassplast
