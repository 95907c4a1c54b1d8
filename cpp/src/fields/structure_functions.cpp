#include <glassplast/errors.hpp>
#include <glassplast/fields/structure_functions.hpp>
#include <glassplast/geometry/image_cells.hpp>
#include <glassplast/parallel.hpp>
#include <glassplast/require_positive.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

namespace glassplast {

namespace {

constexpr double pi = 3.14159265358979323846;

// Where Gaussians are cut, in standard deviations: exp(-32) = 1.3e-14, and the part outside weighs 1.2e-15.
constexpr double reach = 8.0;

void require_increasing(const Eigen::VectorXd& radii) {
    double before = 0.0;
    for (Eigen::Index k = 0; k < radii.size(); ++k) {
        if (!(radii(k) > before) || !std::isfinite(radii(k))) {
            std::ostringstream message;
            message << "r must be positive and increasing, but radius " << k << " is " << radii(k)
                    << " after " << before;
            throw ArgumentError(message.str());
        }
        before = radii(k);
    }
}

template <int Dim>
double power(double r) {
    return Dim == 2 ? r : r * r;
}

// Particles with the distances of all others, images included, within a range.
template <int Dim>
class Distances {
public:
    Distances(const Box<Dim>& box, const Positions<Dim>& positions, double range)
        : cells_(box, positions, range), range_squared_(range * range) {
        cells_.place(box, positions, sites_);
    }

    // Calls work(block, first, last) for blocks of places, on threads. Blocks do not depend on how many.
    template <class Work>
    void for_blocks(int threads, Work&& work) const {
        run_tasks(blocks(), threads, [&](std::size_t block) {
            work(block, block * block_size, std::min((block + 1) * block_size, cells_.size()));
        });
    }

    std::size_t blocks() const { return (cells_.size() + block_size - 1) / block_size; }

    int particle(std::size_t place) const { return cells_.source()[place]; }

    // Calls visit(distance) for all that are near the particle at a place.
    template <class Visit>
    void for_distances(std::size_t place, Visit&& visit) const {
        const auto site = static_cast<int>(place);
        const Vector<Dim> center = sites_.col(site);
        cells_.for_candidates(site, [&](int j) {
            const double squared = (sites_.col(j) - center).squaredNorm();
            if (squared < range_squared_) {
                visit(std::sqrt(squared));
            }
        });
    }

private:
    static constexpr std::size_t block_size = 4096;

    ImageCells<Dim> cells_;
    Positions<Dim> sites_;
    double range_squared_;
};

// Sums of normalized Gaussians at fixed, increasing abscissas.
class GaussianSum {
public:
    GaussianSum(const Eigen::VectorXd& abscissas, double width)
        : abscissas_(abscissas),
          reach_(reach * width),
          exponent_(-0.5 / (width * width)),
          factor_(1.0 / (std::sqrt(2.0 * pi) * width)),
          sum_(Eigen::VectorXd::Zero(abscissas.size())) {}

    void clear() { sum_.setZero(); }

    void add(double center) {
        const double* const first = abscissas_.data();
        const double* const last = first + abscissas_.size();
        const double* const low = std::lower_bound(first, last, center - reach_);
        const double* const high = std::upper_bound(low, last, center + reach_);
        const auto start = low - first;
        const auto count = high - low;
        sum_.segment(start, count).array() +=
            factor_ * (exponent_ * (abscissas_.segment(start, count).array() - center).square()).exp();
    }

