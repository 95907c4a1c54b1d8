#include <glassplast/probes/energy_forms.hpp>

namespace glassplast {

namespace {

/// What a pair sees of a block of fields: u = z_j - z_i and n . u.
template <int Dim>
struct RelativeBlock {
    Eigen::Index i;
    Eigen::Index j;
    std::array<BlockRow, Dim> u;
    BlockRow p = BlockRow::Zero();

    RelativeBlock(const ContactNetwork<Dim>& network, std::size_t pair, const FieldBlock& z)
        : i(static_cast<Eigen::Index>(Dim) * network.first[pair]),
          j(static_cast<Eigen::Index>(Dim) * network.second[pair]) {
        for (int c = 0; c < Dim; ++c) {
            u[c] = z.row(j + c).array() - z.row(i + c).array();
            p += network.direction(c, static_cast<Eigen::Index>(pair)) * u[c];
        }
    }

    BlockRow dot(const RelativeBlock& other) const {
        BlockRow sum = u[0] * other.u[0];
        for (int c = 1; c < Dim; ++c) {
            sum += u[c] * other.u[c];
        }
        return sum;
    }

    /// Adds stretch n + turn u to the second particle, and subtracts it from the first.
    void pull(const ContactNetwork<Dim>& network, std::size_t pair, const BlockRow& stretch,
              const BlockRow& turn, FieldBlock& result) const {
        for (int c = 0; c < Dim; ++c) {
            const BlockRow force =
                network.direction(c, static_cast<Eigen::Index>(pair)) * stretch + turn * u[c];
            result.row(j + c).array() += force;
            result.row(i + c).array() -= force;
        }
    }
};

template <class Coefficients>
Coefficients zero() {
    Coefficients sum;
    sum.fill(BlockRow::Zero());
    return sum;
}

}  // namespace

template <int Dim>
EnergyCubic<Dim>::EnergyCubic(const ContactNetwork<Dim>& network) : network_(network) {
    for (Eigen::Index k = 0; k < network.distance.size(); ++k) {
        third_.push_back(network.third(k));
    }
}

template <int Dim>
void EnergyCubic<Dim>::force(const FieldBlock& z, FieldBlock& result) const {
    result.setZero(z.rows(), solve_width);
    for (std::size_t k = 0; k < network_.size(); ++k) {
        const auto [a, b] = third_[k];
        const RelativeBlock<Dim> r(network_, k, z);
        r.pull(network_, k, a * r.p * r.p + b * r.dot(r), 2.0 * b * r.p, result);
    }
}

template <int Dim>
auto EnergyCubic<Dim>::along(const FieldBlock& z, const FieldBlock& p) const -> Coefficients {
    auto sum = zero<Coefficients>();
    for (std::size_t k = 0; k < network_.size(); ++k) {
        const auto [a, third_b] = third_[k];
        const double b = 3.0 * third_b;
        const RelativeBlock<Dim> u(network_, k, z);
        const RelativeBlock<Dim> v(network_, k, p);
        const BlockRow uu = u.dot(u);
        const BlockRow uv = u.dot(v);
        const BlockRow vv = v.dot(v);
        sum[0] += u.p * (a * u.p * u.p + b * uu);
        sum[1] += 3.0 * a * u.p * u.p * v.p + b * (2.0 * u.p * uv + v.p * uu);
        sum[2] += 3.0 * a * u.p * v.p * v.p + b * (u.p * vv + 2.0 * v.p * uv);
        sum[3] += v.p * (a * v.p * v.p + b * vv);
    }
    return sum;
}

template <int Dim>
EnergyQuartic<Dim>::EnergyQuartic(const ContactNetwork<Dim>& network)
    : network_(network), along_(network.distance.size()), mixed_(along_.size()), square_(along_.size()) {
    for (Eigen::Index k = 0; k < along_.size(); ++k) {
        const auto [a, b] = network.third(k);
        const double r = network.distance(k);
        along_(k) = network.phi4(k) - (6.0 * a + 3.0 * b) / r;
        mixed_(k) = 6.0 * a / r;
        square_(k) = 3.0 * b / r;
    }
}

template <int Dim>
void EnergyQuartic<Dim>::force(const FieldBlock& z, FieldBlock& result) const {
    result.setZero(z.rows(), solve_width);
    for (std::size_t k = 0; k < network_.size(); ++k) {
        const auto pair = static_cast<Eigen::Index>(k);
        const RelativeBlock<Dim> r(network_, k, z);
        const BlockRow squared = r.dot(r);
        r.pull(network_, k, r.p * (along_(pair) * r.p * r.p + 0.5 * mixed_(pair) * squared),
               0.5 * mixed_(pair) * r.p * r.p + square_(pair) * squared, result);
    }
}

template <int Dim>
auto EnergyQuartic<Dim>::along(const FieldBlock& z, const FieldBlock& p) const -> Coefficients {
    auto sum = zero<Coefficients>();
    for (std::size_t k = 0; k < network_.size(); ++k) {
        const auto pair = static_cast<Eigen::Index>(k);
        const RelativeBlock<Dim> u(network_, k, z);
        const RelativeBlock<Dim> v(network_, k, p);
        // (n . u + t n . v)^2 and |u + t v|^2, as polynomials of t.
        const std::array<BlockRow, 3> x = {u.p * u.p, 2.0 * u.p * v.p, v.p * v.p};
        const std::array<BlockRow, 3> y = {u.dot(u), 2.0 * u.dot(v), v.dot(v)};
        for (std::size_t l = 0; l < 3; ++l) {
            const BlockRow with_x = along_(pair) * x[l] + mixed_(pair) * y[l];
            const BlockRow with_y = square_(pair) * y[l];
            for (std::size_t m = 0; m < 3; ++m) {
                sum[l + m] += with_x * x[m] + with_y * y[m];
            }
        }
    }
    return sum;
}

template class EnergyCubic<2>;
template class EnergyCubic<3>;
template class EnergyQuartic<2>;
template class EnergyQuartic<3>;

}  // namespace glassplast
