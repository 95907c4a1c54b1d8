#pragma once

#include <Eigen/SparseCore>

#include <memory>
#include <vector>

namespace glassplast {

/// Signed Cholesky factorization L D L^T of a sparse symmetric matrix, without pivoting.
///
/// The symbolic analysis is kept as long as the sparsity pattern and the order stay the same.
class Factorization {
public:
    Factorization();
    Factorization(Factorization&&) noexcept;
    Factorization& operator=(Factorization&&) noexcept;
    ~Factorization();

    /// Factorizes matrix - shift; `order` lists the rows in the order of elimination.
    /// Raises InstabilityError when a pivot is exactly zero or not a number, GeometryError when the factor
    /// has more entries than an index can count.
    void factorize(const Eigen::SparseMatrix<double>& matrix, double shift, const std::vector<int>& order);

    Eigen::MatrixXd solve(const Eigen::Ref<const Eigen::MatrixXd>& right) const;

    /// Number of negative pivots: of eigenvalues of the matrix below the shift (Sylvester's law of inertia).
    int negative() const;
    /// Number of pivots that are zero to round-off, relative to the largest.
    int vanishing() const;
    /// Stored entries of the factor.
    long entries() const;

private:
    struct Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace glassplast
