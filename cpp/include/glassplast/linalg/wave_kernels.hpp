#pragma once

namespace glassplast {

/// A symmetric matrix of Dim x Dim blocks, row by row, both triangles. Of each block the upper triangle is
/// stored, row by row.
struct BlockRows {
    const int* start;     ///< the blocks of row i: start[i] ... start[i + 1] - 1
    const int* column;    ///< of each block
    const double* block;  ///< Dim (Dim + 1) / 2 numbers each
};

/// One step of two waves beside each other, w' = M w - w'' with w the waves now and w'' those a step before,
/// for rows [from, to): w' replaces w'', and the scalar product of the two new waves on each row is added to
/// `products`. A row of waves holds both waves of a component, then those of the next.
///
/// One source is compiled for plain x86-64 (or aarch64) and AVX2; they differ in round-off only.
struct WaveKernels {
    using Step = void (*)(const BlockRows& matrix, const double* now, double* before, double* products,
                          int from, int to);
    Step plane;
    Step space;

    template <int Dim>
    Step step() const {
        return Dim == 2 ? plane : space;
    }
};

/// The fastest kernels that this processor can run.
const WaveKernels& wave_kernels();

namespace kernels {
extern const WaveKernels waves_portable;
#if defined(__x86_64__)
extern const WaveKernels waves_avx2;
#endif
}  // namespace kernels

}  // namespace glassplast
