#pragma once

#include <glassplast/avx512.hpp>
#include <glassplast/models/mixing.hpp>

#if defined(__x86_64__)

#include <immintrin.h>
#include <cstdint>

/// The gathering half of the loop over pairs, eight neighbours at a time: AVX-512 can drop those outside the
/// cutoff from a register, which no compiler makes of a loop. The operations and their order are those of the
/// plain loop, so that forces have the same bits.
namespace glassplast::kernel {

/// Neighbours are kept in the low bits of a word whose high bits say which pair of species it is.
constexpr unsigned neighbor_bits = 28;

/// Whether eight pairs at a time can be handled here: the processor must have AVX-512, the table over pairs
/// of species must fit into a register, and the number of every site into the low bits.
inline bool lanes_serve(const SpeciesMixing& mixing, std::size_t sites) {
    return avx512_available() && mixing.species_count() <= 2 && sites < (std::size_t{1} << neighbor_bits);
}
inline bool lanes_serve(const DiameterMixing& /*mixing*/, std::size_t sites) {
    return avx512_available() && sites < (std::size_t{1} << neighbor_bits);
}

// Eight values by plain loads: the gathers of many processors are slower.
GLASSPLAST_AVX512 inline __m512d eight_of(const double* values, const int* index) {
    return _mm512_setr_pd(values[index[0]], values[index[1]], values[index[2]], values[index[3]],
                          values[index[4]], values[index[5]], values[index[6]], values[index[7]]);
}

// Coordinates of eight sites, axis by axis.
template <int Dim>
GLASSPLAST_AVX512 inline void eight_sites(const double* site, const int* index, __m512d* there) {
    if constexpr (Dim == 2) {
        const auto at = [&](int k) __attribute__((always_inline, target(GLASSPLAST_AVX512_FEATURES))) {
            return _mm_loadu_pd(site + std::ptrdiff_t{2} * index[k]);
        };
        __m512d even = _mm512_castpd128_pd512(at(0));
        even = _mm512_insertf64x2(even, at(2), 1);
        even = _mm512_insertf64x2(even, at(4), 2);
        even = _mm512_insertf64x2(even, at(6), 3);
        __m512d odd = _mm512_castpd128_pd512(at(1));
        odd = _mm512_insertf64x2(odd, at(3), 1);
        odd = _mm512_insertf64x2(odd, at(5), 2);
        odd = _mm512_insertf64x2(odd, at(7), 3);
        there[0] = _mm512_maskz_unpacklo_pd(0xff, even, odd);
        there[1] = _mm512_maskz_unpackhi_pd(0xff, even, odd);
    } else {
        int place[8];
        for (int k = 0; k < 8; ++k) {
            place[k] = Dim * index[k];
        }
        for (int a = 0; a < Dim; ++a) {
            there[a] = eight_of(site + a, place);
        }
    }
}

// The separations from one site to eight others, axis by axis; returns their squares.
template <int Dim>
GLASSPLAST_AVX512 inline __m512d eight_separations(const double* site, const int* index, const double* here,
                                                   __m512d* separation) {
    eight_sites<Dim>(site, index, separation);
    __m512d squared = _mm512_setzero_pd();
    for (int a = 0; a < Dim; ++a) {
        separation[a] = _mm512_sub_pd(separation[a], _mm512_set1_pd(here[a]));
        squared = _mm512_add_pd(squared, _mm512_mul_pd(separation[a], separation[a]));
    }
    return squared;
}

// A table over pairs of species, held in a register.
GLASSPLAST_AVX512 inline __m512d whole_table(const SpeciesMixing& mixing, const double* values) {
    const int pairs = mixing.species_count() * mixing.species_count();
    return _mm512_maskz_loadu_pd(static_cast<__mmask8>((1U << static_cast<unsigned>(pairs)) - 1U), values);
}

// Lengths and energies of eight pairs of known kinds.
template <class Batch>
GLASSPLAST_AVX512 inline void store_lengths(const SpeciesMixing& mixing, const __m512i& kind, Batch& batch,
                                            int k) {
    const __m512d lengths = whole_table(mixing, mixing.length_row(0));
    const __m512d energies = whole_table(mixing, mixing.energy_row(0));
    _mm512_storeu_pd(batch.length + k, _mm512_maskz_permutexvar_pd(0xff, kind, lengths));
    _mm512_storeu_pd(batch.energy + k, _mm512_maskz_permutexvar_pd(0xff, kind, energies));
}

// The kinds of eight pairs, and how far they reach.
class SpeciesReach {
public:
    /// `squared`: of each entry of the table.
    explicit GLASSPLAST_AVX512 SpeciesReach(const __m512d& squared) : squared_(squared) {}

