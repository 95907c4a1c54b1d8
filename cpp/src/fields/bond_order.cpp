#include <glassplast/fields/bond_order.hpp>
#include <glassplast/geometry/image_cells.hpp>
#include <glassplast/require_positive.hpp>

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <tuple>

namespace glassplast {

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

struct Bond {
    double angle;
    double distance;
    int neighbor;
    Vector<2> separation;
};

// Of neighbours at exactly the same angle the nearer one comes first.
bool before(const Bond& a, const Bond& b) {
    return std::tie(a.angle, a.distance, a.neighbor) < std::tie(b.angle, b.distance, b.neighbor);
}

// The angle opposite to `far` in a triangle with these sides.
double triangle_angle(double one, double other, double far) {
    const double cosine = (one * one + other * other - far * far) / (2.0 * one * other);
    return std::acos(std::clamp(cosine, -1.0, 1.0));
}

// In [0, pi], accurate for all angles, unlike the arc cosine.
double angle_between(const Vector<2>& a, const Vector<2>& b) {
    return std::atan2(std::abs(a(0) * b(1) - a(1) * b(0)), a.dot(b));
}

}  // namespace

AngularNeighbors angular_neighbors(const Box<2>& box, const Positions<2>& positions,
                                   const ContactDistance& contact, double longest, double factor) {
    require_positive(factor, "factor");
    const ImageCells<2> cells(box, positions, factor * longest);
    Positions<2> sites;
    cells.place(box, positions, sites);
    const auto count = static_cast<std::size_t>(positions.cols());

    std::vector<std::vector<Bond>> bonds(count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto site = static_cast<int>(i);
        const auto source = static_cast<std::size_t>(cells.source()[i]);
        std::vector<Bond>& own = bonds[source];
        cells.for_candidates(site, [&](int j) {
            const Vector<2> separation = sites.col(j) - sites.col(site);
            const double distance = separation.norm();
            const int neighbor = cells.source()[static_cast<std::size_t>(j)];
            if (distance < factor * contact(source, static_cast<std::size_t>(neighbor))) {
                own.push_back({std::atan2(separation(1), separation(0)), distance, neighbor, separation});
            }
        });
        std::sort(own.begin(), own.end(), before);
    }

    AngularNeighbors result;
    result.start.reserve(count + 1);
    for (const std::vector<Bond>& own : bonds) {
        result.start.push_back(result.start.back() + own.size());
    }
    result.neighbor.reserve(result.start.back());
    result.separation.resize(2, static_cast<Eigen::Index>(result.start.back()));
    Eigen::Index column = 0;
    for (const std::vector<Bond>& own : bonds) {
        for (const Bond& bond : own) {
            result.neighbor.push_back(bond.neighbor);
            result.separation.col(column++) = bond.separation;
        }
    }
    return result;
}

Eigen::VectorXd bond_orientational_order(const AngularNeighbors& neighbors, int m) {
    Eigen::VectorXd order(static_cast<Eigen::Index>(neighbors.size()));
    for (std::size_t j = 0; j < neighbors.size(); ++j) {
        const std::size_t first = neighbors.start[j];
        const std::size_t last = neighbors.start[j + 1];
        std::complex<double> sum = 0.0;
        for (std::size_t k = first; k < last; ++k) {
            const auto column = static_cast<Eigen::Index>(k);
            const double angle = std::atan2(neighbors.separation(1, column), neighbors.separation(0, column));
            sum += std::polar(1.0, m * angle);
        }
        order(static_cast<Eigen::Index>(j)) =
            last > first ? std::abs(sum) / static_cast<double>(last - first) : missing;
    }
    return order;
}

Eigen::VectorXd steric_order(const AngularNeighbors& neighbors, const ContactDistance& contact) {
    Eigen::VectorXd order(static_cast<Eigen::Index>(neighbors.size()));
    for (std::size_t j = 0; j < neighbors.size(); ++j) {
        const std::size_t first = neighbors.start[j];
        const std::size_t count = neighbors.start[j + 1] - first;
        double sum = 0.0;
        for (std::size_t a = 0; a < count; ++a) {
            const std::size_t k = first + a;
            const std::size_t l = first + (a + 1) % count;
            const double actual = angle_between(neighbors.separation.col(static_cast<Eigen::Index>(k)),
                                                neighbors.separation.col(static_cast<Eigen::Index>(l)));
            const auto one = static_cast<std::size_t>(neighbors.neighbor[k]);
            const auto other = static_cast<std::size_t>(neighbors.neighbor[l]);
            const double touching = triangle_angle(contact(j, one), contact(j, other), contact(one, other));
            sum += std::abs(actual - touching);
        }
        order(static_cast<Eigen::Index>(j)) = count >= 3 ? sum / static_cast<double>(count) : missing;
    }
    return order;
}

}  // namespace glassplast
