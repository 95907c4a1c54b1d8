#include <glassplast/linalg/elastic_solver.hpp>

#include <glassplast/errors.hpp>
#include <glassplast/geometry/image_cells.hpp>

#include <algorithm>
#include <cmath>
#include <sstream>

namespace glassplast {

template <int Dim>
void ElasticSolver<Dim>::analyze(const Box<Dim>& box, const Positions<Dim>& positions,
                                 const std::vector<int>& first, const std::vector<int>& second) {
    require_finite<Dim>(positions);
    // Fractions of the reduced cell, scaled so that the dissection finds the longest side.
    Positions<Dim> points = box.reduced_inverse() * (positions.colwise() - box.origin());
    points.array() -= points.array().floor();
    analyze(box.widths().asDiagonal() * points, first, second);
}

template <int Dim>
void ElasticSolver<Dim>::analyze(const Positions<Dim>& points, const std::vector<int>& first,
                                 const std::vector<int>& second) {
    const auto particles = static_cast<std::size_t>(points.cols());
    supernodes_ =
        std::make_shared<const Supernodes<Dim>>(points, Graph::from_pairs(particles, first, second));
}

template <int Dim>
bool ElasticSolver<Dim>::factorize(StiffnessNetwork<Dim> network, const std::vector<char>& anchored) {
    if (!supernodes_ || supernodes_->vertices() != network.particles) {
        return false;
    }
    find_slots(network);
    network_ = std::move(network);
    core_ = RigidCore<Dim>(network_, anchored);
    anchored_ = std::any_of(anchored.begin(), anchored.end(), [](char held) { return held != 0; });
    if (core_.particles.empty()) {
        throw InstabilityError(
            "no particle has enough interacting neighbours to carry load: there is no solid");
    }
    find_ground(anchored);
    if (!fill(grounded_, 0.0, true)) {
        return false;
    }
    grounded_.factorize(threads_);
    return true;
}

template <int Dim>
void ElasticSolver<Dim>::find_ground(const std::vector<char>& anchored) {
    if (anchored_) {
        ground_.clear();
        for (std::size_t i = 0; i < anchored.size(); ++i) {
            if (anchored[i] != 0) {
                ground_.push_back(static_cast<int>(i));
            }
        }
        return;
    }
    // Hold the member of each cluster that is eliminated last.
    ground_.assign(static_cast<std::size_t>(core_.clusters), -1);
    for (std::size_t m = 0; m < core_.size(); ++m) {
        const int i = core_.particles[m];
        int& last = ground_[static_cast<std::size_t>(core_.cluster[m])];
        const std::vector<int>& place = supernodes_->place();
        if (last < 0 || place[static_cast<std::size_t>(i)] > place[static_cast<std::size_t>(last)]) {
            last = i;
        }
    }
}

template <int Dim>
void ElasticSolver<Dim>::factorize(PotentialEnergy<Dim>& potential, const Positions<Dim>& positions,
                                   double margin) {
    if (factorize(potential.stiffness(positions))) {
        return;
    }
    std::vector<int> first;
    std::vector<int> second;
    potential.pairs_within(positions, margin, first, second);
    analyze(potential.box(), positions, first, second);
    factorize(potential.stiffness(positions));
}

template <int Dim>
void ElasticSolver<Dim>::refactorize() {
    if (slots_of_ != supernodes_) {
        find_slots(network_);
    }
    fill(grounded_, 0.0, true);
    grounded_.factorize(threads_);
}

template <int Dim>
void ElasticSolver<Dim>::find_slots(const StiffnessNetwork<Dim>& network) {
    // Pairs often stay the same from one factorization to the next.
    if (slots_of_ == supernodes_ && network.first == network_.first && network.second == network_.second) {
        return;
    }
    slots_.resize(network.size());
    for (std::size_t k = 0; k < network.size(); ++k) {
        slots_[k] = supernodes_->slot(network.first[k], network.second[k]);
    }
    slots_of_ = supernodes_;
}

template <int Dim>
bool ElasticSolver<Dim>::fill(Factorization<Dim>& factorization, double shift, bool grounded) const {
    factorization.begin(supernodes_);
    std::vector<char> loose(network_.particles, 0);
    for (std::size_t i = 0; i < network_.particles; ++i) {
        loose[i] = core_.index[i] < 0 ? 1 : 0;
    }
    if (grounded) {
        for (const int i : ground_) {
            loose[static_cast<std::size_t>(i)] = 1;
        }
    }
    std::vector<Matrix<Dim>> diagonal(network_.particles, -shift * Matrix<Dim>::Identity());
    double stiffest = 0.0;
    for (std::size_t k = 0; k < network_.size(); ++k) {
        if (!bears(k)) {
            continue;
        }
        const int i = network_.first[k];
        const int j = network_.second[k];
        const Matrix<Dim> block = network_.stiffness(k);
        diagonal[static_cast<std::size_t>(i)] += block;
        diagonal[static_cast<std::size_t>(j)] += block;
        stiffest = std::max(stiffest, network_.phi2(static_cast<Eigen::Index>(k)));
        if (slots_[k] < 0) {
            return false;
        }
        if (loose[static_cast<std::size_t>(i)] == 0 && loose[static_cast<std::size_t>(j)] == 0) {
            factorization.add(slots_[k], -block);
        }
    }
    for (std::size_t i = 0; i < network_.particles; ++i) {
        const auto v = static_cast<int>(i);
        factorization.add(v, v,
                          loose[i] != 0 ? Matrix<Dim>(stiffest * Matrix<Dim>::Identity()) : diagonal[i]);
    }
    return true;
}

template <int Dim>
Factorization<Dim> ElasticSolver<Dim>::shifted(double shift) const {
    Factorization<Dim> factorization;
    factorize_shifted(factorization, shift, threads_);
    return factorization;
}

template <int Dim>
void ElasticSolver<Dim>::factorize_shifted(Factorization<Dim>& factorization, double shift,
                                           int threads) const {
    fill(factorization, shift, false);
    factorization.factorize(threads);
}

template <int Dim>
int ElasticSolver<Dim>::count_below(double sigma) const {
    return shifted(sigma).negative() - core_.translations();
}

template <int Dim>
Eigen::MatrixXd ElasticSolver<Dim>::times(const Eigen::Ref<const Eigen::MatrixXd>& vectors) const {
    Eigen::MatrixXd result = Eigen::MatrixXd::Zero(vectors.rows(), vectors.cols());
    for (std::size_t k = 0; k < network_.size(); ++k) {
        if (!bears(k)) {
            continue;
        }
        const Eigen::Index i = Dim * static_cast<Eigen::Index>(network_.first[k]);
        const Eigen::Index j = Dim * static_cast<Eigen::Index>(network_.second[k]);
        const Matrix<Dim> block = network_.stiffness(k);
        for (Eigen::Index c = 0; c < vectors.cols(); ++c) {
            const Vector<Dim> pull =
                block * (vectors.col(c).template segment<Dim>(j) - vectors.col(c).template segment<Dim>(i));
            result.col(c).template segment<Dim>(j) += pull;
            result.col(c).template segment<Dim>(i) -= pull;
        }
    }
    return result;
}

template <int Dim>
double ElasticSolver<Dim>::largest_row_sum() const {
    std::vector<Matrix<Dim>> diagonal(network_.particles, Matrix<Dim>::Zero());
    Positions<Dim> sums = Positions<Dim>::Zero(Dim, static_cast<Eigen::Index>(network_.particles));
    for (std::size_t k = 0; k < network_.size(); ++k) {
        if (!bears(k)) {
            continue;
        }
        const Matrix<Dim> block = network_.stiffness(k);
        for (const int i : {network_.first[k], network_.second[k]}) {
            diagonal[static_cast<std::size_t>(i)] += block;
            sums.col(i) += block.cwiseAbs().rowwise().sum();
        }
    }
    for (std::size_t i = 0; i < network_.particles; ++i) {
        sums.col(static_cast<Eigen::Index>(i)) += diagonal[i].cwiseAbs().rowwise().sum();
    }
    return sums.maxCoeff();
}

template <int Dim>
void ElasticSolver<Dim>::project(FieldBlock& values) const {
    for (std::size_t i = 0; i < core_.index.size(); ++i) {
        if (core_.index[i] < 0) {
            values.middleRows<Dim>(static_cast<Eigen::Index>(Dim * i)).setZero();
        }
    }
    if (anchored_) {
        for (const int i : ground_) {
            values.middleRows<Dim>(static_cast<Eigen::Index>(Dim) * i).setZero();
        }
        return;
    }
    using Sums = Eigen::Matrix<double, Dim, solve_width, Eigen::RowMajor>;
    std::vector<Sums> mean(static_cast<std::size_t>(core_.clusters), Sums::Zero());
    std::vector<int> members(mean.size(), 0);
    for (std::size_t m = 0; m < core_.size(); ++m) {
        const auto cluster = static_cast<std::size_t>(core_.cluster[m]);
        mean[cluster] += values.middleRows<Dim>(static_cast<Eigen::Index>(Dim) * core_.particles[m]);
        ++members[cluster];
    }
    for (std::size_t c = 0; c < mean.size(); ++c) {
        mean[c] /= members[c];
    }
    for (std::size_t m = 0; m < core_.size(); ++m) {
        values.middleRows<Dim>(static_cast<Eigen::Index>(Dim) * core_.particles[m]) -=
            mean[static_cast<std::size_t>(core_.cluster[m])];
    }
}

template <int Dim>
void ElasticSolver<Dim>::solve_block(FieldBlock& values) const {
    require_regular();
    project(values);
    for (const int i : ground_) {
        values.middleRows<Dim>(static_cast<Eigen::Index>(Dim) * i).setZero();
    }
    // Vectors in the order of elimination.
    const std::vector<int>& order = supernodes_->order();
    FieldBlock ordered(values.rows(), solve_width);
    for (std::size_t p = 0; p < order.size(); ++p) {
        ordered.middleRows<Dim>(static_cast<Eigen::Index>(Dim * p)) =
            values.middleRows<Dim>(static_cast<Eigen::Index>(Dim) * order[p]);
    }
    grounded_.solve_places(ordered.data(), solve_width);
    for (std::size_t p = 0; p < order.size(); ++p) {
        values.middleRows<Dim>(static_cast<Eigen::Index>(Dim) * order[p]) =
            ordered.middleRows<Dim>(static_cast<Eigen::Index>(Dim * p));
    }
    project(values);
}

template <int Dim>
Eigen::MatrixXd ElasticSolver<Dim>::apply(const Eigen::MatrixXd& right) const {
    Eigen::MatrixXd result = right;
    for (Eigen::Index c = 0; c < result.cols(); ++c) {
        core_.project(result.col(c));
    }
    for (const int i : ground_) {
        result.middleRows<Dim>(static_cast<Eigen::Index>(Dim) * i).setZero();
    }
    grounded_.solve(result);
    for (Eigen::Index c = 0; c < result.cols(); ++c) {
        core_.project(result.col(c));
    }
    return result;
}

template <int Dim>
void ElasticSolver<Dim>::require_regular() const {
    if (further_zero_modes() > 0) {
        std::ostringstream message;
        message << "the Hessian has " << further_zero_modes()
                << " zero modes beyond the translations; the response is not defined";
        throw InstabilityError(message.str());
    }
}

template <int Dim>
Eigen::MatrixXd ElasticSolver<Dim>::solve(const Eigen::Ref<const Eigen::MatrixXd>& right, bool refine) const {
    require_regular();
    Eigen::MatrixXd result = apply(right);
    if (refine) {
        result += apply(right - times(result));
    }
    return result;
}

template class ElasticSolver<2>;
template class ElasticSolver<3>;

}  // namespace glassplast
