#include <glassplast/probes/local_yield_stress.hpp>

#include <glassplast/continuation/corrector.hpp>
#include <glassplast/geometry/exponential.hpp>
#include <glassplast/relax/conjugate_gradient.hpp>

#include <Eigen/LU>

#include <cmath>

namespace glassplast {

namespace {

constexpr long evaluation_budget = 100000;
/// How far Newton's method may carry a particle from the affinely deformed state.
constexpr double newton_reach = 0.05;

/// The energy of a patch at one strain as a function of the positions of its free particles.
class StrainedPatch {
public:
    StrainedPatch(Patch& patch, double angle, double gamma)
        : patch_(patch), gamma_(gamma), deformation_(exponential<2>(gamma * pure_shear(angle))) {
        inverse_ = deformation_.inverse();
    }

    Evaluation<2> evaluate(const Positions<2>& positions, Positions<2>& forces) {
        patch_.move(flat<2>(Positions<2>(inverse_ * positions)), gamma_);
        forces = patch_.forces();
        Evaluation<2> evaluation;
        evaluation.energy = patch_.energy();
        return evaluation;
    }
    long evaluations() const { return patch_.evaluations(); }
    Positions<2> positions(const Eigen::VectorXd& q) const {
        return deformation_ * Eigen::Map<const Positions<2>>(q.data(), 2, q.size() / 2);
    }

private:
    Patch& patch_;
    double gamma_;
    Matrix<2> deformation_;
    Matrix<2> inverse_;
};

}  // namespace

std::vector<LocalYield> fixed_yield(Patch& patch, const std::vector<double>& angles,
                                    const FixedYieldOptions& options, Monitor& monitor) {
    std::vector<LocalYield> results;
    for (const double angle : angles) {
        patch.load_along(pure_shear(angle));
        patch.move(patch.start(), 0.0);
        Corrector newton(patch, options.tolerance, monitor);
        LocalYield result;
        result.stress = patch.watched_stress();
        const long evaluations = patch.evaluations();
        double before = result.stress;
        for (long step = 1; static_cast<double>(step) * options.increment <= options.largest_strain; ++step) {
            const double gamma = static_cast<double>(step) * options.increment;
            const Eigen::VectorXd q = patch.coordinates();
            if (options.relaxer == PatchRelaxer::conjugate_gradient ||
                !newton.correct(q, gamma, Parameter(), newton_reach, 0)) {
                StrainedPatch strained(patch, angle, gamma);
                Descent<2> at(strained, strained.positions(q));
                conjugate_gradient(strained, at, options.tolerance, evaluation_budget, monitor);
                // The last trial of a line search may have been at another point.
                strained.evaluate(at.positions, at.forces);
            }
            const double stress = patch.watched_stress();
            if (step == 1) {
                result.modulus = (stress - before) / options.increment;
            }
            if (stress < before) {
                result.threshold = before;
                result.strain = gamma - options.increment;
                break;
            }
            before = stress;
        }
        result.evaluations = patch.evaluations() - evaluations;
        result.factorizations = newton.factorizations();
        results.push_back(result);
    }
    return results;
}

}  // namespace glassplast
