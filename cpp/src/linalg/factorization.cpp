#include <glassplast/linalg/factorization.hpp>

#include <glassplast/errors.hpp>

#include <Eigen/SparseCholesky>

#include <algorithm>
#include <limits>
#include <sstream>

namespace glassplast {

namespace {

using Sparse = Eigen::SparseMatrix<double>;

bool same_pattern(const Sparse& a, const Sparse& b) {
    return a.rows() == b.rows() && a.nonZeros() == b.nonZeros() &&
           std::equal(a.outerIndexPtr(), a.outerIndexPtr() + a.outerSize() + 1, b.outerIndexPtr()) &&
           std::equal(a.innerIndexPtr(), a.innerIndexPtr() + a.nonZeros(), b.innerIndexPtr());
}

/// The symbolic analysis counts in 32 bits. Raises GeometryError where it would overflow: in three dimensions
/// beyond some 10^5 particles.
void require_countable(const Sparse& matrix, const std::vector<int>& order) {
    constexpr double limit = std::numeric_limits<int>::max();
    const auto size = static_cast<double>(order.size());
    if (0.5 * size * (size + 1.0) <= limit) {
        return;
    }
    std::vector<int> place(order.size());
    for (std::size_t k = 0; k < order.size(); ++k) {
        place[static_cast<std::size_t>(order[k])] = static_cast<int>(k);
    }
    // Each row of the factor is what the elimination tree reaches from the row of the matrix.
    std::vector<int> parent(order.size(), -1);
    std::vector<int> reached_by(order.size(), -1);
    double entries = 0.0;
    for (std::size_t k = 0; k < order.size(); ++k) {
        const auto row = static_cast<int>(k);
        reached_by[k] = row;
        for (Sparse::InnerIterator entry(matrix, order[k]); entry; ++entry) {
            auto i = static_cast<std::size_t>(place[static_cast<std::size_t>(entry.row())]);
            while (i < k && reached_by[i] != row) {
                reached_by[i] = row;
                entries += 1.0;
                if (parent[i] < 0) {
                    parent[i] = row;
                }
                i = static_cast<std::size_t>(parent[i]);
            }
        }
        if (entries > limit) {
            std::ostringstream message;
            message
                << "the Hessian of " << order.size()
                << " degrees of freedom has a factor too large to store; minimize with polish=False and use "
                   "a smaller sample for responses";
            throw GeometryError(message.str());
        }
    }
}

}  // namespace

struct Factorization::Implementation {
    std::vector<int> order;
    Eigen::PermutationMatrix<Eigen::Dynamic, Eigen::Dynamic, int> permutation;
    Sparse permuted;
    Eigen::SimplicialLDLT<Sparse, Eigen::Lower, Eigen::NaturalOrdering<int>> solver;
};

Factorization::Factorization() : implementation_(std::make_unique<Implementation>()) {}
Factorization::Factorization(Factorization&&) noexcept = default;
Factorization& Factorization::operator=(Factorization&&) noexcept = default;
Factorization::~Factorization() = default;

void Factorization::factorize(const Sparse& matrix, double shift, const std::vector<int>& order) {
    Implementation& own = *implementation_;
    if (order != own.order) {
        own.order = order;
        own.permutation.resize(matrix.rows());
        for (std::size_t place = 0; place < order.size(); ++place) {
            own.permutation.indices()[order[place]] = static_cast<int>(place);
        }
        own.permuted.resize(0, 0);
    }
    Sparse permuted(matrix.rows(), matrix.cols());
    permuted.selfadjointView<Eigen::Lower>() =
        matrix.selfadjointView<Eigen::Lower>().twistedBy(own.permutation);
    if (!same_pattern(permuted, own.permuted)) {
        require_countable(matrix, order);
        own.solver.analyzePattern(permuted);
    }
    own.permuted.swap(permuted);
    own.solver.setShift(-shift);
    own.solver.factorize(own.permuted);
    if (own.solver.info() != Eigen::Success || !own.solver.vectorD().allFinite()) {
        throw InstabilityError(
            "the Hessian is singular beyond its translations: a zero pivot appeared in its factorization");
    }
}

Eigen::MatrixXd Factorization::solve(const Eigen::Ref<const Eigen::MatrixXd>& right) const {
    const Implementation& own = *implementation_;
    Eigen::MatrixXd permuted(right.rows(), right.cols());
    for (Eigen::Index place = 0; place < right.rows(); ++place) {
        permuted.row(place) = right.row(own.order[static_cast<std::size_t>(place)]);
    }
    const Eigen::MatrixXd solution = own.solver.solve(permuted);
    Eigen::MatrixXd result(right.rows(), right.cols());
    for (Eigen::Index place = 0; place < right.rows(); ++place) {
        result.row(own.order[static_cast<std::size_t>(place)]) = solution.row(place);
    }
    return result;
}

int Factorization::negative() const {
    return static_cast<int>((implementation_->solver.vectorD().array() < 0.0).count());
}

int Factorization::vanishing() const {
    const Eigen::ArrayXd pivots = implementation_->solver.vectorD().array().abs();
    return pivots.size() == 0 ? 0 : static_cast<int>((pivots < 1e-13 * pivots.maxCoeff()).count());
}

long Factorization::entries() const {
    return static_cast<long>(implementation_->solver.matrixL().nestedExpression().nonZeros());
}

}  // namespace glassplast
