#include <glassplast/mechanics/elastic_constants.hpp>

namespace glassplast {

template <int Dim>
ElasticTensor<Dim> born_constants(const StiffnessNetwork<Dim>& network) {
    ElasticTensor<Dim> constants = ElasticTensor<Dim>::Zero();
    for (Eigen::Index k = 0; k < network.phi1.size(); ++k) {
        const double stiffness = network.phi2(k) - network.phi1(k) / network.distance(k);
        const Matrix<Dim> pair = network.direction.col(k) * network.separation.col(k).transpose();
        const Eigen::Map<const Eigen::Matrix<double, Dim * Dim, 1>> flat_pair(pair.data());
        constants += stiffness * flat_pair * flat_pair.transpose();
    }
    return constants;
}

template ElasticTensor<2> born_constants<2>(const StiffnessNetwork<2>&);
template ElasticTensor<3> born_constants<3>(const StiffnessNetwork<3>&);

}  // namespace glassplast
