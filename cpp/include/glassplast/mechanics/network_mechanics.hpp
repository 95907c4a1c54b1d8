#pragma once

#include <glassplast/models/contact_network.hpp>

#include <Eigen/SparseCore>

#include <vector>

/// Energy, forces, stress and the higher derivatives of U = sum of phi(r) over the pairs of a contact
/// network.
///
/// A *loading* is a d x d matrix G: positions and cell move as x -> (1 + gamma G) x. Simple shear has the
/// single entry G_xy = 1. Fields over particles are Positions<Dim>, one column a particle.
namespace glassplast {

template <int Dim>
double energy(const ContactNetwork<Dim>& network);

/// Half the sum of the pair energies of each particle.
template <int Dim>
Eigen::VectorXd particle_energies(const ContactNetwork<Dim>& network);

template <int Dim>
Positions<Dim> forces(const StiffnessNetwork<Dim>& network);

/// The median of |phi'| over the pairs; 0 if there are none.
template <int Dim>
double typical_force(const StiffnessNetwork<Dim>& network);

/// V sigma = sum over pairs of phi' r r^T / r.
template <int Dim>
Matrix<Dim> virial(const StiffnessNetwork<Dim>& network);

/// The full symmetric Hessian, d N x d N; the degrees of freedom of a particle are adjacent.
template <int Dim>
Eigen::SparseMatrix<double> hessian(const ContactNetwork<Dim>& network);

/// H u without forming H.
template <int Dim>
Positions<Dim> hessian_times(const StiffnessNetwork<Dim>& network, const Positions<Dim>& displacement);

/// Xi, the derivative with gamma of the gradient with respect to the current positions.
template <int Dim>
Positions<Dim> affine_gradient(const StiffnessNetwork<Dim>& network, const Matrix<Dim>& loading);

/// Second derivative of U with gamma along a loading, at fixed undeformed coordinates (V times the Born
/// modulus).
template <int Dim>
double born_curvature(const StiffnessNetwork<Dim>& network, const Matrix<Dim>& loading);

/// n . (u_second - u_first) of each pair: how fast the length of the pair grows along a field u.
template <int Dim>
Eigen::VectorXd pair_elongations(const StiffnessNetwork<Dim>& network, const Positions<Dim>& displacement);

/// The field U3 : a b, the third derivatives of U contracted with two fields.
template <int Dim>
Positions<Dim> third_contraction(const ContactNetwork<Dim>& network, const Positions<Dim>& a,
                                 const Positions<Dim>& b);

/// The sum over fields k of weight_k |U3 : a_k a_k|_i^2 for each particle i. The fields are columns over the
/// degrees of freedom of all particles; the entries of particles without contacts are ignored.
template <int Dim>
Eigen::VectorXd third_contraction_squares(const ContactNetwork<Dim>& network,
                                          const Eigen::Ref<const Eigen::MatrixXd>& fields,
                                          const Eigen::Ref<const Eigen::VectorXd>& weights);

/// One Dim x Dim matrix, column-major, for each pair or particle.
template <int Dim>
using Blocks = Eigen::Matrix<double, Dim * Dim, Eigen::Dynamic>;

/// C = G_ii + G_jj - G_ij - G_ji for each pair, from the diagonal blocks of a symmetric matrix G over the
/// particles and its blocks (first, second). With G = H^-1 this is the covariance of the relative
/// displacement of the pair in harmonic vibration, divided by T.
template <int Dim>
Blocks<Dim> relative_covariance(const StiffnessNetwork<Dim>& network, const Blocks<Dim>& diagonal,
                                const Blocks<Dim>& pairs);

/// The field U3 : G for a symmetric matrix G, from the relative covariances C of the pairs. A pair
/// contributes A n (n.C n) + B (n tr C + 2 C n), where to U3 : a b it contributes A n (n.a)(n.b) + B (n a.b +
/// a n.b + b n.a).
template <int Dim>
Positions<Dim> third_contraction(const ContactNetwork<Dim>& network, const Blocks<Dim>& covariance);

/// The field U4 : a b c, the fourth derivatives of U contracted with three fields.
template <int Dim>
Positions<Dim> fourth_contraction(const ContactNetwork<Dim>& network, const Positions<Dim>& a,
                                  const Positions<Dim>& b, const Positions<Dim>& c);

/// The number of interacting neighbours of each particle.
template <int Dim>
std::vector<int> coordination(const StiffnessNetwork<Dim>& network);

}  // namespace glassplast
