#include <glassplast/fields/coarse_graining.hpp>

#include <glassplast/errors.hpp>
#include <glassplast/fields/structure_functions.hpp>
#include <glassplast/geometry/image_cells.hpp>
#include <glassplast/parallel.hpp>
#include <glassplast/require_positive.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

namespace glassplast {

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

// Calls visit(point, source, separation) for all sources, images included, within `range` of each point;
// separation = point - source. Points and sources share one set of cells. What belongs to one point is
// visited in one order on one thread.
template <int Dim, class Visit>
void for_near(const Box<Dim>& box, const Positions<Dim>& points, const Positions<Dim>& sources, double range,
              int threads, Monitor& monitor, Visit&& visit) {
    constexpr std::size_t block = 1024;
    const auto count = static_cast<int>(points.cols());
    Positions<Dim> all(Dim, points.cols() + sources.cols());
    all << points, sources;
    const ImageCells<Dim> cells(box, all, range);
    Positions<Dim> sites;
    cells.place(box, all, sites);
    const double range_squared = range * range;
    const std::vector<int>& source = cells.source();
    run_tasks((cells.size() + block - 1) / block, threads, [&](std::size_t task) {
        const std::size_t last = std::min((task + 1) * block, cells.size());
        for (std::size_t i = task * block; i < last; ++i) {
            const int point = source[i];
            if (point >= count) {
                continue;
            }
            const auto site = static_cast<int>(i);
            const Vector<Dim> center = sites.col(site);
            cells.for_candidates(site, [&](int j) {
                const Vector<Dim> separation = center - sites.col(j);
                if (separation.squaredNorm() < range_squared &&
                    source[static_cast<std::size_t>(j)] >= count) {
                    visit(point, source[static_cast<std::size_t>(j)] - count, separation);
                }
            });
            if (i % 64 == 0) {
                monitor(static_cast<double>(i), static_cast<double>(cells.size()));
            }
        }
    });
}

// The part of a bond inside the range of the kernel around a point, and the mean of the kernel over it.
//
// With D from the middle of the part to the point, h half the part and t in [-1, 1],
//     q(t) = |D - t h|^2 / R^2 = a - b t + c t^2,
// and int phi ds = (weight / A) <(1 - q^2)^2>, where only even powers of b survive.
template <int Dim>
struct InnerPart {
    double weight;  // length of the part over that of the bond; 0 when it lies outside
    double middle;  // in units of the bond, from its start
    Vector<Dim> toward;
    Vector<Dim> half;
    double a;
    double b;
    double c;

    // `offset` leads from the middle of the bond to the point.
    InnerPart(const Vector<Dim>& offset, const Vector<Dim>& separation, double radius) {
        const double length = separation.squaredNorm();
        const double range = radius * radius;
        double low = -0.5;
        double high = 0.5;
        const double distance = offset.squaredNorm();
        const double along = offset.dot(separation);
        // |offset - s separation| < radius, a convex function of s: both ends inside, or roots.
        if (distance + std::abs(along) + 0.25 * length >= range) {
            const double discriminant = along * along - length * (distance - range);
            if (!(discriminant > 0.0)) {
                weight = 0.0;
                return;
            }
            const double root = std::sqrt(discriminant);
            low = std::max(low, (along - root) / length);
            high = std::min(high, (along + root) / length);
        }
        weight = high - low;
        if (!(weight > 0.0)) {
            weight = 0.0;
            return;
        }
        const double center = 0.5 * (low + high);
        middle = 0.5 + center;
        toward = offset - center * separation;
        half = 0.5 * weight * separation;
        a = toward.squaredNorm() / range;
        b = 2.0 * toward.dot(half) / range;
        c = half.squaredNorm() / range;
    }

    // <(1 - q^2)^2> = 1 - 2 <q^2> + <q^4>.
    double mean() const {
        const double bb = b * b;
        const double square = a * a + (bb + 2.0 * a * c) / 3.0 + c * c / 5.0;
        const double fourth = a * a * (a * a + (6.0 * bb + 4.0 * a * c) / 3.0) +
                              (bb * bb + 6.0 * a * c * (2.0 * bb + a * c)) / 5.0 +
                              (6.0 * bb + 4.0 * a * c) * c * c / 7.0 + c * c * c * c / 9.0;
        return 1.0 - 2.0 * square + fourth;
    }

