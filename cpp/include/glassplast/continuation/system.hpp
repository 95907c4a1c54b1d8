#pragma once

#include <Eigen/Core>

namespace glassplast {

/// A potential energy U(q, gamma) whose minima are followed as gamma changes. It is all that the branch
/// follower sees of a periodic glass, or of a patch of one.
///
/// Coordinates q do not move with an affine deformation. Derivatives of second order belong to the point of
/// the last factorization.
class System {
public:
    System() = default;
    System(const System&) = delete;
    System& operator=(const System&) = delete;
    virtual ~System() = default;

    /// Evaluates U and its first derivatives.
    virtual void move(const Eigen::VectorXd& q, double gamma) = 0;
    virtual const Eigen::VectorXd& coordinates() const = 0;
    virtual double energy() const = 0;
    virtual Eigen::VectorXd gradient() const = 0;
    /// dU/dgamma at fixed q: the stress that is conjugate to gamma, times the volume.
    virtual double stress() const = 0;
    /// The largest force on a particle that carries load, and the force that round-off always leaves.
    virtual double largest_force() const = 0;
    virtual double force_floor() const = 0;
    /// Lets particles that carry no load give way to those that push them. Returns false when one of them
    /// carries load by now, so that the factor is out of date.
    virtual bool settle(double target) = 0;

    /// Factorizes H = d2U/dq2 at the present point. Returns its number of negative eigenvalues, translations
    /// not counted; zero modes count as negative.
    virtual int factorize() = 0;
    /// A change of q along which particles buckle that take part in `motion` but were left out of the last
    /// factorization because they have too few contacts: the contacts that they have press on them. Empty if
    /// there are none.
    virtual Eigen::VectorXd buckling(const Eigen::VectorXd& motion) const = 0;
    /// H^-1 of the last factorization.
    virtual Eigen::VectorXd solve(const Eigen::VectorXd& right) const = 0;
    /// A change of q as displacements of the particles from where they are now. Modes are expressed in such
    /// displacements, and so are H^-1 (`response`) and H (`stiffness`).
    virtual Eigen::VectorXd displacement(const Eigen::VectorXd& change) const = 0;
    virtual Eigen::VectorXd response(const Eigen::VectorXd& force) const = 0;
    virtual Eigen::VectorXd stiffness(const Eigen::VectorXd& displacement) const = 0;
    /// d2U/dq dgamma and d2U/dgamma2 at fixed q.
    virtual const Eigen::VectorXd& mixed() const = 0;
    virtual double born() const = 0;

    /// The stress whose first maximum along a branch is looked for, with its derivatives at fixed gamma and
    /// at fixed q. By default it is the stress that is conjugate to gamma.
    virtual double watched_stress() const { return stress(); }
    virtual const Eigen::VectorXd& watched_mixed() const { return mixed(); }
    virtual double watched_born() const { return born(); }

    /// Removes from a change of q what does not change U: translations, and particles that carry no load.
    virtual void project(Eigen::VectorXd& change) const = 0;
    /// The largest displacement of a particle in a change of q.
    virtual double largest_move(const Eigen::VectorXd& change) const = 0;
};

}  // namespace glassplast
