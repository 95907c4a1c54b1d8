#include <glassplast/probes/homogeneous_form.hpp>

namespace glassplast {

namespace {

template <int Dim>
Vector<Dim> difference(const StiffnessNetwork<Dim>& network, std::size_t pair,
                       const Eigen::Ref<const Eigen::VectorXd>& z) {
    return z.template segment<Dim>(static_cast<Eigen::Index>(Dim) * network.second[pair]) -
           z.template segment<Dim>(static_cast<Eigen::Index>(Dim) * network.first[pair]);
}

}  // namespace

template <int Dim>
void PairQuartic<Dim>::force(const Field& z, Eigen::Ref<Eigen::VectorXd> result) const {
    result.setZero();
    for (std::size_t k = 0; k < network_.size(); ++k) {
        const Vector<Dim> u = difference<Dim>(network_, k, z);
        const Vector<Dim> pull = u.squaredNorm() * u;
        result.template segment<Dim>(static_cast<Eigen::Index>(Dim) * network_.second[k]) += pull;
        result.template segment<Dim>(static_cast<Eigen::Index>(Dim) * network_.first[k]) -= pull;
    }
}

template <int Dim>
auto PairQuartic<Dim>::along(const Field& z, const Field& p) const -> Coefficients {
    // |u + t v|^4 = (a + 2 b t + c t^2)^2.
    Coefficients sum{};
    for (std::size_t k = 0; k < network_.size(); ++k) {
        const Vector<Dim> u = difference<Dim>(network_, k, z);
        const Vector<Dim> v = difference<Dim>(network_, k, p);
        const double a = u.squaredNorm();
        const double b = u.dot(v);
        const double c = v.squaredNorm();
        sum[0] += a * a;
        sum[1] += 4.0 * a * b;
        sum[2] += 4.0 * b * b + 2.0 * a * c;
        sum[3] += 4.0 * b * c;
        sum[4] += c * c;
    }
    return sum;
}

template class PairQuartic<2>;
template class PairQuartic<3>;

}  // namespace glassplast
