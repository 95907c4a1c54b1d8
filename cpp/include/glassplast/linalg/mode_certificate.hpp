#pragma once

#include <glassplast/linalg/modes.hpp>

namespace glassplast {

/// The number of modes. Raises ArgumentError unless `count` is between 1 and that number.
template <int Dim>
int available_modes(const ElasticSolver<Dim>& solver, int count);

/// A few more vectors than the modes that were asked for, judged in the same way whoever found them.
struct JudgedModes {
    Modes modes;    ///< the `count` lowest, not yet counted; `certified_bound` lies above all of them
    int found = 0;  ///< vectors with lower eigenvalues than the bound
    /// The gap in which the bound lies, the widest between the eigenvalues beyond those asked for. Infinite
    /// if the vectors are all the modes, so that the bound lies above the spectrum.
    double gap = 0.0;
};

/// Eigenvalues and residuals of orthonormal vectors without translations. Raises ConvergenceError when the
/// residual of one of the `count` lowest exceeds `tolerance` times the largest row sum of H.
template <int Dim>
JudgedModes judge_modes(const ElasticSolver<Dim>& solver, const Eigen::MatrixXd& vectors, int count,
                        double tolerance);

/// The number of eigenvalues of H below a place that is not an eigenvalue, by inertia, without translations.
template <int Dim>
int count_modes_below(const ElasticSolver<Dim>& solver, double place);

/// A shift below every eigenvalue: found by inertia, growing until nothing lies below.
template <int Dim>
double shift_below_spectrum(const ElasticSolver<Dim>& solver, double scale);

#define GLASSPLAST_DECLARE_CERTIFICATE(Dim)                                                              \
    extern template int available_modes<Dim>(const ElasticSolver<Dim>&, int);                            \
    extern template JudgedModes judge_modes<Dim>(const ElasticSolver<Dim>&, const Eigen::MatrixXd&, int, \
                                                 double);                                                \
    extern template int count_modes_below<Dim>(const ElasticSolver<Dim>&, double);                       \
    extern template double shift_below_spectrum<Dim>(const ElasticSolver<Dim>&, double);
GLASSPLAST_DECLARE_CERTIFICATE(2)
GLASSPLAST_DECLARE_CERTIFICATE(3)
#undef GLASSPLAST_DECLARE_CERTIFICATE

}  // namespace glassplast
