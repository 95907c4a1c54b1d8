#pragma once

#include <glassplast/models/mixing.hpp>

#if defined(__x86_64__)

#include <immintrin.h>

#define GLASSPLAST_AVX512_FEATURES "avx512f,avx512dq,avx512vl"
#define GLASSPLAST_AVX512 __attribute__((target(GLASSPLAST_AVX512_FEATURES)))

/// The gathering half of the loop over pairs, eight neighbours at a time: AVX-512 can drop those outside the
/// cutoff from a register, which no compiler makes of a loop. The same operations in the same order as the
/// plain loop, so that forces have the same bits.
namespace glassplast::kernel {

struct PairLanes {
    __m512d length;
    __m512d energy;
};

inline bool avx512_available() {
    return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
           __builtin_cpu_supports("avx512vl") != 0;
}

/// A row of the tables must fit into a register.
inline bool lanes_serve(const SpeciesMixing& mixing) {
    return mixing.species_count() <= 8;
}
inline bool lanes_serve(const DiameterMixing& /*mixing*/) {
    return true;
}

GLASSPLAST_AVX512 inline PairLanes pair_lanes(const SpeciesMixing& mixing, int mine, const int* particle,
                                              __m256i neighbor, __mmask8 mask) {
    const auto row = static_cast<__mmask8>((1U << static_cast<unsigned>(mixing.species_count())) - 1U);
    const __m256i other =
        _mm256_mmask_i32gather_epi32(_mm256_setzero_si256(), mask, neighbor, particle, sizeof(int));
    const __m512i column = _mm512_maskz_cvtepi32_epi64(0xff, other);
    return {_mm512_maskz_permutexvar_pd(0xff, column, _mm512_maskz_loadu_pd(row, mixing.length_row(mine))),
            _mm512_maskz_permutexvar_pd(0xff, column, _mm512_maskz_loadu_pd(row, mixing.energy_row(mine)))};
}

GLASSPLAST_AVX512 inline PairLanes pair_lanes(const DiameterMixing& mixing, double mine,
                                              const double* particle, __m256i neighbor, __mmask8 mask) {
    const __m512d here = _mm512_set1_pd(mine);
    const __m512d other = _mm512_mask_i32gather_pd(here, mask, neighbor, particle, sizeof(double));
    const __m512d mean = _mm512_mul_pd(_mm512_set1_pd(0.5), _mm512_add_pd(here, other));
    const __m512d apart = _mm512_abs_pd(_mm512_sub_pd(here, other));
    const __m512d factor =
        _mm512_sub_pd(_mm512_set1_pd(1.0), _mm512_mul_pd(_mm512_set1_pd(mixing.nonadditivity()), apart));
    return {_mm512_mul_pd(mean, factor), _mm512_set1_pd(mixing.energy(mine, mine))};
}

/// Appends the neighbours inside their cutoff to a batch with room for all of them, and for eight more.
/// Returns how many it holds then.
template <int Dim, class Batch, class Mixing>
GLASSPLAST_AVX512 inline int gather_lanes(const Mixing& mixing, typename Mixing::Particle mine,
                                          const typename Mixing::Particle* particle, const int* neighbor,
                                          int count, const double* site, const double* here,
                                          double cutoff_squared, Batch& batch, int filled) {
    for (int k = 0; k < count; k += 8) {
        const auto mask = static_cast<__mmask8>(count - k >= 8 ? 0xffU : (1U << unsigned(count - k)) - 1U);
        const __m256i j = _mm256_maskz_loadu_epi32(mask, neighbor + k);
        const __m256i place = _mm256_mullo_epi32(j, _mm256_set1_epi32(Dim));
        __m512d separation[Dim];
        __m512d squared = _mm512_setzero_pd();
        for (int a = 0; a < Dim; ++a) {
            const __m512d there =
                _mm512_mask_i32gather_pd(_mm512_setzero_pd(), mask, place, site + a, sizeof(double));
            separation[a] = _mm512_sub_pd(there, _mm512_set1_pd(here[a]));
            squared = _mm512_add_pd(squared, _mm512_mul_pd(separation[a], separation[a]));
        }
        const PairLanes pair = pair_lanes(mixing, mine, particle, j, mask);
        const __m512d reach =
            _mm512_mul_pd(_mm512_mul_pd(_mm512_set1_pd(cutoff_squared), pair.length), pair.length);
        const __mmask8 inside = _mm512_mask_cmp_pd_mask(mask, squared, reach, _CMP_LT_OQ);
        if constexpr (Dim == 2) {
            const __m512d x = _mm512_maskz_compress_pd(inside, separation[0]);
            const __m512d y = _mm512_maskz_compress_pd(inside, separation[1]);
            const __m512i low = _mm512_set_epi64(11, 3, 10, 2, 9, 1, 8, 0);
            const __m512i high = _mm512_set_epi64(15, 7, 14, 6, 13, 5, 12, 4);
            _mm512_storeu_pd(batch.separation[filled], _mm512_permutex2var_pd(x, low, y));
            _mm512_storeu_pd(batch.separation[filled + 4], _mm512_permutex2var_pd(x, high, y));
        } else {
            alignas(64) double packed[Dim][8];
            for (int a = 0; a < Dim; ++a) {
                _mm512_store_pd(packed[a], _mm512_maskz_compress_pd(inside, separation[a]));
            }
            for (int p = 0; p < 8; ++p) {
                for (int a = 0; a < Dim; ++a) {
                    batch.separation[filled + p][a] = packed[a][p];
                }
            }
        }
        _mm512_storeu_pd(batch.squared + filled, _mm512_maskz_compress_pd(inside, squared));
        _mm512_storeu_pd(batch.length + filled, _mm512_maskz_compress_pd(inside, pair.length));
        _mm512_storeu_pd(batch.energy + filled, _mm512_maskz_compress_pd(inside, pair.energy));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(batch.neighbor + filled),
                            _mm256_maskz_compress_epi32(inside, j));
        filled += __builtin_popcount(inside);
    }
    return filled;
}

}  // namespace glassplast::kernel

#endif
