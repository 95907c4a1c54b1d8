#pragma once

#include <glassplast/linalg/factorization.hpp>
#include <glassplast/mechanics/rigid_core.hpp>

namespace glassplast {

/// The Hessian of a network on its rigid core, and the action of its pseudo-inverse.
///
/// One particle of each cluster is grounded (held fixed), which makes the rest regular; P G P with the
/// projector P on both sides is then the Moore-Penrose inverse of H.
template <int Dim>
class ElasticSolver {
public:
    ElasticSolver() = default;

    /// `fractional`: positions in units of the cell, for the elimination order, which stays that of the last
    /// call as long as the core stays the same. Raises GeometryError unless there is one finite position for
    /// each particle, InstabilityError when nothing carries load.
    void factorize(const ContactNetwork<Dim>& network, const Positions<Dim>& fractional);

    const RigidCore<Dim>& core() const { return core_; }
    const Eigen::SparseMatrix<double>& hessian() const { return hessian_; }
    long factor_entries() const { return grounded_.entries(); }

    /// Number of negative eigenvalues of H: 0 in a minimum.
    int negative() const { return grounded_.negative(); }
    /// Zero modes beyond the translations of the clusters.
    int further_zero_modes() const { return grounded_.vanishing(); }

    /// Number of eigenvalues of H below sigma > 0, without the translations.
    int count_below(double sigma) const;

    /// H^-1 on vectors over the core (several columns at once). One step of iterative refinement unless told
    /// otherwise. Raises InstabilityError when there are further zero modes.
    Eigen::MatrixXd solve(const Eigen::Ref<const Eigen::MatrixXd>& right, bool refine = true) const;

    /// (H - shift)^-1 for another shift, as a factorization over all degrees of freedom of the core.
    Factorization shifted(double shift) const;

private:
    std::vector<int> expand(const std::vector<int>& particles) const;
    Eigen::MatrixXd apply(const Eigen::MatrixXd& right) const;

    RigidCore<Dim> core_;
    Eigen::SparseMatrix<double> hessian_;
    std::vector<int> order_;    ///< core members in the order of elimination
    std::vector<int> kept_;     ///< degrees of freedom of the core that are not grounded
    std::vector<int> reduced_;  ///< place of each degree of freedom among the kept, -1 if grounded
    std::vector<int> grounded_order_;
    Factorization grounded_;
};

extern template class ElasticSolver<2>;
extern template class ElasticSolver<3>;

}  // namespace glassplast
