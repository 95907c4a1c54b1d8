// The dense kernels, compiled once for each width of the processor's vectors. Includes nothing that could
// leave inline functions of one instruction set behind for another, and keeps everything but the table to
// itself.

#include <glassplast/linalg/dense_kernels.hpp>

#ifndef GLASSPLAST_LANES
#error "define GLASSPLAST_LANES"
#endif

namespace glassplast {

namespace {

constexpr int lanes = GLASSPLAST_LANES;
/// A tile of C is `tile_vectors` vectors high and `tile_columns` wide: as many accumulators as fit into
/// registers.
constexpr int tile_vectors = 3;
constexpr int tile_columns = lanes == 8 ? 8 : 4;
constexpr int tile_rows = tile_vectors * lanes;
/// The number of columns that are factorized together, and the number after which the rest of a panel is
/// updated.
constexpr int inner_block = 8;
constexpr int outer_block = 64;

using Lanes = double __attribute__((vector_size(8 * GLASSPLAST_LANES), aligned(8), may_alias));

int smaller(int a, int b) {
    return a < b ? a : b;
}

/// Packs columns of B^T S in tiles, depth by depth.
void pack(const double* b, std::ptrdiff_t stride, const double* sign, int columns, int depth,
          double* packed) {
    for (int c = 0; c < columns; c += tile_columns) {
        const int wide = smaller(tile_columns, columns - c);
        for (int k = 0; k < depth; ++k) {
            const double* const column = b + k * stride + c;
            int j = 0;
            for (; j < wide; ++j) {
                packed[j] = sign[k] * column[j];
            }
            for (; j < tile_columns; ++j) {
                packed[j] = 0.0;
            }
            packed += tile_columns;
        }
    }
}

/// Subtracts A times packed factors from a tile of C. If `Fresh`, the old values of C count as zero.
template <int Vectors, bool Fresh>
inline __attribute__((always_inline)) void tile(const double* a, std::ptrdiff_t a_stride,
                                                const double* packed, int depth, double* c,
                                                std::ptrdiff_t c_stride, int columns) {
    Lanes sum[Vectors][tile_columns];
    for (int v = 0; v < Vectors; ++v) {
        for (int j = 0; j < tile_columns; ++j) {
            sum[v][j] = Lanes{};
        }
    }
    for (int k = 0; k < depth; ++k) {
        Lanes rows[Vectors];
        for (int v = 0; v < Vectors; ++v) {
            rows[v] = *reinterpret_cast<const Lanes*>(a + v * lanes);
        }
        for (int j = 0; j < tile_columns; ++j) {
            const double factor = packed[j];
            for (int v = 0; v < Vectors; ++v) {
                sum[v][j] += rows[v] * factor;
            }
        }
        a += a_stride;
        packed += tile_columns;
    }
    for (int j = 0; j < tile_columns; ++j) {
        if (j < columns) {
            for (int v = 0; v < Vectors; ++v) {
                auto* const target = reinterpret_cast<Lanes*>(c + j * c_stride + v * lanes);
                *target = Fresh ? -sum[v][j] : *target - sum[v][j];
            }
        }
    }
}

/// Subtracts A times the packed factors from rows [first, last) of C; of each column of tiles only those that
/// reach the diagonal.
template <bool Fresh>
void subtract_packed(double* c, std::ptrdiff_t c_stride, const double* a, std::ptrdiff_t a_stride,
                     const double* packed, int columns, int depth, int first, int last) {
    for (int r = first; r < last; r += tile_rows) {
        const int vectors = smaller(tile_vectors, (last - r + lanes - 1) / lanes);
        const int reach = smaller(columns, r + tile_rows);
        for (int j = 0; j < reach; j += tile_columns) {
            // Vectors of rows that lie above the diagonal altogether are left out.
            const int skipped = j > r ? (j - r) / lanes : 0;
            if (skipped >= vectors) {
                break;
            }
            const int top = r + skipped * lanes;
            double* const target = c + j * c_stride + top;
            const double* const factors = packed + static_cast<std::ptrdiff_t>(j) * depth;
            const int wide = smaller(tile_columns, columns - j);
            if (vectors - skipped == 3) {
                tile<3, Fresh>(a + top, a_stride, factors, depth, target, c_stride, wide);
            } else if (vectors - skipped == 2) {
                tile<2, Fresh>(a + top, a_stride, factors, depth, target, c_stride, wide);
            } else {
                tile<1, Fresh>(a + top, a_stride, factors, depth, target, c_stride, wide);
            }
        }
    }
}

void subtract_product(double* c, std::ptrdiff_t c_stride, const double* a, std::ptrdiff_t a_stride,
                      const double* b, const double* sign, int columns, int depth, int first, int last,
                      bool fresh, double* scratch) {
    pack(b, a_stride, sign, columns, depth, scratch);
    if (fresh) {
        subtract_packed<true>(c, c_stride, a, a_stride, scratch, columns, depth, first, last);
    } else {
        subtract_packed<false>(c, c_stride, a, a_stride, scratch, columns, depth, first, last);
    }
}

/// goal += source, a rectangle.
inline void add_rectangle(double* goal, std::ptrdiff_t goal_stride, const double* source,
                          std::ptrdiff_t stride, int rows, int columns) {
    int r = 0;
    for (; r + lanes <= rows; r += lanes) {
        for (int c = 0; c < columns; ++c) {
            *reinterpret_cast<Lanes*>(goal + c * goal_stride + r) +=
                *reinterpret_cast<const Lanes*>(source + c * stride + r);
        }
    }
    if (r == rows) {
        return;
    }
#if GLASSPLAST_LANES == 8
    const auto mask = static_cast<__mmask8>((1U << static_cast<unsigned>(rows - r)) - 1U);
    for (int c = 0; c < columns; ++c) {
        double* const here = goal + c * goal_stride + r;
        const __m512d sum = _mm512_add_pd(_mm512_maskz_loadu_pd(mask, here),
                                          _mm512_maskz_loadu_pd(mask, source + c * stride + r));
        _mm512_mask_storeu_pd(here, mask, sum);
    }
#else
    for (int c = 0; c < columns; ++c) {
        for (int k = r; k < rows; ++k) {
            goal[c * goal_stride + k] += source[c * stride + k];
        }
    }
#endif
}

void extend_add(double* goal, std::ptrdiff_t goal_stride, int shift, const double* source,
                std::ptrdiff_t stride, const Run* runs, int begin, int end, int count) {
    for (int k = begin; k < end; ++k) {
        const Run& columns = runs[k];
        const double* const from = source + columns.from * stride;
        double* const to = goal + (columns.to - shift) * goal_stride - shift;
        for (int c = 0; c < columns.length; ++c) {
            add_rectangle(to + c * goal_stride + columns.to + c, goal_stride,
                          from + c * stride + columns.from + c, stride, columns.length - c, 1);
        }
        for (int l = k + 1; l < count; ++l) {
            add_rectangle(to + runs[l].to, goal_stride, from + runs[l].from, stride, runs[l].length,
                          columns.length);
        }
    }
}

/// Computes L of a diagonal block, and what the rows below need: `factor` = s_l L[c, l], `inverse` = s_c /
/// L[c, c].
void factorize_diagonal(double* block, std::ptrdiff_t stride, int size, double* pivot, double* sign,
                        double (*factor)[inner_block], double* inverse) {
    for (int c = 0; c < size; ++c) {
        double* const column = block + c * stride;
        double value = column[c];
        for (int l = 0; l < c; ++l) {
            value -= block[l * stride + c] * factor[c][l];
        }
        pivot[c] = value;
        sign[c] = value < 0.0 ? -1.0 : 1.0;
        column[c] = __builtin_sqrt(value < 0.0 ? -value : value);
        inverse[c] = sign[c] / column[c];
        for (int r = c + 1; r < size; ++r) {
            double rest = column[r];
            for (int l = 0; l < c; ++l) {
                rest -= block[l * stride + r] * factor[c][l];
            }
            column[r] = rest * inverse[c];
            factor[r][c] = sign[c] * column[r];
        }
    }
}

template <int Size>
inline __attribute__((always_inline)) void solve_rows(double* rows, std::ptrdiff_t stride, int count,
                                                      int size, const double (*factor)[inner_block],
                                                      const double* inverse) {
    for (int r = 0; r < count; r += lanes) {
        Lanes x[Size];
        for (int c = 0; c < Size && c < size; ++c) {
            Lanes value = *reinterpret_cast<const Lanes*>(rows + c * stride + r);
            for (int l = 0; l < c; ++l) {
                value -= x[l] * factor[c][l];
            }
            x[c] = value * inverse[c];
            *reinterpret_cast<Lanes*>(rows + c * stride + r) = x[c];
        }
    }
}

void factorize_panel(double* panel, std::ptrdiff_t stride, int rows, int columns, double* pivot, double* sign,
                     double* scratch) {
    for (int outer = 0; outer < columns; outer += outer_block) {
        const int outer_end = smaller(outer + outer_block, columns);
        for (int c = outer; c < outer_end; c += inner_block) {
            const int size = smaller(inner_block, outer_end - c);
            double* const diagonal = panel + c * stride + c;
            if (c > outer) {
                const double* const left = panel + outer * stride + c;
                pack(left, stride, sign + outer, size, c - outer, scratch);
                subtract_packed<false>(diagonal, stride, left, stride, scratch, size, c - outer, 0, rows - c);
            }
            double factor[inner_block][inner_block];
            double inverse[inner_block];
            factorize_diagonal(diagonal, stride, size, pivot + c, sign + c, factor, inverse);
            double* const below = diagonal + size;
            const int left_rows = rows - c - size;
            if (size == inner_block) {
                solve_rows<inner_block>(below, stride, left_rows, inner_block, factor, inverse);
            } else {
                solve_rows<inner_block>(below, stride, left_rows, size, factor, inverse);
            }
        }
        if (outer_end < columns) {
            const double* const left = panel + outer * stride + outer_end;
            const int wide = columns - outer_end;
            const int depth = outer_end - outer;
            pack(left, stride, sign + outer, wide, depth, scratch);
            subtract_packed<false>(panel + outer_end * stride + outer_end, stride, left, stride, scratch,
                                   wide, depth, 0, rows - outer_end);
        }
    }
}

/// The number of columns of L that a solve takes together.
constexpr int solve_block = 4;

void forward_one(const double* panel, std::ptrdiff_t stride, int rows, int columns, double* y) {
    for (int k = 0; k < columns; k += solve_block) {
        const int size = smaller(solve_block, columns - k);
        double z[solve_block] = {};
        for (int c = 0; c < size; ++c) {
            const double* const column = panel + (k + c) * stride + k;
            z[c] = y[k + c] / column[c];
            y[k + c] = z[c];
            for (int r = c + 1; r < size; ++r) {
                y[k + r] -= column[r] * z[c];
            }
        }
        const double* const a = panel + k * stride;
        const double* const b = size > 1 ? a + stride : a;
        const double* const c = size > 2 ? b + stride : a;
        const double* const d = size > 3 ? c + stride : a;
        for (int r = k + size; r < rows; r += lanes) {
            const auto at = [r](const double* column) { return reinterpret_cast<const Lanes*>(column + r); };
            *reinterpret_cast<Lanes*>(y + r) -= *at(a) * z[0] + *at(b) * z[1] + *at(c) * z[2] + *at(d) * z[3];
        }
    }
}

double total(const Lanes& value) {
    double sum = 0.0;
    for (int l = 0; l < lanes; ++l) {
        sum += value[l];
    }
    return sum;
}

void backward_one(const double* panel, std::ptrdiff_t stride, int rows, int columns, double* y) {
    // The slack rows of the panel, which may hold anything, meet zeros of y.
    for (int r = 0; r < row_slack; ++r) {
        y[rows + r] = 0.0;
    }
    const int last = (columns - 1) / solve_block * solve_block;
    for (int k = last; k >= 0; k -= solve_block) {
        const int size = smaller(solve_block, columns - k);
        const double* const a = panel + k * stride;
        const double* const b = size > 1 ? a + stride : a;
        const double* const c = size > 2 ? b + stride : a;
        const double* const d = size > 3 ? c + stride : a;
        Lanes sums[solve_block] = {};
        for (int r = k + size; r < rows; r += lanes) {
            const auto at = [r](const double* column) { return reinterpret_cast<const Lanes*>(column + r); };
            const Lanes here = *at(y);
            sums[0] += *at(a) * here;
            sums[1] += *at(b) * here;
            sums[2] += *at(c) * here;
            sums[3] += *at(d) * here;
        }
        for (int j = size - 1; j >= 0; --j) {
            const double* const column = panel + (k + j) * stride + k;
            double rest = y[k + j] - total(sums[j]);
            for (int r = j + 1; r < size; ++r) {
                rest -= column[r] * y[k + r];
            }
            y[k + j] = rest / column[j];
        }
    }
}

constexpr int group = solve_width / lanes;
/// The number of columns of L that a solve for many right-hand sides takes together: their sums fill the
/// registers.
constexpr int many_block = lanes == 8 ? 8 : 4;

/// `panel` begins at the diagonal entry of the first of Size columns, `right` at the row of that entry.
template <int Size>
void forward_columns(const double* panel, std::ptrdiff_t stride, int rows, Lanes* right) {
    Lanes z[Size][group];
    for (int c = 0; c < Size; ++c) {
        const double inverse = 1.0 / panel[c * stride + c];
        for (int g = 0; g < group; ++g) {
            Lanes value = right[c * group + g];
            for (int l = 0; l < c; ++l) {
                value -= z[l][g] * panel[l * stride + c];
            }
            z[c][g] = value * inverse;
            right[c * group + g] = z[c][g];
        }
    }
    for (int r = Size; r < rows; ++r) {
        for (int g = 0; g < group; ++g) {
            Lanes value = right[r * group + g];
            for (int c = 0; c < Size; ++c) {
                value -= z[c][g] * panel[c * stride + r];
            }
            right[r * group + g] = value;
        }
    }
}

template <int Size>
void backward_columns(const double* panel, std::ptrdiff_t stride, int rows, Lanes* right) {
    Lanes sums[Size][group] = {};
    for (int r = Size; r < rows; ++r) {
        for (int g = 0; g < group; ++g) {
            const Lanes here = right[r * group + g];
            for (int c = 0; c < Size; ++c) {
                sums[c][g] += here * panel[c * stride + r];
            }
        }
    }
    for (int c = Size - 1; c >= 0; --c) {
        const double inverse = 1.0 / panel[c * stride + c];
        for (int g = 0; g < group; ++g) {
            Lanes rest = right[c * group + g] - sums[c][g];
            for (int l = c + 1; l < Size; ++l) {
                rest -= right[l * group + g] * panel[c * stride + l];
            }
            right[c * group + g] = rest * inverse;
        }
    }
}

void forward_many(const double* panel, std::ptrdiff_t stride, int rows, int columns, double* y) {
    auto* const right = reinterpret_cast<Lanes*>(y);
    int k = 0;
    const auto advance = [&](auto&& step, int size) {
        step(panel + k * stride + k, stride, rows - k, right + k * group);
        k += size;
    };
    while (columns - k >= many_block) {
        advance(forward_columns<many_block>, many_block);
    }
    if (columns - k >= 4) {
        advance(forward_columns<4>, 4);
    }
    if (columns - k >= 2) {
        advance(forward_columns<2>, 2);
    }
    if (columns - k >= 1) {
        advance(forward_columns<1>, 1);
    }
}

void backward_many(const double* panel, std::ptrdiff_t stride, int rows, int columns, double* y) {
    auto* const right = reinterpret_cast<Lanes*>(y);
    int k = columns;
    const auto retreat = [&](auto&& step, int size) {
        k -= size;
        step(panel + k * stride + k, stride, rows - k, right + k * group);
    };
    const int rest = columns % many_block;
    if ((rest & 1) != 0) {
        retreat(backward_columns<1>, 1);
    }
    if ((rest & 2) != 0) {
        retreat(backward_columns<2>, 2);
    }
    if ((rest & 4) != 0) {
        retreat(backward_columns<4>, 4);
    }
    while (k > 0) {
        retreat(backward_columns<many_block>, many_block);
    }
}

void forward(const double* panel, std::ptrdiff_t stride, int rows, int columns, double* y, int width) {
    if (width == 1) {
        forward_one(panel, stride, rows, columns, y);
    } else {
        forward_many(panel, stride, rows, columns, y);
    }
}

void backward(const double* panel, std::ptrdiff_t stride, int rows, int columns, double* y, int width) {
    if (width == 1) {
        backward_one(panel, stride, rows, columns, y);
    } else {
        backward_many(panel, stride, rows, columns, y);
    }
}

void block_products(const double* v, const double* w, int rows, double* h) {
    for (int g = 0; g < group; ++g) {
        Lanes sums[solve_width];
        for (int c = 0; c < solve_width; ++c) {
            sums[c] = *reinterpret_cast<const Lanes*>(h + c * solve_width + g * lanes);
        }
        for (int r = 0; r < rows; ++r) {
            const Lanes here = *reinterpret_cast<const Lanes*>(w + r * solve_width + g * lanes);
            for (int c = 0; c < solve_width; ++c) {
                sums[c] += here * v[r * solve_width + c];
            }
        }
        for (int c = 0; c < solve_width; ++c) {
            *reinterpret_cast<Lanes*>(h + c * solve_width + g * lanes) = sums[c];
        }
    }
}

void block_add(double* w, const double* v, const double* h, int rows) {
    for (int g = 0; g < group; ++g) {
        Lanes factors[solve_width];
        for (int c = 0; c < solve_width; ++c) {
            factors[c] = *reinterpret_cast<const Lanes*>(h + c * solve_width + g * lanes);
        }
        for (int r = 0; r < rows; ++r) {
            auto* const target = reinterpret_cast<Lanes*>(w + r * solve_width + g * lanes);
            Lanes even = *target;
            Lanes odd{};
            for (int c = 0; c < solve_width; c += 2) {
                even += factors[c] * v[r * solve_width + c];
                odd += factors[c + 1] * v[r * solve_width + c + 1];
            }
            *target = even + odd;
        }
    }
}

void block_multiply(double* w, const double* h, int rows) {
    const auto* const factors = reinterpret_cast<const Lanes*>(h);
    for (int r = 0; r < rows; ++r) {
        double* const row = w + r * solve_width;
        Lanes sums[group] = {};
        for (int c = 0; c < solve_width; ++c) {
            for (int g = 0; g < group; ++g) {
                sums[g] += factors[c * group + g] * row[c];
            }
        }
        for (int g = 0; g < group; ++g) {
            *reinterpret_cast<Lanes*>(row + g * lanes) = sums[g];
        }
    }
}

}  // namespace

}  // namespace glassplast
