// The dense kernels of a selected inverse; included after those of the factorization, with which they share
// tiles.

namespace glassplast {

namespace {

/// The depth of a product after which another part of the left factor is fetched, so that it stays in the
/// nearest cache.
constexpr int product_depth = 256;

/// Packs columns of X, `depth` numbers each, in tiles, depth by depth.
void pack_columns(const double* x, std::ptrdiff_t stride, int columns, int depth, double* packed) {
    for (int c = 0; c < columns; c += tile_columns) {
        const int wide = smaller(tile_columns, columns - c);
        for (int j = 0; j < tile_columns; ++j) {
            const double* const column = x + (c + j) * stride;
            for (int k = 0; k < depth; ++k) {
                packed[k * tile_columns + j] = j < wide ? column[k] : 0.0;
            }
        }
        packed += static_cast<std::ptrdiff_t>(tile_columns) * depth;
    }
}

/// Subtracts A times the packed columns from rows [first, last) of C.
template <bool Fresh>
void subtract_rectangle(double* c, std::ptrdiff_t c_stride, const double* a, std::ptrdiff_t a_stride,
                        const double* packed, std::ptrdiff_t packed_stride, int columns, int depth, int first,
                        int last) {
    for (int r = first; r < last; r += tile_rows) {
        const int vectors = smaller(tile_vectors, (last - r + lanes - 1) / lanes);
        for (int j = 0; j < columns; j += tile_columns) {
            double* const target = c + j * c_stride + r;
            const double* const factors = packed + j * packed_stride;
            const int wide = smaller(tile_columns, columns - j);
            if (vectors == 3) {
                tile<3, Fresh>(a + r, a_stride, factors, depth, target, c_stride, wide);
            } else if (vectors == 2) {
                tile<2, Fresh>(a + r, a_stride, factors, depth, target, c_stride, wide);
            } else {
                tile<1, Fresh>(a + r, a_stride, factors, depth, target, c_stride, wide);
            }
        }
    }
}

void inverse_product(double* c, const double* a, std::ptrdiff_t stride, const double* packed, int columns,
                     int depth, int first, int last) {
    for (int k = 0; k < depth; k += product_depth) {
        const int deep = smaller(product_depth, depth - k);
        const double* const left = a + k * stride;
        const double* const factors = packed + static_cast<std::ptrdiff_t>(tile_columns) * k;
        if (k == 0) {
            subtract_rectangle<true>(c, stride, left, stride, factors, depth, columns, deep, first, last);
        } else {
            subtract_rectangle<false>(c, stride, left, stride, factors, depth, columns, deep, first, last);
        }
    }
}

/// Multiplies rows by L^-1 from the right, for a diagonal block of up to inner_block columns.
inline __attribute__((always_inline)) void divide_rows(double* rows, std::ptrdiff_t stride, int count,
                                                       int size, const double* block,
                                                       std::ptrdiff_t block_stride) {
    double inverse[inner_block];
    for (int c = 0; c < size; ++c) {
        inverse[c] = 1.0 / block[c * block_stride + c];
    }
    for (int r = 0; r < count; r += lanes) {
        Lanes x[inner_block];
        for (int c = inner_block - 1; c >= 0; --c) {
            if (c >= size) {
                continue;
            }
            Lanes value = *reinterpret_cast<const Lanes*>(rows + c * stride + r);
            for (int l = c + 1; l < inner_block && l < size; ++l) {
                value -= x[l] * block[c * block_stride + l];
            }
            x[c] = value * inverse[c];
            *reinterpret_cast<Lanes*>(rows + c * stride + r) = x[c];
        }
    }
}

/// Computes Y L^-1 in place for a diagonal block of `columns` columns, from the last columns to the first.
void divide_columns(double* y, std::ptrdiff_t y_stride, int rows, int columns, const double* block,
                    std::ptrdiff_t stride, double* packed) {
    for (int end = columns; end > 0; end -= inner_block) {
        const int first = end > inner_block ? end - inner_block : 0;
        const int later = columns - end;
        if (later > 0) {
            pack_columns(block + first * stride + end, stride, end - first, later, packed);
            subtract_rectangle<false>(y + first * y_stride, y_stride, y + end * y_stride, y_stride, packed,
                                      later, end - first, later, 0, rows);
        }
        divide_rows(y + first * y_stride, y_stride, rows, end - first, block + first * stride + first,
                    stride);
    }
}

/// L^-T S L^-1 of a diagonal block of up to inner_block columns, both triangles.
void invert_diagonal(double* z, std::ptrdiff_t z_stride, const double* block, std::ptrdiff_t stride,
                     const double* sign, int size) {
    double inverse[inner_block][inner_block] = {};  // of L, by columns
    for (int c = 0; c < size; ++c) {
        inverse[c][c] = 1.0 / block[c * stride + c];
    }
    for (int c = 0; c < size; ++c) {
        for (int r = c + 1; r < size; ++r) {
            double sum = 0.0;
            for (int l = c; l < r; ++l) {
                sum -= block[l * stride + r] * inverse[c][l];
            }
            inverse[c][r] = sum * inverse[r][r];
        }
    }
    for (int c = 0; c < size; ++c) {
        for (int r = c; r < size; ++r) {
            double sum = 0.0;
            for (int l = r; l < size; ++l) {
                sum += inverse[c][l] * sign[l] * inverse[r][l];
            }
            z[c * z_stride + r] = sum;
            z[r * z_stride + c] = sum;
        }
    }
}

/// Rows [0, rows) of `columns` columns become rows of as many columns: goal(c, r) = source(r, c).
void transpose(double* goal, const double* source, std::ptrdiff_t stride, int rows, int columns) {
    constexpr int side = 8;
    for (int r = 0; r < rows; r += side) {
        const int high = smaller(side, rows - r);
        for (int c = 0; c < columns; c += side) {
            const int wide = smaller(side, columns - c);
            for (int k = r; k < r + high; ++k) {
                for (int l = c; l < c + wide; ++l) {
                    goal[k * stride + l] = source[l * stride + k];
                }
            }
        }
    }
}

void end_inverse(double* z, std::ptrdiff_t stride, int rows, int columns, const double* packed,
                 double* scratch) {
    const int below = rows - columns;
    transpose(z + columns * stride, z + columns, stride, below, columns);
    const std::ptrdiff_t small = row_stride(columns);
    subtract_packed<true>(scratch, small, z + columns * stride, stride, packed, columns, below, 0, columns);
    for (int c = 0; c < columns; ++c) {
        for (int r = c; r < columns; ++r) {
            const double value = z[c * stride + r] + scratch[c * small + r];
            z[c * stride + r] = value;
            z[r * stride + c] = value;
        }
    }
}

/// The inverse of the leading block alone, by the same recursion in narrow columns.
void invert_block(double* z, const double* panel, std::ptrdiff_t stride, const double* sign, int columns,
                  double* packed, double* scratch) {
    for (int end = columns; end > 0; end -= inner_block) {
        const int first = end > inner_block ? end - inner_block : 0;
        const int size = end - first;
        const int later = columns - end;
        const std::ptrdiff_t corner = first * stride + first;
        invert_diagonal(z + corner, stride, panel + corner, stride, sign + first, size);
        if (later == 0) {
            continue;
        }
        const std::ptrdiff_t y_stride = row_stride(later);
        for (int c = 0; c < size; ++c) {
            const double* const column = panel + (first + c) * stride + end;
            for (int r = 0; r < later; ++r) {
                scratch[c * y_stride + r] = column[r];
            }
        }
        divide_rows(scratch, y_stride, later, size, panel + corner, stride);
        pack_columns(scratch, y_stride, size, later, packed);
        inverse_product(z + first * stride + end, z + end * stride + end, stride, packed, size, later, 0,
                        later);
        end_inverse(z + corner, stride, size + later, size, packed, scratch);
    }
}

void begin_inverse(double* z, const double* panel, std::ptrdiff_t stride, const double* sign, int rows,
                   int columns, double* packed, double* scratch) {
    invert_block(z, panel, stride, sign, columns, packed, scratch);
    const int below = rows - columns;
    if (below == 0) {
        return;
    }
    const std::ptrdiff_t y_stride = row_stride(below);
    for (int c = 0; c < columns; ++c) {
        const double* const column = panel + c * stride + columns;
        for (int r = 0; r < below; r += lanes) {
            *reinterpret_cast<Lanes*>(scratch + c * y_stride + r) =
                *reinterpret_cast<const Lanes*>(column + r);
        }
    }
    divide_columns(scratch, y_stride, below, columns, panel, stride, packed);
    pack_columns(scratch, y_stride, columns, below, packed);
}

void gather(double* goal, std::ptrdiff_t goal_stride, const double* source, std::ptrdiff_t stride,
            const Run* runs, int count) {
    for (int k = 0; k < count; ++k) {
        for (int c = 0; c < runs[k].length; ++c) {
            const double* const from = source + (runs[k].to + c) * stride;
            double* const to = goal + (runs[k].from + c) * goal_stride;
            for (int l = 0; l < count; ++l) {
                // Write whole vectors; the next run overwrites what is too much.
                for (int r = 0; r < runs[l].length; r += lanes) {
                    *reinterpret_cast<Lanes*>(to + runs[l].from + r) =
                        *reinterpret_cast<const Lanes*>(from + runs[l].to + r);
                }
            }
        }
    }
}

}  // namespace

}  // namespace glassplast
