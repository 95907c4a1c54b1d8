#pragma once

#include <glassplast/geometry/vector.hpp>

namespace glassplast {

/// A periodic cell: the columns of `cell` are the cell vectors, `origin` is the corner of the cell.
///
/// Rectangular, tilted and sheared boxes are all of this one kind. Lees-Edwards boundary conditions at
/// engineering strain gamma are the cell F(gamma) * cell with F = 1 + gamma e_x e_y.
/// All images are taken in the *reduced* cell (same lattice, shortest vectors), so that any strain gives the
/// same physics as its equivalent cell.
template <int Dim>
class Box {
public:
    /// Raises GeometryError unless the cell is finite, spans a volume and can be reduced.
    explicit Box(const Matrix<Dim>& cell, const Vector<Dim>& origin = Vector<Dim>::Zero());

    const Matrix<Dim>& cell() const { return cell_; }
    const Vector<Dim>& origin() const { return origin_; }
    double volume() const { return volume_; }

    /// The reduced cell is cell() * reduction(), an integer matrix of determinant 1 or -1.
    const Matrix<Dim>& reduced_cell() const { return reduced_cell_; }
    const Matrix<Dim>& reduced_inverse() const { return reduced_inverse_; }
    const Eigen::Matrix<int, Dim, Dim>& reduction() const { return reduction_; }

    /// Distances between opposite faces of the reduced cell.
    const Vector<Dim>& widths() const { return widths_; }
    double smallest_width() const { return widths_.minCoeff(); }

    /// The shortest image of a separation. Exact for lengths below half the smallest width.
    Vector<Dim> minimum_image(const Vector<Dim>& separation) const {
        const Vector<Dim> fraction = reduced_inverse_ * separation;
        return separation - reduced_cell_ * fraction.array().round().matrix();
    }

    /// The images of the positions inside the cell as it was given (fractions in [0, 1)).
    Positions<Dim> wrap(const Positions<Dim>& positions) const;

    /// Fractional coordinates in the cell as it was given; they are not wrapped into [0, 1).
    Positions<Dim> fractional(const Positions<Dim>& positions) const;

    /// The box after the deformation x -> deformation * x, which moves the origin too.
    Box deformed(const Matrix<Dim>& deformation) const;

    /// The box after the simple shear x -> x + strain * y: Lees-Edwards boundary conditions.
    Box sheared(double strain) const;

    /// Raises GeometryError unless 2 * range fits into the smallest width (the minimum image is then exact).
    void require_range(double range) const;

private:
    Matrix<Dim> cell_;
    Vector<Dim> origin_;
    Matrix<Dim> inverse_;
    Matrix<Dim> reduced_cell_;
    Matrix<Dim> reduced_inverse_;
    Eigen::Matrix<int, Dim, Dim> reduction_;
    Vector<Dim> widths_;
    double volume_ = 0.0;
};

extern template class Box<2>;
extern template class Box<3>;

}  // namespace glassplast
