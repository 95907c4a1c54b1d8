#pragma once

#include <glassplast/linalg/factorization.hpp>
#include <glassplast/linalg/field_block.hpp>
#include <glassplast/mechanics/rigid_core.hpp>
#include <glassplast/models/potential_energy.hpp>

#include <memory>

namespace glassplast {

/// Pairs up to this far beyond their cutoff belong to the pattern of the factor where states follow each
/// other.
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
    /// The same for particles in open space, without a periodic box.
    void analyze(const Positions<Dim>& points, const std::vector<int>& first, const std::vector<int>& second);

    /// Factorizes; returns false, and does nothing, when a pair lies outside the analyzed pattern or nothing
    /// was analyzed. Raises InstabilityError when nothing carries load or a pivot vanishes exactly.
    /// Particles that are `anchored` do not move; with one in each cluster no translation is left to project
    /// out. Of the functions on vectors only `project` and `solve_block` take account of them.
    bool factorize(StiffnessNetwork<Dim> network, const std::vector<char>& anchored = {});
    /// Factorizes at a state of a potential. If the pattern must be found anew, it includes pairs up to
    /// `margin` beyond their cutoff, so that it lasts.
    void factorize(PotentialEnergy<Dim>& potential, const Positions<Dim>& positions, double margin);
    /// Repeats the last factorization.
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

    /// The place of the block of a pair of the network among the blocks of the supernodes.
    int slot(std::size_t pair) const { return slots_[pair]; }

    /// The number of negative eigenvalues of H: 0 in a minimum.
    int negative() const { return grounded_.negative(); }
    /// Zero modes beyond the translations of the clusters.
    int further_zero_modes() const { return grounded_.vanishing(); }

    /// The number of eigenvalues of H below sigma > 0, without the translations.
    int count_below(double sigma) const;

    /// H v over the core.
    Eigen::MatrixXd times(const Eigen::Ref<const Eigen::MatrixXd>& vectors) const;

    /// A bound on the largest eigenvalue: the largest absolute row sum.
    double largest_row_sum() const;

    /// H^-1 applied to one or more columns, with one step of iterative refinement unless `refine` is false.
    /// Raises InstabilityError when there are further zero modes.
    Eigen::MatrixXd solve(const Eigen::Ref<const Eigen::MatrixXd>& right, bool refine = true) const;

    /// Subtracts the translations from a block, or sets it to zero on anchored particles; sets it to zero on
    /// rattlers.
    void project(FieldBlock& values) const;
    /// Applies H^-1 in place to the columns of a block, without refinement.
    void solve_block(FieldBlock& values) const;

    /// Raises InstabilityError when there are further zero modes, because then no load has a unique response.
    void require_regular() const;

    /// The factorization that `solve` uses, of H with rattlers and one particle of each cluster decoupled.
    const Factorization<Dim>& grounded() const { return grounded_; }
    /// The particles that this factorization holds fixed: one of each cluster, or those that are anchored.
    const std::vector<int>& held() const { return ground_; }
    /// Whether particles were anchored.
    bool anchored() const { return anchored_; }
    int threads() const { return threads_; }

    /// A factorization of H - shift over all degrees of freedom of the core, ungrounded.
    Factorization<Dim> shifted(double shift) const;
    /// The same into a factorization whose memory is used again, on this many threads.
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
