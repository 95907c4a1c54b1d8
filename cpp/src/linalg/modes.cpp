#include <glassplast/linalg/modes.hpp>

#include <glassplast/errors.hpp>
#include <glassplast/linalg/block_lanczos.hpp>
#include <glassplast/linalg/shifted_inverse.hpp>
#include <glassplast/linalg/slice_modes.hpp>
#include <glassplast/memory.hpp>

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

namespace glassplast {

namespace {

/// More modes than this are found slice by slice.
constexpr int most_at_once = 80;

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
    Factorization<Dim> shifted;
    if (!stable) {
        shifted = solver.shifted(shift_below_spectrum(solver, scale));
    }
    const ShiftedInverse<Dim> operation =
        stable ? ShiftedInverse<Dim>(solver) : ShiftedInverse<Dim>(solver, shifted);
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
    return operation.by_particle(lanczos.combine(ritz.coefficients.rightCols(wanted).rowwise().reverse()));
}

/// From one slice of the spectrum after the other.
template <int Dim>
Modes modes_of_slices(const ElasticSolver<Dim>& solver, int count, double tolerance, int size,
                      Monitor& monitor) {
    require_memory(slicing_bytes(solver, size) + 8.0 * count * static_cast<double>(solver.size()),
                   "finding " + std::to_string(count) + " modes", "Ask for fewer");
    const std::vector<SpectrumSlice> slices = slice_spectrum(solver, count, size, monitor);
    Modes modes;
    modes.values.resize(count);
    modes.vectors.resize(solver.size(), count);
    for_each_slice<Dim>(solver, slices, tolerance, monitor, [&](std::size_t k, const SliceModes& found) {
        const Eigen::Index wanted = std::min(slices[k].count, count - slices[k].below);
        modes.values.segment(slices[k].below, wanted) = found.values.head(wanted);
        modes.vectors.middleCols(slices[k].below, wanted) = found.vectors.leftCols(wanted);
        modes.largest_residual = std::max(modes.largest_residual, found.largest_residual);
    });
    // Each slice has as many as the inertia counts in it.
    modes.certified_bound = slices.back().upper;
    modes.certified_count = slices.back().below + slices.back().count;
    return modes;
}

}  // namespace

template <int Dim>
Modes lowest_modes(const ElasticSolver<Dim>& solver, int count, double tolerance, Monitor& monitor,
                   int slice_size) {
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
    const bool forced = slice_size > 0;
    const bool dense =
        !forced && (freedom <= smallest_sparse || (3 * wanted > freedom && freedom <= 2 * smallest_sparse));
    if (forced || (!dense && count > most_at_once)) {
        return modes_of_slices(solver, count, tolerance, forced ? slice_size : default_slice_size, monitor);
    }
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

template Modes lowest_modes<2>(const ElasticSolver<2>&, int, double, Monitor&, int);
template Modes lowest_modes<3>(const ElasticSolver<3>&, int, double, Monitor&, int);

}  // namespace glassplast
