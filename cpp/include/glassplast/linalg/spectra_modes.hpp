#pragma once

#include <glassplast/linalg/modes.hpp>

namespace glassplast {

/// The n lowest modes by the library Spectra (implicitly restarted Lanczos, one vector at a time) on the
/// inverse of H - shift with one shift below the spectrum, from our factorization. Judged and counted as
/// those of `lowest_modes`, with which it shares no iteration. Where a mode is missing, or eigenvalues lie
/// too close to be counted apart, it begins again in a larger subspace; raises ConvergenceError when that
/// does not help.
template <int Dim>
Modes spectra_modes(const ElasticSolver<Dim>& solver, int count, double tolerance, Monitor& monitor);

extern template Modes spectra_modes<2>(const ElasticSolver<2>&, int, double, Monitor&);
extern template Modes spectra_modes<3>(const ElasticSolver<3>&, int, double, Monitor&);

}  // namespace glassplast
