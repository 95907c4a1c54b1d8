#pragma once

#include <glassplast/continuation/system.hpp>
#include <glassplast/monitor.hpp>

namespace glassplast {

/// How a climb to a saddle is done.
struct ClimbOptions {
    double push = 0.05;         ///< largest norm of displacements along the random direction
    int pushes = 60;            ///< at most this many before the lowest eigenvalue turns negative
    double longest_step = 0.1;  ///< of any particle, along the lowest mode and across it
    int steps = 150;            ///< at most this many, of both kinds
    double farthest = 3.0;      ///< no particle goes further than this from where it was
    double tolerance = 1e-8;    ///< largest force left
    double coarse_tolerance = 5e-3;
};

/// Where a climb ended.
struct Climb {
    enum class End {
        saddle,      ///< the forces vanish and one eigenvalue is negative
        convex,      ///< no eigenvalue turned negative
        lost,        ///< a particle went too far, or nothing held it
        unfinished,  ///< the steps are spent
        repeated     ///< the saddle was known already
    };
    End end = End::unfinished;
    Eigen::VectorXd q;
    Eigen::VectorXd mode;  ///< of the negative eigenvalue, away from the start
    double eigenvalue = 0.0;
    double force = 0.0;
    double coarse_energy = 0.0;  ///< where the forces first fell below the coarse tolerance
    int steps = 0;
};

/// The activation-relaxation technique nouveau (Malek & Mousseau, Phys. Rev. E 62, 7723 (2000)) with the
/// factorized Hessian. The system is pushed along a direction and relaxed across it until an eigenvalue turns
/// negative; then it goes up along the lowest mode and down across it, which close to the saddle is Newton's
/// method. The system is left at its last point.
Climb climb(System& system, const Eigen::VectorXd& start, double gamma, const Eigen::VectorXd& direction,
            const ClimbOptions& options, Monitor& monitor);

/// The second half of a climb alone, from a point close to a saddle: by Newton's method as long as one
/// eigenvalue is negative.
Climb polish_saddle(System& system, const Eigen::VectorXd& start, double gamma, const Eigen::VectorXd& mode,
                    const ClimbOptions& options, Monitor& monitor);

}  // namespace glassplast
