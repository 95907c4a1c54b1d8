#include <glassplast/shear/sheared_glass.hpp>

#include <glassplast/geometry/exponential.hpp>
#include <glassplast/relax/round_off.hpp>

#include <Eigen/Eigenvalues>
#include <Eigen/LU>

#include <cmath>

namespace glassplast {

namespace {

constexpr int settling_budget = 100;
/// A particle that is only just touched has almost no negative stiffness compared with its positive
/// stiffness.
constexpr double buckling_stiffness = 1e-6;

}  // namespace

template <int Dim>
ShearedGlass<Dim>::ShearedGlass(std::shared_ptr<const Interaction<Dim>> interaction, const Box<Dim>& box,
                                double gamma, const Matrix<Dim>& loading, int threads)
    : reference_(box),
      gamma_0_(gamma),
      loading_(loading),
      potential_(std::move(interaction), box),
      solver_(threads) {}

template <int Dim>
Matrix<Dim> ShearedGlass<Dim>::deformation(double gamma) const {
    return exponential<Dim>((gamma - gamma_0_) * loading_);
}

template <int Dim>
Positions<Dim> ShearedGlass<Dim>::positions(const Eigen::VectorXd& q, double gamma) const {
    return deformation(gamma) * Eigen::Map<const Positions<Dim>>(q.data(), Dim, q.size() / Dim);
}

template <int Dim>
void ShearedGlass<Dim>::move(const Eigen::VectorXd& q, double gamma) {
    deformation_ = deformation(gamma);
    positions_ = positions(q, gamma);
    potential_.set_box(reference_.deformed(deformation_));
    evaluation_ = potential_.evaluate(positions_, forces_);
    q_ = q;
}

template <int Dim>
Eigen::VectorXd ShearedGlass<Dim>::gradient() const {
    return -applied<Dim>(deformation_.transpose(), flat<Dim>(forces_));
}

template <int Dim>
double ShearedGlass<Dim>::stress() const {
    return evaluation_.virial.cwiseProduct(loading_).sum();
}

template <int Dim>
double ShearedGlass<Dim>::largest_force() const {
    double largest = 0.0;
    const std::vector<int>& index = solver_.core().index;
    for (Eigen::Index i = 0; i < forces_.cols(); ++i) {
        if (index.empty() || index[static_cast<std::size_t>(i)] >= 0) {
            largest = std::max(largest, forces_.col(i).squaredNorm());
        }
    }
    return std::sqrt(largest);
}

template <int Dim>
bool ShearedGlass<Dim>::settle(double target) {
    const Matrix<Dim> inverse = deformation_.inverse();
    bool loose = true;
    for (int k = 0; k < settling_budget && rattlers_.largest_force(forces_) > target; ++k) {
        // A rattler that gets wedged on its way still goes to its own minimum first, where its block of H is
        // positive.
        loose = rattlers_.refresh(potential_.stiffness(positions_));
        positions_ += rattlers_.step(forces_);
        evaluation_ = potential_.evaluate(positions_, forces_);
        q_ = applied<Dim>(inverse, flat<Dim>(positions_));
    }
    return loose;
}

template <int Dim>
int ShearedGlass<Dim>::factorize() {
    solver_.factorize(potential_, positions_, pattern_margin);
    rattlers_.set(solver_.core());
    floor_ = round_off_force(solver_.network(), positions_);
    factor_deformation_ = deformation_;
    // The contacts of rattlers bear no load.
    const StiffnessNetwork<Dim>& network = solver_.network();
    Positions<Dim> gradient = Positions<Dim>::Zero(Dim, positions_.cols());
    born_ = evaluation_.virial.cwiseProduct(loading_ * loading_).sum();
    for (std::size_t k = 0; k < network.size(); ++k) {
        if (!solver_.bears(k)) {
            continue;
        }
        const auto index = static_cast<Eigen::Index>(k);
        const Vector<Dim> n = network.direction.col(index);
        const double tangential = network.phi1(index) / network.distance(index);
        const Vector<Dim> affine = loading_ * network.separation.col(index);
        const Vector<Dim> pull = (network.phi2(index) - tangential) * n.dot(affine) * n + tangential * affine;
        gradient.col(network.second[k]) += pull;
        gradient.col(network.first[k]) -= pull;
        born_ += affine.dot(pull);
    }
    mixed_ = applied<Dim>(deformation_.transpose(), flat<Dim>(gradient));
    return solver_.negative() + solver_.further_zero_modes();
}

template <int Dim>
Eigen::VectorXd ShearedGlass<Dim>::buckling(const Eigen::VectorXd& motion) const {
    const StiffnessNetwork<Dim>& network = solver_.network();
    const std::vector<int>& index = solver_.core().index;
    std::vector<Matrix<Dim>> own(index.size(), Matrix<Dim>::Zero());
    for (std::size_t k = 0; k < network.size(); ++k) {
        const Matrix<Dim> block = network.stiffness(k);
        for (const int i : {network.first[k], network.second[k]}) {
            own[static_cast<std::size_t>(i)] += block;
        }
    }
    double softest = 0.0;
    Eigen::VectorXd result;
    for (std::size_t i = 0; i < own.size(); ++i) {
        if (index[i] >= 0 || motion.segment<Dim>(static_cast<Eigen::Index>(Dim * i)).isZero(0.0)) {
            continue;
        }
        const Eigen::SelfAdjointEigenSolver<Matrix<Dim>> eigen(own[i]);
        const double lowest = eigen.eigenvalues()(0);
        if (lowest < std::min(softest, -buckling_stiffness * own[i].trace())) {
            softest = lowest;
            result = Eigen::VectorXd::Zero(q_.size());
            result.segment<Dim>(static_cast<Eigen::Index>(Dim * i)) =
                (deformation_.inverse() * eigen.eigenvectors().col(0)).normalized();
        }
    }
    return result;
}

template <int Dim>
Eigen::VectorXd ShearedGlass<Dim>::solve(const Eigen::VectorXd& right) const {
    const Matrix<Dim> inverse = factor_deformation_.inverse();
    return applied<Dim>(inverse, solver_.solve(applied<Dim>(inverse.transpose(), right), false));
}

template <int Dim>
double ShearedGlass<Dim>::largest_move(const Eigen::VectorXd& change) const {
    double largest = 0.0;
    for (const int i : solver_.core().particles) {
        const Vector<Dim> move = deformation_ * change.segment<Dim>(static_cast<Eigen::Index>(Dim) * i);
        // Written so that a NaN is no small move.
        largest = move.squaredNorm() <= largest ? largest : move.squaredNorm();
    }
    return std::sqrt(largest);
}

template class ShearedGlass<2>;
template class ShearedGlass<3>;

}  // namespace glassplast
