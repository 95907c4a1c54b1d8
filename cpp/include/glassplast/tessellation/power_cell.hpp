#pragma once

#include <glassplast/geometry/vector.hpp>

#include <cmath>
#include <vector>

namespace glassplast {

/// Another site as seen from the centre of a cell: a point x belongs to the centre while 2 separation . x <=
/// height.
struct Bisector {
    Bisector(double x, double y, double weight, double own_weight, int particle, const Image<2>& image)
        : x(x),
          y(y),
          weight(weight),
          height(x * x + y * y - (weight - own_weight)),
          magnitude(x * x + y * y + std::abs(weight - own_weight)),
          particle(particle),
          image(image) {}

    double x;
    double y;
    double weight;
    double height;     ///< |separation|^2 - weight + own weight
    double magnitude;  ///< the sum of the sizes of its terms, for bounds on round-off
    int particle;
    Image<2> image;
};

/// The power cell of one site, which is cut out of the plane by one bisector after the other.
///
/// Whether a bisector cuts off a corner is the sign of a determinant of the sites alone, taken exactly: in
/// doubles where their error bound allows it, with ExactSum otherwise. Where it vanishes, the sign is that of
/// the lifted plane |x|^2 - w + a x y + b x^2 + c y^2 with infinitesimal 1 >> a >> b >> c > 0. (a x y is
/// the first order of a simple shear.) Four distinct sites that are not on one line impose independent
/// conditions on conics, so one of the three always decides. Adding a quadratic form keeps a periodic set of
/// sites periodic, so cells that are cut one by one agree with each other, also across the boundary.
/// Separations must be exact differences of the sites' coordinates for this to hold.
class PowerCell {
public:
    /// Starts with the parallelogram between the images of the centre at +-first and +-second.
    void begin(double own_weight, int particle, const Vector<2>& first, const Vector<2>& second);

    /// False only when the bisector certainly leaves the cell whole.
    bool may_cut(double distance_squared, double height) const {
        return height < 0.0 || height * height <= 4.0 * radius_squared_ * distance_squared;
    }

    void cut(const Bisector& bisector);

    bool empty() const { return edges_.empty(); }

    /// An upper bound of the squared distance from the centre to the farthest corner. It is infinite where
    /// round-off allows no other bound.
    double radius_squared() const { return radius_squared_; }

    /// Counterclockwise.
    const std::vector<Bisector>& edges() const { return edges_; }

    /// The corner between edges k and k + 1, as a vector from the centre.
    Vector<2> corner(std::size_t k) const;

private:
    /// The intersection of two successive bisectors as (x, y) / (2 w), and the sum of the sizes of the terms.
    struct Corner {
        double x;
        double y;
        double w;
        double magnitude_x;
        double magnitude_y;
        double magnitude_w;
        double radius_squared;
    };

    static Corner intersect(const Bisector& first, const Bisector& second);
    bool cuts_off(const Bisector& bisector, std::size_t k) const;
    bool cuts_off_exactly(const Bisector& bisector, std::size_t k) const;
    void update_radius();

    double own_weight_ = 0.0;
    double radius_squared_ = 0.0;
    std::vector<Bisector> edges_;
    std::vector<Corner> corners_;  ///< corner k ends edge k
    std::vector<Bisector> next_edges_;
    std::vector<Corner> next_corners_;
    std::vector<char> outside_;
};

}  // namespace glassplast
