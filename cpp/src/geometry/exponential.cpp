#include <glassplast/geometry/exponential.hpp>

#include <cmath>

namespace glassplast {

template <int Dim>
Matrix<Dim> exponential(const Matrix<Dim>& matrix) {
    // Taylor's series of the matrix, halved until it is small. For simple shear the series ends by itself.
    if ((matrix * matrix).isZero(0.0)) {
        return Matrix<Dim>::Identity() + matrix;
    }
    const double size = matrix.cwiseAbs().sum();
    const int halvings = size > 0.25 ? std::ilogb(size) + 3 : 0;
    const Matrix<Dim> small = std::ldexp(1.0, -halvings) * matrix;
    Matrix<Dim> result = Matrix<Dim>::Identity();
    Matrix<Dim> term = Matrix<Dim>::Identity();
    for (int k = 1; k <= 14; ++k) {
        term = term * small / k;
        result += term;
    }
    for (int k = 0; k < halvings; ++k) {
        result = (result * result).eval();
    }
    return result;
}

template Matrix<2> exponential<2>(const Matrix<2>&);
template Matrix<3> exponential<3>(const Matrix<3>&);

}  // namespace glassplast
