#pragma once

#include <glassplast/continuation/corrector.hpp>

#include <limits>
#include <optional>
#include <vector>

namespace glassplast {

struct BranchOptions {
    double tolerance = 1e-10;        ///< largest force left on a particle
    double step_tolerance = 2e-3;    ///< largest displacement of a particle between prediction and branch
    double energy_tolerance = 1e-7;  ///< largest residual of the energy balance of a step
    double largest_step = 0.01;      ///< in gamma
    bool stop_at_maximum = false;    ///< of the watched stress
    /// The branch ends where the watched stress has risen to this.
    double watched_limit = std::numeric_limits<double>::infinity();
};

/// The end of a branch: a saddle-node, at which the softest mode loses its stiffness; or a corner, where H
/// jumps and has a negative eigenvalue beyond.
struct Fold {
    double gamma = 0.0;
    double uncertainty = 0.0;
    Eigen::VectorXd q;
    double energy = 0.0;
    double stress = 0.0;
    double watched = 0.0;  ///< the watched stress
    /// The null vector of H (at a corner, that of the negative eigenvalue beyond), unit norm, along the
    /// motion: the critical mode, as a change of q.
    Eigen::VectorXd mode;
    /// The second derivative of gamma with respect to the coordinate a along `mode`: gamma = gamma_c +
    /// curvature a^2 / 2. NaN at a corner.
    double curvature = 0.0;
    /// A stable state at a fixed distance before the fold, with its softest mode and the eigenvalue of that.
    double before_gamma = 0.0;
    Eigen::VectorXd before_q;
    double before_energy = 0.0;
    double before_stress = 0.0;
    Eigen::VectorXd before_mode;  ///< as displacements of the particles
    double before_eigenvalue = 0.0;
    /// The overlap of that mode with the softest mode 1e-6 before the fold; NaN where the branch is shorter.
    double overlap = 0.0;
};

/// The points of a branch, and how it ended.
struct Branch {
    std::vector<double> gamma;
    std::vector<double> stress;  ///< dU/dgamma
    std::vector<double> energy;
    std::vector<double> slope;     ///< of the stress
    std::vector<double> residual;  ///< of the energy balance since the point before
    /// gamma at the first maximum of the watched stress (in the direction of motion), if there is one, and
    /// the stress there.
    std::optional<double> stress_maximum;
    double largest_watched = 0.0;
    double watched_slope = 0.0;  ///< d watched / d gamma at the start
    std::optional<Fold> fold;
    Eigen::VectorXd q;  ///< at the end: at the target, or at the fold
    double end_gamma = 0.0;
    long factorizations = 0;
    long rejected = 0;
};

/// Follows the minimum of a system as gamma goes from its present value to `target`, or until the branch
/// ends.
///
/// Predictor: the cubic through the last two points and their tangents; corrector: chord Newton. A step is
/// rejected, and halved, when the corrected point lies more than four step tolerances from the prediction, H
/// is not positive definite there, or energy and work do not balance. Near a fold the parameter changes from
/// gamma to the coordinate along the softest mode, in which the branch is smooth; the fold is where d gamma/d
/// a vanishes. Keller, in: Applications of Bifurcation Theory (1977), p. 359.
class BranchFollower {
public:
    BranchFollower(System& system, const BranchOptions& options, Monitor& monitor)
        : system_(system), options_(options), corrector_(system, options.tolerance, monitor) {}

    /// Raises InstabilityError when q is not a minimum, ConvergenceError when the branch cannot be followed.
    Branch follow(const Eigen::VectorXd& q, double gamma, double target);

private:
    /// Returns false when no step is accepted.
    bool advance();
    bool step();
    bool reach_target();
    void choose_parameter();
    void return_to_gamma();
    void accept(BranchPoint point, double length);
    void find_stress_maximum(const BranchPoint& from, const BranchPoint& to, double length);
    void land(const BranchPoint& stable, const BranchPoint& beyond, double length);
    /// Returns false when no stable state is found before the fold.
    bool describe_fold(Fold& fold, const BranchPoint& stable, const BranchPoint& turning, double length);
    /// A branch can end with all modes stiff where H jumps, as it does when a contact of harmonic spheres
    /// opens. Returns false when the branch does not end in this way at the point where it could not be
    /// followed further.
    bool end_at_corner();
    /// Records the state `before_`, at which the corrector stands, as the last stable one.
    void record_before(Fold& fold) const;
    /// The mode that resembles `start` most, as displacements.
    Eigen::VectorXd softest_mode(const Eigen::VectorXd& start, double& eigenvalue) const;
    bool passes(double gamma) const { return direction_ * (gamma - target_) > 0.0; }

    /// The last stable state of a branch is recorded this far before its end; the second number is how far
    /// Newton's method may carry a particle on the way there.
    static constexpr double before_distance = 1e-9;
    static constexpr double before_reach = 0.1;

    System& system_;
    BranchOptions options_;
    Corrector corrector_;
    Parameter parameter_;
    double direction_ = 1.0;
    double target_ = 0.0;
    double step_ = 0.0;  ///< of the parameter, signed
    bool finished_ = false;
    std::optional<BranchPoint> previous_;
    BranchPoint current_;
    BranchPoint before_;
    Branch branch_;
};

}  // namespace glassplast
