#pragma once

#include <cstddef>

namespace glassplast {

/// Rows (and columns) `from` ... of an update that are added to rows `to` ... of another array.
struct Run {
    int from;
    int to;
    int length;
};

/// The dense arithmetic of a supernodal factorization L S L^T, S = diag(+-1), on column-major arrays.
///
/// One source is compiled for plain x86-64 (or aarch64), AVX2 and AVX-512; they differ in round-off only.
/// Row counts are rounded up to whole vectors: every array has `row_slack` more rows than it uses, which
/// may hold anything.
struct DenseKernels {
    /// C[r, c] -= sum over k < depth of A[r, k] sign[k] B[c, k], for rows of C below its diagonal and some
    /// above. If C is `fresh`, its old values count as zero. Rows [first, last) of C only, `first` a multiple
    /// of `tile_multiple`; row r of C is row r of A. `scratch` holds product_scratch(columns, depth) numbers.
    void (*subtract_product)(double* c, std::ptrdiff_t c_stride, const double* a, std::ptrdiff_t a_stride,
                             const double* b, const double* sign, int columns, int depth, int first, int last,
                             bool fresh, double* scratch);
    /// Adds to `goal` the columns of runs [begin, end) of `source`, of each the rows from its diagonal on, up
    /// to the last of `count` runs. Both indices of the goal are less by `shift`.
    void (*extend_add)(double* goal, std::ptrdiff_t goal_stride, int shift, const double* source,
                       std::ptrdiff_t stride, const Run* runs, int begin, int end, int count);
    /// Factorizes the leading `columns` columns of a panel of `rows` rows in place (its strict upper triangle
    /// is overwritten) and writes pivots and signs. `scratch` as above, for a depth of 64.
    void (*factorize_panel)(double* panel, std::ptrdiff_t stride, int rows, int columns, double* pivot,
                            double* sign, double* scratch);
    /// z = L11^-1 y on the first `columns` entries of y, and y -= L21 z on the others. `width` right-hand
    /// sides lie beside each other.
    void (*forward)(const double* panel, std::ptrdiff_t stride, int rows, int columns, double* y, int width);
    /// y = L11^-T (y - L21^T y') with y' the entries beyond the first `columns`.
    void (*backward)(const double* panel, std::ptrdiff_t stride, int rows, int columns, double* y, int width);
    /// On blocks of `rows` x solve_width numbers, the entries of a row beside each other, and square matrices
    /// in the same order: H += V^T W, W += V H, and W = W H.
    void (*block_products)(const double* v, const double* w, int rows, double* h);
    void (*block_add)(double* w, const double* v, const double* h, int rows);
    void (*block_multiply)(double* w, const double* h, int rows);
    /// The inverse Z of L S L^T from the last columns of L to the first, `inverse_block` at most at a time. Z
    /// and the panel have the same stride; both begin at the diagonal of the columns, and Z holds what comes
    /// after them, both triangles. The parts: Y = L21 L11^-1, `packed`, and L11^-T S L11^-1 in the place of
    /// Z11; rows [first, last) of Z21 = -Z22 Y, `first` a multiple of tile_multiple; Z12 = Z21^T and Z11 -=
    /// Z12 Y. `packed` and `scratch` hold inverse_scratch(rows) numbers each.
    void (*begin_inverse)(double* z, const double* panel, std::ptrdiff_t stride, const double* sign, int rows,
                          int columns, double* packed, double* scratch);
    void (*inverse_product)(double* z21, const double* z22, std::ptrdiff_t stride, const double* packed,
                            int columns, int depth, int first, int last);
    void (*end_inverse)(double* z, std::ptrdiff_t stride, int rows, int columns, const double* packed,
                        double* scratch);
    /// The square of rows and columns `to` ... of `source` becomes rows and columns `from` ... of `goal`.
    void (*gather)(double* goal, std::ptrdiff_t goal_stride, const double* source, std::ptrdiff_t stride,
                   const Run* runs, int count);
    const char* name;
};

/// The fastest kernels that this processor can run.
const DenseKernels& dense_kernels();

/// The number of rows that every array has beyond those that it uses.
constexpr int row_slack = 7;
/// The number of right-hand sides that are solved together: `width` of the kernels is 1 or this.
constexpr int solve_width = 8;

/// The height of all tiles divides this.
constexpr int tile_multiple = 24;

/// The row stride of an array that is used up to `rows`: it is a whole number of cache lines, and adjacent
/// columns do not lie in the same sets of the cache.
constexpr std::ptrdiff_t row_stride(std::ptrdiff_t rows) {
    const std::ptrdiff_t stride = (rows + row_slack + 7) / 8 * 8;
    return stride % 64 == 0 ? stride + 8 : stride;
}

constexpr std::size_t product_scratch(int columns, int depth) {
    return static_cast<std::size_t>(columns + 8 + tile_multiple) * static_cast<std::size_t>(depth) + 8;
}

/// Columns of an inverse that are computed together.
constexpr int inverse_block = 64;

/// This many multiplications take several times as long as starting a thread for them.
constexpr double shared_work = 2e7;

constexpr std::size_t inverse_scratch(int rows) {
    return static_cast<std::size_t>(inverse_block) * static_cast<std::size_t>(row_stride(rows)) + 8;
}

namespace kernels {
extern const DenseKernels portable;
#if defined(__x86_64__)
extern const DenseKernels avx2;
extern const DenseKernels avx512;
#endif
}  // namespace kernels

}  // namespace glassplast
