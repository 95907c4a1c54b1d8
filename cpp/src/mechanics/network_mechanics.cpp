#include <glassplast/mechanics/network_mechanics.hpp>

#include <glassplast/errors.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

namespace glassplast {

namespace {

/// The tensor of second derivatives of phi(|r|): normal n n^T + tangential 1.
struct Stiffness {
    double normal;
    double tangential;
};

template <int Dim>
Stiffness stiffness(const StiffnessNetwork<Dim>& network, Eigen::Index k) {
    const double tangential = network.phi1(k) / network.distance(k);
    return {network.phi2(k) - tangential, tangential};
}

template <int Dim>
Vector<Dim> second(const StiffnessNetwork<Dim>& network, Eigen::Index k, const Vector<Dim>& u) {
    const Stiffness s = stiffness(network, k);
    const Vector<Dim> n = network.direction.col(k);
    return s.normal * n.dot(u) * n + s.tangential * u;
}

/// Third derivatives of phi(|r|) and what they are contracted with.
template <int Dim>
struct Third : ContactNetwork<Dim>::Third {
    Vector<Dim> n;
    using ContactNetwork<Dim>::Third::a;
    using ContactNetwork<Dim>::Third::b;

    Third(const ContactNetwork<Dim>& network, Eigen::Index k)
        : ContactNetwork<Dim>::Third(network.third(k)), n(network.direction.col(k)) {}

    Vector<Dim> contract(const Vector<Dim>& u, const Vector<Dim>& v) const {
        const double nu = n.dot(u);
        const double nv = n.dot(v);
        return (a * nu * nv + b * u.dot(v)) * n + b * (nv * u + nu * v);
    }

    Vector<Dim> contract(const Matrix<Dim>& covariance) const {
        const Vector<Dim> along = covariance * n;
        return (a * n.dot(along) + b * covariance.trace()) * n + 2.0 * b * along;
    }
};

/// A field of sums over pairs: the value of pair k goes to its second particle, its negative to the first.
template <int Dim, class PairVector>
Positions<Dim> assemble(const StiffnessNetwork<Dim>& network, PairVector&& pair_vector) {
    Positions<Dim> field = Positions<Dim>::Zero(Dim, static_cast<Eigen::Index>(network.particles));
    for (std::size_t k = 0; k < network.size(); ++k) {
        const Vector<Dim> value = pair_vector(static_cast<Eigen::Index>(k));
        field.col(network.second[k]) += value;
        field.col(network.first[k]) -= value;
    }
    return field;
}

template <int Dim>
Vector<Dim> difference(const StiffnessNetwork<Dim>& network, Eigen::Index k, const Positions<Dim>& field) {
    const auto index = static_cast<std::size_t>(k);
    return field.col(network.second[index]) - field.col(network.first[index]);
}

template <int Dim>
void require_field(const StiffnessNetwork<Dim>& network, const Positions<Dim>& field) {
    if (static_cast<std::size_t>(field.cols()) != network.particles) {
        std::ostringstream message;
        message << "a field over " << field.cols() << " particles does not fit a network of "
                << network.particles;
        throw GeometryError(message.str());
    }
}

template <int Dim>
void require_blocks(const Blocks<Dim>& blocks, std::size_t count, const char* what) {
    if (static_cast<std::size_t>(blocks.cols()) != count) {
        std::ostringstream message;
        message << blocks.cols() << " blocks do not fit a network of " << count << " " << what;
        throw GeometryError(message.str());
    }
}

}  // namespace

template <int Dim>
double energy(const ContactNetwork<Dim>& network) {
    return network.phi.sum();
}

template <int Dim>
Eigen::VectorXd particle_energies(const ContactNetwork<Dim>& network) {
    Eigen::VectorXd energies = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(network.particles));
    for (std::size_t k = 0; k < network.size(); ++k) {
        const double half = 0.5 * network.phi(static_cast<Eigen::Index>(k));
        energies(network.first[k]) += half;
        energies(network.second[k]) += half;
    }
    return energies;
}

