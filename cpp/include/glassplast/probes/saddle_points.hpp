#pragma once

#include <glassplast/probes/saddle_climb.hpp>
#include <glassplast/relax/minimize.hpp>
#include <glassplast/sampling/random_stream.hpp>
#include <glassplast/shear/sheared_glass.hpp>

#include <memory>
#include <vector>

namespace glassplast {

/// How the saddle points around a particle are sampled.
struct SaddleSearch {
    ClimbOptions climb;
    double cluster_radius = 2.0;  ///< the particles within it are pushed
    /// The radius of the disk in which a climb is made before all particles take part; 0 if all do so from
    /// the beginning. Used in the plane only, and where the box is as wide as two such disks and a cutoff.
    double patch_radius = 10.0;
    double push_back = 0.02;  ///< largest displacement from a saddle to both its sides
    double same = 1e-3;       ///< points whose particles are closer than this are the same
    int events = 5;           ///< a centre is done after this many distinct saddles
    int attempts = 50;        ///< a centre is given up after this many
};

/// A saddle point that leads from the minimum to another.
template <int Dim>
struct Saddle {
    int attempt = 0;
    double barrier = 0.0;         ///< U(saddle) - U(minimum)
    double coarse_barrier = 0.0;  ///< the same where the forces first fell below the coarse tolerance
    Matrix<Dim> stress;           ///< sigma(saddle) - sigma(minimum)
    double eigenvalue = 0.0;      ///< the negative one
    double force = 0.0;           ///< the largest left
    int core = 0;                 ///< the particle that moves most along the mode
    double participation = 0.0;   ///< (sum u^2)^2 / (N sum u^4) of the mode
    double energy_beyond = 0.0;   ///< U(minimum beyond) - U(minimum)
    double fall = 0.0;            ///< how far the particle that moves most goes to the minimum beyond
    Positions<Dim> displacement;  ///< saddle - minimum; arbitrary on rattlers
};

template <int Dim>
struct SaddlesOfCentre {
    std::vector<Saddle<Dim>> saddles;
    int attempts = 0;
    int lost = 0;         ///< climbs that found no saddle
    int repeated = 0;     ///< climbs to a saddle that was known already
    int unconnected = 0;  ///< climbs to a saddle neither or both of whose sides lead to the minimum
    long steps = 0;       ///< factorizations of all climbs
};

/// Samples the saddle points around particles of a minimum, one centre after the other. What is found around
/// one centre does not depend on the others.
template <int Dim>
class SaddleSampler {
public:
    /// Raises ArgumentError for options that cannot be meant.
    SaddleSampler(std::shared_ptr<const Interaction<Dim>> interaction, const Box<Dim>& box,
                  Positions<Dim> minimum, const SaddleSearch& search);

    SaddlesOfCentre<Dim> sample(int centre, RandomStream random, Monitor& monitor) const;

private:
    std::vector<int> cluster(int centre) const;
    Positions<Dim> random_push(const std::vector<int>& members, RandomStream& random) const;
    template <class Ascend>
    SaddlesOfCentre<Dim> sample(int centre, RandomStream random, ShearedGlass<Dim>& glass,
                                const Ascend& ascend, Monitor& monitor) const;
    Saddle<Dim> described(const Climb& top, const ShearedGlass<Dim>& glass) const;
    bool connect(const Climb& climb, Saddle<Dim>& saddle, const RigidCore<Dim>& core, Monitor& monitor) const;

    std::shared_ptr<const Interaction<Dim>> interaction_;
    Box<Dim> box_;
    Positions<Dim> minimum_;
    SaddleSearch search_;
    double energy_ = 0.0;
    Matrix<Dim> virial_;
};

extern template class SaddleSampler<2>;
extern template class SaddleSampler<3>;

}  // namespace glassplast
