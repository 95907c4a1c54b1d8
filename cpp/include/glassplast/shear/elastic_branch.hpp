#pragma once

#include <glassplast/continuation/branch_follower.hpp>
#include <glassplast/relax/minimize.hpp>

#include <memory>

namespace glassplast {

/// An elastic branch of a periodic glass, and the instability that ends it: the branch follower's account in
/// positions, stresses and modes.
template <int Dim>
struct ElasticBranch {
    Branch curve;  ///< stresses and slopes per volume
    Box<Dim> box;  ///< at the end
    Positions<Dim> positions;
    double end_strain = 0.0;
    double end_energy = 0.0;
    Matrix<Dim> stress = Matrix<Dim>::Zero();
    long evaluations = 0;
    /// Only where an instability ended it.
    Positions<Dim> mode;
    Positions<Dim> before_mode;
    Positions<Dim> before_positions;
};

/// Follows the minimum `positions` in `box` from `strain` to `target`, x -> exp((gamma - strain) loading) x,
/// or to the end of its branch. A function of its arguments alone, whatever the number of threads.
template <int Dim>
ElasticBranch<Dim> follow_branch(std::shared_ptr<const Interaction<Dim>> interaction, const Box<Dim>& box,
                                 double strain, const Positions<Dim>& positions, const Matrix<Dim>& loading,
                                 double target, const BranchOptions& options, int threads, Monitor& monitor);

/// Where the instability that ends a branch leads at fixed strain: pushed over the fold along its mode, then
/// downhill.
template <int Dim>
Relaxation<Dim> release_branch(std::shared_ptr<const Interaction<Dim>> interaction,
                               const ElasticBranch<Dim>& branch, const RelaxOptions& options,
                               Monitor& monitor);

}  // namespace glassplast
