#include <glassplast/errors.hpp>
#include <glassplast/fields/environment_features.hpp>
#include <glassplast/geometry/image_cells.hpp>
#include <glassplast/require_positive.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

namespace glassplast {

namespace {

void require_increasing(const Eigen::VectorXd& values, Eigen::Index fewest, const char* name) {
    if (values.size() < fewest) {
        std::ostringstream message;
        message << name << " must be at least " << fewest << " numbers, not " << values.size();
        throw ArgumentError(message.str());
    }
    for (Eigen::Index k = 0; k < values.size(); ++k) {
        const bool above = k == 0 ? values(k) >= 0.0 : values(k) > values(k - 1);
        if (!above || !std::isfinite(values(k))) {
            std::ostringstream message;
            message << name << " must increase from zero or more, but number " << k << " is " << values(k);
            throw ArgumentError(message.str());
        }
    }
}

void require_one_each(std::size_t given, Eigen::Index particles, const char* name) {
    if (given != static_cast<std::size_t>(particles)) {
        std::ostringstream message;
        message << "there must be one of " << name << " for each of " << particles << " particles, not "
                << given;
        throw GeometryError(message.str());
    }
}

void require_species(const std::vector<int>& species, int count, Eigen::Index particles) {
    require_one_each(species.size(), particles, "species");
    for (std::size_t i = 0; i < species.size(); ++i) {
        if (species[i] < 0 || species[i] >= count) {
            std::ostringstream message;
            message << "particle " << i << " has species " << species[i] << ", but there are " << count
                    << ", numbered from 0";
            throw ModelError(message.str());
        }
    }
}

// Returns the largest diameter; raises an error unless all contact distances are positive.
double require_diameters(const std::vector<double>& diameters, double nonadditivity) {
    double smallest = std::numeric_limits<double>::infinity();
    double largest = 0.0;
    for (std::size_t i = 0; i < diameters.size(); ++i) {
        if (!(diameters[i] > 0.0) || !std::isfinite(diameters[i])) {
            std::ostringstream message;
            message << "particle " << i << " has the diameter " << diameters[i] << ", which is not positive";
            throw ModelError(message.str());
        }
        smallest = std::min(smallest, diameters[i]);
        largest = std::max(largest, diameters[i]);
    }
    if (!(nonadditivity >= 0.0) || !(nonadditivity * (largest - smallest) < 1.0)) {
        std::ostringstream message;
        message << "nonadditivity must not be negative, and leave the contact distance of diameters "
                << smallest << " and " << largest << " positive, unlike " << nonadditivity;
        throw ArgumentError(message.str());
    }
    return largest;
}

// Calls visit(i, j, r^2) for each pair of particles or images closer than the range, once.
template <int Dim, class Visit>
void for_pairs(const Box<Dim>& box, const Positions<Dim>& positions, double range, Visit&& visit) {
    const ImageCells<Dim> cells(box, positions, range);
    Positions<Dim> sites;
    cells.place(box, positions, sites);
    const double range_squared = range * range;
    const auto count = static_cast<int>(cells.size());
    std::vector<double> squared;
    for (int i = 0; i < count; ++i) {
        const Vector<Dim> here = sites.col(i);
        const int source = cells.source()[static_cast<std::size_t>(i)];
        cells.for_ranges(i, [&](int first, int last) {
            const auto length = static_cast<std::size_t>(last - first);
            if (squared.size() < length) {
                squared.resize(length);
            }
            for (int k = first; k < last; ++k) {
                squared[static_cast<std::size_t>(k - first)] = (sites.col(k) - here).squaredNorm();
            }
            for (int k = first; k < last; ++k) {
                const double distance = squared[static_cast<std::size_t>(k - first)];
                if (distance < range_squared && (k < count || cells.owns(i, k))) {
                    visit(source, cells.source()[static_cast<std::size_t>(k)], distance);
                }
            }
        });
    }
}

double whole_power(double base, int exponent) {
    double power = 1.0;
    for (; exponent > 0; exponent /= 2) {
        power *= exponent % 2 != 0 ? base : 1.0;
        base *= base;
    }
    return power;
}

// The last interval that begins at or before x, which lies within the borders.
Eigen::Index interval(const Eigen::VectorXd& borders, double x) {
    return std::upper_bound(borders.data(), borders.data() + borders.size(), x) - borders.data() - 1;
}

}  // namespace

template <int Dim>
Eigen::MatrixXd triangle_features(const Box<Dim>& box, const Positions<Dim>& positions,
                                  const std::vector<double>& diameters, double nonadditivity,
                                  const Eigen::VectorXd& knots) {
    require_increasing(knots, 3, "knots");
    require_one_each(diameters.size(), positions.cols(), "diameters");
    const double largest = require_diameters(diameters, nonadditivity);
    const double nearest = knots(0);
    const double farthest = knots(knots.size() - 1);
    // There is one more row for each of the two outer knots; both are dropped at the end.
    Eigen::MatrixXd features = Eigen::MatrixXd::Zero(knots.size(), positions.cols());
    if (positions.cols() > 0) {
        // No contact distance exceeds the larger of its two diameters.
        for_pairs(box, positions, farthest * largest, [&](int i, int j, double squared) {
            const double a = diameters[static_cast<std::size_t>(i)];
            const double b = diameters[static_cast<std::size_t>(j)];
            const double contact = 0.5 * (a + b) * (1.0 - nonadditivity * std::abs(a - b));
            if (squared >= farthest * farthest * contact * contact) {
                return;
            }
            const double x = std::sqrt(squared) / contact;
            if (x < nearest || x >= farthest) {
                return;
            }
            const Eigen::Index k = interval(knots, x);
            const double upper = (x - knots(k)) / (knots(k + 1) - knots(k));
            for (const int particle : {i, j}) {
                features(k, particle) += 1.0 - upper;
                features(k + 1, particle) += upper;
            }
        });
    }
    return features.middleRows(1, knots.size() - 2);
}

template <int Dim>
Eigen::MatrixXd bin_features(const Box<Dim>& box, const Positions<Dim>& positions,
                             const std::vector<int>& species, const Eigen::MatrixXd& lengths,
                             const Eigen::VectorXd& edges) {
    require_increasing(edges, 2, "edges");
    if (lengths.rows() != lengths.cols() || lengths != lengths.transpose() || !lengths.allFinite() ||
        lengths.size() == 0 || lengths.minCoeff() <= 0.0) {
        throw ArgumentError("lengths must be a symmetric table over species of positive numbers");
    }
    require_species(species, static_cast<int>(lengths.rows()), positions.cols());
    const Eigen::Index bins = edges.size() - 1;
    const double nearest = edges(0);
    const double farthest = edges(bins);
    Eigen::MatrixXd features = Eigen::MatrixXd::Zero(lengths.rows() * bins, positions.cols());
    for_pairs(box, positions, farthest * lengths.maxCoeff(), [&](int i, int j, double squared) {
        const int a = species[static_cast<std::size_t>(i)];
        const int b = species[static_cast<std::size_t>(j)];
        const double x = std::sqrt(squared) / lengths(a, b);
        if (x >= nearest && x < farthest) {
            const Eigen::Index k = interval(edges, x);
            features(b * bins + k, i) += 1.0;
            features(a * bins + k, j) += 1.0;
        }
    });
    return features;
}

template <int Dim>
Eigen::MatrixXd radial_features(const Box<Dim>& box, const Positions<Dim>& positions,
                                const std::vector<int>& species, int species_count,
                                const Eigen::VectorXd& centers, double width, double cutoff) {
    require_positive(width, "width");
    require_positive(cutoff, "cutoff");
    require_positive(species_count, "species_count");
    require_species(species, species_count, positions.cols());
    const Eigen::Index count = centers.size();
    const double exponent = -1.0 / (width * width);
    Eigen::MatrixXd features = Eigen::MatrixXd::Zero(species_count * count, positions.cols());
    Eigen::VectorXd values(count);
    for_pairs(box, positions, cutoff, [&](int i, int j, double squared) {
        values.array() = (exponent * (centers.array() - std::sqrt(squared)).square()).exp();
        features.col(i).segment(species[static_cast<std::size_t>(j)] * count, count) += values;
        features.col(j).segment(species[static_cast<std::size_t>(i)] * count, count) += values;
    });
    return features;
}

template <int Dim>
Eigen::MatrixXd angular_features(const Box<Dim>& box, const Positions<Dim>& positions,
                                 const std::vector<int>& species, int species_count,
                                 const std::vector<AngularFunction>& functions, double cutoff) {
    require_positive(cutoff, "cutoff");
    require_positive(species_count, "species_count");
    require_species(species, species_count, positions.cols());
    for (const AngularFunction& function : functions) {
        require_positive(function.xi, "xi");
        require_positive(function.zeta, "zeta");
    }
    // Functions with the same range share one exponential.
    std::vector<double> ranges;
    std::vector<std::size_t> range_of;
    for (const AngularFunction& function : functions) {
        const auto found = std::find(ranges.begin(), ranges.end(), function.xi);
        range_of.push_back(static_cast<std::size_t>(found - ranges.begin()));
        if (found == ranges.end()) {
            ranges.push_back(function.xi);
        }
    }
    std::vector<double> decay(ranges.size());
    struct Neighbor {
        Vector<Dim> separation;
        double squared;
        int species;
    };
    const auto count = static_cast<Eigen::Index>(functions.size());
    const Eigen::Index blocks = static_cast<Eigen::Index>(species_count) * (species_count + 1) / 2;
    Eigen::MatrixXd features = Eigen::MatrixXd::Zero(blocks * count, positions.cols());
    const ImageCells<Dim> cells(box, positions, cutoff);
    Positions<Dim> sites;
    cells.place(box, positions, sites);
    std::vector<Neighbor> neighbors;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const auto site = static_cast<int>(i);
        neighbors.clear();
        cells.for_candidates(site, [&](int j) {
            const Vector<Dim> separation = sites.col(j) - sites.col(site);
            const double squared = separation.squaredNorm();
            if (squared < cutoff * cutoff && squared > 0.0) {
                const int source = cells.source()[static_cast<std::size_t>(j)];
                neighbors.push_back({separation, squared, species[static_cast<std::size_t>(source)]});
            }
        });
        for (std::size_t k = 0; k < neighbors.size(); ++k) {
            for (std::size_t l = 0; l < k; ++l) {
                const Neighbor& one = neighbors[k];
                const Neighbor& other = neighbors[l];
                const double product = one.separation.dot(other.separation);
                const double cosine = std::clamp(product / std::sqrt(one.squared * other.squared), -1.0, 1.0);
                // r_ij^2 + r_ik^2 + r_jk^2
                const double sum = 2.0 * (one.squared + other.squared - product);
                const int low = std::min(one.species, other.species);
                const int high = std::max(one.species, other.species);
                // Blocks follow the rows of the upper triangle of the table of pairs of species.
                const Eigen::Index block = low * species_count - low * (low - 1) / 2 + high - low;
                auto values = features.col(cells.source()[i]).segment(block * count, count);
                for (std::size_t m = 0; m < ranges.size(); ++m) {
                    decay[m] = std::exp(-sum / (ranges[m] * ranges[m]));
                }
                for (std::size_t m = 0; m < functions.size(); ++m) {
                    const double base = 1.0 + functions[m].lambda * cosine;
                    values(static_cast<Eigen::Index>(m)) +=
                        decay[range_of[m]] * whole_power(base, functions[m].zeta);
                }
            }
        }
    }
    return features;
}

#define GLASSPLAST_ENVIRONMENT_FEATURES(Dim)                                                                 \
    template Eigen::MatrixXd triangle_features<Dim>(                                                         \
        const Box<Dim>&, const Positions<Dim>&, const std::vector<double>&, double, const Eigen::VectorXd&); \
    template Eigen::MatrixXd bin_features<Dim>(const Box<Dim>&, const Positions<Dim>&,                       \
                                               const std::vector<int>&, const Eigen::MatrixXd&,              \
                                               const Eigen::VectorXd&);                                      \
    template Eigen::MatrixXd radial_features<Dim>(const Box<Dim>&, const Positions<Dim>&,                    \
                                                  const std::vector<int>&, int, const Eigen::VectorXd&,      \
                                                  double, double);                                           \
    template Eigen::MatrixXd angular_features<Dim>(const Box<Dim>&, const Positions<Dim>&,                   \
                                                   const std::vector<int>&, int,                             \
                                                   const std::vector<AngularFunction>&, double);

GLASSPLAST_ENVIRONMENT_FEATURES(2)
GLASSPLAST_ENVIRONMENT_FEATURES(3)
#undef GLASSPLAST_ENVIRONMENT_FEATURES

}  // namespace glassplast
