#pragma once

#include <glassplast/continuation/system.hpp>
#include <glassplast/linalg/elastic_solver.hpp>
#include <glassplast/relax/rattlers.hpp>

#include <memory>

namespace glassplast {

/// A periodic glass along a path of deformations x = F q, cell -> F cell, F = exp((gamma - gamma_0) G), as
/// the branch follower sees it.
template <int Dim>
class ShearedGlass final : public System {
public:
    /// `box` is the cell at gamma_0.
    ShearedGlass(std::shared_ptr<const Interaction<Dim>> interaction, const Box<Dim>& box, double gamma,
                 const Matrix<Dim>& loading, int threads);

    void move(const Eigen::VectorXd& q, double gamma) override;
    const Eigen::VectorXd& coordinates() const override { return q_; }
    double energy() const override { return evaluation_.energy; }
    Eigen::VectorXd gradient() const override;
    double stress() const override;
    double largest_force() const override;
    double force_floor() const override { return floor_; }
    bool settle(double target) override;
    int factorize() override;
    Eigen::VectorXd buckling(const Eigen::VectorXd& motion) const override;
    Eigen::VectorXd solve(const Eigen::VectorXd& right) const override;
    Eigen::VectorXd displacement(const Eigen::VectorXd& change) const override {
        return applied<Dim>(factor_deformation_, change);
    }
    Eigen::VectorXd response(const Eigen::VectorXd& force) const override {
        return solver_.solve(force, false);
    }
    Eigen::VectorXd stiffness(const Eigen::VectorXd& displacement) const override {
        return solver_.times(displacement);
    }
    const Eigen::VectorXd& mixed() const override { return mixed_; }
    double born() const override { return born_; }
    void project(Eigen::VectorXd& change) const override { solver_.core().project(change); }
    double largest_move(const Eigen::VectorXd& change) const override;

    PotentialEnergy<Dim>& potential() { return potential_; }
    const RigidCore<Dim>& core() const { return solver_.core(); }
    /// F, positions and cell at gamma.
    Matrix<Dim> deformation(double gamma) const;
    Positions<Dim> positions(const Eigen::VectorXd& q, double gamma) const;
    Box<Dim> box(double gamma) const { return reference_.deformed(deformation(gamma)); }
    Matrix<Dim> virial() const { return evaluation_.virial; }

private:
    Box<Dim> reference_;
    double gamma_0_;
    Matrix<Dim> loading_;
    PotentialEnergy<Dim> potential_;
    ElasticSolver<Dim> solver_;
    Rattlers<Dim> rattlers_;
    Eigen::VectorXd q_;
    Matrix<Dim> deformation_ = Matrix<Dim>::Identity();
    Matrix<Dim> factor_deformation_ = Matrix<Dim>::Identity();
    Positions<Dim> positions_;
    Positions<Dim> forces_;
    Evaluation<Dim> evaluation_;
    double floor_ = 0.0;
    Eigen::VectorXd mixed_;
    double born_ = 0.0;
};

extern template class ShearedGlass<2>;
extern template class ShearedGlass<3>;

}  // namespace glassplast