template <int Dim>
Positions<Dim> forces(const StiffnessNetwork<Dim>& network) {
    return assemble<Dim>(
        network, [&](Eigen::Index k) { return Vector<Dim>(-network.phi1(k) * network.direction.col(k)); });
}

template <int Dim>
double typical_force(const StiffnessNetwork<Dim>& network) {
    if (network.size() == 0) {
        return 0.0;
    }
    Eigen::VectorXd sizes = network.phi1.cwiseAbs();
    double* const middle = sizes.data() + sizes.size() / 2;
    std::nth_element(sizes.data(), middle, sizes.data() + sizes.size());
    const bool odd = sizes.size() % 2 != 0;
    return odd ? *middle : 0.5 * (*middle + *std::max_element(sizes.data(), middle));
}

template <int Dim>
Matrix<Dim> virial(const StiffnessNetwork<Dim>& network) {
    const Positions<Dim> tension = network.direction * network.phi1.asDiagonal();
    return tension * network.separation.transpose();
}

template <int Dim>
Eigen::SparseMatrix<double> hessian(const ContactNetwork<Dim>& network) {
    const std::size_t particles = network.particles;
    if ((2 * network.size() + particles) * Dim * Dim > std::numeric_limits<int>::max()) {
        throw GeometryError("the Hessian has more entries than an index can count; use a smaller sample");
    }
    // Pairs are sorted, so that the neighbours of each particle are met in ascending order.
    std::vector<int> start(particles + 1, 0);
    for (std::size_t k = 0; k < network.size(); ++k) {
        ++start[static_cast<std::size_t>(network.first[k]) + 1];
        ++start[static_cast<std::size_t>(network.second[k]) + 1];
    }
    for (std::size_t i = 0; i < particles; ++i) {
        start[i + 1] += start[i] + 1;  // one more for the diagonal block
    }
    std::vector<int> below(particles, 0);
    for (const int j : network.second) {
        ++below[static_cast<std::size_t>(j)];
    }

    const auto size = static_cast<Eigen::Index>(Dim * particles);
    Eigen::SparseMatrix<double> matrix(size, size);
    matrix.resizeNonZeros(static_cast<Eigen::Index>(start[particles]) * Dim * Dim);
    int* outer = matrix.outerIndexPtr();
    int* inner = matrix.innerIndexPtr();
    double* value = matrix.valuePtr();
    for (std::size_t i = 0; i < particles; ++i) {
        const int blocks = start[i + 1] - start[i];
        for (int b = 0; b < Dim; ++b) {
            outer[Dim * i + b] = (start[i] * Dim + b * blocks) * Dim;
        }
    }
    outer[size] = start[particles] * Dim * Dim;
    const auto put = [&](std::size_t column, int place, int row, const Matrix<Dim>& block) {
        for (int b = 0; b < Dim; ++b) {
            const int offset = outer[Dim * column + b] + place * Dim;
            for (int a = 0; a < Dim; ++a) {
                inner[offset + a] = Dim * row + a;
                value[offset + a] = block(a, b);
            }
        }
    };
    std::vector<Matrix<Dim>> diagonal(particles, Matrix<Dim>::Zero());
    std::vector<int> next_below(particles, 0);
    std::vector<int> next_above(particles, 0);
    for (std::size_t k = 0; k < network.size(); ++k) {
        const auto i = static_cast<std::size_t>(network.first[k]);
        const auto j = static_cast<std::size_t>(network.second[k]);
        const Matrix<Dim> block = network.stiffness(k);
        diagonal[i] += block;
        diagonal[j] += block;
        put(i, below[i] + 1 + next_above[i]++, network.second[k], -block);
        put(j, next_below[j]++, network.first[k], -block);
    }
    for (std::size_t i = 0; i < particles; ++i) {
        put(i, below[i], static_cast<int>(i), diagonal[i]);
    }
    return matrix;
}

