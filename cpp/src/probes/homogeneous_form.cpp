#include <glassplast/probes/homogeneous_form.hpp>

namespace glassplast {

template <int Dim>
void PairQuartic<Dim>::force(const FieldBlock& z, FieldBlock& result) const {
    result.setZero(z.rows(), solve_width);
    for (std::size_t k = 0; k < network_.size(); ++k) {
        const Eigen::Index i = static_cast<Eigen::Index>(Dim) * network_.first[k];
        const Eigen::Index j = static_cast<Eigen::Index>(Dim) * network_.second[k];
        std::array<BlockRow, Dim> u;
        BlockRow squared = BlockRow::Zero();
        for (int a = 0; a < Dim; ++a) {
            u[a] = z.row(j + a).array() - z.row(i + a).array();
            squared += u[a] * u[a];
        }
        for (int a = 0; a < Dim; ++a) {
            const BlockRow pull = squared * u[a];
            result.row(j + a).array() += pull;
            result.row(i + a).array() -= pull;
        }
    }
}

template <int Dim>
auto PairQuartic<Dim>::along(const FieldBlock& z, const FieldBlock& p) const -> Coefficients {
    // |u + t v|^4 = (a + 2 b t + c t^2)^2.
    Coefficients sum;
    sum.fill(BlockRow::Zero());
    for (std::size_t k = 0; k < network_.size(); ++k) {
        const Eigen::Index i = static_cast<Eigen::Index>(Dim) * network_.first[k];
        const Eigen::Index j = static_cast<Eigen::Index>(Dim) * network_.second[k];
        BlockRow a = BlockRow::Zero();
        BlockRow b = BlockRow::Zero();
        BlockRow c = BlockRow::Zero();
        for (int d = 0; d < Dim; ++d) {
            const BlockRow u = z.row(j + d).array() - z.row(i + d).array();
            const BlockRow v = p.row(j + d).array() - p.row(i + d).array();
            a += u * u;
            b += u * v;
            c += v * v;
        }
        sum[0] += a * a;
        sum[1] += a * b;
        sum[2] += 2.0 * b * b + a * c;
        sum[3] += b * c;
        sum[4] += c * c;
    }
    sum[1] *= 4.0;
    sum[2] *= 2.0;
    sum[3] *= 4.0;
    return sum;
}

template class PairQuartic<2>;
template class PairQuartic<3>;

}  // namespace glassplast
