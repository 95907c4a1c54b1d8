#pragma once

#include <glassplast/continuation/system.hpp>
#include <glassplast/linalg/factorization.hpp>
#include <glassplast/models/interaction.hpp>
#include <glassplast/relax/rattlers.hpp>

#include <memory>
#include <vector>

namespace glassplast {

/// How much of a glass belongs to a patch.
struct PatchExtent {
    double radius = 5.0;  ///< of the disk whose particles relax
    double skin = 0.4;    ///< of its list of pairs
};

/// The particles of a disk, which relax, among those around it, which move affinely: x = F q with F =
/// exp(gamma G), positions relative to the centre of the disk. Barbot et al., Phys. Rev. E 97, 033001 (2018).
///
/// It has two stresses. The one that is conjugate to gamma counts all pairs of a free particle; the watched
/// one, per area of the disk, counts pairs with a frozen particle by half.
class Patch final : public System {
public:
    /// `cells` and `sites` hold every image within extent.radius + 2 range of the centre, which lies in the
    /// box. Raises GeometryError when no particle is free.
    Patch(const Interaction<2>& interaction, const ImageCells<2>& cells, const Positions<2>& sites,
          const Vector<2>& centre, const PatchExtent& extent);

    /// Chooses G, a symmetric matrix without trace, and goes back to the start, so that what follows does not
    /// depend on what was done before.
    void load_along(const Matrix<2>& loading);

    /// The positions at which the free particles were cut out.
    const Eigen::VectorXd& start() const { return start_; }
    /// Which particles of the glass are free.
    std::vector<int> free_particles() const { return {source_.begin(), source_.begin() + free_}; }
    /// The forces on the free particles, at the present gamma.
    Positions<2> forces() const { return Eigen::Map<const Positions<2>>(forces_.data(), 2, free_); }
    /// 1/A times the sum over pairs of w phi' r r^T / r, with w = 1 among free particles and 1/2 for pairs
    /// with a frozen one.
    Matrix<2> local_stress() const;

    void move(const Eigen::VectorXd& q, double gamma) override;
    const Eigen::VectorXd& coordinates() const override { return q_; }
    double energy() const override { return energy_; }
    Eigen::VectorXd gradient() const override { return -applied<2>(deformation_.transpose(), forces_); }
    double stress() const override;
    double watched_stress() const override { return local_stress().cwiseProduct(loading_).sum(); }
    double largest_force() const override;
    double force_floor() const override { return floor_; }
    bool settle(double target) override;
    int factorize() override;
    /// A patch is not followed around the corners of harmonic contacts.
    Eigen::VectorXd buckling(const Eigen::VectorXd& /*motion*/) const override { return {}; }
    Eigen::VectorXd solve(const Eigen::VectorXd& right) const override;
    Eigen::VectorXd displacement(const Eigen::VectorXd& change) const override {
        return applied<2>(factor_deformation_, change);
    }
    Eigen::VectorXd response(const Eigen::VectorXd& force) const override;
    Eigen::VectorXd stiffness(const Eigen::VectorXd& displacement) const override;
    const Eigen::VectorXd& mixed() const override { return mixed_; }
    double born() const override { return born_; }
    const Eigen::VectorXd& watched_mixed() const override { return watched_mixed_; }
    double watched_born() const override { return watched_born_; }
    void project(Eigen::VectorXd& change) const override;
    double largest_move(const Eigen::VectorXd& change) const override;

    long evaluations() const { return evaluations_; }

private:
    Vector<2> place(int i) const;
    bool covers() const;
    void list_pairs();
    void find_pattern();
    void evaluate();
    StiffnessNetwork<2> network() const;
    bool bears(int i) const { return i >= free_ || core_.index[static_cast<std::size_t>(i)] >= 0; }

    const Interaction<2>& interaction_;
    double area_;
    double skin_;
    int free_ = 0;
    std::vector<int> source_;     ///< the particle that each site is an image of; free ones come first
    std::vector<char> anchored_;  ///< frozen
    Positions<2> frozen_;         ///< q of those, from free_ on
    Eigen::VectorXd start_;

    Matrix<2> loading_ = Matrix<2>::Zero();
    Matrix<2> deformation_ = Matrix<2>::Identity();
    Eigen::VectorXd q_;
    double energy_ = 0.0;
    Eigen::VectorXd forces_;

    // Pairs of a free particle, those with free ones first; valid as long as `covers`.
    std::vector<int> first_;
    std::vector<int> second_;
    std::vector<int> first_source_;
    std::vector<int> second_source_;
    std::vector<int> slot_;  ///< in the factorization, of pairs of free particles
    std::size_t inner_ = 0;  ///< how many of the pairs are
    Eigen::VectorXd listed_q_;
    Matrix<2> listed_deformation_ = Matrix<2>::Identity();
    Positions<2> separation_;
    std::vector<double> distance_;
    std::vector<double> phi_;
    std::vector<double> phi1_;
    std::vector<double> phi2_;

    std::shared_ptr<const Supernodes<2>> first_supernodes_;
    std::shared_ptr<const Supernodes<2>> supernodes_;
    Factorization<2> factorization_;
    StiffnessNetwork<2> factored_;
    Matrix<2> factor_deformation_ = Matrix<2>::Identity();
    RigidCore<2> core_;
    Rattlers<2> rattlers_;
    double floor_ = 0.0;
    Eigen::VectorXd mixed_;
    double born_ = 0.0;
    Eigen::VectorXd watched_mixed_;
    double watched_born_ = 0.0;
    long evaluations_ = 0;
};

/// How wide a box must be for a patch not to interact with its own image.
inline double patch_width(const Interaction<2>& interaction, double radius) {
    return 2.0 * radius + interaction.range();
}

/// Cuts patches out of one glass, one after the other.
class PatchCutter {
public:
    /// Raises GeometryError when a patch would interact with its own image.
    PatchCutter(const Interaction<2>& interaction, const Box<2>& box, const Positions<2>& positions,
                const PatchExtent& extent);

    Patch cut(const Vector<2>& centre) const;

private:
    const Interaction<2>& interaction_;
    Box<2> box_;
    PatchExtent extent_;
    ImageCells<2> cells_;
    Positions<2> sites_;
};

}  // namespace glassplast
