#pragma once

#include <glassplast/avx512.hpp>
#include <glassplast/geometry/close_pairs.hpp>
#include <glassplast/models/gather_avx512.hpp>
#include <glassplast/models/mixing.hpp>

#if defined(__x86_64__)

#include <immintrin.h>
#include <cstdint>

/// The work of `close_kernel`, eight pairs at a time: the same operations in the same order.
namespace glassplast::kernel {

// Finds which of eight pairs of a row are close, and keeps those.
class SpeciesChoice {
public:
    GLASSPLAST_AVX512 SpeciesChoice(const SpeciesMixing& mixing, double cutoff, double margin)
        : reach_(squares(whole_table(mixing, mixing.length_row(0)), cutoff, margin)) {}

    GLASSPLAST_AVX512 __m512d reach(const int* /*particle*/, std::size_t /*site*/, const int* /*neighbor*/,
                                    const std::uint8_t* kind) {
        return reach_.of(kind);
    }

    GLASSPLAST_AVX512 void keep(ClosePairs& pairs, std::size_t kept, __mmask8 close) const {
        const __m256i kind = _mm256_maskz_compress_epi32(close, reach_.kind());
        _mm_storel_epi64(reinterpret_cast<__m128i*>(pairs.kind.data() + kept),
                         _mm256_maskz_cvtepi32_epi8(0xff, kind));
    }

private:
    static GLASSPLAST_AVX512 __m512d squares(const __m512d& length, double cutoff, double margin) {
        const __m512d reach =
            _mm512_add_pd(_mm512_mul_pd(_mm512_set1_pd(cutoff), length), _mm512_set1_pd(margin));
        return _mm512_mul_pd(reach, reach);
    }

    SpeciesReach reach_;
};

class DiameterChoice {
public:
    GLASSPLAST_AVX512 DiameterChoice(const DiameterMixing& mixing, double cutoff, double margin)
        : length_(mixing), cutoff_(_mm512_set1_pd(cutoff)), margin_(_mm512_set1_pd(margin)) {}

    GLASSPLAST_AVX512 __m512d reach(const double* particle, std::size_t site, const int* neighbor,
                                    const std::uint8_t* /*kind*/) {
        length_.begin(particle[site]);
        const __m512d reach = _mm512_add_pd(_mm512_mul_pd(cutoff_, length_.of(particle, neighbor)), margin_);
        return _mm512_mul_pd(reach, reach);
    }

    GLASSPLAST_AVX512 void keep(ClosePairs& pairs, std::size_t kept, __mmask8 close) const {
        _mm512_storeu_pd(pairs.length.data() + kept, _mm512_maskz_compress_pd(close, length_.last()));
    }

private:
    DiameterLengths length_;
    __m512d cutoff_;
    __m512d margin_;
};

GLASSPLAST_AVX512 inline SpeciesChoice choice_of(const SpeciesMixing& mixing, double cutoff, double margin) {
    return {mixing, cutoff, margin};
}
GLASSPLAST_AVX512 inline DiameterChoice choice_of(const DiameterMixing& mixing, double cutoff,
                                                  double margin) {
    return {mixing, cutoff, margin};
}

/// Appends the pairs of a particle's site that are closer than their cutoff plus the margin; there must be
/// room for all of them and for eight more. Returns how many there are then.
template <int Dim, class Choice, class Particle>
GLASSPLAST_AVX512 inline std::size_t choose_lanes(Choice& choice, const Particle* particle, std::size_t own,
                                                  const int* neighbor, const std::uint8_t* kind, int count,
                                                  const double* site, ClosePairs& pairs, std::size_t kept) {
    const double* const here = site + Dim * own;
    const __m256i first = _mm256_set1_epi32(static_cast<int>(own));
    for (int k = 0; k < count; k += 8) {
        const auto mask = static_cast<__mmask8>(count - k >= 8 ? 0xffU : (1U << unsigned(count - k)) - 1U);
        __m512d separation[Dim];
        const __m512d squared = eight_separations<Dim>(site, neighbor + k, here, separation);
        const __m512d reach = choice.reach(particle, own, neighbor + k, kind + k);
        const __mmask8 close = _mm512_mask_cmp_pd_mask(mask, squared, reach, _CMP_LT_OQ);
        const __m256i second = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(neighbor + k));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(pairs.first.data() + kept), first);
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(pairs.second.data() + kept),
                            _mm256_maskz_compress_epi32(close, second));
        choice.keep(pairs, kept, close);
        kept += static_cast<std::size_t>(__builtin_popcount(close));
    }
    return kept;
}

// Lengths and energies of eight close pairs.
template <class Block>
GLASSPLAST_AVX512 inline void lengths_of_eight(const SpeciesMixing& mixing, const ClosePairs& pairs,
                                               std::size_t pair, Block& block, int k) {
    const __m128i eight = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(pairs.kind.data() + pair));
    store_lengths(mixing, _mm512_maskz_cvtepu8_epi64(0xff, eight), block, k);
}

template <class Block>
GLASSPLAST_AVX512 inline void lengths_of_eight(const DiameterMixing& mixing, const ClosePairs& pairs,
                                               std::size_t pair, Block& block, int k) {
    _mm512_store_pd(block.length + k, _mm512_loadu_pd(pairs.length.data() + pair));
    _mm512_store_pd(block.energy + k, _mm512_set1_pd(mixing.energy(0.0, 0.0)));
}

/// The work of `measure_close`, eight pairs at a time.
template <int Dim, class Block, class Mixing>
GLASSPLAST_AVX512 inline void measure_lanes(const Mixing& mixing, const ClosePairs& pairs, int begin,
                                            int count, const double* site, Block& block) {
    for (int k = 0; k < count; k += 8) {
        const std::size_t pair = static_cast<std::size_t>(begin) + static_cast<std::size_t>(k);
        __m512d separation[Dim];
        __m512d here[Dim];
        eight_sites<Dim>(site, pairs.second.data() + pair, separation);
        eight_sites<Dim>(site, pairs.first.data() + pair, here);
        __m512d squared = _mm512_setzero_pd();
        for (int a = 0; a < Dim; ++a) {
            separation[a] = _mm512_sub_pd(separation[a], here[a]);
            squared = _mm512_add_pd(squared, _mm512_mul_pd(separation[a], separation[a]));
        }
        _mm512_store_pd(block.squared + k, squared);
        store_interleaved<Dim>(block.separation + k, separation);
        lengths_of_eight(mixing, pairs, pair, block, k);
    }
}

}  // namespace glassplast::kernel

#endif
