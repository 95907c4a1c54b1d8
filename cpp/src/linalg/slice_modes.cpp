#include <glassplast/linalg/slice_modes.hpp>

#include <glassplast/errors.hpp>
#include <glassplast/linalg/block_lanczos.hpp>
#include <glassplast/linalg/factor_storage.hpp>
#include <glassplast/linalg/shifted_inverse.hpp>
#include <glassplast/parallel.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <map>
#include <mutex>
#include <numeric>
#include <random>
#include <sstream>

namespace glassplast {

namespace {

/// Lanczos stops at this residual of an eigenvalue of the inverse, relative to the eigenvalue. It is far
/// below what is asked for, because the overlap of neighbouring modes in different slices is this residual
/// times their distances to the shift over the distance between them. It costs little: once residuals fall,
/// each application divides them by ten.
constexpr double lanczos_tolerance = 1e-13;

/// The number of columns that the basis of a slice may have before it is restarted.
Eigen::Index largest_basis(Eigen::Index count) {
    return (5 * count + Eigen::Index{12} * solve_width) / solve_width * solve_width;
}

/// Factorizes at the first of these shifts where that is accurate enough, or else where it is most accurate.
/// Without pivoting, round-off is amplified at some shifts, which a solve reveals. `asides` are distances
/// from the middle as fractions of the width of the slice.
template <int Dim>
double accurate_shift(const ElasticSolver<Dim>& solver, const SpectrumSlice& slice,
                      const std::vector<double>& asides, double scale, Factorization<Dim>& factor) {
    std::minstd_rand random(1);  // NOLINT(bugprone-random-generator-seed): the same in every run
    Eigen::VectorXd right(solver.size());
    for (double& value : right) {
        value = static_cast<double>(random()) / static_cast<double>(std::minstd_rand::max()) - 0.5;
    }
    solver.core().project(right);
    double best = 0.0;
    double least = std::numeric_limits<double>::infinity();
    double shift = 0.0;
    for (const double aside : asides) {
        shift = 0.5 * (slice.lower + slice.upper) + aside * (slice.upper - slice.lower);
        solver.factorize_shifted(factor, shift, 1);
        Eigen::VectorXd solution = right;
        factor.solve(solution);
        solver.core().project(solution);
        // The factorized matrix differs from H - shift by at least this, and by up to a thousand times as
        // much on other vectors.
        const double error =
            (solver.times(solution).col(0) - shift * solution - right).norm() / solution.norm();
        if (error < least) {
            least = error;
            best = shift;
        }
        if (least <= 5e-15 * scale) {
            break;
        }
    }
    if (shift != best) {
        solver.factorize_shifted(factor, best, 1);
    }
    return best;
}

/// The modes of a slice from the inverse about a shift within it. Their residuals have not been checked yet.
template <int Dim>
SliceModes modes_around(const ElasticSolver<Dim>& solver, const SpectrumSlice& slice, double shift,
                        const ShiftedInverse<Dim>& inverse, Monitor& monitor) {
    const auto inside = [&](double theta) {
        const double value = shift + 1.0 / theta;
        return slice.lower < value && value < slice.upper;
    };

    constexpr Eigen::Index block = solve_width;
    const Eigen::Index count = slice.count;
    const Eigen::Index available = solver.core().freedom() - solver.core().translations();
    const auto in_blocks = [](Eigen::Index columns) { return columns / block * block; };
    IterationPlan plan{};
    plan.largest_basis = std::min(largest_basis(count), in_blocks(available - block));
    plan.keep = std::max(block, in_blocks(std::min(2 * count + 2 * block, plan.largest_basis - 2 * block)));
    // Somewhat less than slices have been seen to take, which grows like the square root of the number of
    // modes.
    plan.first_check = block * static_cast<Eigen::Index>(4.5 + 3.7 * std::sqrt(static_cast<double>(count)));
    plan.restarts = 12;
    BlockLanczos lanczos(inverse);
    std::vector<Eigen::Index> found;
    const auto excess = [&](const BlockLanczos::RitzValues& values) {
        found.clear();
        for (Eigen::Index k = 0; k < values.values.size(); ++k) {
            if (inside(values.values(k))) {
                found.push_back(k);
            }
        }
        if (static_cast<Eigen::Index>(found.size()) < count) {
            return std::numeric_limits<double>::infinity();
        }
        // A value that has not converged may still leave the slice.
        const auto relative = [&](Eigen::Index k) {
            return values.residuals(k) / std::abs(values.values(k));
        };
        std::sort(found.begin(), found.end(),
                  [&](Eigen::Index a, Eigen::Index b) { return relative(a) < relative(b); });
        found.resize(static_cast<std::size_t>(count));
        return relative(found.back()) / lanczos_tolerance;
    };
    const BlockLanczos::RitzValues ritz = [&] {
        try {
            return iterate(lanczos, excess, plan, monitor);
        } catch (const ConvergenceError& error) {
            std::ostringstream message;
            message << "Lanczos found " << found.size() << " modes between " << slice.lower << " and "
                    << slice.upper << " where the inertia counts " << count << " (" << error.what() << ")";
            throw ConvergenceError(message.str());
        }
    }();
    Eigen::MatrixXd coefficients(ritz.coefficients.rows(), count);
    for (Eigen::Index k = 0; k < count; ++k) {
        coefficients.col(k) = ritz.coefficients.col(found[static_cast<std::size_t>(k)]);
    }
    const Eigen::MatrixXd vectors = inverse.by_particle(lanczos.combine(coefficients));

    const Eigen::MatrixXd images = solver.times(vectors);
    // The Rayleigh quotient is exact to second order in the error of the vector.
    const Eigen::VectorXd quotients = (vectors.array() * images.array()).colwise().sum();
    std::vector<Eigen::Index> ascending(static_cast<std::size_t>(count));
    std::iota(ascending.begin(), ascending.end(), 0);
    std::sort(ascending.begin(), ascending.end(),
              [&](Eigen::Index a, Eigen::Index b) { return quotients(a) < quotients(b); });
    SliceModes modes;
    modes.values = quotients(ascending);
    modes.vectors = vectors(Eigen::all, ascending);
    modes.largest_residual = (images(Eigen::all, ascending) - modes.vectors * modes.values.asDiagonal())
                                 .colwise()
                                 .norm()
                                 .maxCoeff();
    return modes;
}

template <int Dim>
SliceModes solve_slice(const ElasticSolver<Dim>& solver, const SpectrumSlice& slice, double tolerance,
                       FactorStorage<Dim>& storage, Monitor& monitor) {
    SliceModes modes;
    modes.vectors.resize(solver.size(), 0);
    if (slice.count == 0) {
        return modes;
    }
    const double scale = solver.largest_row_sum();
    auto factor = storage.borrow();
    // At the lower end of the spectrum of a minimum the factorization of H itself can be used. Elsewhere a
    // second choice of shifts is tried if the first one ends with residuals that are too large.
    const bool at_zero = slice.lower == 0.0;
    for (const auto& asides : {std::vector<double>{0.0, 0.07, -0.07, 0.14, -0.14},
                               std::vector<double>{0.21, -0.21, 0.28, -0.28, 0.35, -0.35}}) {
        if (at_zero) {
            modes = modes_around(solver, slice, 0.0, ShiftedInverse<Dim>(solver), monitor);
            break;
        }
        const double shift = accurate_shift(solver, slice, asides, scale, *factor);
        modes = modes_around(solver, slice, shift, ShiftedInverse<Dim>(solver, *factor), monitor);
        if (modes.largest_residual <= tolerance * scale) {
            break;
        }
    }
    storage.give_back(std::move(factor));
    if (!(modes.largest_residual <= tolerance * scale)) {
        std::ostringstream message;
        message << "a mode has residual " << modes.largest_residual << ", above " << tolerance << " times "
                << scale;
        throw ConvergenceError(message.str());
    }
    if (modes.values(0) <= slice.lower || modes.values(slice.count - 1) >= slice.upper) {
        std::ostringstream message;
        message << "a mode of " << modes.values(0) << " or " << modes.values(slice.count - 1)
                << " lies outside its slice from " << slice.lower << " to " << slice.upper;
        throw ConvergenceError(message.str());
    }
    return modes;
}

}  // namespace

template <int Dim>
SliceModes slice_modes(const ElasticSolver<Dim>& solver, const SpectrumSlice& slice, double tolerance,
                       Monitor& monitor) {
    FactorStorage<Dim> storage;
    return solve_slice(solver, slice, tolerance, storage, monitor);
}

template <int Dim>
void for_each_slice(const ElasticSolver<Dim>& solver, const std::vector<SpectrumSlice>& slices,
                    double tolerance, Monitor& monitor,
                    const std::function<void(std::size_t, const SliceModes&)>& take) {
    FactorStorage<Dim> storage;
    std::mutex mutex;
    std::map<std::size_t, SliceModes> waiting;
    std::size_t next = 0;
    std::atomic<Eigen::Index> done{0};
    run_tasks(slices.size(), solver.threads(), [&](std::size_t task) {
        Monitor telling(
            [&](double /*application*/, double /*measure*/) { monitor(static_cast<double>(done), 0.0); });
        SliceModes modes = solve_slice(solver, slices[task], tolerance, storage, telling);
        done += modes.values.size();
        const std::lock_guard<std::mutex> guard(mutex);
        waiting.emplace(task, std::move(modes));
        for (auto ready = waiting.find(next); ready != waiting.end(); ready = waiting.find(next)) {
            take(next++, ready->second);
            waiting.erase(ready);
        }
    });
}

template <int Dim>
double slicing_bytes(const ElasticSolver<Dim>& solver, int size) {
    const double columns = static_cast<double>(largest_basis(size)) + 6.0 * size;
    return solver.threads() *
           (solver.supernodes().bytes() + 8.0 * columns * static_cast<double>(solver.size()));
}

#define GLASSPLAST_DEFINE_SLICES(Dim)                                                                        \
    template SliceModes slice_modes<Dim>(const ElasticSolver<Dim>&, const SpectrumSlice&, double, Monitor&); \
    template void for_each_slice<Dim>(const ElasticSolver<Dim>&, const std::vector<SpectrumSlice>&, double,  \
                                      Monitor&, const std::function<void(std::size_t, const SliceModes&)>&); \
    template double slicing_bytes<Dim>(const ElasticSolver<Dim>&, int);
GLASSPLAST_DEFINE_SLICES(2)
GLASSPLAST_DEFINE_SLICES(3)
#undef GLASSPLAST_DEFINE_SLICES

}  // namespace glassplast
