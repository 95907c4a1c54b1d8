#pragma once

#include <glassplast/continuation/branch_point.hpp>
#include <glassplast/continuation/system.hpp>
#include <glassplast/monitor.hpp>

namespace glassplast {

/// The parameter that measures progress along a branch: gamma itself, or, near a fold, where gamma turns
/// back, the coordinate a = c . q along a direction c.
struct Parameter {
    Eigen::VectorXd direction;  ///< empty for gamma

    bool natural() const { return direction.size() == 0; }
    double value(const Eigen::VectorXd& q, double gamma) const {
        return natural() ? gamma : direction.dot(q);
    }
    /// Scales the rates of a point to this parameter.
    void scale(BranchPoint& point) const;
};

/// Newton's method for grad U = 0 at a given value of the parameter, with a factor of H that is kept while it
/// contracts the forces: a chord. Near a fold it solves the bordered system [H Xi; c 0], regular there, by
/// block elimination.
class Corrector {
public:
    Corrector(System& system, double tolerance, Monitor& monitor)
        : system_(system), tolerance_(tolerance), monitor_(monitor) {}

    /// Goes from a predicted point to the branch. Returns false when the branch lies further away than
    /// `reach` (largest displacement of a particle), H has more than `allowed` negative eigenvalues, or the
    /// forces do not contract.
    bool correct(const Eigen::VectorXd& q, double gamma, const Parameter& parameter, double reach,
                 int allowed);

    /// Describes the point that was reached, with a factor made there. Returns false when H has more than
    /// `allowed` negative eigenvalues.
    bool arrive(BranchPoint& point, int allowed);

    /// Newton's method at a fixed gamma with a new factor in each iteration, for points close to a fold.
    bool polish(const Eigen::VectorXd& q, double gamma, double reach);

    long factorizations() const { return factorizations_; }

private:
    bool refactor(int allowed);
    double target() const;

    System& system_;
    double tolerance_;
    Monitor& monitor_;
    double gamma_ = 0.0;
    Eigen::VectorXd velocity_;  ///< -H^-1 Xi of the factor
    int negative_ = 0;
    bool ready_ = false;
    long factorizations_ = 0;
};

}  // namespace glassplast
