#include <glassplast/linalg/block_lanczos.hpp>

#include <glassplast/errors.hpp>
#include <glassplast/linalg/dense_kernels.hpp>

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <sstream>

namespace glassplast {

namespace {

constexpr Eigen::Index width = solve_width;
/// The number of rows that are taken through all blocks of a basis at once, so that they stay in the nearest
/// cache.
constexpr int chunk = 256;

std::ptrdiff_t offset(int row) {
    return static_cast<std::ptrdiff_t>(row) * solve_width;
}

using Rows = Eigen::Matrix<double, width, Eigen::Dynamic>;

/// Replaces the diagonal of a symmetric tridiagonal matrix by its eigenvalues, in no order, and `rows` by
/// `rows` times its eigenvectors. QL iterations with implicit shifts. `below` holds the entries beside the
/// diagonal, then one more.
void diagonalize(Eigen::VectorXd& diagonal, Eigen::VectorXd& below, Rows& rows) {
    const Eigen::Index size = diagonal.size();
    for (Eigen::Index first = 0; first < size; ++first) {
        constexpr int patience = 60;
        for (int iteration = 0;; ++iteration) {
            Eigen::Index last = first;
            while (last + 1 < size &&
                   std::abs(below(last)) > std::numeric_limits<double>::epsilon() *
                                               (std::abs(diagonal(last)) + std::abs(diagonal(last + 1)))) {
                ++last;
            }
            if (last == first) {
                break;
            }
            if (iteration == patience) {
                throw ConvergenceError("the eigenvalues of a tridiagonal matrix did not converge");
            }
            const double half = (diagonal(first + 1) - diagonal(first)) / (2.0 * below(first));
            double g = diagonal(last) - diagonal(first) +
                       below(first) / (half + std::copysign(std::sqrt(half * half + 1.0), half));
            double sine = 1.0;
            double cosine = 1.0;
            double taken = 0.0;
            bool split = false;
            for (Eigen::Index k = last; k-- > first;) {
                const double f = sine * below(k);
                const double b = cosine * below(k);
                const double r = std::sqrt(f * f + g * g);
                below(k + 1) = r;
                if (r == 0.0) {
                    diagonal(k + 1) -= taken;
                    split = true;
                    break;
                }
                sine = f / r;
                cosine = g / r;
                g = diagonal(k + 1) - taken;
                const double t = (diagonal(k) - g) * sine + 2.0 * cosine * b;
                taken = sine * t;
                diagonal(k + 1) = g + taken;
                g = cosine * t - b;
                const Eigen::Matrix<double, width, 1> lower = rows.col(k + 1);
                rows.col(k + 1) = sine * rows.col(k) + cosine * lower;
                rows.col(k) = cosine * rows.col(k) - sine * lower;
            }
            below(last) = 0.0;
            if (!split) {
                diagonal(first) -= taken;
                below(first) = g;
            }
        }
    }
}

}  // namespace

BlockLanczos::BlockLanczos(const BlockOperator& operation)
    : operation_(operation),
      rows_(static_cast<int>(operation.rows())),
      random_(1) {  // NOLINT(bugprone-random-generator-seed): the same start in every run
    Block start = random_block();
    orthonormalize(start);
    coupling_.resize(width, 0);
    basis_.push_back(std::move(start));
}

BlockLanczos::Block BlockLanczos::random_block() {
    Block block(static_cast<std::size_t>(offset(rows_)));
    for (double& value : block) {
        value = static_cast<double>(random_()) / static_cast<double>(std::minstd_rand::max()) - 0.5;
    }
    operation_.project(block.data());
    return block;
}

double BlockLanczos::subtract_projection(Block& block) const {
    const DenseKernels& kernels = dense_kernels();
    std::vector<Square> products(basis_.size(), Square::Zero());
    for (int row = 0; row < rows_; row += chunk) {
        const int count = std::min(chunk, rows_ - row);
        for (std::size_t k = 0; k < basis_.size(); ++k) {
            kernels.block_products(basis_[k].data() + offset(row), block.data() + offset(row), count,
                                   products[k].data());
        }
    }
    double squared = 0.0;
    for (Square& product : products) {
        squared += product.squaredNorm();
        product = -product;
    }
    for (int row = 0; row < rows_; row += chunk) {
        const int count = std::min(chunk, rows_ - row);
        for (std::size_t k = 0; k < basis_.size(); ++k) {
            kernels.block_add(block.data() + offset(row), basis_[k].data() + offset(row), products[k].data(),
                              count);
        }
    }
    return std::sqrt(squared);
}

BlockLanczos::Factor BlockLanczos::orthonormalize(Block& block) {
    // Algorithm: SVQB, Stathopoulos and Wu, SIAM J. Sci. Comput. 23, 2165 (2002), repeated until the columns
    // are orthonormal to round-off.
    constexpr int patience = 4;
    constexpr int repetitions = 2 * patience;
    const DenseKernels& kernels = dense_kernels();
    Factor factor{Square::Identity(), 0.0, 0.0};
    for (int repetition = 0; repetition < repetitions; ++repetition) {
        Square gram = Square::Zero();
        kernels.block_products(block.data(), block.data(), rows_, gram.data());
        const Eigen::SelfAdjointEigenSolver<Eigen::Matrix<double, width, width>> eigen(gram);
        const Eigen::Matrix<double, width, 1> length = eigen.eigenvalues().cwiseMax(0.0).cwiseSqrt();
        const double longest = length(width - 1);
        if (repetition == 0) {
            factor.longest = longest;
            factor.shortest = length(0);
        }
        // A direction shorter than this is round-off of the longest; it is known better once it has been
        // lengthened.
        const double visible = longest > 0.0 ? 1e-7 * longest : 1.0;
        Square scaling;
        Square inverse;
        for (Eigen::Index c = 0; c < width; ++c) {
            const double divisor = std::max(length(c), visible);
            scaling.col(c) = eigen.eigenvectors().col(c) / divisor;
            inverse.row(c) = divisor * eigen.eigenvectors().col(c).transpose();
        }
        kernels.block_multiply(block.data(), scaling.data(), rows_);
        factor.matrix = (inverse * factor.matrix).eval();
        const auto vanishes = [&](Eigen::Index c) { return !(length(c) > 0.5 * longest); };
        if (!vanishes(0)) {
            break;
        }
        if (repetition != patience) {
            continue;
        }
        // The operator has mapped these directions exactly onto the basis, so go on with other ones.
        const Block fresh = random_block();
        for (Eigen::Index c = 0; c < width; ++c) {
            if (!vanishes(c)) {
                continue;
            }
            factor.matrix.row(c).setZero();
            for (int row = 0; row < rows_; ++row) {
                block[static_cast<std::size_t>(offset(row) + c)] =
                    fresh[static_cast<std::size_t>(offset(row) + c)];
            }
        }
    }
    return factor;
}

void BlockLanczos::expand() {
    const DenseKernels& kernels = dense_kernels();
    const Eigen::Index before = size();
    Block next = basis_.back();
    operation_.apply(next.data());

    // First subtract what the symmetry of T tells, and the new block of T; little is left to subtract after
    // that.
    for (Eigen::Index k = 0; k < before; k += width) {
        const Square known = -coupling_.middleCols<width>(k).transpose();
        if ((known.array() != 0.0).any()) {
            kernels.block_add(next.data(), basis_[static_cast<std::size_t>(k / width)].data(), known.data(),
                              rows_);
        }
    }
    Square diagonal = Square::Zero();
    kernels.block_products(basis_.back().data(), next.data(), rows_, diagonal.data());
    const Square opposite = -diagonal;
    kernels.block_add(next.data(), basis_.back().data(), opposite.data(), rows_);

    Eigen::MatrixXd projected(before + width, before + width);
    projected.topLeftCorner(before, before) = projected_;
    projected.bottomLeftCorner(width, before) = coupling_;
    projected.topRightCorner(before, width) = coupling_.transpose();
    projected.bottomRightCorner<width, width>() = 0.5 * (diagonal + diagonal.transpose());
    projected_.swap(projected);

    Square factor = Square::Identity();
    constexpr int passes = 4;
    for (int pass = 0; pass < passes; ++pass) {
        const double removed = subtract_projection(next);
        const Factor step = orthonormalize(next);
        factor = (step.matrix * factor).eval();
        // Otherwise scaling has amplified round-off along the basis, or round-off that leaves the subspace.
        if (removed <= 0.1 * step.shortest && step.shortest >= 1e-3 * step.longest) {
            break;
        }
        operation_.project(next.data());
    }
    basis_.push_back(std::move(next));
    coupling_ = Eigen::MatrixXd::Zero(width, before + width);
    coupling_.rightCols<width>() = factor;
}

BlockLanczos::RitzValues BlockLanczos::ritz_values() const {
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(projected_);
    RitzValues ritz;
    ritz.values = eigen.eigenvalues();
    ritz.coefficients = eigen.eigenvectors();
    ritz.residuals = (coupling_ * ritz.coefficients).colwise().norm().transpose();
    return ritz;
}

BlockLanczos::RitzValues BlockLanczos::ritz_residuals() const {
    const Eigen::Tridiagonalization<Eigen::MatrixXd> tridiagonal(projected_);
    Eigen::VectorXd diagonal = tridiagonal.diagonal();
    Eigen::VectorXd below = Eigen::VectorXd::Zero(size());
    below.head(size() - 1) = tridiagonal.subDiagonal();
    Rows rows = coupling_ * tridiagonal.matrixQ();
    diagonalize(diagonal, below, rows);
    std::vector<Eigen::Index> ascending(static_cast<std::size_t>(size()));
    std::iota(ascending.begin(), ascending.end(), 0);
    std::sort(ascending.begin(), ascending.end(),
              [&](Eigen::Index a, Eigen::Index b) { return diagonal(a) < diagonal(b); });
    RitzValues ritz;
    ritz.values = diagonal(ascending);
    ritz.residuals = rows(Eigen::all, ascending).colwise().norm().transpose();
    return ritz;
}

void BlockLanczos::restart(Eigen::Index keep) {
    const RitzValues ritz = ritz_values();
    // Take values from both ends of the spectrum, at each step the one farther from zero.
    Eigen::Index low = 0;
    Eigen::Index high = ritz.values.size();
    Eigen::MatrixXd coefficients(size(), keep);
    Eigen::VectorXd values(keep);
    for (Eigen::Index k = 0; k < keep; ++k) {
        const Eigen::Index from =
            std::abs(ritz.values(low)) > std::abs(ritz.values(high - 1)) ? low++ : --high;
        coefficients.col(k) = ritz.coefficients.col(from);
        values(k) = ritz.values(from);
    }
    std::vector<Block> basis;
    for (Eigen::Index k = 0; k < keep; k += width) {
        basis.push_back(combined_block(coefficients.middleCols<width>(k)));
    }
    basis.push_back(std::move(basis_.back()));
    basis_.swap(basis);
    projected_ = values.asDiagonal();
    coupling_ = coupling_ * coefficients;
}

BlockLanczos::Block BlockLanczos::combined_block(
    const Eigen::Ref<const Eigen::MatrixXd>& coefficients) const {
    const DenseKernels& kernels = dense_kernels();
    Block block(static_cast<std::size_t>(offset(rows_)), 0.0);
    std::vector<Square> factors(static_cast<std::size_t>(size() / width), Square::Zero());
    for (std::size_t k = 0; k < factors.size(); ++k) {
        factors[k].leftCols(coefficients.cols()) =
            coefficients.middleRows<width>(static_cast<Eigen::Index>(k) * width);
    }
    for (int row = 0; row < rows_; row += chunk) {
        const int count = std::min(chunk, rows_ - row);
        for (std::size_t k = 0; k < factors.size(); ++k) {
            kernels.block_add(block.data() + offset(row), basis_[k].data() + offset(row), factors[k].data(),
                              count);
        }
    }
    return block;
}

Eigen::MatrixXd BlockLanczos::combine(const Eigen::Ref<const Eigen::MatrixXd>& coefficients) const {
    Eigen::MatrixXd result(rows_, coefficients.cols());
    for (Eigen::Index c = 0; c < coefficients.cols(); c += width) {
        const Eigen::Index count = std::min(width, coefficients.cols() - c);
        const Block block = combined_block(coefficients.middleCols(c, count));
        const Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, width, Eigen::RowMajor>> columns(
            block.data(), rows_, width);
        result.middleCols(c, count) = columns.leftCols(count);
    }
    return result;
}

BlockLanczos::RitzValues iterate(BlockLanczos& lanczos,
                                 const std::function<double(const BlockLanczos::RitzValues&)>& excess,
                                 const IterationPlan& plan, Monitor& monitor) {
    int applications = 0;
    const auto expand = [&] {
        monitor(++applications, 0.0);
        lanczos.expand();
    };
    // Residuals fall by about this factor (its logarithm) with each application, once they fall.
    double rate = 2.0;
    double last = 0.0;
    for (int restart = 0;; ++restart) {
        while (lanczos.size() < std::min(plan.first_check, plan.largest_basis)) {
            expand();
        }
        int steps = 0;
        for (;;) {
            double left = std::log(excess(lanczos.ritz_residuals()));
            if (!(left > 0.0)) {
                BlockLanczos::RitzValues ritz = lanczos.ritz_values();
                left = std::log(excess(ritz));
                if (!(left > 0.0)) {
                    return ritz;
                }
            }
            if (lanczos.size() + width > plan.largest_basis) {
                break;
            }
            if (steps > 0 && std::isfinite(last)) {
                rate = std::clamp((last - left) / steps, 1.0, 4.0);
            }
            last = left;
            // Check somewhat early, since little is known of the rate, but not often when a check takes long.
            const auto room = static_cast<int>((plan.largest_basis - lanczos.size()) / width);
            const double most = std::max(4.0, static_cast<double>(lanczos.size()) / 64.0);
            steps = std::clamp(static_cast<int>(std::min(0.8 * left / rate, most)), 1, room);
            for (int step = 0; step < steps; ++step) {
                expand();
            }
        }
        if (restart == plan.restarts) {
            std::ostringstream message;
            message << "Lanczos did not converge within " << applications << " applications";
            throw ConvergenceError(message.str());
        }
        lanczos.restart(plan.keep);
    }
}

}  // namespace glassplast
