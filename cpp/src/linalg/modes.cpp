#include <glassplast/linalg/modes.hpp>

#include <glassplast/errors.hpp>
#include <glassplast/linalg/block_lanczos.hpp>

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <sstream>
#include <vector>

namespace glassplast {

namespace {

/// The projected inverse of H, or of H - shift below the whole spectrum, on blocks in the order of
/// elimination.
template <int Dim>
class InverseOperation : public BlockOperator {
public:
    InverseOperation(const ElasticSolver<Dim>& solver, double shift)
        : solver_(solver), cluster_(solver.core().index.size(), -1) {
        if (shift != 0.0) {
            shifted_ = solver.shifted(shift);
        }
        const std::vector<int>& place = solver.supernodes().place();
        const RigidCore<Dim>& core = solver.core();
        members_.assign(static_cast<std::size_t>(core.clusters), 0.0);
        for (std::size_t m = 0; m < core.size(); ++m) {
            const int cluster = core.cluster[m];
            cluster_[static_cast<std::size_t>(place[static_cast<std::size_t>(core.particles[m])])] = cluster;
            members_[static_cast<std::size_t>(cluster)] += 1.0;
        }
        if (shift == 0.0) {
            for (const int i : solver.held()) {
                held_.push_back(static_cast<std::size_t>(place[static_cast<std::size_t>(i)]));
            }
        }
    }

    std::size_t rows() const override { return Dim * cluster_.size(); }

    void apply(double* block) const override {
        // On both sides: round-off along the translations, which scaling amplifies, would else be taken for a
        // load and answered by soft modes. What the held particles then carry is the rest of the balance.
        project(block);
        for (const std::size_t p : held_) {
            row(block, p).setZero();
        }
        (shifted_ ? *shifted_ : solver_.grounded()).solve_places(block, solve_width);
        project(block);
    }

    /// Takes out the translation of each cluster, and sets rattlers to zero.
    void project(double* block) const override {
        std::vector<Row> mean(members_.size(), Row::Zero());
        for (std::size_t p = 0; p < cluster_.size(); ++p) {
            if (cluster_[p] >= 0) {
                mean[static_cast<std::size_t>(cluster_[p])] += row(block, p);
            }
        }
        for (std::size_t c = 0; c < mean.size(); ++c) {
            mean[c] /= members_[c];
        }
        for (std::size_t p = 0; p < cluster_.size(); ++p) {
            if (cluster_[p] >= 0) {
                row(block, p) -= mean[static_cast<std::size_t>(cluster_[p])];
            } else {
                row(block, p).setZero();
            }
        }
    }

private:
    /// What a block holds for one particle.
    static constexpr int width = Dim * solve_width;
    using Row = Eigen::Array<double, width, 1, Eigen::DontAlign>;
    static Eigen::Map<Row> row(double* block, std::size_t place) {
        return Eigen::Map<Row>(block + static_cast<std::ptrdiff_t>(place) * width);
    }

