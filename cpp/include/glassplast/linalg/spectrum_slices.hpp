#pragma once

#include <glassplast/linalg/elastic_solver.hpp>
#include <glassplast/monitor.hpp>

#include <vector>

namespace glassplast {

/// A part of the spectrum of H on its core, translations left out. Its bounds are not eigenvalues, and the
/// inertia of H counts `count` between them, `below` lower ones.
struct SpectrumSlice {
    double lower;
    double upper;
    int below;
    int count;
};

/// The number of modes that a slice should hold. With few, orthogonalization is cheap; with many, more of
/// them share the cost of the factorization and of the modes beyond the bounds that appear on the way.
constexpr int default_slice_size = 48;

/// Adjacent slices that hold the `count` lowest modes, and as few others as possible. Each has about `size`
/// modes where eigenvalues lie apart. The bounds keep away from eigenvalues. The result is the same for any
/// number of threads.
template <int Dim>
std::vector<SpectrumSlice> slice_spectrum(const ElasticSolver<Dim>& solver, int count, int size,
                                          Monitor& monitor);

/// The slice between two numbers that are not eigenvalues. Raises ArgumentError unless lower < upper.
template <int Dim>
SpectrumSlice slice_between(const ElasticSolver<Dim>& solver, double lower, double upper);

extern template std::vector<SpectrumSlice> slice_spectrum<2>(const ElasticSolver<2>&, int, int, Monitor&);
extern template std::vector<SpectrumSlice> slice_spectrum<3>(const ElasticSolver<3>&, int, int, Monitor&);
extern template SpectrumSlice slice_between<2>(const ElasticSolver<2>&, double, double);
extern template SpectrumSlice slice_between<3>(const ElasticSolver<3>&, double, double);

}  // namespace glassplast
