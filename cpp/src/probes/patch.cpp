#include <glassplast/probes/patch.hpp>

#include <glassplast/errors.hpp>
#include <glassplast/geometry/exponential.hpp>
#include <glassplast/relax/round_off.hpp>

#include <Eigen/LU>

#include <algorithm>
#include <cmath>
#include <sstream>

namespace glassplast {

namespace {

constexpr int settling_budget = 100;

}  // namespace

Patch::Patch(const Interaction<2>& interaction, const ImageCells<2>& cells, const Positions<2>& sites,
             const Vector<2>& centre, const PatchExtent& extent)
    : interaction_(interaction), area_(M_PI * extent.radius * extent.radius), skin_(extent.skin) {
    const double outer = extent.radius + 2.0 * interaction.range();
    std::vector<int> around;
    std::vector<int> inside;
    for (Eigen::Index k = 0; k < sites.cols(); ++k) {
        const double squared = (sites.col(k) - centre).squaredNorm();
        if (squared < extent.radius * extent.radius) {
            inside.push_back(static_cast<int>(k));
        } else if (squared < outer * outer) {
            around.push_back(static_cast<int>(k));
        }
    }
    if (inside.empty()) {
        std::ostringstream message;
        message << "no particle lies within " << extent.radius << " of (" << centre.transpose()
                << "): choose a larger radius";
        throw GeometryError(message.str());
    }
    free_ = static_cast<int>(inside.size());
    anchored_.assign(inside.size() + around.size(), 1);
    std::fill_n(anchored_.begin(), inside.size(), 0);
    frozen_.resize(2, static_cast<Eigen::Index>(around.size()));
    start_.resize(2 * static_cast<Eigen::Index>(free_));
    for (const int k : inside) {
        start_.segment<2>(2 * static_cast<Eigen::Index>(source_.size())) = sites.col(k) - centre;
        source_.push_back(cells.source()[static_cast<std::size_t>(k)]);
    }
    for (const int k : around) {
        frozen_.col(static_cast<Eigen::Index>(source_.size()) - free_) = sites.col(k) - centre;
        source_.push_back(cells.source()[static_cast<std::size_t>(k)]);
    }
    q_ = start_;
    list_pairs();
    first_supernodes_ = supernodes_;
    evaluate();
}

void Patch::load_along(const Matrix<2>& loading) {
    loading_ = loading;
    core_ = RigidCore<2>();
    rattlers_ = Rattlers<2>();
    // Start as if nothing had been done before, so that sums go over the same pairs in the same order.
    q_ = start_;
    deformation_ = Matrix<2>::Identity();
    supernodes_ = first_supernodes_;
    list_pairs();
    evaluate();
}

Vector<2> Patch::place(int i) const {
    return i < free_ ? Vector<2>(q_.segment<2>(2 * static_cast<Eigen::Index>(i)))
                     : Vector<2>(frozen_.col(i - free_));
}

bool Patch::covers() const {
    if (listed_q_.size() != q_.size()) {
        return false;
    }
    const Matrix<2> since = deformation_ * listed_deformation_.inverse() - Matrix<2>::Identity();
    double moved = 0.0;
    for (Eigen::Index i = 0; i < q_.size(); i += 2) {
        moved = std::max(moved, (deformation_ * (q_.segment<2>(i) - listed_q_.segment<2>(i))).squaredNorm());
    }
    // |r| >= (1 - |F F0^-1 - 1|) |r0| - 2 u for a pair that was beyond cutoff + skin.
    const double range = interaction_.range();
    return (1.0 - since.norm()) * (range + skin_) - 2.0 * std::sqrt(moved) > range;
}

void Patch::list_pairs() {
    first_.clear();
    second_.clear();
    const double range = interaction_.range();
    const double farthest = (range + skin_) * (range + skin_);
    const int all = static_cast<int>(source_.size());
    Positions<2> x(2, all);
    for (int i = 0; i < all; ++i) {
        x.col(i) = deformation_ * place(i);
    }
    const auto consider = [&](int i, int j) {
        const double squared = (x.col(j) - x.col(i)).squaredNorm();
        if (squared >= farthest) {
            return;
        }
        const double reach =
            skin_ + interaction_.pair_cutoff(static_cast<std::size_t>(source_[static_cast<std::size_t>(i)]),
                                             static_cast<std::size_t>(source_[static_cast<std::size_t>(j)]));
        if (squared < reach * reach) {
            first_.push_back(i);
            second_.push_back(j);
        }
    };
    for (int i = 0; i < free_; ++i) {
        for (int j = i + 1; j < free_; ++j) {
            consider(i, j);
        }
    }
    inner_ = first_.size();
    for (int i = 0; i < free_; ++i) {
        for (int j = free_; j < all; ++j) {
            consider(i, j);
        }
    }
    const auto sources = [this](const std::vector<int>& local) {
        std::vector<int> particles;
        particles.reserve(local.size());
        for (const int i : local) {
            particles.push_back(source_[static_cast<std::size_t>(i)]);
        }
        return particles;
    };
    first_source_ = sources(first_);
    second_source_ = sources(second_);
    listed_q_ = q_;
    listed_deformation_ = deformation_;
    find_pattern();
}

void Patch::find_pattern() {
    slot_.resize(inner_);
    bool complete = static_cast<bool>(supernodes_);
    for (std::size_t k = 0; k < inner_ && complete; ++k) {
        slot_[k] = supernodes_->slot(first_[k], second_[k]);
        complete = slot_[k] >= 0;
    }
    if (complete) {
        return;
    }
    const std::vector<int> first(first_.begin(), first_.begin() + static_cast<std::ptrdiff_t>(inner_));
    const std::vector<int> second(second_.begin(), second_.begin() + static_cast<std::ptrdiff_t>(inner_));
    const Positions<2> points = Eigen::Map<const Positions<2>>(q_.data(), 2, free_);
    supernodes_ = std::make_shared<const Supernodes<2>>(
        points, Graph::from_pairs(static_cast<std::size_t>(free_), first, second));
    for (std::size_t k = 0; k < inner_; ++k) {
        slot_[k] = supernodes_->slot(first_[k], second_[k]);
    }
}

void Patch::evaluate() {
    ++evaluations_;
    const std::size_t pairs = first_.size();
    separation_.resize(2, static_cast<Eigen::Index>(pairs));
    distance_.resize(pairs);
    Positions<2> x(2, static_cast<Eigen::Index>(source_.size()));
    x.leftCols(free_) = deformation_ * Eigen::Map<const Positions<2>>(q_.data(), 2, free_);
    x.rightCols(frozen_.cols()) = deformation_ * frozen_;
    for (std::size_t k = 0; k < pairs; ++k) {
        const Vector<2> r = x.col(second_[k]) - x.col(first_[k]);
        separation_.col(static_cast<Eigen::Index>(k)) = r;
        distance_[k] = r.norm();
    }
    interaction_.pair_values(first_source_, second_source_, distance_, phi_, phi1_, phi2_);
    energy_ = 0.0;
    forces_.setZero(2 * static_cast<Eigen::Index>(free_));
    for (std::size_t k = 0; k < pairs; ++k) {
        energy_ += phi_[k];
        if (phi1_[k] == 0.0) {
            continue;
        }
        const Vector<2> pull = phi1_[k] / distance_[k] * separation_.col(static_cast<Eigen::Index>(k));
        forces_.segment<2>(2 * static_cast<Eigen::Index>(first_[k])) += pull;
        if (k < inner_) {
            forces_.segment<2>(2 * static_cast<Eigen::Index>(second_[k])) -= pull;
        }
    }
    if (!std::isfinite(energy_)) {
        throw GeometryError("two particles of a patch sit on one spot: the energy is infinite");
    }
}

void Patch::move(const Eigen::VectorXd& q, double gamma) {
    deformation_ = exponential<2>(gamma * loading_);
    q_ = q;
    if (!covers()) {
        list_pairs();
    }
    evaluate();
}

Matrix<2> Patch::local_stress() const {
    Matrix<2> sum = Matrix<2>::Zero();
    for (std::size_t k = 0; k < first_.size(); ++k) {
        if (phi1_[k] != 0.0) {
            const Vector<2> r = separation_.col(static_cast<Eigen::Index>(k));
            sum += (k < inner_ ? 1.0 : 0.5) * phi1_[k] / distance_[k] * r * r.transpose();
        }
    }
    return sum / area_;
}

double Patch::stress() const {
    double sum = 0.0;
    for (std::size_t k = 0; k < first_.size(); ++k) {
        if (phi1_[k] != 0.0) {
            const Vector<2> r = separation_.col(static_cast<Eigen::Index>(k));
            sum += phi1_[k] / distance_[k] * r.dot(loading_ * r);
        }
    }
    return sum;
}

double Patch::largest_force() const {
    double largest = 0.0;
    for (int i = 0; i < free_; ++i) {
        if (core_.index.empty() || bears(i)) {
            largest = std::max(largest, forces_.segment<2>(2 * static_cast<Eigen::Index>(i)).squaredNorm());
        }
    }
    return std::sqrt(largest);
}

StiffnessNetwork<2> Patch::network() const {
    StiffnessNetwork<2> network;
    network.particles = source_.size();
    std::vector<Eigen::Index> kept;
    for (std::size_t k = 0; k < first_.size(); ++k) {
        // Outside the cutoff all three vanish.
        if (phi1_[k] != 0.0 || phi2_[k] != 0.0) {
            kept.push_back(static_cast<Eigen::Index>(k));
            network.first.push_back(first_[k]);
            network.second.push_back(second_[k]);
        }
    }
    const auto count = static_cast<Eigen::Index>(kept.size());
    network.separation.resize(2, count);
    network.direction.resize(2, count);
    for (Eigen::VectorXd* values : {&network.distance, &network.phi1, &network.phi2}) {
        values->resize(count);
    }
    for (Eigen::Index n = 0; n < count; ++n) {
        const auto k = static_cast<std::size_t>(kept[static_cast<std::size_t>(n)]);
        network.separation.col(n) = separation_.col(kept[static_cast<std::size_t>(n)]);
        network.distance(n) = distance_[k];
        network.direction.col(n) = network.separation.col(n) / distance_[k];
        network.phi1(n) = phi1_[k];
        network.phi2(n) = phi2_[k];
    }
    return network;
}

bool Patch::settle(double target) {
    const Matrix<2> inverse = deformation_.inverse();
    bool loose = true;
    const auto count = static_cast<Eigen::Index>(source_.size());
    Positions<2> forces = Positions<2>::Zero(2, count);
    const auto spread = [&] {
        forces.leftCols(free_) = Eigen::Map<const Positions<2>>(forces_.data(), 2, free_);
    };
    spread();
    for (int k = 0; k < settling_budget && rattlers_.largest_force(forces) > target; ++k) {
        loose = rattlers_.refresh(network(), anchored_);
        const Positions<2> step = inverse * rattlers_.step(forces).leftCols(free_);
        q_ += flat<2>(step);
        if (!covers()) {
            list_pairs();
        }
        evaluate();
        spread();
    }
    return loose;
}

int Patch::factorize() {
    factored_ = network();
    core_ = RigidCore<2>(factored_, anchored_);
    rattlers_.set(core_);
    factor_deformation_ = deformation_;
    floor_ = round_off_force(factored_, frozen_);
    factorization_.begin(supernodes_);
    mixed_ = Eigen::VectorXd::Zero(q_.size());
    watched_mixed_ = Eigen::VectorXd::Zero(q_.size());
    born_ = 0.0;
    watched_born_ = 0.0;
    std::vector<Matrix<2>> own(static_cast<std::size_t>(free_), Matrix<2>::Zero());
    Eigen::Index n = 0;
    for (std::size_t k = 0; k < first_.size(); ++k) {
        if (phi1_[k] == 0.0 && phi2_[k] == 0.0) {
            continue;
        }
        const auto pair = static_cast<std::size_t>(n++);
        const int i = first_[k];
        const int j = second_[k];
        if (!bears(i) || !bears(j)) {
            continue;
        }
        const bool inner = k < inner_;
        const Matrix<2> block = factored_.stiffness(pair);
        own[static_cast<std::size_t>(i)] += block;
        if (inner) {
            own[static_cast<std::size_t>(j)] += block;
            factorization_.add(slot_[k], -block);
        }
        const Vector<2> affine = loading_ * factored_.separation.col(static_cast<Eigen::Index>(pair));
        const Vector<2> change = block * affine;
        const double tension = phi1_[k] / distance_[k];
        // d(r . G r phi'/r)/dr. The part that it has beside `change` sums to zero where forces balance.
        const Vector<2> whole = change + tension * affine;
        const double weight = (inner ? 1.0 : 0.5) / area_;
        const auto from = 2 * static_cast<Eigen::Index>(i);
        mixed_.segment<2>(from) -= change;
        watched_mixed_.segment<2>(from) -= weight * whole;
        if (inner) {
            const auto to = 2 * static_cast<Eigen::Index>(j);
            mixed_.segment<2>(to) += change;
            watched_mixed_.segment<2>(to) += weight * whole;
        }
        const double second = affine.dot(change) + tension * affine.squaredNorm();
        born_ += second;
        watched_born_ += weight * second;
    }
    for (int i = 0; i < free_; ++i) {
        factorization_.add(supernodes_->slot(i, i),
                           bears(i) ? own[static_cast<std::size_t>(i)] : Matrix<2>::Identity());
    }
    mixed_ = applied<2>(deformation_.transpose(), mixed_);
    watched_mixed_ = applied<2>(deformation_.transpose(), watched_mixed_);
    factorization_.factorize(1);
    return factorization_.negative() + factorization_.vanishing();
}

Eigen::VectorXd Patch::response(const Eigen::VectorXd& force) const {
    Eigen::MatrixXd column = force;
    for (int i = 0; i < free_; ++i) {
        if (!bears(i)) {
            column.col(0).segment<2>(2 * static_cast<Eigen::Index>(i)).setZero();
        }
    }
    factorization_.solve(column);
    return column.col(0);
}

Eigen::VectorXd Patch::solve(const Eigen::VectorXd& right) const {
    const Matrix<2> inverse = factor_deformation_.inverse();
    return applied<2>(inverse, response(applied<2>(inverse.transpose(), right)));
}

Eigen::VectorXd Patch::stiffness(const Eigen::VectorXd& displacement) const {
    Eigen::VectorXd result = Eigen::VectorXd::Zero(displacement.size());
    for (std::size_t k = 0; k < factored_.size(); ++k) {
        const int i = factored_.first[k];
        const int j = factored_.second[k];
        if (!bears(i) || !bears(j)) {
            continue;
        }
        const auto from = 2 * static_cast<Eigen::Index>(i);
        const auto to = 2 * static_cast<Eigen::Index>(j);
        Vector<2> apart = -displacement.segment<2>(from);
        if (j < free_) {
            apart += displacement.segment<2>(to);
        }
        const Vector<2> pull = factored_.stiffness(k) * apart;
        result.segment<2>(from) -= pull;
        if (j < free_) {
            result.segment<2>(to) += pull;
        }
    }
    return result;
}

void Patch::project(Eigen::VectorXd& change) const {
    for (int i = 0; i < free_; ++i) {
        if (!bears(i)) {
            change.segment<2>(2 * static_cast<Eigen::Index>(i)).setZero();
        }
    }
}

double Patch::largest_move(const Eigen::VectorXd& change) const {
    double largest = 0.0;
    for (int i = 0; i < free_; ++i) {
        if (bears(i)) {
            const Vector<2> move = deformation_ * change.segment<2>(2 * static_cast<Eigen::Index>(i));
            // Written so that a NaN is no small move.
            largest = move.squaredNorm() <= largest ? largest : move.squaredNorm();
        }
    }
    return std::sqrt(largest);
}

PatchCutter::PatchCutter(const Interaction<2>& interaction, const Box<2>& box, const Positions<2>& positions,
                         const PatchExtent& extent)
    : interaction_(interaction),
      box_(box),
      extent_(extent),
      cells_(box, positions, extent.radius + 2.0 * interaction.range()) {
    const double needed = patch_width(interaction, extent.radius);
    if (needed > box.smallest_width()) {
        std::ostringstream message;
        message << "patches of radius " << extent.radius << " need a box " << needed
                << " wide, twice that and a cutoff; this one is " << box.smallest_width()
                << ": choose a smaller radius";
        throw GeometryError(message.str());
    }
    cells_.place(box, positions, sites_);
}

Patch PatchCutter::cut(const Vector<2>& centre) const {
    // Images surround the reduced cell.
    const Vector<2> fraction = box_.reduced_inverse() * (centre - box_.origin());
    const Vector<2> inside = centre - box_.reduced_cell() * fraction.array().floor().matrix();
    return {interaction_, cells_, sites_, inside, extent_};
}

}  // namespace glassplast
