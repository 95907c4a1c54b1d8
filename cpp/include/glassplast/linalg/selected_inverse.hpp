#pragma once

#include <glassplast/linalg/elastic_solver.hpp>
#include <glassplast/mechanics/network_mechanics.hpp>
#include <glassplast/monitor.hpp>

#include <vector>

namespace glassplast {

/// The blocks of the inverse of a factorized matrix where the matrix itself has blocks, in the order of their
/// slots. The rows of each block belong to the later of its two places. No other entry of the inverse is
/// kept.
///
/// Takahashi's recursion on the supernodes, from the root down (Takahashi, Fagan and Chin, Proc. 8th PICA
/// Conf. (1973); Lin et al., ACM Trans. Math. Softw. 37, 40 (2011)): for the columns J of a node and its rows
/// R below them Z_RJ = -Z_RR Y, Z_JJ = L_JJ^-T S L_JJ^-1 + Y^T Z_RR Y with Y = L_RJ L_JJ^-1, and Z_RR is part
/// of what was found for its parent. This takes about twice the operations of the factorization. Independent
/// subtrees run at the same time; the result does not depend on the number of threads. Raises MemoryError
/// before allocating more than the machine has.
template <int Dim>
std::vector<double> selected_inverse(const Factorization<Dim>& factorization, int threads, Monitor& monitor);

/// The number of bytes that `selected_inverse` allocates.
template <int Dim>
double selected_inverse_bytes(const Supernodes<Dim>& supernodes, int threads);

/// Blocks of the Moore-Penrose inverse of a Hessian.
template <int Dim>
struct InverseBlocks {
    Blocks<Dim> diagonal;  ///< of every particle; `missing` on rattlers
    Blocks<Dim> pairs;     ///< (first, second) of the load-bearing pairs
};

/// The blocks of P G P, G the inverse of the Hessian with one particle of each cluster held and P the
/// projector that takes out the translations of clusters: (P G P)_ij = G_ij - g_i - g_j^T + mean g, where g_i
/// is the mean of G_ij over the cluster and comes from one solve. Raises InstabilityError where
/// `ElasticSolver::solve` does.
template <int Dim>
InverseBlocks<Dim> inverse_blocks(const ElasticSolver<Dim>& solver, double missing, Monitor& monitor);

}  // namespace glassplast