    // The derivative of the mean when D and h change. The motion of the ends of the part does not matter,
    // because the kernel vanishes there.
    double mean_rate(const Vector<Dim>& toward_rate, const Vector<Dim>& half_rate, double radius) const {
        const double scale = 2.0 / (radius * radius);
        const double rate_a = scale * toward.dot(toward_rate);
        const double rate_b = scale * (toward_rate.dot(half) + toward.dot(half_rate));
        const double rate_c = scale * half.dot(half_rate);
        const double bb = b * b;
        const double ac = a * c;
        const double square_a = 2.0 * a + 2.0 * c / 3.0;
        const double square_b = 2.0 * b / 3.0;
        const double square_c = 2.0 * a / 3.0 + 2.0 * c / 5.0;
        const double fourth_a =
            4.0 * a * (a * a + bb + ac) + 12.0 * c * (bb + ac) / 5.0 + 4.0 * c * c * c / 7.0;
        const double fourth_b = 4.0 * b * (a * a + (bb + 6.0 * ac) / 5.0 + 3.0 * c * c / 7.0);
        const double fourth_c = 4.0 * a * a * a / 3.0 + 12.0 * a * (bb + ac) / 5.0 +
                                12.0 * c * (bb + ac) / 7.0 + 4.0 * c * c * c / 9.0;
        return (fourth_a - 2.0 * square_a) * rate_a + (fourth_b - 2.0 * square_b) * rate_b +
               (fourth_c - 2.0 * square_c) * rate_c;
    }
};

template <int Dim>
void require_bonds(const Bonds<Dim>& bonds) {
    if (bonds.start.cols() != bonds.separation.cols() ||
        static_cast<std::size_t>(bonds.start.cols()) != bonds.tensor.size()) {
        throw GeometryError("bonds need a start, a separation and a tensor each");
    }
}

// Calls visit(point, bond, part of the bond within the range, offset) for all bonds that reach into the
// range.
template <int Dim, class Visit>
void for_bonds(const Box<Dim>& box, const Bonds<Dim>& bonds, const Positions<Dim>& points, double radius,
               int threads, Monitor& monitor, Visit&& visit) {
    require_bonds(bonds);
    if (bonds.tensor.empty()) {
        return;
    }
    const Positions<Dim> middle = bonds.start + 0.5 * bonds.separation;
    const double longest = std::sqrt(bonds.separation.colwise().squaredNorm().maxCoeff());
    for_near<Dim>(box, points, middle, radius + 0.5 * longest, threads, monitor,
                  [&](int point, int bond, const Vector<Dim>& offset) {
                      const InnerPart<Dim> part(offset, bonds.separation.col(bond), radius);
                      if (part.weight > 0.0) {
                          visit(static_cast<std::size_t>(point), bond, part);
                      }
                  });
}

template <int Dim>
TensorField<Dim> zeros(Eigen::Index count) {
    return TensorField<Dim>(static_cast<std::size_t>(count), Matrix<Dim>::Zero());
}

}  // namespace

template <int Dim>
CoarseGrainingKernel<Dim>::CoarseGrainingKernel(double radius) : radius_(radius), height_(0.0) {
    require_positive(radius, "radius");
    // A = S_d R^d (1/d - 2/(d + 4) + 1/(d + 8)).
    const double integral = 1.0 / Dim - 2.0 / (Dim + 4) + 1.0 / (Dim + 8);
    height_ = 1.0 / (unit_sphere_surface<Dim>() * std::pow(radius, Dim) * integral);
}

