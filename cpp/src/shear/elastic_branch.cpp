#include <glassplast/shear/elastic_branch.hpp>

#include <glassplast/errors.hpp>
#include <glassplast/shear/sheared_glass.hpp>

#include <cmath>
#include <limits>

namespace glassplast {

namespace {

/// How far the particle that moves most is pushed over a fold.
constexpr double push = 0.01;
/// Forces vanish at a fold. First-order steps, this many evaluations at a time, come before the first Newton
/// step, until the energy has fallen by `escaped_energy`.
constexpr long escape_chunk = 25;
constexpr double escaped_energy = 1e-4;
constexpr long escape_budget = 4000;

template <int Dim>
bool is_minimum(PotentialEnergy<Dim>& potential, const Positions<Dim>& positions) {
    ElasticSolver<Dim> solver(1);
    try {
        solver.factorize(potential, positions, 0.0);
    } catch (const InstabilityError&) {
        return false;
    }
    return solver.negative() == 0 && solver.further_zero_modes() == 0;
}

}  // namespace

template <int Dim>
ElasticBranch<Dim> follow_branch(std::shared_ptr<const Interaction<Dim>> interaction, const Box<Dim>& box,
                                 double strain, const Positions<Dim>& positions, const Matrix<Dim>& loading,
                                 double target, const BranchOptions& options, int threads, Monitor& monitor) {
    interaction->require_size(positions);
    ShearedGlass<Dim> glass(std::move(interaction), box, strain, loading, threads);
    BranchFollower follower(glass, options, monitor);
    ElasticBranch<Dim> result{follower.follow(flat<Dim>(positions), strain, target),
                              box,
                              {},
                              0.0,
                              0.0,
                              Matrix<Dim>::Zero(),
                              0,
                              {},
                              {},
                              {}};
    Branch& curve = result.curve;
    // For a loading that changes the volume, d(dU/dgamma / V)/dgamma has a second term.
    const double dilation = loading.trace();
    for (std::size_t k = 0; k < curve.gamma.size(); ++k) {
        const double volume = box.volume() * std::exp(dilation * (curve.gamma[k] - strain));
        curve.stress[k] /= volume;
        curve.slope[k] = curve.slope[k] / volume - dilation * curve.stress[k];
    }
    result.end_strain = curve.end_gamma;
    result.box = glass.box(curve.end_gamma);
    result.positions = glass.positions(curve.q, curve.end_gamma);
    glass.move(curve.q, curve.end_gamma);
    result.end_energy = glass.energy();
    result.stress = glass.virial() / result.box.volume();
    if (curve.fold) {
        const Fold& fold = *curve.fold;
        result.before_positions = glass.positions(fold.before_q, fold.before_gamma);
        const auto marked = [&](const Eigen::VectorXd& mode) {
            return glass.core().marked(mode, std::numeric_limits<double>::quiet_NaN());
        };
        const Positions<Dim> critical = glass.positions(fold.mode, fold.gamma);
        result.mode = marked(flat<Dim>(critical) / critical.norm());
        result.before_mode = marked(fold.before_mode);
    }
    result.evaluations = glass.potential().evaluations();
    return result;
}

template <int Dim>
Relaxation<Dim> release_branch(std::shared_ptr<const Interaction<Dim>> interaction,
                               const ElasticBranch<Dim>& branch, const RelaxOptions& options,
                               Monitor& monitor) {
    if (!branch.curve.fold) {
        throw InstabilityError("this branch did not end in an instability");
    }
    PotentialEnergy<Dim> potential(std::move(interaction), branch.box);
    const Positions<Dim> mode = branch.mode.array().isNaN().select(0.0, branch.mode);
    const long start = potential.evaluations();
    const auto descend = [&](double sense) {
        Descent<Dim> at(potential, branch.positions + sense * push / largest_norm<Dim>(mode) * mode);
        const long last = potential.evaluations() + escape_budget;
        while (at.evaluation.energy > branch.end_energy - escaped_energy && potential.evaluations() < last) {
            if (options.method == Method::fire) {
                fire(potential, at, 0.0, escape_chunk, monitor);
            } else {
                conjugate_gradient(potential, at, 0.0, escape_chunk, monitor);
            }
        }
        return minimize(potential, at.positions, options, monitor);
    };
    Relaxation<Dim> relaxed = descend(1.0);
    if (!is_minimum(potential, relaxed.positions)) {
        // At a corner both senses of the mode can lead down, and the state must not stay at a saddle.
        relaxed = descend(-1.0);
    }
    relaxed.evaluations = potential.evaluations() - start;
    return relaxed;
}

template ElasticBranch<2> follow_branch<2>(std::shared_ptr<const Interaction<2>>, const Box<2>&, double,
                                           const Positions<2>&, const Matrix<2>&, double,
                                           const BranchOptions&, int, Monitor&);
template ElasticBranch<3> follow_branch<3>(std::shared_ptr<const Interaction<3>>, const Box<3>&, double,
                                           const Positions<3>&, const Matrix<3>&, double,
                                           const BranchOptions&, int, Monitor&);
template Relaxation<2> release_branch<2>(std::shared_ptr<const Interaction<2>>, const ElasticBranch<2>&,
                                         const RelaxOptions&, Monitor&);
template Relaxation<3> release_branch<3>(std::shared_ptr<const Interaction<3>>, const ElasticBranch<3>&,
                                         const RelaxOptions&, Monitor&);

}  // namespace glassplast
