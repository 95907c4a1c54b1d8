#include <glassplast/tessellation/power_cell.hpp>

#include <glassplast/tessellation/exact_sum.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace glassplast {

namespace {

// Half an ulp of 1. The sums below lose at most 8 of them relative to the sum of the sizes of their terms;
// the factor 2 on top covers the round-off of that sum itself.
constexpr double unit_roundoff = 0.5 * std::numeric_limits<double>::epsilon();
constexpr double round_off = 16.0 * unit_roundoff;

// The margin is wider than the round-off of the comparison in which it is used.
constexpr double radius_margin = 1.0 + 1e-9;

ExactSum<6> exact_height(const Bisector& bisector, double own_weight) {
    ExactSum<6> height;
    height.add_product(bisector.x, bisector.x);
    height.add_product(bisector.y, bisector.y);
    height.add(-bisector.weight);
    height.add(own_weight);
    return height;
}

ExactSum<6> product(double a, double b) {
    ExactSum<6> sum;
    sum.add_product(a, b);
    return sum;
}

// a b - c d
ExactSum<4> minor_of(double a, double b, double c, double d) {
    ExactSum<4> sum;
    sum.add_product(a, b);
    sum.add_product(-c, d);
    return sum;
}

}  // namespace

void PowerCell::begin(double own_weight, int particle, const Vector<2>& first, const Vector<2>& second) {
    own_weight_ = own_weight;
    edges_.clear();
    corners_.clear();
    const double turn = minor_of(first(0), second(1), first(1), second(0)).sign();
    const auto add = [&](double a, double b) {
        const Vector<2> separation = a * first + b * second;
        edges_.emplace_back(separation(0), separation(1), own_weight, own_weight, particle,
                            Image<2>(static_cast<int>(a), static_cast<int>(b)));
    };
    add(1.0, 0.0);
    add(0.0, turn);
    add(-1.0, 0.0);
    add(0.0, -turn);
    for (std::size_t k = 0; k < edges_.size(); ++k) {
        corners_.push_back(intersect(edges_[k], edges_[(k + 1) % edges_.size()]));
    }
    update_radius();
}

PowerCell::Corner PowerCell::intersect(const Bisector& first, const Bisector& second) {
    Corner corner{};
    corner.x = first.height * second.y - second.height * first.y;
    corner.y = first.x * second.height - second.x * first.height;
    corner.w = first.x * second.y - first.y * second.x;
    corner.magnitude_x = first.magnitude * std::abs(second.y) + second.magnitude * std::abs(first.y);
    corner.magnitude_y = std::abs(first.x) * second.magnitude + std::abs(second.x) * first.magnitude;
    corner.magnitude_w = std::abs(first.x * second.y) + std::abs(first.y * second.x);
    const double least_w = corner.w - round_off * corner.magnitude_w;
    if (least_w > 0.0) {
        const double x = std::abs(corner.x) + round_off * corner.magnitude_x;
        const double y = std::abs(corner.y) + round_off * corner.magnitude_y;
        corner.radius_squared = radius_margin * (x * x + y * y) / (4.0 * least_w * least_w);
    } else {
        corner.radius_squared = std::numeric_limits<double>::infinity();
    }
    return corner;
}

bool PowerCell::cuts_off(const Bisector& bisector, std::size_t k) const {
    const Corner& corner = corners_[k];
    const double excess = bisector.x * corner.x + bisector.y * corner.y - bisector.height * corner.w;
    const double bound =
        round_off * (std::abs(bisector.x) * corner.magnitude_x + std::abs(bisector.y) * corner.magnitude_y +
                     bisector.magnitude * corner.magnitude_w);
    if (std::abs(excess) > bound) {
        return excess > 0.0;
    }
    return cuts_off_exactly(bisector, k);
}

