#pragma once

#include <glassplast/linalg/spectrum_slices.hpp>

#include <cstddef>
#include <functional>

namespace glassplast {

/// All modes of a slice.
struct SliceModes {
    Eigen::VectorXd values;         ///< ascending
    Eigen::MatrixXd vectors;        ///< of all particles x count, orthonormal, 0 on rattlers
    double largest_residual = 0.0;  ///< max over modes of |H Psi - lambda Psi|
};

/// Finds them by block Lanczos on the inverse of H - shift, with the shift in the middle of the slice, until
/// as many modes as the slice has have converged. Raises ConvergenceError when they do not, or a residual
/// exceeds `tolerance` times the largest row sum of H.
template <int Dim>
SliceModes slice_modes(const ElasticSolver<Dim>& solver, const SpectrumSlice& slice, double tolerance,
                       Monitor& monitor);

/// Finds the modes of one slice after the other. `take` is given the modes and the number of each slice, in
/// ascending order for any number of threads and never twice at a time. The monitor is told how many modes
/// have been found.
template <int Dim>
void for_each_slice(const ElasticSolver<Dim>& solver, const std::vector<SpectrumSlice>& slices,
                    double tolerance, Monitor& monitor,
                    const std::function<void(std::size_t, const SliceModes&)>& take);

/// The most bytes that this takes for slices of this size, besides those that `take` keeps.
template <int Dim>
double slicing_bytes(const ElasticSolver<Dim>& solver, int size);

#define GLASSPLAST_DECLARE_SLICES(Dim)                                                                     \
    extern template SliceModes slice_modes<Dim>(const ElasticSolver<Dim>&, const SpectrumSlice&, double,   \
                                                Monitor&);                                                 \
    extern template void for_each_slice<Dim>(const ElasticSolver<Dim>&, const std::vector<SpectrumSlice>&, \
                                             double, Monitor&,                                             \
                                             const std::function<void(std::size_t, const SliceModes&)>&);  \
    extern template double slicing_bytes<Dim>(const ElasticSolver<Dim>&, int);
GLASSPLAST_DECLARE_SLICES(2)
GLASSPLAST_DECLARE_SLICES(3)
#undef GLASSPLAST_DECLARE_SLICES

}  // namespace glassplast
