#pragma once

#include <glassplast/linalg/elastic_solver.hpp>
#include <glassplast/relax/descent.hpp>
#include <glassplast/relax/rattlers.hpp>

namespace glassplast {

/// Newton's method with a factor of H that is kept until it no longer contracts the forces well.
///
/// A factor with negative eigenvalues is refused, and a positive definite factor drives the iteration away
/// from every saddle, so that the point to which it converges is a minimum. Rattlers are not part of the
/// factor; each is pushed out of its contacts by Newton's method on its own block of H. That block is made
/// anew in every iteration: the force of a closing contact falls with the square of the overlap, and an old
/// block would never catch up.
template <int Dim>
class ChordNewton {
public:
    enum class Outcome {
        converged,  ///< the largest force is at or below the target
        round_off,  ///< the forces are at the resolution of the positions and fall no further
        unstable,   ///< H has negative eigenvalues or further zero modes here
        diverged    ///< the forces do not contract, or a particle would leave its surroundings
    };

    explicit ChordNewton(int threads = 1) : solver_(threads) {}

    /// Iterates from `at`. No particle but a rattler may end further than `reach` from where it started.
    Outcome correct(PotentialEnergy<Dim>& potential, Descent<Dim>& at, double target, double reach,
                    Monitor& monitor);

    /// Drops the factor, for example because the state is about to jump.
    void forget() { ready_ = false; }

    long factorizations() const { return factorizations_; }

private:
    bool refactor(PotentialEnergy<Dim>& potential, const Positions<Dim>& positions);
    Positions<Dim> core_step(const Positions<Dim>& forces) const;
    double core_force(const Positions<Dim>& forces) const;

    ElasticSolver<Dim> solver_;
    Rattlers<Dim> rattlers_;
    /// Forces below this are round-off.
    double floor_ = 0.0;
    bool ready_ = false;
    long factorizations_ = 0;
};

extern template class ChordNewton<2>;
extern template class ChordNewton<3>;

}  // namespace glassplast
