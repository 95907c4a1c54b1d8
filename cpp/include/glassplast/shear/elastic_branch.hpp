#pragma once

#include <glassplast/continuation/branch_follower.hpp>
#include <glassplast/relax/minimize.hpp>

#include <memory>

namespace glassplast {

/// An elastic branch of a periodic glass, and the instability that ends it: the result of the branch
/// follower, expressed in positions, stresses and modes.
template <int Dim>
struct ElasticBranch {
    Branch curve;  ///< stresses and slopes per volume
    Box<Dim> box;  ///< at the end
    Positions<Dim> positions;
    double end_strain = 0.0;
    double end_energy = 0.0;
    Matrix<Dim> stress = Matrix<Dim>::Zero();
    long evaluations = 0;
    /// Set only where an instability ended the branch.
    Positions<Dim> mode;
    Positions<Dim> before_mode;
    Positions<Dim> before_positions;
};

/// Follows the minimum `positions` in `box` from `strain` to `target`, or to the end of its branch, under x
/// -> exp((gamma - strain) loading) x. The result is the same for any number of threads.
template <int Dim>
ElasticBranch<Dim> follow_branch(std::shared_ptr<const Interaction<Dim>> interaction, const Box<Dim>& box,
                                 double strain, const Positions<Dim>& positions, const Matrix<Dim>& loading,
                                 double target, const BranchOptions& options, int threads, Monitor& monitor);

/// Finds where the instability that ends a branch leads at fixed strain: the glass is pushed over the fold
/// along its mode, then goes downhill.
template <int Dim>
Relaxation<Dim> release_branch(std::shared_ptr<const Interaction<Dim>> interaction,
                               const ElasticBranch<Dim>& branch, const RelaxOptions& options,
                               Monitor& monitor);

}  // namespace glassplast
