#pragma once

#include <glassplast/linalg/elastic_solver.hpp>
#include <glassplast/monitor.hpp>

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

/// What lies between two numbers that are no eigenvalues. Raises ArgumentError unless lower < upper.
template <int Dim>
SpectrumSlice slice_between(const ElasticSolver<Dim>& solver, double lower, double upper);

extern template std::vector<SpectrumSlice> slice_spectrum<2>(const ElasticSolver<2>&, int, int, Monitor&);
extern template std::vector<SpectrumSlice> slice_spectrum<3>(const ElasticSolver<3>&, int, int, Monitor&);
extern template SpectrumSlice slice_between<2>(const ElasticSolver<2>&, double, double);
extern template SpectrumSlice slice_between<3>(const ElasticSolver<3>&, double, double);

}  // namespace glassplast
