#pragma once

#include <glassplast/models/local_energy.hpp>
#include <glassplast/models/shapes.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace glassplast {

namespace kernel {

/// Pairs of one particle with its surroundings: at first all of them, later those inside their cutoff.
struct alignas(64) LocalBatch {
    static constexpr int capacity = 512;
    /// There is room for one more vector of pairs, which contribute nothing.
    static constexpr int size = capacity + slot_lanes;

    double squared[size];
    double length[size];
    double weight[size];
};

struct Measured {
    double squared;
    double length;
    double weight;
};

/// One slot as a probe at (x, y, z) sees it.
template <int Dim, class Mixing>
GLASSPLAST_INLINE Measured measured(const Mixing& mixing, double dx, double dy, double dz, double kind,
                                    double other_kind, bool counts) {
    using Particle = typename Mixing::Particle;
    constexpr double far = 1e200;
    double squared = dx * dx + dy * dy;
    if constexpr (Dim == 3) {
        squared += dz * dz;
    }
    const auto mine = static_cast<Particle>(kind);
    const auto other = static_cast<Particle>(other_kind);
    return {counts ? squared : far, mixing.length(mine, other), mixing.energy(mine, other)};
}

/// Adds the pairs of one or two probes with some slots to a batch. The energies of the first of two probes
/// are subtracted.
template <int Dim, int Probes, class Mixing>
GLASSPLAST_INLINE void measure_pairs(const Mixing& mixing, const Surroundings<Dim>& around,
                                     const Vector<Dim>& shift, int first, int count, const Probe<Dim>* probes,
                                     LocalBatch& batch, int filled) {
    const Probe<Dim>& one = probes[0];
    const Probe<Dim>& two = probes[Probes - 1];
    constexpr int third = Dim - 1;
    const double x1 = one.position(0) - shift(0);
    const double y1 = one.position(1) - shift(1);
    const double z1 = one.position(third) - shift(third);
    const double x2 = two.position(0) - shift(0);
    const double y2 = two.position(1) - shift(1);
    const double z2 = two.position(third) - shift(third);
    const double kind1 = one.kind;
    const double kind2 = two.kind;
    const double particle = around.particle;
    const double partner = around.partner;
    const double* x = around.slots.coordinate[0] + first;
    const double* y = around.slots.coordinate[1] + first;
    const double* z = around.slots.coordinate[third] + first;
    const double* kinds = around.slots.kind + first;
    const double* names = around.slots.particle + first;
    double* squared = batch.squared + filled;
    double* length = batch.length + filled;
    double* weight = batch.weight + filled;
    constexpr double sign = Probes == 2 ? -1.0 : 1.0;
    if (count % slot_lanes != 0) {
        __builtin_unreachable();
    }
#pragma omp simd simdlen(4)
    for (int k = 0; k < count; ++k) {
        const bool counts = (names[k] != particle) & (names[k] != partner);
        const Measured pair = measured<Dim>(mixing, x[k] - x1, y[k] - y1, z[k] - z1, kind1, kinds[k], counts);
        squared[k] = pair.squared;
        length[k] = pair.length;
        weight[k] = sign * pair.weight;
        if constexpr (Probes == 2) {
            const Measured other =
                measured<Dim>(mixing, x[k] - x2, y[k] - y2, z[k] - z2, kind2, kinds[k], counts);
            squared[count + k] = other.squared;
            length[count + k] = other.length;
            weight[count + k] = other.weight;
        }
    }
}

/// Moves pairs inside their cutoff to the front; returns how many there are.
inline int keep_interacting_portable(double cutoff_squared, LocalBatch& batch, int count) {
    int kept = 0;
    for (int k = 0; k < count; ++k) {
        const double squared = batch.squared[k];
        const double length = batch.length[k];
        batch.squared[kept] = squared;
        batch.length[kept] = length;
        batch.weight[kept] = batch.weight[k];
        // Written without a branch: a processor cannot predict which pairs are outside.
        kept += squared < cutoff_squared * length * length ? 1 : 0;
    }
    return kept;
}

#if defined(__x86_64__)
/// For each set of lanes of a vector of four, the halves of lanes that bring it to the front.
struct alignas(32) LaneOrders {
    int half[16][8];

