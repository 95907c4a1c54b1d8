#pragma once

#include <glassplast/linalg/elastic_solver.hpp>
#include <glassplast/monitor.hpp>

#include <cstddef>
#include <functional>
#include <vector>

namespace glassplast {

/// A part of the spectrum of H on its core, translations left out. Its bounds are no eigenvalues, and the
/// inertia of H counts `count` between them, `below` lower ones.
struct SpectrumSlice {
    double lower;
    double upper;
    int below;
    int count;
};

/// Modes that a slice is aimed at to hold: with few, orthogonalization is cheap; with many, the factorization
/// and the modes beyond its bounds that appear on the way are shared by more.
constexpr int default_slice_size = 48;

/// Slices side by side that hold the `count` lowest modes, and as few more as that takes. Each has about
/// `size` modes where eigenvalues lie apart. Their bounds keep away from eigenvalues. Independent of the
/// number of threads.
template <int Dim>
std::vector<SpectrumSlice> slice_spectrum(const ElasticSolver<Dim>& solver, int count, int size,
                                          Monitor& monitor);

/// What lies between two numbers that are no eigenvalues. Raises GeometryError unless lower < upper.
template <int Dim>
SpectrumSlice slice_between(const ElasticSolver<Dim>& solver, double lower, double upper);

/// All modes of a slice.
struct SliceModes {
    Eigen::VectorXd values;         ///< ascending
    Eigen::MatrixXd vectors;        ///< of all particles x count, orthonormal, 0 on rattlers
    double largest_residual = 0.0;  ///< max over modes of |H Psi - lambda Psi|
};

/// By block Lanczos on the inverse of H - shift with the shift in the middle, until as many modes as the
/// slice counts have converged. Raises ConvergenceError when they do not, or a residual exceeds `tolerance`
/// times the largest row sum of H.
template <int Dim>
SliceModes slice_modes(const ElasticSolver<Dim>& solver, const SpectrumSlice& slice, double tolerance,
                       Monitor& monitor);

/// The modes of one slice after the other, in their order whatever the number of threads: `take` is given the
/// number of the slice, and is not called twice at a time. The monitor is told how many modes are there.
template <int Dim>
void for_each_slice(const ElasticSolver<Dim>& solver, const std::vector<SpectrumSlice>& slices,
                    double tolerance, Monitor& monitor,
                    const std::function<void(std::size_t, const SliceModes&)>& take);

/// Bytes that this takes at most besides what `take` keeps, for slices of such a size.
template <int Dim>
double slicing_bytes(const ElasticSolver<Dim>& solver, int size);

#define GLASSPLAST_DECLARE_SLICES(Dim)                                                                     \
    extern template std::vector<SpectrumSlice> slice_spectrum<Dim>(const ElasticSolver<Dim>&, int, int,    \
                                                                   Monitor&);                              \
    extern template SpectrumSlice slice_between<Dim>(const ElasticSolver<Dim>&, double, double);           \
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
