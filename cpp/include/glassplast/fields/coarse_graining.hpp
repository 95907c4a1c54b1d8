#pragma once

#include <glassplast/geometry/box.hpp>
#include <glassplast/monitor.hpp>

#include <vector>

/// Continuum fields of a set of particles (Goldhirsch & Goldenberg, Eur. Phys. J. E 9, 245 (2002)). All sums
/// run over all periodic images.
namespace glassplast {

/// A matrix for each of a number of points or bonds.
template <int Dim>
using TensorField = std::vector<Matrix<Dim>>;

/// The kernel phi(r) = (1 - (r/radius)^4)^2 / A for r < radius, whose integral over space is 1.
template <int Dim>
class CoarseGrainingKernel {
public:
    /// Raises ArgumentError unless the radius is positive and finite.
    explicit CoarseGrainingKernel(double radius);

    double radius() const { return radius_; }
    /// 1 / A.
    double height() const { return height_; }

    /// phi, with q = (r / radius)^2.
    double value(double q) const {
        const double edge = 1.0 - q * q;
        return q < 1.0 ? height_ * edge * edge : 0.0;
    }
    /// d phi / d q.
    double slope(double q) const { return q < 1.0 ? -4.0 * height_ * q * (1.0 - q * q) : 0.0; }

private:
    double radius_;
    double height_;
};

/// A vector field of the particles, made a field of space.
template <int Dim>
struct CoarseGrainedVectors {
    Eigen::VectorXd density;    ///< sum of phi
    Positions<Dim> value;       ///< sum of phi u / sum of phi
    TensorField<Dim> gradient;  ///< (a, b): derivative of component a along x_b
};

/// At each point r the mean of the vectors u_j + affine (x_j - r) of the particles, weighted with the kernel,
/// and the gradient of the mean of u_j + affine x_j. (An affine flow has no single value in a periodic box,
/// but its gradient has.) NaN where no particle is near. Particles whose vector is not finite take no part.
template <int Dim>
CoarseGrainedVectors<Dim> coarse_grained_vectors(const Box<Dim>& box, const Positions<Dim>& positions,
                                                 const Positions<Dim>& vectors, const Matrix<Dim>& affine,
                                                 const Positions<Dim>& points, double radius,
                                                 Monitor& monitor);

/// Tensors that live on straight bonds, such as r f of a pair force.
template <int Dim>
struct Bonds {
    Positions<Dim> start;
    Positions<Dim> separation;
    TensorField<Dim> tensor;
};

/// How bonds change with a parameter gamma along which space flows with velocity flow x.
template <int Dim>
struct BondMotion {
    Matrix<Dim> flow;
    Positions<Dim> start;       ///< velocity of the start beyond the flow
    Positions<Dim> separation;  ///< velocity of the end beyond the flow, less that of the start
    TensorField<Dim> tensor_rate;
};

/// At each point r the sum over the bonds of T int_0^1 phi(r - start - s separation) ds, in closed form: phi
/// is a polynomial along the part of the bond inside its range.
template <int Dim>
TensorField<Dim> coarse_grained_tensors(const Box<Dim>& box, const Bonds<Dim>& bonds,
                                        const Positions<Dim>& points, double radius, Monitor& monitor);

/// The exact derivative of these sums with gamma, at points that move with the flow and `point_velocity`
/// beyond it. The same for any number of threads.
template <int Dim>
TensorField<Dim> coarse_grained_tensor_rates(const Box<Dim>& box, const Bonds<Dim>& bonds,
                                             const BondMotion<Dim>& motion, const Positions<Dim>& points,
                                             const Positions<Dim>& point_velocity, double radius, int threads,
                                             Monitor& monitor);

}  // namespace glassplast
