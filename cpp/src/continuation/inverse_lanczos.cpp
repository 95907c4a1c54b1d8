#include <glassplast/continuation/inverse_lanczos.hpp>

#include <Eigen/Eigenvalues>

namespace glassplast {

namespace {

constexpr int steps = 10;

}  // namespace

RitzVectors inverse_lanczos(const Eigen::VectorXd& start,
                            const std::function<Eigen::VectorXd(const Eigen::VectorXd&)>& inverse) {
    Eigen::MatrixXd basis(start.size(), steps);
    Eigen::MatrixXd images(start.size(), steps);
    basis.col(0) = start.normalized();
    int count = 0;
    while (true) {
        images.col(count) = inverse(basis.col(count));
        ++count;
        if (count == steps) {
            break;
        }
        Eigen::VectorXd next = images.col(count - 1);
        const double size = next.norm();
        for (int pass = 0; pass < 2; ++pass) {
            next -= basis.leftCols(count) * (basis.leftCols(count).transpose() * next);
        }
        if (!(next.norm() > 1e-12 * size)) {
            break;
        }
        basis.col(count) = next.normalized();
    }
    const Eigen::MatrixXd projected = basis.leftCols(count).transpose() * images.leftCols(count);
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(0.5 * (projected + projected.transpose()));
    return {eigen.eigenvalues(), basis.leftCols(count) * eigen.eigenvectors()};
}

}  // namespace glassplast
