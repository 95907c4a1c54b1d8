#include <glassplast/avx512.hpp>
#include <glassplast/geometry/verlet_list.hpp>

#include <Eigen/Eigenvalues>
#include <Eigen/LU>

#include <algorithm>
#include <cmath>
#include <limits>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace glassplast {

namespace {

// Written without branches: half of the candidates are too far, and a processor cannot predict which.
template <int Dim>
std::size_t within_portable(const double* place, int first, int last, const Vector<Dim>& here,
                            double farthest, int* near, double* squared) {
    std::size_t found = 0;
    for (int j = first; j < last; ++j) {
        double apart = 0.0;
        for (int a = 0; a < Dim; ++a) {
            const double along = place[static_cast<std::ptrdiff_t>(Dim) * j + a] - here[a];
            apart += along * along;
        }
        near[found] = j;
        squared[found] = apart;
        found += apart < farthest ? 1 : 0;
    }
    return found;
}

#if defined(__x86_64__)
// Eight sites of the plane at a time, with the same distances to the last bit.
GLASSPLAST_AVX512 std::size_t within_avx512(const double* place, int first, int last, const Vector<2>& here,
                                            double farthest, int* near, double* squared) {
    const __m512i even = _mm512_set_epi64(14, 12, 10, 8, 6, 4, 2, 0);
    const __m512i odd = _mm512_set_epi64(15, 13, 11, 9, 7, 5, 3, 1);
    const __m512d x = _mm512_set1_pd(here(0));
    const __m512d y = _mm512_set1_pd(here(1));
    const __m512d limit = _mm512_set1_pd(farthest);
    __m256i site = _mm256_add_epi32(_mm256_set1_epi32(first), _mm256_set_epi32(7, 6, 5, 4, 3, 2, 1, 0));
    std::size_t found = 0;
    for (int j = first; j < last; j += 8) {
        const auto rest = static_cast<unsigned>(std::min(last - j, 8));
        const auto both = (1U << (2U * rest)) - 1U;
        const double* const from = place + std::ptrdiff_t{2} * j;
        const __m512d low = _mm512_maskz_loadu_pd(static_cast<__mmask8>(both & 0xffU), from);
        const __m512d high = _mm512_maskz_loadu_pd(static_cast<__mmask8>(both >> 8U), from + 8);
        const __m512d along_x = _mm512_sub_pd(_mm512_permutex2var_pd(low, even, high), x);
        const __m512d along_y = _mm512_sub_pd(_mm512_permutex2var_pd(low, odd, high), y);
        const __m512d apart = _mm512_add_pd(_mm512_mul_pd(along_x, along_x), _mm512_mul_pd(along_y, along_y));
        const auto inside =
            _mm512_mask_cmp_pd_mask(static_cast<__mmask8>((1U << rest) - 1U), apart, limit, _CMP_LT_OQ);
        _mm512_storeu_pd(squared + found, _mm512_maskz_compress_pd(inside, apart));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(near + found),
                            _mm256_maskz_compress_epi32(inside, site));
        found += static_cast<std::size_t>(__builtin_popcount(inside));
        site = _mm256_add_epi32(site, _mm256_set1_epi32(8));
    }
    return found;
}
#endif

/// The sum of the two largest distances between positions and where they were; a NaN counts as infinitely
/// far.
template <int Dim, class Before>
double two_largest_moves(const Positions<Dim>& positions, const Before& before) {
    double largest = 0.0;
    double second = 0.0;
    double sum = 0.0;
    for (Eigen::Index i = 0; i < positions.cols(); ++i) {
        const double moved = (positions.col(i) - before.col(i)).squaredNorm();
        second = std::max(second, std::min(largest, moved));
        largest = std::max(largest, moved);
        sum += moved;
    }
    return std::isfinite(sum) ? std::sqrt(largest) + std::sqrt(second)
                              : std::numeric_limits<double>::infinity();
}

}  // namespace

template <int Dim>
std::size_t sites_within(const double* place, int first, int last, const Vector<Dim>& here, double farthest,
                         int* near, double* squared) {
#if defined(__x86_64__)
    if constexpr (Dim == 2) {
        static const bool avx512 = avx512_available();
        if (avx512) {
            return within_avx512(place, first, last, here, farthest, near, squared);
        }
    }
#endif
    return within_portable<Dim>(place, first, last, here, farthest, near, squared);
}

template <int Dim>
double VerletList<Dim>::slack(const Box<Dim>& box, const Positions<Dim>& positions, double range) const {
    constexpr double none = -1.0;
    if (range != range_ || positions.cols() != reference_.cols() || box.reduction() != reduction_) {
        return none;
    }
    if (box.cell() == cell_) {
        return capped_skin_ - two_largest_moves<Dim>(positions, reference_);
    }
    const Matrix<Dim> deformation = box.cell() * cell_inverse_;
    const Matrix<Dim> squared = deformation.transpose() * deformation;
    const double stretch = std::sqrt(
        Eigen::SelfAdjointEigenSolver<Matrix<Dim>>(squared, Eigen::EigenvaluesOnly).eigenvalues().minCoeff());
    const double slack = stretch * (range + capped_skin_) - range;
    if (!(slack > 0.0)) {
        return none;
    }
    return slack - two_largest_moves<Dim>(positions, deformation.lazyProduct(reference_));
}

template <int Dim>
bool VerletList<Dim>::close_pairs_cover(const Box<Dim>& box, const Positions<Dim>& positions,
                                        double range) const {
    return close_.current && range == range_ && positions.cols() == close_reference_.cols() &&
           box.reduction() == reduction_ && box.cell() == cell_ &&
           two_largest_moves<Dim>(positions, close_reference_) < close_.margin;
}

template <int Dim>
double VerletList<Dim>::begin(const Box<Dim>& box, const Positions<Dim>& positions, double range) {
    box.require_range(range);
    capped_skin_ = std::max(0.0, std::min(skin_, 0.5 * box.smallest_width() - range));
    range_ = -1.0;
    close_.current = false;
    cell_ = box.cell();
    cell_inverse_ = cell_.inverse();
    reduction_ = box.reduction();
    reference_ = positions;
    cells_ = ImageCells<Dim>(box, positions, range + capped_skin_);
    cells_.place(box, positions, sites_);
    start_.assign(1, 0);
    neighbor_.clear();
    kind_.clear();
    return capped_skin_;
}

template std::size_t sites_within<2>(const double*, int, int, const Vector<2>&, double, int*, double*);
template std::size_t sites_within<3>(const double*, int, int, const Vector<3>&, double, int*, double*);
template class VerletList<2>;
template class VerletList<3>;

}  // namespace glassplast
