#include <glassplast/linalg/spectrum_slices.hpp>

#include <glassplast/errors.hpp>
#include <glassplast/linalg/block_lanczos.hpp>
#include <glassplast/linalg/shifted_inverse.hpp>
#include <glassplast/parallel.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <random>
#include <sstream>
#include <thread>

namespace glassplast {

namespace {

/// A slice may hold this much more than it was aimed at.
constexpr double tolerated_size = 1.25;
/// Residual of an eigenvalue of the inverse, relative to it, at which Lanczos stops. Far below what is asked:
/// neighbours in different slices are orthogonal to this times their distances to the shift over that between
/// them, and once residuals fall they do so by a factor of ten with each application.
constexpr double lanczos_tolerance = 1e-13;

/// Memory for factorizations, used again: the first touch takes longer than the arithmetic.
template <int Dim>
class Storage {
public:
    using Factor = std::unique_ptr<Factorization<Dim>>;

    Factor borrow() {
        const std::lock_guard<std::mutex> guard(mutex_);
        if (free_.empty()) {
            return std::make_unique<Factorization<Dim>>();
        }
        Factor factor = std::move(free_.back());
        free_.pop_back();
        return factor;
    }
    void give_back(Factor factor) {
        const std::lock_guard<std::mutex> guard(mutex_);
        free_.push_back(std::move(factor));
    }

private:
    std::mutex mutex_;
    std::vector<Factor> free_;
};

/// A number between eigenvalues, and how many of them are lower.
struct Bound {
    double place;
    int below;
};

/// Where the counts of eigenvalues are known, and the search for more such places.
template <int Dim>
class Bounds {
public:
    explicit Bounds(const ElasticSolver<Dim>& solver)
        : solver_(solver),
          available_(static_cast<int>(solver.core().freedom()) - solver.core().translations()) {
        const double scale = solver.largest_row_sum();
        const bool stable = solver.negative() == 0 && solver.further_zero_modes() == 0;
        // With its translations 0 itself is no bound where anything lies below.
        double bottom = stable ? 0.0 : -1e-6 * scale;
        while (!stable && count(bottom) > 0) {
            bottom *= 4.0;
        }
        known_ = {{bottom, 0}, {top(scale), available_}};
    }

    int available() const { return available_; }
    const std::vector<Bound>& known() const { return known_; }

    /// Eigenvalues below a place that is none.
    int count(double place) {
        auto factor = storage_.borrow();
        solver_.factorize_shifted(*factor, place, 1);
        const int result = without_translations(*factor, place);
        storage_.give_back(std::move(factor));
        return result;
    }

    /// A bound near a place within an interval, away from eigenvalues: of a few tries the clearest.
    Bound near(double place, const Bound& lower, const Bound& upper) {
        const double spacing = (upper.place - lower.place) / std::max(1, upper.below - lower.below);
        auto factor = storage_.borrow();
        Bound best{place, 0};
        double least = std::numeric_limits<double>::infinity();
        constexpr int tries = 6;
        for (int k = 0; k < tries; ++k) {
            // 0, 0.4, -0.4, 0.8, ... spacings aside.
            const double aside = 0.4 * static_cast<double>((k + 1) / 2) * (k % 2 == 1 ? 1.0 : -1.0);
            const double here = place + aside * std::min(spacing, 0.1 * (upper.place - lower.place));
            solver_.factorize_shifted(*factor, here, 1);
            const double crowding = spacing * spacing * inverse_squares(*factor);
            if (crowding < least) {
                least = crowding;
                best = {here, without_translations(*factor, here)};
            }
            // Equally spaced eigenvalues would give from 10 (in the middle between two) on; 10^3 is one at
            // a thirtieth of their distance.
            if (least < 1e3) {
                break;
            }
        }
        storage_.give_back(std::move(factor));
        return best;
    }

    void add(const std::vector<Bound>& more) {
        known_.insert(known_.end(), more.begin(), more.end());
        std::sort(known_.begin(), known_.end(),
                  [](const Bound& a, const Bound& b) { return a.place < b.place; });
    }

