#pragma once

#include <glassplast/linalg/factorization.hpp>
#include <glassplast/monitor.hpp>

#include <Eigen/Core>

#include <functional>
#include <random>
#include <vector>

namespace glassplast {

/// A symmetric operator on blocks. A block is rows() x solve_width numbers, stored row by row.
class BlockOperator {
public:
    BlockOperator() = default;
    BlockOperator(const BlockOperator&) = delete;
    BlockOperator& operator=(const BlockOperator&) = delete;
    virtual ~BlockOperator() = default;

    virtual std::size_t rows() const = 0;
    /// Applies the operator in place to a block within the subspace; the result must be in the subspace as
    /// well.
    virtual void apply(double* block) const = 0;
    /// Projects orthogonally onto the subspace in which the operator is considered.
    virtual void project(double* block) const = 0;
};

/// Lanczos iteration in blocks with full reorthogonalization and thick restarts, for an inverse or a
/// shift-inverse: eigenvalues of large modulus converge first.
///
/// With the basis V of `size` columns and the block W that comes next, A V = V T + W C, where T and C are
/// known: a Ritz pair (theta, V s) of T has the residual |C s|.
class BlockLanczos {
public:
    /// Starts from a random block, which is the same in every run.
    explicit BlockLanczos(const BlockOperator& operation);

    /// The number of columns of the basis.
    Eigen::Index size() const { return projected_.rows(); }
    /// Applies the operator once; the basis grows by as many columns as a block has.
    void expand();
    /// Replaces the basis by the Ritz vectors of the `keep` values of largest modulus.
    void restart(Eigen::Index keep);

    /// Ritz values, ascending, and the norms of their residuals.
    struct RitzValues {
        Eigen::VectorXd values;
        Eigen::VectorXd residuals;
        Eigen::MatrixXd coefficients;  ///< of the Ritz vectors in the basis
    };
    RitzValues ritz_values() const;
    /// The same without coefficients, which takes a fraction of the time.
    RitzValues ritz_residuals() const;

    /// The basis times some columns of coefficients.
    Eigen::MatrixXd combine(const Eigen::Ref<const Eigen::MatrixXd>& coefficients) const;

private:
    using Square = Eigen::Matrix<double, solve_width, solve_width, Eigen::RowMajor | Eigen::DontAlign>;
    using Block = LineVector;

    Block random_block();
    Block combined_block(const Eigen::Ref<const Eigen::MatrixXd>& coefficients) const;
    double subtract_projection(Block& block) const;
    /// The matrix by which orthonormal columns must be multiplied to give the block that they replace, and
    /// the lengths of the longest and the shortest direction of that block.
    struct Factor {
        Square matrix;
        double longest;
        double shortest;
    };
    Factor orthonormalize(Block& block);

    const BlockOperator& operation_;
    int rows_;
    std::minstd_rand random_;
    std::vector<Block> basis_;   ///< the columns of V, then W
    Eigen::MatrixXd projected_;  ///< T
    Eigen::MatrixXd coupling_;   ///< C
};

/// When to look at the residuals, and how large the basis may become.
struct IterationPlan {
    Eigen::Index first_check;    ///< nothing will have converged with fewer columns
    Eigen::Index keep;           ///< columns after a restart, a multiple of solve_width
    Eigen::Index largest_basis;  ///< with more columns the basis is restarted
    int restarts;                ///< at most this many before giving up
};

/// Expands the basis until a measure falls to 1: the largest ratio of a wanted residual to the residual that
/// is allowed, infinite while wanted values are missing. Returns the Ritz values; raises ConvergenceError
/// when it gives up.
BlockLanczos::RitzValues iterate(BlockLanczos& lanczos,
                                 const std::function<double(const BlockLanczos::RitzValues&)>& excess,
                                 const IterationPlan& plan, Monitor& monitor);

}  // namespace glassplast
