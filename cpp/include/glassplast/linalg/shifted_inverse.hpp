#pragma once

#include <glassplast/linalg/block_lanczos.hpp>
#include <glassplast/linalg/elastic_solver.hpp>

#include <vector>

namespace glassplast {

/// (H - shift)^-1 on blocks in the order of elimination, within the space orthogonal to the translations of
/// the clusters and to the rattlers. The objects that it is made from must outlive it.
template <int Dim>
class ShiftedInverse : public BlockOperator {
public:
    /// The pseudo-inverse of H itself.
    explicit ShiftedInverse(const ElasticSolver<Dim>& solver);
    /// With a factorization of H - shift by the solver.
    ShiftedInverse(const ElasticSolver<Dim>& solver, const Factorization<Dim>& shifted);

    std::size_t rows() const override { return Dim * cluster_.size(); }
    void apply(double* block) const override;
    /// Subtracts the translation of each cluster, and sets the block to zero on rattlers.
    void project(double* block) const override;

    /// Turns columns in the order of elimination into columns over the degrees of freedom of all particles.
    Eigen::MatrixXd by_particle(const Eigen::MatrixXd& places) const;

private:
    const ElasticSolver<Dim>& solver_;
    const Factorization<Dim>& factorization_;
    std::vector<int> cluster_;  ///< of each place, -1 for a rattler
    std::vector<double> members_;
    std::vector<std::size_t> held_;  ///< places
};

extern template class ShiftedInverse<2>;
extern template class ShiftedInverse<3>;

}  // namespace glassplast
