#include <glassplast/linalg/elastic_solver.hpp>

#include <glassplast/errors.hpp>
#include <glassplast/geometry/image_cells.hpp>
#include <glassplast/linalg/nested_dissection.hpp>
#include <glassplast/mechanics/network_mechanics.hpp>

#include <sstream>

namespace glassplast {

namespace {

using Sparse = Eigen::SparseMatrix<double>;

/// Rows and columns of a symmetric matrix that are kept: `place` gives their new number, -1 drops them.
Sparse principal_submatrix(const Sparse& matrix, const std::vector<int>& kept,
                           const std::vector<int>& place) {
    Sparse part(static_cast<Eigen::Index>(kept.size()), static_cast<Eigen::Index>(kept.size()));
    part.reserve(matrix.nonZeros());
    for (std::size_t column = 0; column < kept.size(); ++column) {
        part.startVec(static_cast<Eigen::Index>(column));
        for (Sparse::InnerIterator entry(matrix, kept[column]); entry; ++entry) {
            const int row = place[static_cast<std::size_t>(entry.row())];
            if (row >= 0) {
                part.insertBack(row, static_cast<Eigen::Index>(column)) = entry.value();
            }
        }
    }
    part.finalize();
    return part;
}

}  // namespace

template <int Dim>
void ElasticSolver<Dim>::factorize(const ContactNetwork<Dim>& network, const Positions<Dim>& fractional) {
    if (static_cast<std::size_t>(fractional.cols()) != network.particles) {
        std::ostringstream message;
        message << "there are " << fractional.cols() << " positions for a network of " << network.particles
                << " particles";
        throw GeometryError(message.str());
    }
    require_finite<Dim>(fractional);
    RigidCore<Dim> core(network);
    if (core.particles.empty()) {
        throw InstabilityError(
            "no particle has enough interacting neighbours to carry load: there is no solid");
    }
    hessian_ = glassplast::hessian(core.renumbered(core.load_bearing(network)));

    if (core.particles != core_.particles || core.cluster != core_.cluster) {
        Graph graph;
        graph.start.assign(1, 0);
        for (std::size_t m = 0; m < core.size(); ++m) {
            const auto column = static_cast<Eigen::Index>(Dim * m);
            for (Sparse::InnerIterator entry(hessian_, column); entry; ++entry) {
                if (entry.row() % Dim == 0 && entry.row() != column) {
                    graph.neighbor.push_back(static_cast<int>(entry.row()) / Dim);
                }
            }
            graph.start.push_back(static_cast<int>(graph.neighbor.size()));
        }
        Positions<Dim> points(Dim, static_cast<Eigen::Index>(core.size()));
        for (std::size_t m = 0; m < core.size(); ++m) {
            const Vector<Dim> point = fractional.col(core.particles[m]);
            points.col(static_cast<Eigen::Index>(m)) = (point.array() - point.array().floor()).matrix();
        }
        order_ = nested_dissection<Dim>(points, graph);

        // Ground the member of each cluster that is eliminated last.
        std::vector<int> ground(static_cast<std::size_t>(core.clusters), -1);
        for (const int m : order_) {
            ground[static_cast<std::size_t>(core.cluster[static_cast<std::size_t>(m)])] = m;
        }
        kept_.clear();
        reduced_.assign(static_cast<std::size_t>(core.freedom()), -1);
        for (std::size_t m = 0; m < core.size(); ++m) {
            if (ground[static_cast<std::size_t>(core.cluster[m])] == static_cast<int>(m)) {
                continue;
            }
            for (int a = 0; a < Dim; ++a) {
                reduced_[Dim * m + a] = static_cast<int>(kept_.size());
                kept_.push_back(static_cast<int>(Dim * m) + a);
            }
        }
        grounded_order_.clear();
        for (const int row : expand(order_)) {
            if (reduced_[static_cast<std::size_t>(row)] >= 0) {
                grounded_order_.push_back(reduced_[static_cast<std::size_t>(row)]);
            }
        }
    }
    core_ = std::move(core);
    grounded_.factorize(principal_submatrix(hessian_, kept_, reduced_), 0.0, grounded_order_);
}

template <int Dim>
std::vector<int> ElasticSolver<Dim>::expand(const std::vector<int>& particles) const {
    std::vector<int> rows;
    rows.reserve(Dim * particles.size());
    for (const int m : particles) {
        for (int a = 0; a < Dim; ++a) {
            rows.push_back(Dim * m + a);
        }
    }
    return rows;
}

template <int Dim>
Factorization ElasticSolver<Dim>::shifted(double shift) const {
    Factorization factor;
    factor.factorize(hessian_, shift, expand(order_));
    return factor;
}

template <int Dim>
int ElasticSolver<Dim>::count_below(double sigma) const {
    return shifted(sigma).negative() - core_.translations();
}

template <int Dim>
Eigen::MatrixXd ElasticSolver<Dim>::apply(const Eigen::MatrixXd& right) const {
    Eigen::MatrixXd projected = right;
    for (Eigen::Index c = 0; c < right.cols(); ++c) {
        core_.project_translations(projected.col(c));
    }
    Eigen::MatrixXd reduced(static_cast<Eigen::Index>(kept_.size()), right.cols());
    for (std::size_t k = 0; k < kept_.size(); ++k) {
        reduced.row(static_cast<Eigen::Index>(k)) = projected.row(kept_[k]);
    }
    const Eigen::MatrixXd response = grounded_.solve(reduced);
    Eigen::MatrixXd result = Eigen::MatrixXd::Zero(right.rows(), right.cols());
    for (std::size_t k = 0; k < kept_.size(); ++k) {
        result.row(kept_[k]) = response.row(static_cast<Eigen::Index>(k));
    }
    for (Eigen::Index c = 0; c < right.cols(); ++c) {
        core_.project_translations(result.col(c));
    }
    return result;
}

template <int Dim>
Eigen::MatrixXd ElasticSolver<Dim>::solve(const Eigen::Ref<const Eigen::MatrixXd>& right, bool refine) const {
    if (further_zero_modes() > 0) {
        std::ostringstream message;
        message << "the Hessian has " << further_zero_modes()
                << " zero modes beyond the translations; the response is not defined";
        throw InstabilityError(message.str());
    }
    Eigen::MatrixXd result = apply(right);
    if (refine) {
        result += apply(right - hessian_ * result);
    }
    return result;
}

template class ElasticSolver<2>;
template class ElasticSolver<3>;

}  // namespace glassplast