template <int Dim>
Positions<Dim> hessian_times(const StiffnessNetwork<Dim>& network, const Positions<Dim>& displacement) {
    require_field(network, displacement);
    return assemble<Dim>(network, [&](Eigen::Index k) {
        return second<Dim>(network, k, difference(network, k, displacement));
    });
}

template <int Dim>
Positions<Dim> affine_gradient(const StiffnessNetwork<Dim>& network, const Matrix<Dim>& loading) {
    return assemble<Dim>(network, [&](Eigen::Index k) {
        return second<Dim>(network, k, loading * network.separation.col(k));
    });
}

template <int Dim>
double born_curvature(const StiffnessNetwork<Dim>& network, const Matrix<Dim>& loading) {
    double curvature = 0.0;
    for (Eigen::Index k = 0; k < network.phi1.size(); ++k) {
        const Vector<Dim> affine = loading * network.separation.col(k);
        curvature += affine.dot(second<Dim>(network, k, affine));
    }
    return curvature;
}

template <int Dim>
Positions<Dim> third_contraction(const ContactNetwork<Dim>& network, const Positions<Dim>& a,
                                 const Positions<Dim>& b) {
    require_field(network, a);
    require_field(network, b);
    return assemble<Dim>(network, [&](Eigen::Index k) {
        return Third<Dim>(network, k).contract(difference(network, k, a), difference(network, k, b));
    });
}

template <int Dim>
Eigen::VectorXd third_contraction_squares(const ContactNetwork<Dim>& network,
                                          const Eigen::Ref<const Eigen::MatrixXd>& fields,
                                          const Eigen::Ref<const Eigen::VectorXd>& weights) {
    Eigen::VectorXd squares = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(network.particles));
    for (Eigen::Index m = 0; m < fields.cols(); ++m) {
        const Positions<Dim> field =
            Eigen::Map<const Positions<Dim>>(fields.col(m).data(), Dim, squares.size());
        const Positions<Dim> contraction = third_contraction(network, field, field);
        squares += weights(m) * contraction.colwise().squaredNorm().transpose();
    }
    return squares;
}

template <int Dim>
Eigen::VectorXd pair_elongations(const StiffnessNetwork<Dim>& network, const Positions<Dim>& displacement) {
    require_field(network, displacement);
    Eigen::VectorXd result(static_cast<Eigen::Index>(network.size()));
    for (std::size_t k = 0; k < network.size(); ++k) {
        const auto column = static_cast<Eigen::Index>(k);
        result(column) = network.direction.col(column).dot(displacement.col(network.second[k]) -
                                                           displacement.col(network.first[k]));
    }
    return result;
}

template <int Dim>
Blocks<Dim> relative_covariance(const StiffnessNetwork<Dim>& network, const Blocks<Dim>& diagonal,
                                const Blocks<Dim>& pairs) {
    require_blocks<Dim>(diagonal, network.particles, "particles");
    require_blocks<Dim>(pairs, network.size(), "pairs");
    Blocks<Dim> result(Dim * Dim, pairs.cols());
    for (std::size_t k = 0; k < network.size(); ++k) {
        const auto column = static_cast<Eigen::Index>(k);
        const Eigen::Map<const Matrix<Dim>> pair(pairs.col(column).data());
        const Matrix<Dim> crossed = pair + pair.transpose();
        result.col(column) = diagonal.col(network.first[k]) + diagonal.col(network.second[k]) -
                             Eigen::Map<const Vector<Dim * Dim>>(crossed.data());
    }
    return result;
}

template <int Dim>
Positions<Dim> third_contraction(const ContactNetwork<Dim>& network, const Blocks<Dim>& covariance) {
    require_blocks<Dim>(covariance, network.size(), "pairs");
    return assemble<Dim>(network, [&](Eigen::Index k) {
        return Third<Dim>(network, k).contract(Eigen::Map<const Matrix<Dim>>(covariance.col(k).data()));
    });
}

