#pragma once

#include <glassplast/geometry/verlet_list.hpp>
#include <glassplast/models/close_avx512.hpp>
#include <glassplast/models/coordinates.hpp>
#include <glassplast/models/pair_kernel.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

/// Forces alone, from the close pairs of a list. Nearly all of them are inside their cutoff, so that all are
/// evaluated, in blocks that do not know of particles; those outside contribute nothing.
namespace glassplast::kernel {

/// A block of close pairs with all that is computed for them; it fits into the first-level cache.
template <int Dim>
struct alignas(64) CloseBlock {
    static constexpr int capacity = 256;

    double separation[capacity][Dim];
    double squared[capacity];
    double length[capacity];
    double energy[capacity];
    double tension[capacity];
};

/// Separations, lengths and energies of `count` pairs from pair `begin`.
template <int Dim, class Mixing>
GLASSPLAST_INLINE void measure_close(const Mixing& mixing, const ClosePairs& pairs, int begin, int count,
                                     const double* site, CloseBlock<Dim>& block) {
    const int* const first = pairs.first.data() + begin;
    const int* const second = pairs.second.data() + begin;
    // One of these two is given.
    const std::uint8_t* const kind = pairs.kind.data() + (Mixing::has_kinds ? begin : 0);
    const double* const length = pairs.length.data() + (Mixing::has_kinds ? 0 : begin);
    for (int k = 0; k < count; ++k) {
        const Coordinates<Dim> separation =
            Coordinates<Dim>::load(site + static_cast<std::ptrdiff_t>(Dim) * second[k]) -
            Coordinates<Dim>::load(site + static_cast<std::ptrdiff_t>(Dim) * first[k]);
        separation.store(block.separation[k]);
        block.squared[k] = separation.squared();
        if constexpr (Mixing::has_kinds) {
            block.length[k] = mixing.length_of(kind[k]);
            block.energy[k] = mixing.energy_of(kind[k]);
        } else {
            block.length[k] = length[k];
            block.energy[k] = mixing.energy(0.0, 0.0);
        }
    }
}

template <class Shape>
GLASSPLAST_INLINE double tension_inside(const Shape& shape, double squared, double length, double energy) {
    const double cutoff = shape.cutoff();
    const double tension = pair_value(shape, squared, length, energy).tension;
    return squared < cutoff * cutoff * length * length ? tension : 0.0;
}

template <int Dim, bool Lanes, class Shape, class Mixing>
GLASSPLAST_INLINE void close_forces(const Shape& shape, const Mixing& mixing, const ClosePairs& pairs,
                                    const double* site, double* force) {
    const int* const start = pairs.start.data();
    const int* const second = pairs.second.data();
    const int rows = static_cast<int>(pairs.start.size()) - 1;
    const int all = start[rows];
    CloseBlock<Dim> block;
    Coordinates<Dim> total = Coordinates<Dim>::zero();
    int row = 0;
    for (int begin = 0; begin < all; begin += CloseBlock<Dim>::capacity) {
        const int stop = std::min(begin + CloseBlock<Dim>::capacity, all);
        const int count = stop - begin;
#if defined(__x86_64__)
        if constexpr (Lanes) {
            measure_lanes<Dim>(mixing, pairs, begin, count, site, block);
        } else
#endif
        {
            measure_close<Dim>(mixing, pairs, begin, count, site, block);
        }
#pragma omp simd
        for (int k = 0; k < count; ++k) {
            block.tension[k] = tension_inside(shape, block.squared[k], block.length[k], block.energy[k]);
        }
        int k = begin;
        while (row < rows) {
            const int end = std::min(start[row + 1], stop);
            for (; k < end; ++k) {
                const Coordinates<Dim> pull =
                    Coordinates<Dim>::load(block.separation[k - begin]) * block.tension[k - begin];
                total += pull;
                double* other = force + static_cast<std::ptrdiff_t>(Dim) * second[k];
                (Coordinates<Dim>::load(other) - pull).store(other);
            }
            if (start[row + 1] > stop) {
                break;
            }
            double* mine = force + static_cast<std::ptrdiff_t>(Dim) * row;
            total += Coordinates<Dim>::load(mine);
            total.store(mine);
            total = Coordinates<Dim>::zero();
            ++row;
        }
    }
}

template <int Dim, class Shape, class Mixing>
void close_forces_portable(const Shape& shape, const Mixing& mixing, const ClosePairs& pairs,
                           const double* site, double* force) {
    close_forces<Dim, false>(shape, mixing, pairs, site, force);
}

#if defined(__x86_64__)
template <int Dim, class Shape, class Mixing>
__attribute__((target("avx2"))) void close_forces_avx2(const Shape& shape, const Mixing& mixing,
                                                       const ClosePairs& pairs, const double* site,
                                                       double* force) {
    close_forces<Dim, false>(shape, mixing, pairs, site, force);
}

template <int Dim, class Shape, class Mixing>
GLASSPLAST_AVX512 void close_forces_avx512(const Shape& shape, const Mixing& mixing, const ClosePairs& pairs,
                                           const double* site, double* force) {
    close_forces<Dim, true>(shape, mixing, pairs, site, force);
}
#endif

// Appends the close pairs of the site of one particle; returns how many there are then.
template <int Dim, class Mixing>
GLASSPLAST_INLINE std::size_t choose_row(const Mixing& mixing, double cutoff,
                                         const typename Mixing::Particle* particle,
                                         const VerletList<Dim>& list, std::size_t own, ClosePairs& pairs,
                                         std::size_t kept) {
    const double* const site = list.sites().data();
    const Coordinates<Dim> here = Coordinates<Dim>::load(site + Dim * own);
    const auto end = static_cast<std::size_t>(list.start()[own + 1]);
    for (auto k = static_cast<std::size_t>(list.start()[own]); k < end; ++k) {
        const int j = list.neighbor()[k];
        const double squared =
            (Coordinates<Dim>::load(site + static_cast<std::ptrdiff_t>(Dim) * j) - here).squared();
        double length = 0.0;
        if constexpr (Mixing::has_kinds) {
            pairs.kind[kept] = list.kind()[k];
            length = mixing.length_of(list.kind()[k]);
        } else {
            length = mixing.length(particle[own], particle[j]);
            pairs.length[kept] = length;
        }
        pairs.first[kept] = static_cast<int>(own);
        pairs.second[kept] = j;
        const double reach = cutoff * length + pairs.margin;
        // Written without a branch: a processor cannot predict which pairs stay.
        kept += squared < reach * reach ? 1 : 0;
    }
    return kept;
}

template <int Dim, bool Lanes, class Mixing>
GLASSPLAST_INLINE std::size_t choose_rows(const Mixing& mixing, double cutoff,
                                          const typename Mixing::Particle* particle,
                                          const VerletList<Dim>& list, ClosePairs& pairs) {
    std::size_t kept = 0;
#if defined(__x86_64__)
    if constexpr (Lanes) {
        auto choice = choice_of(mixing, cutoff, pairs.margin);
        const int* const start = list.start().data();
        for (std::size_t i = 0; i < list.size(); ++i) {
            kept = choose_lanes<Dim>(choice, particle, i, list.neighbor().data() + start[i],
                                     Mixing::has_kinds ? list.kind().data() + start[i] : nullptr,
                                     start[i + 1] - start[i], list.sites().data(), pairs, kept);
            pairs.start[i + 1] = static_cast<int>(kept);
        }
        return kept;
    }
#endif
    for (std::size_t i = 0; i < list.size(); ++i) {
        kept = choose_row<Dim>(mixing, cutoff, particle, list, i, pairs, kept);
        pairs.start[i + 1] = static_cast<int>(kept);
    }
    return kept;
}

#if defined(__x86_64__)
template <int Dim, class Mixing>
GLASSPLAST_AVX512 std::size_t choose_rows_avx512(const Mixing& mixing, double cutoff,
                                                 const typename Mixing::Particle* particle,
                                                 const VerletList<Dim>& list, ClosePairs& pairs) {
    return choose_rows<Dim, true>(mixing, cutoff, particle, list, pairs);
}
#endif

/// Chooses the pairs of a list that are closer than their cutoff plus the margin. `particle` holds the
/// particle of each site; for models of a few species it is not read.
template <int Dim, class Mixing>
void choose_close(const Mixing& mixing, double cutoff, const typename Mixing::Particle* particle,
                  const VerletList<Dim>& list, ClosePairs& pairs) {
    const std::size_t most = list.neighbor().size() + ClosePairs::padding;
    pairs.first.resize(most);
    pairs.second.resize(most);
    pairs.kind.resize(Mixing::has_kinds ? most : 0);
    pairs.length.resize(Mixing::has_kinds ? 0 : most);
    pairs.start.assign(list.size() + 1, 0);
    std::size_t kept = 0;
#if defined(__x86_64__)
    if (lanes_serve(mixing, list.cells().sites())) {
        kept = choose_rows_avx512<Dim>(mixing, cutoff, particle, list, pairs);
    } else
#endif
    {
        kept = choose_rows<Dim, false>(mixing, cutoff, particle, list, pairs);
    }
    std::fill_n(pairs.first.data() + kept, ClosePairs::padding, 0);
    std::fill_n(pairs.second.data() + kept, ClosePairs::padding, 0);
    pairs.current = true;
}

}  // namespace glassplast::kernel
