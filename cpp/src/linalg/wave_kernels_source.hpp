// The wave kernels, compiled once for each instruction set. Includes nothing that could leave inline
// functions of one instruction set behind for another, and keeps everything but the table to itself.

#include <glassplast/linalg/wave_kernels.hpp>

namespace glassplast {

namespace {

/// Both waves of a component.
using Both = double __attribute__((vector_size(16), aligned(8), may_alias));

const Both& both(const double* waves) {
    return *reinterpret_cast<const Both*>(waves);
}

Both& both(double* waves) {
    return *reinterpret_cast<Both*>(waves);
}

void step_plane(const BlockRows& matrix, const double* now, double* before, double* products, int from,
                int to) {
    for (int i = from; i < to; ++i) {
        // Separate sums for each product, so that they need not wait for each other.
        Both xx{};
        Both xy{};
        Both yx{};
        Both yy{};
        for (int k = matrix.start[i]; k < matrix.start[i + 1]; ++k) {
            const double* const block = matrix.block + 3 * static_cast<long>(k);
            const double* const other = now + 4 * static_cast<long>(matrix.column[k]);
            const Both x = both(other);
            const Both y = both(other + 2);
            xx += block[0] * x;
            xy += block[1] * y;
            yx += block[1] * x;
            yy += block[2] * y;
        }
        double* const own = before + 4 * static_cast<long>(i);
        const Both x = (xx + xy) - both(own);
        const Both y = (yx + yy) - both(own + 2);
        both(own) = x;
        both(own + 2) = y;
        products[i] += x[0] * x[1] + y[0] * y[1];
    }
}

void step_space(const BlockRows& matrix, const double* now, double* before, double* products, int from,
                int to) {
    for (int i = from; i < to; ++i) {
        Both x{};
        Both y{};
        Both z{};
        for (int k = matrix.start[i]; k < matrix.start[i + 1]; ++k) {
            const double* const block = matrix.block + 6 * static_cast<long>(k);
            const double* const other = now + 6 * static_cast<long>(matrix.column[k]);
            const Both a = both(other);
            const Both b = both(other + 2);
            const Both c = both(other + 4);
            x += block[0] * a + block[1] * b + block[2] * c;
            y += block[1] * a + block[3] * b + block[4] * c;
            z += block[2] * a + block[4] * b + block[5] * c;
        }
        double* const own = before + 6 * static_cast<long>(i);
        x -= both(own);
        y -= both(own + 2);
        z -= both(own + 4);
        both(own) = x;
        both(own + 2) = y;
        both(own + 4) = z;
        products[i] += x[0] * x[1] + y[0] * y[1] + z[0] * z[1];
    }
}

}  // namespace

}  // namespace glassplast