    /// Where so many eigenvalues should lie below, between neighbouring bounds: by N ~ lambda^(d/2), as of
    /// sound, from zero on, else by a constant density.
    static double interpolate(const Bound& lower, const Bound& upper, double target) {
        const double part = (target - lower.below) / (upper.below - lower.below);
        const double way = lower.below == 0 && lower.place >= 0.0 ? std::pow(part, 2.0 / Dim) : part;
        return lower.place + way * (upper.place - lower.place);
    }

private:
    int without_translations(const Factorization<Dim>& factor, double place) const {
        return factor.negative() - (place > 0.0 ? solver_.core().translations() : 0);
    }

    /// The sum over eigenvalues of (lambda - place)^-2, from what the inverse makes of eight random vectors.
    double inverse_squares(const Factorization<Dim>& factor) const {
        const ShiftedInverse<Dim> inverse(solver_, factor);
        LineVector block(inverse.rows() * solve_width);
        std::minstd_rand random(1);  // NOLINT(bugprone-random-generator-seed): the same in every run
        for (double& value : block) {
            value = static_cast<double>(random()) / static_cast<double>(std::minstd_rand::max()) - 0.5;
        }
        inverse.apply(block.data());
        const double sum = std::inner_product(block.begin(), block.end(), block.begin(), 0.0);
        return sum * 12.0 / solve_width;  // each entry has the variance 1/12
    }

    /// A little above the largest eigenvalue: of H - scale, with the scale an upper bound, Lanczos finds the
    /// smallest one from inside.
    double top(double scale) {
        auto factor = storage_.borrow();
        const double above = scale * (1.0 + 1e-10);
        solver_.factorize_shifted(*factor, above, 1);
        double place = above;
        {
            const ShiftedInverse<Dim> inverse(solver_, *factor);
            BlockLanczos lanczos(inverse);
            constexpr int applications = 8;
            for (int k = 0; k < applications && lanczos.size() + 2 * solve_width <= available_; ++k) {
                lanczos.expand();
            }
            if (lanczos.size() > 0) {
                const double largest = above + 1.0 / lanczos.ritz_values().values.minCoeff();
                double beyond = 1e-3 * (above - largest);
                for (; largest + beyond < above; beyond *= 4.0) {
                    solver_.factorize_shifted(*factor, largest + beyond, 1);
                    if (without_translations(*factor, largest + beyond) == available_) {
                        place = largest + beyond;
                        break;
                    }
                }
            }
        }
        storage_.give_back(std::move(factor));
        return place;
    }

