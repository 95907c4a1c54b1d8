#include <glassplast/geometry/box.hpp>

#include <glassplast/errors.hpp>

#include <Eigen/LU>

#include <cmath>
#include <sstream>

namespace glassplast {

namespace {

// Selling/Lagrange reduction by pairs: subtract from each vector the rounded projection on every other one
// until nothing shortens. In two dimensions this is Gauss' algorithm and ends in the shortest basis.
template <int Dim>
void reduce(Matrix<Dim>& cell, Eigen::Matrix<int, Dim, Dim>& reduction) {
    // Beyond this, images would not fit into integers (and the cell has lost its digits anyway).
    constexpr double largest_multiple = 1e9;
    Matrix<Dim> multiples = Matrix<Dim>::Identity();
    bool changed = true;
    while (changed) {
        changed = false;
        for (int a = 0; a < Dim; ++a) {
            for (int b = 0; b < Dim; ++b) {
                if (a == b) {
                    continue;
                }
                const double length_squared = cell.col(b).squaredNorm();
                const double multiple = std::round(cell.col(a).dot(cell.col(b)) / length_squared);
                if (multiple == 0.0) {
                    continue;
                }
                const Vector<Dim> shorter = cell.col(a) - multiple * cell.col(b);
                // Only a strict decrease counts, since ties would go round in circles.
                if (shorter.squaredNorm() < cell.col(a).squaredNorm() * (1.0 - 1e-12)) {
                    cell.col(a) = shorter;
                    multiples.col(a) -= multiple * multiples.col(b);
                    if (!(multiples.col(a).cwiseAbs().maxCoeff() <= largest_multiple)) {
                        throw GeometryError(
                            "the cell is too oblique: a vector is over a billion times longer than need be");
                    }
                    changed = true;
                }
            }
        }
    }
    reduction = multiples.template cast<int>();
}

}  // namespace

template <int Dim>
Box<Dim>::Box(const Matrix<Dim>& cell, const Vector<Dim>& origin) : cell_(cell), origin_(origin) {
    if (!cell.allFinite() || !origin.allFinite()) {
        throw GeometryError("the box has an entry that is NaN or infinite");
    }
    const double determinant = cell.determinant();
    volume_ = std::abs(determinant);
    double scale = 1.0;
    for (int a = 0; a < Dim; ++a) {
        scale *= cell.col(a).norm();
    }
    if (!(volume_ > 1e-12 * scale) || scale == 0.0) {
        std::ostringstream message;
        message << "the cell vectors span no volume (determinant " << determinant << ")";
        throw GeometryError(message.str());
    }
    inverse_ = cell.inverse();
    reduced_cell_ = cell;
    reduce<Dim>(reduced_cell_, reduction_);
    // Computed from the integers instead of the accumulated subtractions, so that no round-off enters the
    // lattice.
    reduced_cell_ = cell_ * reduction_.template cast<double>();
    reduced_inverse_ = reduced_cell_.inverse();
    for (int a = 0; a < Dim; ++a) {
        widths_(a) = 1.0 / reduced_inverse_.row(a).norm();
    }
}

template <int Dim>
Positions<Dim> Box<Dim>::fractional(const Positions<Dim>& positions) const {
    return inverse_ * (positions.colwise() - origin_);
}

template <int Dim>
Positions<Dim> Box<Dim>::wrap(const Positions<Dim>& positions) const {
    const Positions<Dim> cells = fractional(positions).array().floor().matrix();
    return positions - cell_ * cells;
}

template <int Dim>
Box<Dim> Box<Dim>::deformed(const Matrix<Dim>& deformation) const {
    return Box(deformation * cell_, deformation * origin_);
}

template <int Dim>
Box<Dim> Box<Dim>::sheared(double strain) const {
    Matrix<Dim> deformation = Matrix<Dim>::Identity();
    deformation(0, 1) = strain;
    return deformed(deformation);
}

template <int Dim>
void Box<Dim>::require_range(double range) const {
    // The tolerance admits a box of exactly two cutoffs, whose width was computed from an inverse.
    if (2.0 * range > smallest_width() * (1.0 + 1e-12)) {
        std::ostringstream message;
        message << "the box is too small: two cutoffs of " << range << " do not fit into its smallest width "
                << smallest_width() << "; use a larger sample";
        throw GeometryError(message.str());
    }
}

template class Box<2>;
template class Box<3>;

}  // namespace glassplast
