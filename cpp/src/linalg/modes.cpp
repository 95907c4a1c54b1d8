#include <glassplast/linalg/modes.hpp>

#include <glassplast/errors.hpp>
#include <glassplast/linalg/block_lanczos.hpp>
#include <glassplast/linalg/mode_certificate.hpp>
#include <glassplast/linalg/shifted_inverse.hpp>
#include <glassplast/linalg/slice_modes.hpp>
#include <glassplast/memory.hpp>

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace glassplast {

namespace {

/// More modes than this are found slice by slice.
constexpr int most_at_once = 80;

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
    const int available = available_modes(solver, count);
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
    JudgedModes judged = judge_modes(solver, vectors, count, tolerance);
    Modes& modes = judged.modes;
    modes.certified_count = count_modes_below(solver, modes.certified_bound);
    if (modes.certified_count != judged.found) {
        std::ostringstream message;
        message << "Lanczos found " << judged.found << " modes below " << modes.certified_bound
                << " where the inertia counts " << modes.certified_count << ": a mode was missed";
        throw ConvergenceError(message.str());
    }
    return std::move(judged.modes);
}

template Modes lowest_modes<2>(const ElasticSolver<2>&, int, double, Monitor&, int);
template Modes lowest_modes<3>(const ElasticSolver<3>&, int, double, Monitor&, int);

}  // namespace glassplast
