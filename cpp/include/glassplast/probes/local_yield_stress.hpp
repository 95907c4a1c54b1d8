#pragma once

#include <glassplast/continuation/branch_follower.hpp>
#include <glassplast/probes/patch.hpp>

#include <limits>
#include <vector>

namespace glassplast {

/// E(alpha) / gamma, a pure shear whose principal axes are turned by alpha / 2 from those of alpha = 0.
Matrix<2> pure_shear(double angle);

struct YieldOptions {
    PatchExtent extent;
    BranchOptions branch;
    double largest_strain = 0.5;
    /// Whether to follow branches beyond the maximum of the stress, to the first instability.
    bool to_instability = false;
};

/// The result for one patch under one direction of shear; NaN where nothing was found.
struct LocalYield {
    static constexpr double missing = std::numeric_limits<double>::quiet_NaN();

    double stress = 0.0;                     ///< tau before anything moved
    double modulus = missing;                ///< d tau / d gamma there
    double threshold = missing;              ///< tau at its first maximum, or at an instability before that
    double strain = missing;                 ///< gamma there
    double instability_threshold = missing;  ///< tau at the first instability
    double instability_strain = missing;
    double largest_residual = 0.0;  ///< of the energy balance
    long evaluations = 0;
    long factorizations = 0;
};

/// Shears a patch along each angle (radians). NaN where nothing is found up to the largest strain, or the
/// branch cannot be followed.
std::vector<LocalYield> local_yield(Patch& patch, const std::vector<double>& angles,
                                    const YieldOptions& options, Monitor& monitor);

/// How increments are relaxed.
enum class PatchRelaxer { conjugate_gradient, newton };

struct FixedYieldOptions {
    PatchExtent extent;
    double increment = 1e-4;
    double tolerance = 1e-8;  ///< largest force left
    PatchRelaxer relaxer = PatchRelaxer::conjugate_gradient;
    double largest_strain = 0.5;
};

/// Does the same in equal increments until the stress falls: each state is deformed affinely, then relaxed.
/// The threshold is the stress before it falls, as in Barbot et al. (2018). An increment that Newton's method
/// cannot follow is relaxed by conjugate gradients.
std::vector<LocalYield> fixed_yield(Patch& patch, const std::vector<double>& angles,
                                    const FixedYieldOptions& options, Monitor& monitor);

/// The smallest (tau_c - tau_0) / cos 2 (alpha - loading) over the angles whose cosine is given as positive:
/// those closer than 45 degrees to the loading, modulo 180 degrees. An angle is abandoned as soon as it
/// cannot give the smallest value any more; this does not change the result, since tau rises up to its first
/// maximum.
double residual_strength(Patch& patch, const std::vector<double>& angles, const std::vector<double>& cosines,
                         const YieldOptions& options, Monitor& monitor);

}  // namespace glassplast