    constexpr LaneOrders() : half() {
        for (unsigned set = 0; set < 16; ++set) {
            int* to = half[set];
            for (unsigned lane = 0; lane < 4; ++lane) {
                if ((set >> lane & 1U) != 0) {
                    *to++ = static_cast<int>(2 * lane);
                    *to++ = static_cast<int>(2 * lane + 1);
                }
            }
        }
    }
};

inline constexpr LaneOrders lane_orders;

__attribute__((target("avx2,popcnt"))) inline int keep_interacting_avx2(double cutoff_squared,
                                                                        LocalBatch& batch, int count) {
    const __m256d limit = _mm256_set1_pd(cutoff_squared);
    int kept = 0;
    for (int k = 0; k < count; k += 4) {
        const __m256d squared = _mm256_load_pd(batch.squared + k);
        const __m256d length = _mm256_load_pd(batch.length + k);
        const __m256d weight = _mm256_load_pd(batch.weight + k);
        const __m256d reach = _mm256_mul_pd(_mm256_mul_pd(limit, length), length);
        const auto set = static_cast<unsigned>(_mm256_movemask_pd(_mm256_cmp_pd(squared, reach, _CMP_LT_OQ)));
        const __m256i order = _mm256_load_si256(reinterpret_cast<const __m256i*>(lane_orders.half[set]));
        // The next vector overwrites what lies beyond the lanes that are kept.
        const auto store = [&](double* to,
                               const __m256d& values) __attribute__((always_inline, target("avx2"))) {
            _mm256_storeu_pd(
                to, _mm256_castsi256_pd(_mm256_permutevar8x32_epi32(_mm256_castpd_si256(values), order)));
        };
        store(batch.squared + kept, squared);
        store(batch.length + kept, length);
        store(batch.weight + kept, weight);
        kept += __builtin_popcount(set);
    }
    return kept;
}
#endif

/// f from the squared distance. It is a function of its own because an array that is declared inside a simd
/// loop becomes one for each lane, which keeps the loop from being vectorized.
template <class Shape>
GLASSPLAST_INLINE double shape_value(const Shape& shape, double squared, double length) {
    const double product = 1.0 / (std::sqrt(squared) * length);
    double f[2];
    shape.template derivatives<1>(squared * product, length * length * product, f);
    return f[0];
}

/// Sum of weighted energies of the first `count` pairs of a batch.
template <class Shape>
GLASSPLAST_INLINE double weighted_energy(const Shape& shape, LocalBatch& batch, int count) {
    for (int lane = 0; lane < slot_lanes; ++lane) {
        batch.squared[count + lane] = 1.0;
        batch.length[count + lane] = 1.0;
        batch.weight[count + lane] = 0.0;
    }
    const int padded = (count + slot_lanes - 1) / slot_lanes * slot_lanes;
    if (padded % slot_lanes != 0) {
        __builtin_unreachable();
    }
    double sum = 0.0;
#pragma omp simd simdlen(4) reduction(+ : sum)
    for (int k = 0; k < padded; ++k) {
        sum += batch.weight[k] * shape_value(shape, batch.squared[k], batch.length[k]);
    }
    return sum;
}

/// The energy of a probe with the surroundings, or that of the second of two probes minus that of the first.
template <int Dim, int Probes, class Shape, class Mixing, class Keep>
GLASSPLAST_INLINE double local_energy(const Shape& shape, const Mixing& mixing,
                                      const Surroundings<Dim>& around, const Probe<Dim>* probes,
                                      const Keep& keep) {
    LocalBatch batch;
    const double cutoff_squared = shape.cutoff() * shape.cutoff();
    int filled = 0;
    double total = 0.0;
    for (int r = 0; r < around.range_count; ++r) {
        const SlotRange range = around.ranges[r];
        int done = 0;
        while (done < range.count) {
            if (filled + Probes * slot_lanes > LocalBatch::capacity) {
                total += weighted_energy(shape, batch, keep(cutoff_squared, batch, filled));
                filled = 0;
            }
            const int room = (LocalBatch::capacity - filled) / (Probes * slot_lanes) * slot_lanes;
            const int count = std::min(range.count - done, room);
            measure_pairs<Dim, Probes>(mixing, around, around.shifts[range.shift], range.first + done, count,
                                       probes, batch, filled);
            filled += Probes * count;
            done += count;
        }
    }
    return total + weighted_energy(shape, batch, keep(cutoff_squared, batch, filled));
}

template <int Dim, int Probes, class Shape, class Mixing>
double local_energy_portable(const Shape& shape, const Mixing& mixing, const Surroundings<Dim>& around,
                             const Probe<Dim>* probes) {
    return local_energy<Dim, Probes>(shape, mixing, around, probes, keep_interacting_portable);
}

#if defined(__x86_64__)
template <int Dim, int Probes, class Shape, class Mixing>
__attribute__((target("avx2,popcnt"))) double local_energy_avx2(const Shape& shape, const Mixing& mixing,
                                                                const Surroundings<Dim>& around,
                                                                const Probe<Dim>* probes) {
    return local_energy<Dim, Probes>(shape, mixing, around, probes, keep_interacting_avx2);
}
#endif

}  // namespace kernel

/// The energies of single particles for a shape and a mixing rule.
template <int Dim, class Shape, class Mixing>
class PairLocalEnergy final : public LocalEnergy<Dim> {
public:
    PairLocalEnergy(Shape shape, Mixing mixing) : shape_(std::move(shape)), mixing_(std::move(mixing)) {}

    std::vector<double> kinds() const override {
        std::vector<double> kinds(mixing_.size());
        for (std::size_t i = 0; i < kinds.size(); ++i) {
            kinds[i] = static_cast<double>(mixing_.particle(i));
        }
        return kinds;
    }

    double range() const override { return shape_.cutoff() * mixing_.largest_length(); }

    double range(double kind) const override {
        return shape_.cutoff() * mixing_.largest_length(static_cast<typename Mixing::Particle>(kind));
    }

    double energy(const Surroundings<Dim>& around, const Probe<Dim>& probe) const override {
        return sum<1>(around, &probe);
    }

    double difference(const Surroundings<Dim>& around, const Probe<Dim>& before,
                      const Probe<Dim>& after) const override {
        const Probe<Dim> probes[2] = {before, after};
        return sum<2>(around, probes);
    }

private:
    template <int Probes>
    double sum(const Surroundings<Dim>& around, const Probe<Dim>* probes) const {
#if defined(__x86_64__)
        static const bool avx2 = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("popcnt") != 0;
        if (avx2) {
            return kernel::local_energy_avx2<Dim, Probes>(shape_, mixing_, around, probes);
        }
#endif
        return kernel::local_energy_portable<Dim, Probes>(shape_, mixing_, around, probes);
    }

    Shape shape_;
    Mixing mixing_;
};

}  // namespace glassplast
