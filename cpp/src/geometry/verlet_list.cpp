#include <glassplast/geometry/verlet_list.hpp>

#include <Eigen/LU>
#include <Eigen/SVD>

#include <algorithm>
#include <cmath>

namespace glassplast {

template <int Dim>
bool VerletList<Dim>::covers(const Box<Dim>& box, const Positions<Dim>& positions, double range) const {
    if (range != range_ || positions.cols() != reference_.cols() || box.reduction() != reduction_) {
        return false;
    }
    const bool deformed = box.cell() != cell_;
    const Matrix<Dim> deformation =
        deformed ? Matrix<Dim>(box.cell() * cell_inverse_) : Matrix<Dim>::Identity();
    const double stretch =
        deformed ? Eigen::JacobiSVD<Matrix<Dim>>(deformation).singularValues().minCoeff() : 1.0;
    const double slack = stretch * (range + capped_skin_) - range;
    if (!(slack > 0.0)) {
        return false;
    }
    double largest = 0.0;
    double second = 0.0;
    double sum = 0.0;
    const auto include = [&](double moved) {
        second = std::max(second, std::min(largest, moved));
        largest = std::max(largest, moved);
        sum += moved;
    };
    if (deformed) {
        for (Eigen::Index i = 0; i < positions.cols(); ++i) {
            include((positions.col(i) - deformation * reference_.col(i)).squaredNorm());
        }
    } else {
        for (Eigen::Index i = 0; i < positions.cols(); ++i) {
            include((positions.col(i) - reference_.col(i)).squaredNorm());
        }
    }
    // A NaN is nowhere: the list is made anew, which names the particle.
    if (!std::isfinite(sum)) {
        return false;
    }
    return std::sqrt(largest) + std::sqrt(second) < slack;
}

template <int Dim>
double VerletList<Dim>::begin(const Box<Dim>& box, const Positions<Dim>& positions, double range) {
    box.require_range(range);
    capped_skin_ = std::max(0.0, std::min(skin_, 0.5 * box.smallest_width() - range));
    range_ = -1.0;
    cell_ = box.cell();
    cell_inverse_ = cell_.inverse();
    reduction_ = box.reduction();
    reference_ = positions;
    cells_ = ImageCells<Dim>(box, positions, range + capped_skin_);
    cells_.place(box, positions, sites_);
    start_.assign(1, 0);
    neighbor_.clear();
    kind_.clear();
    return capped_skin_;
}

template class VerletList<2>;
template class VerletList<3>;

}  // namespace glassplast
