#pragma once

#include <glassplast/geometry/vector.hpp>

#include <array>
#include <vector>

namespace glassplast {

/// Particles in cells of a fixed number of slots, one array for each coordinate. Slots without a particle lie
/// far outside every range; a cell begins at a multiple of `slot_lanes`.
template <int Dim>
struct SlotArrays {
    std::array<const double*, Dim> coordinate;
    const double* kind;  ///< diameter or species
    const double* particle;
};

/// Loops over slots run over whole vectors of this many slots.
constexpr int slot_lanes = 4;

/// The slots of a cell, or of an image of it, which is displaced by a lattice vector.
struct SlotRange {
    int first;
    int count;  ///< a multiple of slot_lanes
    int shift;  ///< which of the lattice vectors
};

/// Everything that one particle may interact with.
template <int Dim>
struct Surroundings {
    SlotArrays<Dim> slots;
    const SlotRange* ranges;
    int range_count;
    const Vector<Dim>* shifts;
    /// Both are left out of all sums: the particle itself, and the one that it exchanges its kind with (or
    /// -1).
    double particle;
    double partner;
};

/// A particle, as it is or as it would be after a move.
template <int Dim>
struct Probe {
    Vector<Dim> position;
    double kind;
};

/// The energies that Monte Carlo moves of single particles ask an interaction for.
///
/// A particle is described by one number, its *kind*: its diameter or its species.
template <int Dim>
class LocalEnergy {
public:
    LocalEnergy() = default;
    LocalEnergy(const LocalEnergy&) = delete;
    LocalEnergy& operator=(const LocalEnergy&) = delete;
    virtual ~LocalEnergy() = default;

    virtual std::vector<double> kinds() const = 0;
    /// The largest cutoff over all pairs of particles, however kinds are exchanged.
    virtual double range() const = 0;
    /// The largest cutoff of any pair with a particle of this kind.
    virtual double range(double kind) const = 0;
    /// The energy of one particle with its surroundings.
    virtual double energy(const Surroundings<Dim>& around, const Probe<Dim>& probe) const = 0;
    /// The change of that energy when the particle gets another kind or goes elsewhere.
    virtual double difference(const Surroundings<Dim>& around, const Probe<Dim>& before,
                              const Probe<Dim>& after) const = 0;
};

}  // namespace glassplast