    const Eigen::VectorXd& sum() const { return sum_; }

private:
    Eigen::VectorXd abscissas_;
    double reach_;
    double exponent_;
    double factor_;
    Eigen::VectorXd sum_;
};

// The number of particles of an ideal gas of this density in a shell, per width of the shell.
template <int Dim>
Eigen::VectorXd ideal_shells(const Box<Dim>& box, const Positions<Dim>& positions,
                             const Eigen::VectorXd& radii) {
    const double density = static_cast<double>(positions.cols()) / box.volume();
    return density * unit_sphere_surface<Dim>() * radii.unaryExpr(&power<Dim>);
}

struct Quadrature {
    Eigen::VectorXd abscissas;
    Eigen::VectorXd weights;
};

// Gauss-Legendre quadrature on [-1, 1]; Newton's method finds the roots of the Legendre polynomial.
Quadrature gauss_legendre(int points) {
    Quadrature rule{Eigen::VectorXd(points), Eigen::VectorXd(points)};
    for (int k = 0; k < points; ++k) {
        double x = -std::cos(pi * (k + 0.75) / (points + 0.5));
        double slope = 1.0;
        for (int iteration = 0; iteration < 8; ++iteration) {
            double before = 1.0;
            double value = x;
            for (int n = 2; n <= points; ++n) {
                const double next = ((2 * n - 1) * x * value - (n - 1) * before) / n;
                before = value;
                value = next;
            }
            slope = points * (x * value - before) / (x * x - 1.0);
            x -= value / slope;
        }
        rule.abscissas(k) = x;
        rule.weights(k) = 2.0 / ((1.0 - x * x) * slope * slope);
    }
    return rule;
}

// Quadrature on (0, end) by panels of at most `widest`, which is half the width of the Gaussians. The first
// panel is quartered again and again towards zero, because ten points integrate the logarithm to 1e-12 where
// a panel ends at four times its beginning.
Quadrature graded_quadrature(double end, double widest) {
    constexpr int points = 10;
    constexpr int quarterings = 14;
    constexpr double most = 1e5;
    if (end > most * widest) {
        std::ostringstream message;
        message << "r_max must be at most " << 0.5 * most << " times delta = " << 2.0 * widest << ", not "
                << end;
        throw ArgumentError(message.str());
    }
    const int panels = std::max(1, static_cast<int>(std::ceil(end / widest)));
    const double panel = end / panels;
    std::vector<double> borders{0.0};
    for (int k = quarterings; k > 0; --k) {
        borders.push_back(std::ldexp(panel, -2 * k));
    }
    for (int k = 1; k <= panels; ++k) {
        borders.push_back(panel * k);
    }
    const Quadrature rule = gauss_legendre(points);
    const auto count = static_cast<Eigen::Index>(borders.size() - 1);
    Quadrature result{Eigen::VectorXd(count * points), Eigen::VectorXd(count * points)};
    for (Eigen::Index k = 0; k < count; ++k) {
        const double low = borders[static_cast<std::size_t>(k)];
        const double half = 0.5 * (borders[static_cast<std::size_t>(k) + 1] - low);
        result.abscissas.segment(k * points, points) = (low + half * (rule.abscissas.array() + 1.0)).matrix();
        result.weights.segment(k * points, points) = half * rule.weights;
    }
    return result;
}

}  // namespace

template <int Dim>
double unit_sphere_surface() {
    return 2.0 * std::pow(pi, 0.5 * Dim) / std::tgamma(0.5 * Dim);
}

template <int Dim>
Eigen::MatrixXd local_radial_distribution(const Box<Dim>& box, const Positions<Dim>& positions,
                                          const Eigen::VectorXd& radii, double delta) {
    require_positive(delta, "delta");
    require_increasing(radii);
    Eigen::MatrixXd local = Eigen::MatrixXd::Zero(radii.size(), positions.cols());
    if (radii.size() == 0) {
        return local;
    }
    const Eigen::VectorXd ideal = ideal_shells(box, positions, radii);
    const Distances<Dim> near(box, positions, radii(radii.size() - 1) + reach * delta);
    near.for_blocks(1, [&](std::size_t /*block*/, std::size_t first, std::size_t last) {
        GaussianSum shells(radii, delta);
        for (std::size_t place = first; place < last; ++place) {
            shells.clear();
            near.for_distances(place, [&](double distance) { shells.add(distance); });
            local.col(near.particle(place)) = shells.sum().cwiseQuotient(ideal);
        }
    });
    return local;
}

template <int Dim>
Eigen::VectorXd radial_distribution(const Box<Dim>& box, const Positions<Dim>& positions,
                                    const Eigen::VectorXd& radii, double delta, int threads) {
    require_positive(delta, "delta");
    require_increasing(radii);
    if (radii.size() == 0) {
        return radii;
    }
    const Distances<Dim> near(box, positions, radii(radii.size() - 1) + reach * delta);
    std::vector<Eigen::VectorXd> parts(near.blocks());
    near.for_blocks(threads, [&](std::size_t block, std::size_t first, std::size_t last) {
        GaussianSum shells(radii, delta);
        for (std::size_t place = first; place < last; ++place) {
            near.for_distances(place, [&](double distance) { shells.add(distance); });
        }
        parts[block] = shells.sum();
    });
    Eigen::VectorXd sum = Eigen::VectorXd::Zero(radii.size());
    for (const Eigen::VectorXd& part : parts) {
        sum += part;
    }
    const Eigen::VectorXd ideal = ideal_shells(box, positions, radii);
    return sum.cwiseQuotient(ideal) / static_cast<double>(positions.cols());
}

template <int Dim>
Eigen::VectorXd pair_histogram(const Box<Dim>& box, const Positions<Dim>& positions, double r_max, int bins) {
    require_positive(r_max, "r_max");
    require_positive(bins, "bins");
    Eigen::VectorXd counts = Eigen::VectorXd::Zero(bins);
    const Distances<Dim> near(box, positions, r_max);
    near.for_blocks(1, [&](std::size_t /*block*/, std::size_t first, std::size_t last) {
        for (std::size_t place = first; place < last; ++place) {
            near.for_distances(place, [&](double distance) {
                // distance < r_max, but the product may round up to `bins`.
                ++counts(std::min(static_cast<int>(distance / r_max * bins), bins - 1));
            });
        }
    });
    const auto count = static_cast<double>(positions.cols());
    const double ideal = count * count / box.volume() * unit_sphere_surface<Dim>() / Dim;
    for (int k = 0; k < bins; ++k) {
        const double inner = r_max * k / bins;
        const double outer = r_max * (k + 1) / bins;
        counts(k) /= ideal * (outer * power<Dim>(outer) - inner * power<Dim>(inner));
    }
    return counts;
}

template <int Dim>
Eigen::VectorXd excess_entropy(const Box<Dim>& box, const Positions<Dim>& positions, double r_max,
                               double delta, int threads) {
    require_positive(r_max, "r_max");
    require_positive(delta, "delta");
    const Quadrature rule = graded_quadrature(r_max, 0.5 * delta);
    const Eigen::ArrayXd ideal = ideal_shells(box, positions, rule.abscissas).array();
    const Eigen::ArrayXd log_ideal = ideal.log();
    Eigen::VectorXd entropy(positions.cols());
    const double smallest = std::numeric_limits<double>::min();
    const Distances<Dim> near(box, positions, r_max + reach * delta);
    near.for_blocks(threads, [&](std::size_t /*block*/, std::size_t first, std::size_t last) {
        GaussianSum shells(rule.abscissas, delta);
        for (std::size_t place = first; place < last; ++place) {
            shells.clear();
            near.for_distances(place, [&](double distance) { shells.add(distance); });
            // With g = h / ideal the integrand is h ln g - h + ideal; where h = 0 the first term is 0.
            const auto h = shells.sum().array();
            const double integral =
                (rule.weights.array() * (h * (h.max(smallest).log() - log_ideal) - h + ideal)).sum();
            entropy(near.particle(place)) = -0.5 * integral;
        }
    });
    return entropy;
}

#define GLASSPLAST_STRUCTURE_FUNCTIONS(Dim)                                                            \
    template double unit_sphere_surface<Dim>();                                                        \
    template Eigen::MatrixXd local_radial_distribution<Dim>(const Box<Dim>&, const Positions<Dim>&,    \
                                                            const Eigen::VectorXd&, double);           \
    template Eigen::VectorXd radial_distribution<Dim>(const Box<Dim>&, const Positions<Dim>&,          \
                                                      const Eigen::VectorXd&, double, int);            \
    template Eigen::VectorXd pair_histogram<Dim>(const Box<Dim>&, const Positions<Dim>&, double, int); \
    template Eigen::VectorXd excess_entropy<Dim>(const Box<Dim>&, const Positions<Dim>&, double, double, int);

GLASSPLAST_STRUCTURE_FUNCTIONS(2)
GLASSPLAST_STRUCTURE_FUNCTIONS(3)
#undef GLASSPLAST_STRUCTURE_FUNCTIONS

}  // namespace glassplast
