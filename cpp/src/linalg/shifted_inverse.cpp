#include <glassplast/linalg/shifted_inverse.hpp>

namespace glassplast {

namespace {

/// The part of a block that belongs to one particle.
template <int Dim>
using Row = Eigen::Array<double, Dim * solve_width, 1, Eigen::DontAlign>;

template <int Dim>
Eigen::Map<Row<Dim>> row(double* block, std::size_t place) {
    return Eigen::Map<Row<Dim>>(block + static_cast<std::ptrdiff_t>(place) * Dim * solve_width);
}

}  // namespace

template <int Dim>
ShiftedInverse<Dim>::ShiftedInverse(const ElasticSolver<Dim>& solver, const Factorization<Dim>& shifted)
    : solver_(solver), factorization_(shifted), cluster_(solver.core().index.size(), -1) {
    const std::vector<int>& place = solver.supernodes().place();
    const RigidCore<Dim>& core = solver.core();
    members_.assign(static_cast<std::size_t>(core.clusters), 0.0);
    for (std::size_t m = 0; m < core.size(); ++m) {
        const int cluster = core.cluster[m];
        cluster_[static_cast<std::size_t>(place[static_cast<std::size_t>(core.particles[m])])] = cluster;
        members_[static_cast<std::size_t>(cluster)] += 1.0;
    }
}

template <int Dim>
ShiftedInverse<Dim>::ShiftedInverse(const ElasticSolver<Dim>& solver)
    : ShiftedInverse(solver, solver.grounded()) {
    for (const int i : solver.held()) {
        held_.push_back(static_cast<std::size_t>(solver.supernodes().place()[static_cast<std::size_t>(i)]));
    }
}

template <int Dim>
void ShiftedInverse<Dim>::apply(double* block) const {
    // Project on both sides: otherwise round-off along the translations, which scaling amplifies, would act
    // as a load that soft modes respond to. The held particles then carry what balances the forces.
    project(block);
    for (const std::size_t p : held_) {
        row<Dim>(block, p).setZero();
    }
    factorization_.solve_places(block, solve_width);
    project(block);
}

template <int Dim>
void ShiftedInverse<Dim>::project(double* block) const {
    std::vector<Row<Dim>> mean(members_.size(), Row<Dim>::Zero());
    for (std::size_t p = 0; p < cluster_.size(); ++p) {
        if (cluster_[p] >= 0) {
            mean[static_cast<std::size_t>(cluster_[p])] += row<Dim>(block, p);
        }
    }
    for (std::size_t c = 0; c < mean.size(); ++c) {
        mean[c] /= members_[c];
    }
    for (std::size_t p = 0; p < cluster_.size(); ++p) {
        if (cluster_[p] >= 0) {
            row<Dim>(block, p) -= mean[static_cast<std::size_t>(cluster_[p])];
        } else {
            row<Dim>(block, p).setZero();
        }
    }
}

template <int Dim>
Eigen::MatrixXd ShiftedInverse<Dim>::by_particle(const Eigen::MatrixXd& places) const {
    Eigen::MatrixXd vectors(places.rows(), places.cols());
    const std::vector<int>& order = solver_.supernodes().order();
    for (Eigen::Index k = 0; k < places.cols(); ++k) {
        for (std::size_t p = 0; p < order.size(); ++p) {
            vectors.col(k).template segment<Dim>(static_cast<Eigen::Index>(Dim) * order[p]) =
                places.col(k).template segment<Dim>(static_cast<Eigen::Index>(Dim * p));
        }
    }
    return vectors;
}

template class ShiftedInverse<2>;
template class ShiftedInverse<3>;

}  // namespace glassplast