    const ElasticSolver<Dim>& solver_;
    std::optional<Factorization<Dim>> shifted_;
    std::vector<int> cluster_;  ///< of each place, -1 for a rattler
    std::vector<double> members_;
    std::vector<std::size_t> held_;  ///< places
};

/// A shift below every eigenvalue: found by inertia, growing until nothing lies below.
template <int Dim>
double shift_below_spectrum(const ElasticSolver<Dim>& solver, double scale) {
    double shift = -1e-6 * scale;
    while (solver.shifted(shift).negative() > 0) {
        shift *= 4.0;
    }
    return shift;
}

template <int Dim>
Eigen::MatrixXd dense_modes(const ElasticSolver<Dim>& solver, Eigen::Index count) {
    // Lift translations and rattlers to the top of the spectrum instead of removing rows.
    const RigidCore<Dim>& core = solver.core();
    const Eigen::MatrixXd identity = Eigen::MatrixXd::Identity(solver.size(), solver.size());
    Eigen::MatrixXd complement = identity;
    for (Eigen::Index c = 0; c < complement.cols(); ++c) {
        core.project(complement.col(c));
    }
    const Eigen::MatrixXd matrix =
        solver.times(identity) + 2.0 * solver.largest_row_sum() * (identity - complement);
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(matrix);
    return eigen.eigenvectors().leftCols(count);
}

/// The `count` lowest modes to a residual of `tolerance` of the inverse's eigenvalue, and those up to
/// `wanted` so well that their eigenvalues are known.
template <int Dim>
Eigen::MatrixXd lanczos_modes(const ElasticSolver<Dim>& solver, Eigen::Index count, Eigen::Index wanted,
                              double scale, double tolerance, Monitor& monitor) {
    const bool stable = solver.negative() == 0 && solver.further_zero_modes() == 0;
    const InverseOperation<Dim> operation(solver, stable ? 0.0 : shift_below_spectrum(solver, scale));
    const Eigen::Index available = solver.core().freedom() - solver.core().translations();
    IterationPlan plan{};
    constexpr Eigen::Index block = solve_width;
    const auto in_blocks = [](Eigen::Index columns) { return columns / block * block; };
    plan.largest_basis = in_blocks(std::min(available - block, 5 * wanted + 10 * block));
    plan.keep = in_blocks(std::min(wanted + 2 * block, plan.largest_basis - 2 * block));
    plan.first_check = in_blocks(2 * wanted + 5 * block);
    plan.restarts = 100;
    BlockLanczos lanczos(operation);
    const auto ritz = iterate(
        lanczos,
        [&](const BlockLanczos::RitzValues& found) {
            const Eigen::ArrayXd relative = (found.residuals.array() / found.values.array()).reverse();
            return std::max(relative.head(count).maxCoeff() / tolerance,
                            relative.head(wanted).maxCoeff() / std::sqrt(tolerance));
        },
        plan, monitor);
    const Eigen::MatrixXd places = lanczos.combine(ritz.coefficients.rightCols(wanted).rowwise().reverse());
    Eigen::MatrixXd vectors(places.rows(), wanted);
    const std::vector<int>& order = solver.supernodes().order();
    for (Eigen::Index k = 0; k < wanted; ++k) {
        for (std::size_t p = 0; p < order.size(); ++p) {
            vectors.col(k).template segment<Dim>(static_cast<Eigen::Index>(Dim) * order[p]) =
                places.col(k).template segment<Dim>(static_cast<Eigen::Index>(Dim * p));
        }
    }
    return vectors;
}

}  // namespace

template <int Dim>
Modes lowest_modes(const ElasticSolver<Dim>& solver, int count, double tolerance, Monitor& monitor) {
    const auto freedom = static_cast<int>(solver.core().freedom());
    const int available = freedom - solver.core().translations();
    if (count < 1 || count > available) {
        std::ostringstream message;
        message << "asked for " << count << " modes; there are 1 to " << available;
        throw GeometryError(message.str());
    }
    const double scale = solver.largest_row_sum();
    // A few more than asked: the certificate cuts the spectrum in the widest gap among them.
    const int wanted = std::min(count + 4, available);
    const bool dense = freedom <= 256 || 3 * wanted > freedom;
    const Eigen::MatrixXd vectors =
        dense ? dense_modes(solver, wanted)
              : lanczos_modes(solver, count, wanted, scale, std::max(0.1 * tolerance, 1e-13), monitor);
    const Eigen::MatrixXd images = solver.times(vectors);
    // The Rayleigh quotient is exact to second order in the error of the vector.
    const Eigen::VectorXd quotients = (vectors.array() * images.array()).colwise().sum();
    std::vector<Eigen::Index> ascending(static_cast<std::size_t>(wanted));
    std::iota(ascending.begin(), ascending.end(), 0);
    std::sort(ascending.begin(), ascending.end(),
              [&](Eigen::Index a, Eigen::Index b) { return quotients(a) < quotients(b); });
    const Eigen::VectorXd values = quotients(ascending);

    int certified = wanted;
    double bound = 2.0 * scale;
    if (wanted < available) {
        Eigen::Index widest = 0;
        const Eigen::VectorXd tail = values.tail(wanted - count + 1);
        (tail.tail(wanted - count) - tail.head(wanted - count)).maxCoeff(&widest);
        certified = count + static_cast<int>(widest);
        bound = 0.5 * (values(certified - 1) + values(certified));
    }
    Modes modes;
    modes.values = values.head(count);
    modes.vectors.resize(vectors.rows(), count);
    for (int k = 0; k < count; ++k) {
        const Eigen::Index from = ascending[static_cast<std::size_t>(k)];
        modes.vectors.col(k) = vectors.col(from);
        const double residual = (images.col(from) - values(k) * vectors.col(from)).norm();
        modes.largest_residual = std::max(modes.largest_residual, residual);
    }
    modes.certified_bound = bound;
    if (!(modes.largest_residual <= tolerance * scale)) {
        std::ostringstream message;
        message << "a mode has residual " << modes.largest_residual << ", above " << tolerance << " times "
                << scale;
        throw ConvergenceError(message.str());
    }
    // Below zero the translations lie above the bound and must not be subtracted.
    modes.certified_count = bound > 0.0 ? solver.count_below(bound) : solver.shifted(bound).negative();
    if (modes.certified_count != certified) {
        std::ostringstream message;
        message << "Lanczos found " << certified << " modes below " << bound << " where the inertia counts "
                << modes.certified_count << ": a mode was missed";
        throw ConvergenceError(message.str());
    }
    return modes;
}

template Modes lowest_modes<2>(const ElasticSolver<2>&, int, double, Monitor&);
template Modes lowest_modes<3>(const ElasticSolver<3>&, int, double, Monitor&);

}  // namespace glassplast