    const ElasticSolver<Dim>& solver_;
    int available_;
    Storage<Dim> storage_;
    std::vector<Bound> known_;
};

/// Adds a bound with `count` to `most` eigenvalues below, if there can be one, and forgets what is above.
template <int Dim>
std::vector<Bound> bounds_up_to(Bounds<Dim>& bounds, int count, int most, Monitor& monitor) {
    constexpr int patience = 40;
    for (int step = 0; step < patience; ++step) {
        const std::vector<Bound>& known = bounds.known();
        const auto above =
            std::find_if(known.begin(), known.end(), [&](const Bound& b) { return b.below >= count; });
        if (above->below <= most || above->place - std::prev(above)->place < 1e-9 * std::abs(above->place)) {
            return {known.begin(), std::next(above)};
        }
        monitor(0.0, 0.0);
        const Bound lower = *std::prev(above);
        const Bound upper = *above;
        // By interpolation, and by halves where that goes wrong.
        const double place = step % 4 == 3 ? 0.5 * (lower.place + upper.place)
                                           : Bounds<Dim>::interpolate(lower, upper, 0.5 * (count + most));
        bounds.add({bounds.near(place, lower, upper)});
    }
    const std::vector<Bound>& known = bounds.known();
    return {known.begin(), std::next(std::find_if(known.begin(), known.end(),
                                                  [&](const Bound& b) { return b.below >= count; }))};
}

double width(const Bound& lower, const Bound& upper) {
    return upper.place - lower.place;
}

}  // namespace

template <int Dim>
std::vector<SpectrumSlice> slice_spectrum(const ElasticSolver<Dim>& solver, int count, int size,
                                          Monitor& monitor) {
    Bounds<Dim> bounds(solver);
    const int most = std::min(count + std::max(size / 8, 4), bounds.available());
    std::vector<Bound> chosen = bounds_up_to(bounds, count, most, monitor);
    const double narrow = 1e-9 * std::max(std::abs(chosen.front().place), std::abs(chosen.back().place));
    for (;;) {
        // All intervals that hold too many are divided at the same time.
        std::vector<std::size_t> crowded;
        for (std::size_t k = 0; k + 1 < chosen.size(); ++k) {
            const int within = chosen[k + 1].below - chosen[k].below;
            if (within > tolerated_size * size && width(chosen[k], chosen[k + 1]) > narrow) {
                crowded.push_back(k);
            }
        }
        if (crowded.empty()) {
            break;
        }
        monitor(0.0, 0.0);
        std::vector<Bound> more(crowded.size());
        run_tasks(crowded.size(), solver.threads(), [&](std::size_t task) {
            const Bound& lower = chosen[crowded[task]];
            const Bound& upper = chosen[crowded[task] + 1];
            const double within = upper.below - lower.below;
            const double parts = std::ceil(within / size);
            const double target = lower.below + within * std::floor(0.5 * parts) / parts;
            const double place = Bounds<Dim>::interpolate(lower, upper, target);
            more[task] = bounds.near(place, lower, upper);
        });
        chosen.insert(chosen.end(), more.begin(), more.end());
        std::sort(chosen.begin(), chosen.end(),
                  [](const Bound& a, const Bound& b) { return a.place < b.place; });
    }
    std::vector<SpectrumSlice> slices;
    for (std::size_t k = 0; k + 1 < chosen.size();) {
        // Neighbours that are small together are one.
        std::size_t end = k + 1;
        while (end + 1 < chosen.size() && chosen[end + 1].below - chosen[k].below <= size) {
            ++end;
        }
        slices.push_back(
            {chosen[k].place, chosen[end].place, chosen[k].below, chosen[end].below - chosen[k].below});
        k = end;
    }
    return slices;
}

namespace {

/// Columns that the basis of a slice may have before it is restarted.
Eigen::Index largest_basis(Eigen::Index count) {
    return (5 * count + 12 * solve_width) / solve_width * solve_width;
}

/// Factorizes at a shift near the middle of a slice. Without pivoting, round-off is amplified at some shifts,
/// which shows in a solve: they are left for others.
template <int Dim>
double accurate_shift(const ElasticSolver<Dim>& solver, const SpectrumSlice& slice, double scale,
                      Factorization<Dim>& factor) {
    std::minstd_rand random(1);  // NOLINT(bugprone-random-generator-seed): the same in every run
    Eigen::VectorXd right(solver.size());
    for (double& value : right) {
        value = static_cast<double>(random()) / static_cast<double>(std::minstd_rand::max()) - 0.5;
    }
    solver.core().project(right);
    double best = 0.0;
    double least = std::numeric_limits<double>::infinity();
    double shift = 0.0;
    for (const double aside : {0.0, 0.07, -0.07, 0.14, -0.14}) {
        shift = 0.5 * (slice.lower + slice.upper) + aside * (slice.upper - slice.lower);
        solver.factorize_shifted(factor, shift, 1);
        Eigen::VectorXd solution = right;
        factor.solve(solution);
        solver.core().project(solution);
        // What was factorized differs from H - shift by this at least, and by up to a thousand times as much
        // on other vectors.
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

template <int Dim>
SliceModes solve_slice(const ElasticSolver<Dim>& solver, const SpectrumSlice& slice, double tolerance,
                       Storage<Dim>& storage, Monitor& monitor) {
    SliceModes modes;
    modes.vectors.resize(solver.size(), 0);
    if (slice.count == 0) {
        return modes;
    }
    const double scale = solver.largest_row_sum();
    auto factor = storage.borrow();
    // At the lower end of a minimum's spectrum its factorization serves as it is.
    const double shift = slice.lower == 0.0 ? 0.0 : accurate_shift(solver, slice, scale, *factor);
    const ShiftedInverse<Dim> inverse =
        shift == 0.0 ? ShiftedInverse<Dim>(solver) : ShiftedInverse<Dim>(solver, *factor);
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
    // Somewhat less than what slices have taken, which goes as the root of their number of modes.
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
        // What has not converged may still leave the slice.
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
    storage.give_back(std::move(factor));

    const Eigen::MatrixXd images = solver.times(vectors);
    // The Rayleigh quotient is exact to second order in the error of the vector.
    const Eigen::VectorXd quotients = (vectors.array() * images.array()).colwise().sum();
    std::vector<Eigen::Index> ascending(static_cast<std::size_t>(count));
    std::iota(ascending.begin(), ascending.end(), 0);
    std::sort(ascending.begin(), ascending.end(),
              [&](Eigen::Index a, Eigen::Index b) { return quotients(a) < quotients(b); });
    modes.values = quotients(ascending);
    modes.vectors = vectors(Eigen::all, ascending);
    modes.largest_residual = (images(Eigen::all, ascending) - modes.vectors * modes.values.asDiagonal())
                                 .colwise()
                                 .norm()
                                 .maxCoeff();
    if (!(modes.largest_residual <= tolerance * scale)) {
        std::ostringstream message;
        message << "a mode has residual " << modes.largest_residual << ", above " << tolerance << " times "
                << scale;
        throw ConvergenceError(message.str());
    }
    if (!(modes.values(0) > slice.lower && modes.values(count - 1) < slice.upper)) {
        std::ostringstream message;
        message << "a mode of " << modes.values(0) << " or " << modes.values(count - 1)
                << " lies outside its slice from " << slice.lower << " to " << slice.upper;
        throw ConvergenceError(message.str());
    }
    return modes;
}

}  // namespace

template <int Dim>
SpectrumSlice slice_between(const ElasticSolver<Dim>& solver, double lower, double upper) {
    if (!(lower < upper && std::isfinite(lower) && std::isfinite(upper))) {
        std::ostringstream message;
        message << "a part of a spectrum goes from a smaller number to a larger one, not from " << lower
                << " to " << upper;
        throw GeometryError(message.str());
    }
    const auto below = [&](double place) {
        // Where nothing is negative, 0 itself is a bound below everything but the translations.
        return place == 0.0
                   ? solver.negative()
                   : solver.shifted(place).negative() - (place > 0.0 ? solver.core().translations() : 0);
    };
    const int first = below(lower);
    return {lower, upper, first, below(upper) - first};
}

template <int Dim>
SliceModes slice_modes(const ElasticSolver<Dim>& solver, const SpectrumSlice& slice, double tolerance,
                       Monitor& monitor) {
    Storage<Dim> storage;
    return solve_slice(solver, slice, tolerance, storage, monitor);
}

template <int Dim>
void for_each_slice(const ElasticSolver<Dim>& solver, const std::vector<SpectrumSlice>& slices,
                    double tolerance, Monitor& monitor,
                    const std::function<void(std::size_t, const SliceModes&)>& take) {
    Storage<Dim> storage;
    std::mutex mutex;
    std::map<std::size_t, SliceModes> waiting;
    std::size_t next = 0;
    std::atomic<Eigen::Index> done{0};
    // Only the calling thread may be interrupted: Python looks for signals in that one.
    const std::thread::id caller = std::this_thread::get_id();
    run_tasks(slices.size(), solver.threads(), [&](std::size_t task) {
        Monitor silent;
        Monitor telling(
            [&](double /*application*/, double /*measure*/) { monitor(static_cast<double>(done), 0.0); });
        const bool called = std::this_thread::get_id() == caller;
        SliceModes modes = solve_slice(solver, slices[task], tolerance, storage, called ? telling : silent);
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
    template std::vector<SpectrumSlice> slice_spectrum<Dim>(const ElasticSolver<Dim>&, int, int, Monitor&);  \
    template SpectrumSlice slice_between<Dim>(const ElasticSolver<Dim>&, double, double);                    \
    template SliceModes slice_modes<Dim>(const ElasticSolver<Dim>&, const SpectrumSlice&, double, Monitor&); \
    template void for_each_slice<Dim>(const ElasticSolver<Dim>&, const std::vector<SpectrumSlice>&, double,  \
                                      Monitor&, const std::function<void(std::size_t, const SliceModes&)>&); \
    template double slicing_bytes<Dim>(const ElasticSolver<Dim>&, int);
GLASSPLAST_DEFINE_SLICES(2)
GLASSPLAST_DEFINE_SLICES(3)
#undef GLASSPLAST_DEFINE_SLICES

}  // namespace glassplast