template <int Dim>
CoarseGrainedVectors<Dim> coarse_grained_vectors(const Box<Dim>& box, const Positions<Dim>& positions,
                                                 const Positions<Dim>& vectors, const Matrix<Dim>& affine,
                                                 const Positions<Dim>& points, double radius,
                                                 Monitor& monitor) {
    const CoarseGrainingKernel<Dim> kernel(radius);
    if (vectors.cols() != positions.cols()) {
        std::ostringstream message;
        message << "there are " << vectors.cols() << " vectors for " << positions.cols() << " particles";
        throw GeometryError(message.str());
    }
    const double range = radius * radius;
    CoarseGrainedVectors<Dim> field{Eigen::VectorXd::Zero(points.cols()),
                                    Positions<Dim>::Zero(Dim, points.cols()), zeros<Dim>(points.cols())};
    Positions<Dim> slope = Positions<Dim>::Zero(Dim, points.cols());
    const auto add = [&](int point, int particle, const Vector<Dim>& separation) {
        const Vector<Dim> u = vectors.col(particle);
        if (!u.allFinite()) {
            return;
        }
        const double q = separation.squaredNorm() / range;
        const double weight = kernel.value(q);
        const Vector<Dim> change = (2.0 * kernel.slope(q) / range) * separation;
        const Vector<Dim> relative = u - affine * separation;
        field.density(point) += weight;
        field.value.col(point) += weight * relative;
        field.gradient[static_cast<std::size_t>(point)] += relative * change.transpose();
        slope.col(point) += change;
    };
    for_near<Dim>(box, points, positions, radius, 1, monitor, add);
    for (Eigen::Index p = 0; p < points.cols(); ++p) {
        const double density = field.density(p);
        Matrix<Dim>& gradient = field.gradient[static_cast<std::size_t>(p)];
        if (!(density > 0.0)) {
            field.value.col(p).setConstant(missing);
            gradient.setConstant(missing);
            continue;
        }
        field.value.col(p) /= density;
        gradient = (gradient - field.value.col(p) * slope.col(p).transpose()) / density;
    }
    return field;
}

template <int Dim>
TensorField<Dim> coarse_grained_tensors(const Box<Dim>& box, const Bonds<Dim>& bonds,
                                        const Positions<Dim>& points, double radius, Monitor& monitor) {
    const CoarseGrainingKernel<Dim> kernel(radius);
    TensorField<Dim> field = zeros<Dim>(points.cols());
    for_bonds<Dim>(
        box, bonds, points, radius, 1, monitor, [&](std::size_t point, int bond, const InnerPart<Dim>& part) {
            field[point] +=
                (kernel.height() * part.weight * part.mean()) * bonds.tensor[static_cast<std::size_t>(bond)];
        });
    return field;
}

template <int Dim>
TensorField<Dim> coarse_grained_tensor_rates(const Box<Dim>& box, const Bonds<Dim>& bonds,
                                             const BondMotion<Dim>& motion, const Positions<Dim>& points,
                                             const Positions<Dim>& point_velocity, double radius, int threads,
                                             Monitor& monitor) {
    const CoarseGrainingKernel<Dim> kernel(radius);
    TensorField<Dim> field = zeros<Dim>(points.cols());
    for_bonds<Dim>(box, bonds, points, radius, threads, monitor,
                   [&](std::size_t point, int bond, const InnerPart<Dim>& part) {
                       const Vector<Dim> turn = motion.separation.col(bond);
                       const Vector<Dim> stretch = motion.flow * bonds.separation.col(bond) + turn;
                       const Vector<Dim> toward_rate = motion.flow * part.toward +
                                                       point_velocity.col(static_cast<Eigen::Index>(point)) -
                                                       motion.start.col(bond) - part.middle * turn;
                       const Vector<Dim> half_rate = (0.5 * part.weight) * stretch;
                       const double factor = kernel.height() * part.weight;
                       field[point] +=
                           (factor * part.mean()) * motion.tensor_rate[static_cast<std::size_t>(bond)] +
                           (factor * part.mean_rate(toward_rate, half_rate, radius)) *
                               bonds.tensor[static_cast<std::size_t>(bond)];
                   });
    return field;
}

#define GLASSPLAST_COARSE_GRAINING(Dim)                                                             \
    template class CoarseGrainingKernel<Dim>;                                                       \
    template CoarseGrainedVectors<Dim> coarse_grained_vectors<Dim>(                                 \
        const Box<Dim>&, const Positions<Dim>&, const Positions<Dim>&, const Matrix<Dim>&,          \
        const Positions<Dim>&, double, Monitor&);                                                   \
    template TensorField<Dim> coarse_grained_tensors<Dim>(const Box<Dim>&, const Bonds<Dim>&,       \
                                                          const Positions<Dim>&, double, Monitor&); \
    template TensorField<Dim> coarse_grained_tensor_rates<Dim>(                                     \
        const Box<Dim>&, const Bonds<Dim>&, const BondMotion<Dim>&, const Positions<Dim>&,          \
        const Positions<Dim>&, double, int, Monitor&);

GLASSPLAST_COARSE_GRAINING(2)
GLASSPLAST_COARSE_GRAINING(3)
#undef GLASSPLAST_COARSE_GRAINING

}  // namespace glassplast
