#pragma once

#include <glassplast/linalg/modes.hpp>

namespace glassplast {

/// How many modes there are. Raises GeometryError unless `count` is from 1 to that.
template <int Dim>
int available_modes(const ElasticSolver<Dim>& solver, int count);

/// A few more vectors than the modes that were asked for, judged whoever found them.
struct JudgedModes {
    Modes modes;    ///< the `count` lowest, not yet counted; `certified_bound` lies above all of them
    int found = 0;  ///< vectors with lower eigenvalues than the bound
    /// Around the bound: the widest gap between eigenvalues beyond those asked for. Infinite where the
    /// vectors are all modes that there are, and the bound lies above the spectrum.
    double gap = 0.0;
};

/// Eigenvalues and residuals of orthonormal vectors without translations. Raises ConvergenceError when the
/// residual of one of the `count` lowest exceeds `tolerance` times the largest row sum of H.
template <int Dim>
JudgedModes judge_modes(const ElasticSolver<Dim>& solver, const Eigen::MatrixXd& vectors, int count,
                        double tolerance);

/// Eigenvalues of H below a place that is none, by its inertia, translations left out.
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
