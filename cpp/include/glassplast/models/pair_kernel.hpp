#pragma once

#include <glassplast/models/coordinates.hpp>
#include <glassplast/models/gather_avx512.hpp>
#include <glassplast/models/shapes.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

namespace glassplast::kernel {

/// Particles that are closer than this fraction of their contact length count as coincident: images of one
/// point differ by round-off, and steep potentials overflow.
constexpr double coincidence = 1e-9;

/// Pairs inside their cutoff, gathered from several particles so that the potential is evaluated on long
/// contiguous arrays.
template <int Dim>
struct alignas(64) Batch {
    static constexpr int capacity = 512;
    /// There is room for whole registers, which are written at once.
    static constexpr int room = capacity + 8;

    double separation[room][Dim];
    double axis[Dim][room];  ///< the same axis by axis, where eight at a time are gathered
    double squared[room];
    double length[room];
    double energy[room];
    double tension[room];  ///< phi' / r
    int neighbor[room];
};

/// Sums that must not depend on the number of batches: Neumaier's compensation.
class CompensatedSum {
public:
    void add(double value) {
        const double sum = sum_ + value;
        correction_ += std::abs(sum_) >= std::abs(value) ? (sum_ - sum) + value : (value - sum) + sum_;
        sum_ = sum;
    }
    double value() const { return sum_ + correction_; }

private:
    double sum_ = 0.0;
    double correction_ = 0.0;
};

template <int Dim>
struct Totals {
    static constexpr int components = Dim * (Dim + 1) / 2;
    CompensatedSum energy;
    std::array<CompensatedSum, components> virial;
    /// Smallest distance in units of the contact length.
    double closest = std::numeric_limits<double>::infinity();
};

/// One pair from its squared distance. It is a function of its own because an array that is declared inside a
/// simd loop becomes one for each lane, which keeps the loop from being vectorized.
struct PairValue {
    double x;  ///< distance in units of the contact length
    double energy;
    double tension;  ///< phi' / r
};

template <class Shape>
GLASSPLAST_INLINE PairValue pair_value(const Shape& shape, double squared, double length, double scale) {
    // One division serves x = r / s, 1 / x and phi' / r = epsilon f' / (r s).
    const double product = 1.0 / (std::sqrt(squared) * length);
    const double x = squared * product;
    double f[2];
    shape.template derivatives<1>(x, length * length * product, f);
    return {x, scale * f[0], scale * f[1] * product};
}

template <int Dim, class Shape>
GLASSPLAST_INLINE void evaluate_batch(const Shape& shape, Batch<Dim>& batch, int count, Totals<Dim>& totals) {
    double energy = 0.0;
    double closest = std::numeric_limits<double>::infinity();
#pragma omp simd reduction(+ : energy) reduction(min : closest)
    for (int k = 0; k < count; ++k) {
        const PairValue pair = pair_value(shape, batch.squared[k], batch.length[k], batch.energy[k]);
        energy += pair.energy;
        batch.tension[k] = pair.tension;
        closest = pair.x < closest ? pair.x : closest;
    }
    totals.energy.add(energy);
    totals.closest = std::min(totals.closest, closest);
}

/// A neighbour list as plain arrays: see VerletList.
struct PairList {
    std::size_t count;
    const int* start;
    const int* neighbor;
    const std::uint8_t* kind;
    const double* site;
};

/// The one loop over pairs: it gathers the pairs inside their cutoff, evaluates them in bulk and scatters the
/// forces. The forces on a particle that owns pairs are added up pair by pair, wherever a batch ends.
template <int Dim, bool Lanes, class Shape, class Mixing>
GLASSPLAST_INLINE void evaluate_pairs(const Shape& shape, const Mixing& mixing,
                                      const typename Mixing::Particle* particle, const PairList& list,
                                      double* force, Totals<Dim>& totals) {
    const int* const start = list.start;
    const int* const neighbor = list.neighbor;
    const double* const site = list.site;
    Batch<Dim> batch;
    const double cutoff = shape.cutoff();
    const double cutoff_squared = cutoff * cutoff;
    constexpr int segment_capacity = Batch<Dim>::capacity;
    int segment_site[segment_capacity];
    int segment_end[segment_capacity];
    int segments = 0;
    int filled = 0;
    Coordinates<Dim> unfinished = Coordinates<Dim>::zero();

    // `complete` says that no pairs of the last particle are still to come.
    const auto flush = [&](bool complete) __attribute__((always_inline)) {
#if defined(__x86_64__)
        if constexpr (Lanes) {
            expand_lanes<Dim>(mixing, batch, filled);
        }
#endif
        evaluate_batch<Dim>(shape, batch, filled, totals);
        double virial[Dim * Dim] = {};
        Coordinates<Dim> total = unfinished;
        int k = 0;
        for (int s = 0; s < segments; ++s) {
            Coordinates<Dim> moment[Dim];
            for (int a = 0; a < Dim; ++a) {
                moment[a] = Coordinates<Dim>::zero();
            }
            for (; k < segment_end[s]; ++k) {
                const Coordinates<Dim> pull = Coordinates<Dim>::load(batch.separation[k]) * batch.tension[k];
                total += pull;
                double* other = force + static_cast<std::ptrdiff_t>(Dim) * batch.neighbor[k];
                (Coordinates<Dim>::load(other) - pull).store(other);
                for (int a = 0; a < Dim; ++a) {
                    moment[a] += pull * batch.separation[k][a];
                }
            }
            if (complete || s + 1 < segments) {
                double* mine = force + static_cast<std::ptrdiff_t>(Dim) * segment_site[s];
                total += Coordinates<Dim>::load(mine);
                total.store(mine);
                total = Coordinates<Dim>::zero();
            }
            for (int a = 0; a < Dim; ++a) {
                moment[a] += Coordinates<Dim>::load(virial + Dim * a);
                moment[a].store(virial + Dim * a);
            }
        }
        unfinished = total;
        int component = 0;
        for (int a = 0; a < Dim; ++a) {
            for (int b = 0; b <= a; ++b) {
                totals.virial[component++].add(virial[Dim * a + b]);
            }
        }
        segments = 0;
        filled = 0;
    };

#if defined(__x86_64__)
    auto lanes = [&] {
        if constexpr (Lanes) {
            return lanes_of(mixing, cutoff_squared);
        } else {
            return 0;
        }
    }();
#endif
    for (std::size_t i = 0; i < list.count; ++i) {
        const double* own = site + Dim * i;
        const Coordinates<Dim> here = Coordinates<Dim>::load(own);
        typename Mixing::Particle mine{};
        if constexpr (!Mixing::has_kinds) {
            mine = particle[i];
        }
#if defined(__x86_64__)
        if constexpr (Lanes) {
            lanes.begin(mine);
        }
#endif
        int k = start[i];
        const int end = start[i + 1];
        if (segments == segment_capacity) {
            flush(true);
        }
        segment_site[segments] = static_cast<int>(i);
        while (k < end) {
            if (filled == Batch<Dim>::capacity) {
                segment_end[segments++] = filled;
                flush(false);
                segment_site[segments] = static_cast<int>(i);
            }
            const int stop = std::min(end, k + Batch<Dim>::capacity - filled);
#if defined(__x86_64__)
            if constexpr (Lanes) {
                const std::uint8_t* const kind = Mixing::has_kinds ? list.kind + k : nullptr;
                filled = gather_lanes<Dim>(lanes, particle, neighbor + k, kind, stop - k, site, own, batch,
                                           filled);
                k = stop;
            }
#endif
            for (; k < stop; ++k) {
                const int j = neighbor[k];
                const Coordinates<Dim> separation =
                    Coordinates<Dim>::load(site + static_cast<std::ptrdiff_t>(Dim) * j) - here;
                separation.store(batch.separation[filled]);
                const double squared = separation.squared();
                double length = 0.0;
                if constexpr (Mixing::has_kinds) {
                    length = mixing.length_of(list.kind[k]);
                    batch.energy[filled] = mixing.energy_of(list.kind[k]);
                } else {
                    length = mixing.length(mine, particle[j]);
                    batch.energy[filled] = mixing.energy(mine, particle[j]);
                }
                batch.squared[filled] = squared;
                batch.length[filled] = length;
                batch.neighbor[filled] = j;
                // Written without a branch: half of the listed pairs are outside, and no processor can
                // predict which.
                filled += squared < cutoff_squared * length * length ? 1 : 0;
            }
        }
        segment_end[segments++] = filled;
    }
    flush(true);
}

template <int Dim, class Shape, class Mixing>
void evaluate_portable(const Shape& shape, const Mixing& mixing, const typename Mixing::Particle* particle,
                       const PairList& list, double* force, Totals<Dim>& totals) {
    evaluate_pairs<Dim, false>(shape, mixing, particle, list, force, totals);
}

#if defined(__x86_64__)
template <int Dim, class Shape, class Mixing>
__attribute__((target("avx2"))) void evaluate_avx2(const Shape& shape, const Mixing& mixing,
                                                   const typename Mixing::Particle* particle,
                                                   const PairList& list, double* force, Totals<Dim>& totals) {
    evaluate_pairs<Dim, false>(shape, mixing, particle, list, force, totals);
}

template <int Dim, class Shape, class Mixing>
GLASSPLAST_AVX512 void evaluate_avx512(const Shape& shape, const Mixing& mixing,
                                       const typename Mixing::Particle* particle, const PairList& list,
                                       double* force, Totals<Dim>& totals) {
    evaluate_pairs<Dim, true>(shape, mixing, particle, list, force, totals);
}
#endif

}  // namespace glassplast::kernel