template <int Dim>
Positions<Dim> fourth_contraction(const ContactNetwork<Dim>& network, const Positions<Dim>& a,
                                  const Positions<Dim>& b, const Positions<Dim>& c) {
    require_field(network, a);
    require_field(network, b);
    require_field(network, c);
    return assemble<Dim>(network, [&](Eigen::Index k) {
        // The derivative of the third contraction along w, with dr = n.w and dn = (w - n n.w) / r.
        const Third<Dim> third(network, k);
        const Vector<Dim>& n = third.n;
        const double r = network.distance(k);
        const double slope_b = (third.a + third.b) / r;
        const double slope_a = network.phi4(k) - 3.0 * slope_b;
        const Vector<Dim> u = difference(network, k, a);
        const Vector<Dim> v = difference(network, k, b);
        const Vector<Dim> w = difference(network, k, c);
        const double nu = n.dot(u);
        const double nv = n.dot(v);
        const double nw = n.dot(w);
        const double uv = u.dot(v);
        const Vector<Dim> turn = (w - nw * n) / r;
        const double turn_u = turn.dot(u);
        const double turn_v = turn.dot(v);
        return Vector<Dim>(
            slope_a * nw * nu * nv * n + third.a * (nu * nv * turn + (turn_u * nv + nu * turn_v) * n) +
            slope_b * nw * (uv * n + nv * u + nu * v) + third.b * (uv * turn + turn_v * u + turn_u * v));
    });
}

template <int Dim>
std::vector<int> coordination(const StiffnessNetwork<Dim>& network) {
    std::vector<int> count(network.particles, 0);
    for (std::size_t k = 0; k < network.size(); ++k) {
        ++count[static_cast<std::size_t>(network.first[k])];
        ++count[static_cast<std::size_t>(network.second[k])];
    }
    return count;
}

#define GLASSPLAST_INSTANTIATE(Dim)                                                                      \
    template double energy<Dim>(const ContactNetwork<Dim>&);                                             \
    template Eigen::VectorXd particle_energies<Dim>(const ContactNetwork<Dim>&);                         \
    template Positions<Dim> forces<Dim>(const StiffnessNetwork<Dim>&);                                   \
    template double typical_force<Dim>(const StiffnessNetwork<Dim>&);                                    \
    template Matrix<Dim> virial<Dim>(const StiffnessNetwork<Dim>&);                                      \
    template Eigen::SparseMatrix<double> hessian<Dim>(const ContactNetwork<Dim>&);                       \
    template Positions<Dim> hessian_times<Dim>(const StiffnessNetwork<Dim>&, const Positions<Dim>&);     \
    template Positions<Dim> affine_gradient<Dim>(const StiffnessNetwork<Dim>&, const Matrix<Dim>&);      \
    template double born_curvature<Dim>(const StiffnessNetwork<Dim>&, const Matrix<Dim>&);               \
    template Positions<Dim> third_contraction<Dim>(const ContactNetwork<Dim>&, const Positions<Dim>&,    \
                                                   const Positions<Dim>&);                               \
    template Eigen::VectorXd third_contraction_squares<Dim>(const ContactNetwork<Dim>&,                  \
                                                            const Eigen::Ref<const Eigen::MatrixXd>&,    \
                                                            const Eigen::Ref<const Eigen::VectorXd>&);   \
    template Eigen::VectorXd pair_elongations<Dim>(const StiffnessNetwork<Dim>&, const Positions<Dim>&); \
    template Blocks<Dim> relative_covariance<Dim>(const StiffnessNetwork<Dim>&, const Blocks<Dim>&,      \
                                                  const Blocks<Dim>&);                                   \
    template Positions<Dim> third_contraction<Dim>(const ContactNetwork<Dim>&, const Blocks<Dim>&);      \
    template Positions<Dim> fourth_contraction<Dim>(const ContactNetwork<Dim>&, const Positions<Dim>&,   \
                                                    const Positions<Dim>&, const Positions<Dim>&);       \
    template std::vector<int> coordination<Dim>(const StiffnessNetwork<Dim>&);

GLASSPLAST_INSTANTIATE(2)
GLASSPLAST_INSTANTIATE(3)

}  // namespace glassplast
