#pragma once

#include <cstddef>

namespace glassplast {

/// The dense arithmetic of a supernodal factorization L S L^T, S = diag(+-1), on column-major arrays.
///
/// One source is compiled for plain x86-64 (or aarch64), AVX2 and AVX-512; they differ in round-off only.
/// Row counts are rounded up to whole vectors: every array has `row_slack` more rows than it uses, which
/// hold finite numbers.
struct DenseKernels {
    /// C[r, c] -= sum over k < depth of A[r, k] sign[k] B[c, k], rows of C below its diagonal and some above.
    /// Rows [first, last) of C only; row r of C is row r of A. `scratch` holds (columns + 8) * depth numbers.
    void (*subtract_product)(double* c, std::ptrdiff_t c_stride, const double* a, std::ptrdiff_t a_stride,
                             const double* b, const double* sign, int columns, int depth, int first, int last,
                             double* scratch);
    /// Factorizes the leading `columns` columns of a panel of `rows` rows in place (its strict upper triangle
    /// is overwritten) and writes pivots and signs. `scratch` as above, for columns x 64.
    void (*factorize_panel)(double* panel, std::ptrdiff_t stride, int rows, int columns, double* pivot,
                            double* sign, double* scratch);
    /// z = L11^-1 y on the first `columns` entries of y, and y -= L21 z on the others. `width` right-hand
    /// sides lie beside each other.
    void (*forward)(const double* panel, std::ptrdiff_t stride, int rows, int columns, double* y, int width);
    /// y = L11^-T (y - L21^T y') with y' the entries beyond the first `columns`.
    void (*backward)(const double* panel, std::ptrdiff_t stride, int rows, int columns, double* y, int width);
    const char* name;
};

/// The fastest ones that this processor runs.
const DenseKernels& dense_kernels();

/// Rows that every array has beyond those that it uses.
constexpr int row_slack = 7;
/// Right-hand sides that are solved together: `width` of the kernels is 1 or this.
constexpr int solve_width = 8;

/// The row stride of an array that is used up to `rows`.
constexpr std::ptrdiff_t row_stride(std::ptrdiff_t rows) {
    return (rows + row_slack + 7) / 8 * 8;
}

namespace kernels {
extern const DenseKernels portable;
#if defined(__x86_64__)
extern const DenseKernels avx2;
extern const DenseKernels avx512;
#endif
}  // namespace kernels

}  // namespace glassplast
