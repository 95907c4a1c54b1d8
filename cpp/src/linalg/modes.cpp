#include <glassplast/linalg/modes.hpp>

#include <glassplast/errors.hpp>

#include <Spectra/SymEigsSolver.h>
#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <random>
#include <sstream>

namespace glassplast {

namespace {

/// What Spectra iterates on: the projected inverse of H, or of H - shift below the whole spectrum.
template <int Dim>
class InverseOperation {
public:
    using Scalar = double;

    InverseOperation(const ElasticSolver<Dim>& solver, double shift, Monitor& monitor)
        : solver_(solver), shift_(shift), monitor_(monitor) {
        if (shift != 0.0) {
            shifted_ = solver.shifted(shift);
        }
    }

    Eigen::Index rows() const { return solver_.size(); }
    Eigen::Index cols() const { return rows(); }

    void perform_op(const double* in, double* out) const {
        monitor_(static_cast<double>(++applications_), 0.0);
        const Eigen::Map<const Eigen::VectorXd> x(in, rows());
        Eigen::Map<Eigen::VectorXd> y(out, rows());
        if (shift_ == 0.0) {
            y = solver_.solve(x, false);
            return;
        }
        Eigen::VectorXd projected = x;
        solver_.core().project(projected);
        shifted_.solve(projected);
        solver_.core().project(projected);
        y = projected;
    }

private:
    const ElasticSolver<Dim>& solver_;
    double shift_;
    Monitor& monitor_;
    Factorization<Dim> shifted_;
    mutable long applications_ = 0;
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
Modes dense_modes(const ElasticSolver<Dim>& solver, int count) {
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
    Modes modes;
    modes.values = eigen.eigenvalues().head(count);
    modes.vectors = eigen.eigenvectors().leftCols(count);
    return modes;
}

template <int Dim>
Modes lanczos_modes(const ElasticSolver<Dim>& solver, int count, double scale, Monitor& monitor) {
    const bool stable = solver.negative() == 0 && solver.further_zero_modes() == 0;
    const double shift = stable ? 0.0 : shift_below_spectrum(solver, scale);
    InverseOperation<Dim> operation(solver, shift, monitor);
    const auto size = static_cast<int>(solver.core().freedom()) - solver.core().translations();
    const int basis = std::min(size, std::max(2 * count + 1, 20));
    Spectra::SymEigsSolver<InverseOperation<Dim>> spectra(operation, count, basis);
    // Within the space of the core: what a projection would take out must not enter the basis.
    std::minstd_rand random(1);  // NOLINT(bugprone-random-generator-seed): the same start in every run
    Eigen::VectorXd start = Eigen::VectorXd::NullaryExpr(
        operation.rows(), [&] { return static_cast<double>(random()) / std::minstd_rand::max() - 0.5; });
    solver.core().project(start);
    spectra.init(start.data());
    const auto found = spectra.compute(Spectra::SortRule::LargestAlge, 1000, 1e-13);
    if (spectra.info() != Spectra::CompInfo::Successful || found < count) {
        std::ostringstream message;
        message << "only " << found << " of " << count << " modes converged";
        throw ConvergenceError(message.str());
    }
    Modes modes;
    modes.vectors = spectra.eigenvectors();
    modes.values.resize(count);
    for (int k = 0; k < count; ++k) {
        modes.vectors.col(k).normalize();
        // The Rayleigh quotient is exact to second order in the error of the vector.
        modes.values(k) = modes.vectors.col(k).dot(solver.times(modes.vectors.col(k)).col(0));
    }
    std::vector<int> ascending(static_cast<std::size_t>(count));
    for (int k = 0; k < count; ++k) {
        ascending[static_cast<std::size_t>(k)] = k;
    }
    std::sort(ascending.begin(), ascending.end(),
              [&](int a, int b) { return modes.values(a) < modes.values(b); });
    modes.values = Eigen::VectorXd(modes.values(ascending));
    Eigen::MatrixXd sorted(modes.vectors.rows(), count);
    for (int k = 0; k < count; ++k) {
        sorted.col(k) = modes.vectors.col(ascending[static_cast<std::size_t>(k)]);
    }
    modes.vectors.swap(sorted);
    return modes;
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
    Modes all = dense ? dense_modes(solver, wanted) : lanczos_modes(solver, wanted, scale, monitor);

    int certified = wanted;
    double bound = 2.0 * scale;
    if (wanted < available) {
        Eigen::Index widest = 0;
        const Eigen::VectorXd tail = all.values.tail(wanted - count + 1);
        (tail.tail(wanted - count) - tail.head(wanted - count)).maxCoeff(&widest);
        certified = count + static_cast<int>(widest);
        bound = 0.5 * (all.values(certified - 1) + all.values(certified));
    }
    Modes modes;
    modes.values = all.values.head(count);
    modes.vectors = all.vectors.leftCols(count);
    const Eigen::MatrixXd residual = solver.times(modes.vectors) - modes.vectors * modes.values.asDiagonal();
    modes.largest_residual = residual.colwise().norm().maxCoeff();
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
