#pragma once

#include <glassplast/linalg/factorization.hpp>
#include <glassplast/linalg/field_block.hpp>
#include <glassplast/mechanics/rigid_core.hpp>
#include <glassplast/models/potential_energy.hpp>

#include <memory>

namespace glassplast {

/// Where states follow each other, pairs this far beyond their cutoff belong to the pattern of the factor.
inline constexpr double pattern_margin = 0.05;

/// The Hessian of a network on its rigid core, and the action of its pseudo-inverse.
///
/// Vectors run over the degrees of freedom of all particles. Rattlers are decoupled; one particle of each
/// cluster is grounded (decoupled as well), which makes the rest regular; P G P with the projector P on both
/// sides is then the Moore-Penrose inverse of H.
template <int Dim>
class ElasticSolver {
public:
    explicit ElasticSolver(int threads = 1) : threads_(threads) {}

    /// Finds the elimination order for a pattern of pairs, which may hold more than those that interact now.
    void analyze(const Box<Dim>& box, const Positions<Dim>& positions, const std::vector<int>& first,
                 const std::vector<int>& second);
    /// The same of particles in open space.
    void analyze(const Positions<Dim>& points, const std::vector<int>& first, const std::vector<int>& second);

    /// Factorizes; returns false, and does nothing, when a pair lies outside the analyzed pattern or nothing
    /// was analyzed. Raises InstabilityError when nothing carries load or a pivot vanishes exactly.
    /// Particles that are `anchored` do not move; with one in each cluster no translation is left to project.
    /// Of what asks for vectors only `project` and `solve_block` know of them.
    bool factorize(StiffnessNetwork<Dim> network, const std::vector<char>& anchored = {});
    /// At a state of a potential; where the pattern must be found anew it takes in pairs up to `margin`
    /// beyond their cutoff, so that it lasts.
    void factorize(PotentialEnergy<Dim>& potential, const Positions<Dim>& positions, double margin);
    /// The same again.
    void refactorize();

    const RigidCore<Dim>& core() const { return core_; }
    const StiffnessNetwork<Dim>& network() const { return network_; }
    Eigen::Index size() const { return static_cast<Eigen::Index>(Dim * network_.particles); }
    const Supernodes<Dim>& supernodes() const { return grounded_.supernodes(); }

    /// Whether a pair of the network joins two members of the core.
    bool bears(std::size_t pair) const {
        return core_.index[static_cast<std::size_t>(network_.first[pair])] >= 0 &&
               core_.index[static_cast<std::size_t>(network_.second[pair])] >= 0;
    }

    /// Where the block of a pair of the network is among those of the supernodes.
    int slot(std::size_t pair) const { return slots_[pair]; }

    /// Number of negative eigenvalues of H: 0 in a minimum.
    int negative() const { return grounded_.negative(); }
    /// Zero modes beyond the translations of the clusters.
    int further_zero_modes() const { return grounded_.vanishing(); }

    /// Number of eigenvalues of H below sigma > 0, without the translations.
    int count_below(double sigma) const;

    /// H v over the core.
    Eigen::MatrixXd times(const Eigen::Ref<const Eigen::MatrixXd>& vectors) const;

    /// A bound on the largest eigenvalue: the largest absolute row sum.
    double largest_row_sum() const;

    /// H^-1 on vectors (several columns at once). One step of iterative refinement unless told otherwise.
    /// Raises InstabilityError when there are further zero modes.
    Eigen::MatrixXd solve(const Eigen::Ref<const Eigen::MatrixXd>& right, bool refine = true) const;

    /// Takes the translations out of a block, or what belongs to anchored particles; rattlers become zero.
    void project(FieldBlock& values) const;
    /// H^-1 in place on the columns of a block, without refinement.
    void solve_block(FieldBlock& values) const;

    /// Raises InstabilityError when there are further zero modes: nothing has a response then.
    void require_regular() const;

    /// The factorization that `solve` uses, of H with rattlers and one particle of each cluster decoupled.
    const Factorization<Dim>& grounded() const { return grounded_; }
    /// The particle of each cluster that it holds, or those that are anchored.
    const std::vector<int>& held() const { return ground_; }
    /// Whether particles were anchored.
    bool anchored() const { return anchored_; }
    int threads() const { return threads_; }

    /// A factorization of H - shift over all degrees of freedom of the core, ungrounded.
    Factorization<Dim> shifted(double shift) const;
    /// The same into one whose memory may be used again, on so many threads.
    void factorize_shifted(Factorization<Dim>& factorization, double shift, int threads) const;

private:
    void find_slots(const StiffnessNetwork<Dim>& network);
    void find_ground(const std::vector<char>& anchored);
    bool fill(Factorization<Dim>& factorization, double shift, bool grounded) const;
    Eigen::MatrixXd apply(const Eigen::MatrixXd& right) const;

    int threads_;
    StiffnessNetwork<Dim> network_;
    RigidCore<Dim> core_;
    bool anchored_ = false;
    std::vector<int> ground_;  ///< the particle of each cluster that is held, or all anchored ones
    std::shared_ptr<const Supernodes<Dim>> supernodes_;
    std::vector<int> slots_;  ///< of the pairs, -1 outside the pattern
    std::shared_ptr<const Supernodes<Dim>> slots_of_;
    Factorization<Dim> grounded_;
};

extern template class ElasticSolver<2>;
extern template class ElasticSolver<3>;

}  // namespace glassplast