// The determinant of the rows (x, y, lift) of the two edges of the corner and the bisector, along its last
// column, so that the lift can be the height or a term of the perturbation. Its sign reversed is the sign of
// the excess, because the corner's own minor (its w) is positive.
bool PowerCell::cuts_off_exactly(const Bisector& bisector, std::size_t k) const {
    const Bisector& first = edges_[k];
    const Bisector& second = edges_[(k + 1) % edges_.size()];
    const ExactSum<4> of_first = minor_of(second.x, bisector.y, second.y, bisector.x);
    const ExactSum<4> of_second = minor_of(bisector.x, first.y, bisector.y, first.x);
    const ExactSum<4> of_bisector = minor_of(first.x, second.y, first.y, second.x);
    const auto sign_for = [&](auto&& lift) {
        ExactSum<144> determinant;
        determinant.add_product(lift(first), of_first);
        determinant.add_product(lift(second), of_second);
        determinant.add_product(lift(bisector), of_bisector);
        return determinant.sign();
    };
    int sign = sign_for([&](const Bisector& edge) { return exact_height(edge, own_weight_); });
    if (sign == 0) {
        sign = sign_for([](const Bisector& edge) { return product(edge.x, edge.y); });
    }
    if (sign == 0) {
        sign = sign_for([](const Bisector& edge) { return product(edge.x, edge.x); });
    }
    if (sign == 0) {
        sign = sign_for([](const Bisector& edge) { return product(edge.y, edge.y); });
    }
    return sign < 0;
}

void PowerCell::cut(const Bisector& bisector) {
    const std::size_t count = edges_.size();
    outside_.resize(count);
    std::size_t lost = 0;
    for (std::size_t k = 0; k < count; ++k) {
        outside_[k] = static_cast<char>(cuts_off(bisector, k));
        lost += static_cast<std::size_t>(outside_[k]);
    }
    if (lost == 0) {
        return;
    }
    if (lost == count) {
        edges_.clear();
        corners_.clear();
        radius_squared_ = 0.0;
        return;
    }
    // The corners that are cut off follow each other: first_lost, ..., first_kept - 1.
    std::size_t first_lost = 0;
    while (outside_[first_lost] == 0 || outside_[(first_lost + count - 1) % count] != 0) {
        ++first_lost;
    }
    next_edges_.clear();
    next_corners_.clear();
    for (std::size_t step = lost; step < count; ++step) {
        const std::size_t k = (first_lost + step) % count;
        next_edges_.push_back(edges_[k]);
        next_corners_.push_back(corners_[k]);
    }
    next_edges_.push_back(edges_[first_lost]);
    next_corners_.push_back(intersect(edges_[first_lost], bisector));
    next_edges_.push_back(bisector);
    next_corners_.push_back(intersect(bisector, next_edges_.front()));
    edges_.swap(next_edges_);
    corners_.swap(next_corners_);
    update_radius();
}

void PowerCell::update_radius() {
    radius_squared_ = 0.0;
    for (const Corner& corner : corners_) {
        radius_squared_ = std::max(radius_squared_, corner.radius_squared);
    }
}

Vector<2> PowerCell::corner(std::size_t k) const {
    const Corner& corner = corners_[k];
    // If edges are nearly parallel, subtractions lose so many digits that exact sums are worth their cost.
    constexpr double acceptable_loss = 32.0;
    if (corner.w * acceptable_loss > corner.magnitude_w) {
        return {0.5 * corner.x / corner.w, 0.5 * corner.y / corner.w};
    }
    const Bisector& first = edges_[k];
    const Bisector& second = edges_[(k + 1) % edges_.size()];
    const ExactSum<6> first_height = exact_height(first, own_weight_);
    const ExactSum<6> second_height = exact_height(second, own_weight_);
    const auto scaled = [](double factor) {
        ExactSum<1> sum;
        sum.add(factor);
        return sum;
    };
    ExactSum<24> x;
    x.add_product(first_height, scaled(second.y));
    x.add_product(second_height, scaled(-first.y));
    ExactSum<24> y;
    y.add_product(second_height, scaled(first.x));
    y.add_product(first_height, scaled(-second.x));
    const double w = minor_of(first.x, second.y, first.y, second.x).rounded();
    return {0.5 * x.rounded() / w, 0.5 * y.rounded() / w};
}

}  // namespace glassplast
