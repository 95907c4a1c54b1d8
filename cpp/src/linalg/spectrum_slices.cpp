#include <glassplast/linalg/spectrum_slices.hpp>

#include <glassplast/errors.hpp>
#include <glassplast/linalg/block_lanczos.hpp>
#include <glassplast/linalg/factor_storage.hpp>
#include <glassplast/linalg/shifted_inverse.hpp>
#include <glassplast/parallel.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <sstream>

namespace glassplast {

namespace {

/// A slice may have this many times the modes that it should have.
constexpr double tolerated_size = 1.25;
/// A number between eigenvalues, and the number of eigenvalues below it.
struct Bound {
    double place;
    int below;
};

/// Counts the eigenvalues below numbers, and searches for numbers that are useful as bounds.
template <int Dim>
class Bounds {
public:
    explicit Bounds(const ElasticSolver<Dim>& solver)
        : solver_(solver),
          available_(static_cast<int>(solver.core().freedom()) - solver.core().translations()) {
        const double scale = solver.largest_row_sum();
        const bool stable = solver.negative() == 0 && solver.further_zero_modes() == 0;
        // If anything lies below zero, 0 itself is no bound because of the translations.
        double bottom = stable ? 0.0 : -1e-6 * scale;
        while (!stable && count(bottom) > 0) {
            bottom *= 4.0;
        }
        known_ = {{bottom, 0}, {top(scale), available_}};
    }

    int available() const { return available_; }
    const std::vector<Bound>& known() const { return known_; }

    /// The number of eigenvalues below a place, which must not be an eigenvalue.
    int count(double place) {
        auto factor = storage_.borrow();
        solver_.factorize_shifted(*factor, place, 1);
        const int result = without_translations(*factor, place);
        storage_.give_back(std::move(factor));
        return result;
    }

    /// A bound near a place within an interval, away from eigenvalues: the best of a few tries.
    Bound near(double place, const Bound& lower, const Bound& upper) {
        const double spacing = (upper.place - lower.place) / std::max(1, upper.below - lower.below);
        auto factor = storage_.borrow();
        Bound best{place, 0};
        double least = std::numeric_limits<double>::infinity();
        for (const double aside : {0.0, 0.4, -0.4, 0.8, -0.8, 1.2}) {
            const double here = place + aside * std::min(spacing, 0.1 * (upper.place - lower.place));
            solver_.factorize_shifted(*factor, here, 1);
            const double crowding = spacing * spacing * inverse_squares(*factor);
            if (crowding < least) {
                least = crowding;
                best = {here, without_translations(*factor, here)};
            }
            // Equally spaced eigenvalues give 10 in the middle between two and more elsewhere; 10^3 means an
            // eigenvalue at a thirtieth of their distance.
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

    /// Estimates where, between neighbouring bounds, this many eigenvalues lie below: from zero on by N ~
    /// lambda^(d/2), as for sound, elsewhere by a constant density.
    static double interpolate(const Bound& lower, const Bound& upper, double target) {
        const double part = (target - lower.below) / (upper.below - lower.below);
        const double way = lower.below == 0 && lower.place >= 0.0 ? std::pow(part, 2.0 / Dim) : part;
        return lower.place + way * (upper.place - lower.place);
    }

private:
    int without_translations(const Factorization<Dim>& factor, double place) const {
        return factor.negative() - (place > 0.0 ? solver_.core().translations() : 0);
    }

    /// Estimates the sum over eigenvalues of (lambda - place)^-2 by the inverse applied to eight random
    /// vectors.
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
            for (int k = 0; k < applications && lanczos.size() + Eigen::Index{2} * solve_width <= available_;
                 ++k) {
                lanczos.expand();
            }
            if (lanczos.size() > 0) {
                const double largest = above + 1.0 / lanczos.ritz_values().values.minCoeff();
                double beyond = 1e-3 * (above - largest);
                while (largest + beyond < above) {
                    solver_.factorize_shifted(*factor, largest + beyond, 1);
                    if (without_translations(*factor, largest + beyond) == available_) {
                        place = largest + beyond;
                        break;
                    }
                    beyond *= 4.0;
                }
            }
        }
        storage_.give_back(std::move(factor));
        return place;
    }

    const ElasticSolver<Dim>& solver_;
    int available_;
    FactorStorage<Dim> storage_;
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
        // By interpolation, and now and then by halving in case that goes wrong.
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
        // Neighbouring slices that are small even together become one.
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

template <int Dim>
SpectrumSlice slice_between(const ElasticSolver<Dim>& solver, double lower, double upper) {
    if (!std::isfinite(lower) || !std::isfinite(upper) || lower >= upper) {
        std::ostringstream message;
        message << "lower must be less than upper, and both finite, not " << lower << " and " << upper;
        throw ArgumentError(message.str());
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

template std::vector<SpectrumSlice> slice_spectrum<2>(const ElasticSolver<2>&, int, int, Monitor&);
template std::vector<SpectrumSlice> slice_spectrum<3>(const ElasticSolver<3>&, int, int, Monitor&);
template SpectrumSlice slice_between<2>(const ElasticSolver<2>&, double, double);
template SpectrumSlice slice_between<3>(const ElasticSolver<3>&, double, double);

}  // namespace glassplast
