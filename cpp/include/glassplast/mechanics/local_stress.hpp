#pragma once

#include <glassplast/fields/coarse_graining.hpp>
#include <glassplast/models/contact_network.hpp>

#include <vector>

namespace glassplast {

/// Coarse-grained stress at points: sum over pairs of phi' r r^T / r times the integral of the kernel along
/// the bond. Its mean over the box is the stress.
template <int Dim>
TensorField<Dim> local_stress(const Box<Dim>& box, const Positions<Dim>& positions,
                              const StiffnessNetwork<Dim>& network, const Positions<Dim>& points,
                              double radius, Monitor& monitor);

/// The derivative of this stress with gamma when particles move with velocity loading x + nonaffine and the
/// points with loading x + point_velocity. Bonds of particles without a finite velocity are left out.
template <int Dim>
TensorField<Dim> local_stress_rate(const Box<Dim>& box, const Positions<Dim>& positions,
                                   const StiffnessNetwork<Dim>& network, const Matrix<Dim>& loading,
                                   const Positions<Dim>& nonaffine, const Positions<Dim>& points,
                                   const Positions<Dim>& point_velocity, double radius, int threads,
                                   Monitor& monitor);

}  // namespace glassplast