    GLASSPLAST_AVX512 __m512d of(const std::uint8_t* kind) {
        const __m128i eight = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(kind));
        kind_ = _mm256_cvtepu8_epi32(eight);
        return _mm512_maskz_permutexvar_pd(0xff, _mm512_maskz_cvtepu8_epi64(0xff, eight), squared_);
    }
    GLASSPLAST_AVX512 __m256i kind() const { return kind_; }

private:
    __m256i kind_ = _mm256_setzero_si256();
    __m512d squared_;
};

// The lengths of eight pairs of one particle.
class DiameterLengths {
public:
    explicit GLASSPLAST_AVX512 DiameterLengths(const DiameterMixing& mixing)
        : nonadditivity_(_mm512_set1_pd(mixing.nonadditivity())) {}

    GLASSPLAST_AVX512 void begin(double mine) { here_ = _mm512_set1_pd(mine); }

    GLASSPLAST_AVX512 __m512d of(const double* particle, const int* neighbor) {
        const __m512d other = eight_of(particle, neighbor);
        const __m512d mean = _mm512_mul_pd(_mm512_set1_pd(0.5), _mm512_add_pd(here_, other));
        const __m512d apart = _mm512_abs_pd(_mm512_sub_pd(here_, other));
        const __m512d factor = _mm512_sub_pd(_mm512_set1_pd(1.0), _mm512_mul_pd(nonadditivity_, apart));
        last_ = _mm512_mul_pd(mean, factor);
        return last_;
    }
    GLASSPLAST_AVX512 __m512d last() const { return last_; }

private:
    __m512d here_ = _mm512_setzero_pd();
    __m512d nonadditivity_;
    __m512d last_ = _mm512_setzero_pd();
};

// The cutoffs of the pairs of one particle with eight others, and what is kept of the pairs inside their
// cutoff: the kind, in the high bits of a neighbour, and for diameters the length.
class SpeciesLanes {
public:
    GLASSPLAST_AVX512 SpeciesLanes(const SpeciesMixing& mixing, double cutoff_squared)
        : reach_(squares(whole_table(mixing, mixing.length_row(0)), cutoff_squared)) {}

    GLASSPLAST_AVX512 void begin(int /*mine*/) {}

    GLASSPLAST_AVX512 __m512d reach(const int* /*particle*/, const int* /*neighbor*/,
                                    const std::uint8_t* kind, int k) {
        return reach_.of(kind + k);
    }

    template <class Batch>
    GLASSPLAST_AVX512 void keep(Batch& batch, int filled, __mmask8 inside, __m256i neighbor) const {
        const __m256i word =
            _mm256_or_si256(neighbor, _mm256_slli_epi32(reach_.kind(), static_cast<int>(neighbor_bits)));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(batch.neighbor + filled),
                            _mm256_maskz_compress_epi32(inside, word));
    }

private:
    static GLASSPLAST_AVX512 __m512d squares(const __m512d& length, double cutoff_squared) {
        return _mm512_mul_pd(_mm512_mul_pd(_mm512_set1_pd(cutoff_squared), length), length);
    }

    SpeciesReach reach_;
};

class DiameterLanes {
public:
    GLASSPLAST_AVX512 DiameterLanes(const DiameterMixing& mixing, double cutoff_squared)
        : length_(mixing), cutoff_squared_(_mm512_set1_pd(cutoff_squared)) {}

    GLASSPLAST_AVX512 void begin(double mine) { length_.begin(mine); }

    GLASSPLAST_AVX512 __m512d reach(const double* particle, const int* neighbor, const std::uint8_t* /*kind*/,
                                    int /*k*/) {
        const __m512d length = length_.of(particle, neighbor);
        return _mm512_mul_pd(_mm512_mul_pd(cutoff_squared_, length), length);
    }

    template <class Batch>
    GLASSPLAST_AVX512 void keep(Batch& batch, int filled, __mmask8 inside, __m256i neighbor) const {
        _mm512_storeu_pd(batch.length + filled, _mm512_maskz_compress_pd(inside, length_.last()));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(batch.neighbor + filled),
                            _mm256_maskz_compress_epi32(inside, neighbor));
    }

private:
    DiameterLengths length_;
    __m512d cutoff_squared_;
};

