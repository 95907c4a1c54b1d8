#pragma once

#include <glassplast/linalg/elastic_solver.hpp>
#include <glassplast/probes/homogeneous_form.hpp>

#include <array>

namespace glassplast {

/// Independent searches for minima of kappa^n / T^2 that advance together, where kappa = z . H z and T is a
/// form of degree n. Fields are normalized to kappa = 1; residuals are those of unit vectors.
///
/// Conjugate gradient in the metric of H: the gradient of ln(kappa^n / T^2) there is z / kappa - H^-1 force /
/// T times 2 n, so that its plain descent with a unit step is the fixed-point iteration z <- H^-1 force(z).
/// Steps minimize exactly along their direction, on which kappa and T are polynomials; the cost never rises.
template <int Dim>
class SearchGroup {
public:
    /// Keeps references to both, which must outlive it.
    SearchGroup(const ElasticSolver<Dim>& solver, const HomogeneousForm<Dim>& form);

    std::array<int, solve_width> start;      ///< -1: idle
    std::array<int, solve_width> iteration;  ///< -1: the load is waiting for its response
    BlockRow form = BlockRow::Zero();
    BlockRow residual = BlockRow::Zero();
    BlockRow stiffness = BlockRow::Zero();  ///< kappa of unit vectors

    bool idle() const;
    void begin(int column, int which, const Eigen::Ref<const Eigen::VectorXd>& load);
    void retire(int column);
    Eigen::VectorXd field(int column) const { return z_.col(column); }
    /// The gradient of the form, divided by its degree.
    Eigen::VectorXd force(int column) const { return force_.col(column); }

    /// One step of each search, which takes one solve for all of them.
    void advance();

private:
    BlockRow choose_step(FieldBlock& response);
    void evaluate();

    const ElasticSolver<Dim>& solver_;
    const HomogeneousForm<Dim>& of_;
    FieldBlock z_;
    FieldBlock hz_;
    FieldBlock force_;
    FieldBlock direction_;
    FieldBlock h_direction_;
    FieldBlock h_gradient_;                    ///< H s of the last gradient s
    BlockRow norm_before_ = BlockRow::Zero();  ///< s . H s
};

extern template class SearchGroup<2>;
extern template class SearchGroup<3>;

}  // namespace glassplast
