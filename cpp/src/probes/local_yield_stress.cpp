#include <glassplast/probes/local_yield_stress.hpp>

#include <glassplast/errors.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace glassplast {

namespace {

/// The first part of a branch, up to a limit of the stress. None if the branch cannot be followed.
std::optional<Branch> followed(Patch& patch, double angle, const YieldOptions& options, double limit,
                               Monitor& monitor) {
    patch.load_along(pure_shear(angle));
    BranchOptions branch = options.branch;
    branch.stop_at_maximum = !options.to_instability;
    branch.watched_limit = limit;
    BranchFollower follower(patch, branch, monitor);
    try {
        return follower.follow(patch.start(), 0.0, options.largest_strain);
    } catch (const ConvergenceError&) {
        return std::nullopt;
    } catch (const InstabilityError&) {
        return std::nullopt;
    }
}

/// tau at its first maximum or at the instability that comes before; NaN if there is neither.
double threshold_of(const Branch& branch) {
    if (branch.stress_maximum) {
        return branch.largest_watched;
    }
    return branch.fold ? branch.fold->watched : LocalYield::missing;
}

}  // namespace

Matrix<2> pure_shear(double angle) {
    Matrix<2> direction;
    direction << -std::sin(2.0 * angle), std::cos(2.0 * angle), std::cos(2.0 * angle), std::sin(2.0 * angle);
    return 0.5 * direction;
}

std::vector<LocalYield> local_yield(Patch& patch, const std::vector<double>& angles,
                                    const YieldOptions& options, Monitor& monitor) {
    std::vector<LocalYield> results;
    patch.move(patch.start(), 0.0);
    const Matrix<2> before = patch.local_stress();
    for (const double angle : angles) {
        LocalYield result;
        result.stress = before.cwiseProduct(pure_shear(angle)).sum();
        const long evaluations = patch.evaluations();
        const std::optional<Branch> branch =
            followed(patch, angle, options, std::numeric_limits<double>::infinity(), monitor);
        result.evaluations = patch.evaluations() - evaluations;
        if (branch) {
            result.modulus = branch->watched_slope;
            result.threshold = threshold_of(*branch);
            result.factorizations = branch->factorizations;
            for (const double residual : branch->residual) {
                result.largest_residual = std::max(result.largest_residual, std::abs(residual));
            }
            if (branch->fold) {
                result.strain = branch->fold->gamma;
                result.instability_strain = branch->fold->gamma;
                result.instability_threshold = branch->fold->watched;
            }
            if (branch->stress_maximum) {
                result.strain = *branch->stress_maximum;
            }
        }
        results.push_back(result);
    }
    return results;
}

double residual_strength(Patch& patch, const std::vector<double>& angles, const std::vector<double>& cosines,
                         const YieldOptions& options, Monitor& monitor) {
    struct Candidate {
        double angle;
        double cosine;
    };
    std::vector<Candidate> candidates;
    for (std::size_t k = 0; k < angles.size(); ++k) {
        if (cosines[k] > 0.0) {
            candidates.push_back({angles[k], cosines[k]});
        }
    }
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const Candidate& a, const Candidate& b) { return a.cosine > b.cosine; });
    patch.move(patch.start(), 0.0);
    const Matrix<2> before = patch.local_stress();
    YieldOptions first = options;
    first.to_instability = false;
    double smallest = std::numeric_limits<double>::infinity();
    for (const Candidate& candidate : candidates) {
        const double stress = before.cwiseProduct(pure_shear(candidate.angle)).sum();
        const std::optional<Branch> branch =
            followed(patch, candidate.angle, first, stress + smallest * candidate.cosine, monitor);
        if (branch) {
            const double strength = (threshold_of(*branch) - stress) / candidate.cosine;
            // A NaN is never smaller.
            smallest = strength < smallest ? strength : smallest;
        }
    }
    return std::isfinite(smallest) ? smallest : LocalYield::missing;
}

}  // namespace glassplast