GLASSPLAST_AVX512 inline SpeciesLanes lanes_of(const SpeciesMixing& mixing, double cutoff_squared) {
    return {mixing, cutoff_squared};
}
GLASSPLAST_AVX512 inline DiameterLanes lanes_of(const DiameterMixing& mixing, double cutoff_squared) {
    return {mixing, cutoff_squared};
}

/// Appends the neighbours inside their cutoff to a batch, which must have room for all of them and for eight
/// more; eight may be read where the last begins. Returns how many the batch holds then. Only `axis` and what
/// the lanes keep are filled; `expand_lanes` fills the rest.
template <int Dim, class Batch, class Lanes, class Particle>
GLASSPLAST_AVX512 inline int gather_lanes(Lanes& lanes, const Particle* particle, const int* neighbor,
                                          const std::uint8_t* kind, int count, const double* site,
                                          const double* here, Batch& batch, int filled) {
    for (int k = 0; k < count; k += 8) {
        const auto mask = static_cast<__mmask8>(count - k >= 8 ? 0xffU : (1U << unsigned(count - k)) - 1U);
        const __m256i j = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(neighbor + k));
        __m512d separation[Dim];
        const __m512d squared = eight_separations<Dim>(site, neighbor + k, here, separation);
        const __m512d reach = lanes.reach(particle, neighbor + k, kind, k);
        const __mmask8 inside = _mm512_mask_cmp_pd_mask(mask, squared, reach, _CMP_LT_OQ);
        for (int a = 0; a < Dim; ++a) {
            _mm512_storeu_pd(batch.axis[a] + filled, _mm512_maskz_compress_pd(inside, separation[a]));
        }
        lanes.keep(batch, filled, inside, j);
        filled += __builtin_popcount(inside);
    }
    return filled;
}

// Lengths and energies of eight pairs from the high bits of their words, which are removed.
template <class Batch>
GLASSPLAST_AVX512 inline void expand_pairs(const SpeciesMixing& mixing, Batch& batch, int k) {
    auto* const place = reinterpret_cast<__m256i*>(batch.neighbor + k);
    const __m256i word = _mm256_loadu_si256(place);
    _mm256_storeu_si256(
        place, _mm256_and_si256(word, _mm256_set1_epi32(static_cast<int>((1U << neighbor_bits) - 1U))));
    store_lengths(mixing,
                  _mm512_maskz_cvtepi32_epi64(0xff, _mm256_srli_epi32(word, static_cast<int>(neighbor_bits))),
                  batch, k);
}

template <class Batch>
GLASSPLAST_AVX512 inline void expand_pairs(const DiameterMixing& mixing, Batch& batch, int k) {
    _mm512_storeu_pd(batch.energy + k, _mm512_set1_pd(mixing.energy(0.0, 0.0)));
}

// Eight separations, pair by pair.
template <int Dim>
GLASSPLAST_AVX512 inline void store_interleaved(double (*to)[Dim], const __m512d* separation) {
    if constexpr (Dim == 2) {
        const __m512i low = _mm512_set_epi64(11, 3, 10, 2, 9, 1, 8, 0);
        const __m512i high = _mm512_set_epi64(15, 7, 14, 6, 13, 5, 12, 4);
        _mm512_storeu_pd(to[0], _mm512_permutex2var_pd(separation[0], low, separation[1]));
        _mm512_storeu_pd(to[4], _mm512_permutex2var_pd(separation[0], high, separation[1]));
    } else {
        alignas(64) double axis[Dim][8];
        for (int a = 0; a < Dim; ++a) {
            _mm512_store_pd(axis[a], separation[a]);
        }
        for (int p = 0; p < 8; ++p) {
            for (int a = 0; a < Dim; ++a) {
                to[p][a] = axis[a][p];
            }
        }
    }
}

/// Separations, their squares, lengths and energies of a gathered batch.
template <int Dim, class Batch, class Mixing>
GLASSPLAST_AVX512 inline void expand_lanes(const Mixing& mixing, Batch& batch, int count) {
    for (int k = 0; k < count; k += 8) {
        __m512d separation[Dim];
        __m512d squared = _mm512_setzero_pd();
        for (int a = 0; a < Dim; ++a) {
            separation[a] = _mm512_loadu_pd(batch.axis[a] + k);
            squared = _mm512_add_pd(squared, _mm512_mul_pd(separation[a], separation[a]));
        }
        _mm512_storeu_pd(batch.squared + k, squared);
        store_interleaved<Dim>(batch.separation + k, separation);
        expand_pairs(mixing, batch, k);
    }
}

}  // namespace glassplast::kernel

#endif
