#include <glassplast/probes/quasilocalized_modes.hpp>

#include <glassplast/errors.hpp>
#include <glassplast/linalg/dense_kernels.hpp>
#include <glassplast/parallel.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace glassplast {

namespace {

// Searches at the same time: a fixed number, so that it is no part of the result how many threads there are.
constexpr int groups = 4;

double polynomial(const std::array<double, 5>& c, double t) {
    return c[0] + t * (c[1] + t * (c[2] + t * (c[3] + t * c[4])));
}

double polynomial_slope(const std::array<double, 5>& c, double t) {
    return c[1] + t * (2.0 * c[2] + t * (3.0 * c[3] + t * 4.0 * c[4]));
}

// The first minimum of n ln kappa(t) - 2 ln |T(t)| for t > 0: the first zero of n kappa' T - 2 kappa T',
// bracketed from t = 1 and found by regula falsi after Illinois. 1 where the slope at t = 0 is lost in
// round-off.
double first_minimum(int degree, const std::array<double, 5>& kappa, const std::array<double, 5>& form) {
    const double sign = form[0] < 0.0 ? -1.0 : 1.0;
    const auto slope = [&](double t) {
        return sign * (degree * polynomial_slope(kappa, t) * polynomial(form, t) -
                       2.0 * polynomial(kappa, t) * polynomial_slope(form, t));
    };
    double low = 0.0;
    double at_low = slope(low);
    const double enough = -1e-8 * at_low;
    if (!(at_low < 0.0)) {
        return 1.0;
    }
    double high = 1.0;
    double at_high = slope(high);
    for (int k = 0; k < 40 && at_high < 0.0; ++k) {
        low = high;
        at_low = at_high;
        high *= 2.0;
        at_high = slope(high);
    }
    if (at_high < 0.0) {
        return low;
    }
    double middle = high;
    int side = 0;
    for (int k = 0; k < 60; ++k) {
        middle = (low * at_high - high * at_low) / (at_high - at_low);
        const double value = slope(middle);
        if (std::abs(value) <= enough) {
            break;
        }
        if (value < 0.0) {
            low = middle;
            at_low = value;
            at_high *= side == -1 ? 0.5 : 1.0;
            side = -1;
        } else {
            high = middle;
            at_high = value;
            at_low *= side == 1 ? 0.5 : 1.0;
            side = 1;
        }
    }
    return middle;
}

// One search. Vectors are normalized to kappa = z . H z = 1; the residual is that of the unit vector.
struct Search {
    int start = -1;
    int iteration = 0;
    double form = 0.0;
    double residual = 0.0;
    double norm_before = 0.0;  // s . H s of the last gradient s
    Eigen::VectorXd z;
    Eigen::VectorXd hz;
    Eigen::VectorXd force;
    Eigen::VectorXd direction;
    Eigen::VectorXd h_direction;
    Eigen::VectorXd h_gradient;  // H s

    bool idle() const { return start < 0; }

    // Takes over H z, not carried along: round-off of the steep starts would stay in it.
    template <int Dim>
    void evaluate(const HomogeneousForm<Dim>& of, const Eigen::Ref<const Eigen::VectorXd>& image) {
        const double scale = 1.0 / std::sqrt(z.dot(image));
        z *= scale;
        hz = scale * image;
        of.force(z, force);
        form = z.dot(force);
        residual = (hz - force / form).norm() / z.norm();
    }

    // Moves z; y = H^-1 force.
    template <int Dim>
    void advance(const HomogeneousForm<Dim>& of, const Eigen::Ref<const Eigen::VectorXd>& y) {
        const Eigen::VectorXd gradient = z - y / form;
        const Eigen::VectorXd h_now = hz - force / form;
        const double norm = gradient.dot(h_now);
        // Polak and Ribiere, in the metric of H.
        double beta = 0.0;
        if (iteration > 0) {
            beta = std::max(0.0, (norm - gradient.dot(h_gradient)) / norm_before);
        }
        if (beta > 0.0) {
            direction = beta * direction - gradient;
            h_direction = beta * h_direction - h_now;
        }
        if (!(beta > 0.0) || !(direction.dot(h_now) < 0.0)) {
            direction = -gradient;
            h_direction = -h_now;
        }
        norm_before = norm;
        h_gradient = h_now;
        const std::array<double, 5> kappa{1.0, 2.0 * hz.dot(direction), direction.dot(h_direction), 0.0, 0.0};
        z += first_minimum(of.degree(), kappa, of.along(z, direction)) * direction;
        ++iteration;
    }
};

// Modes found so far, each once.
template <int Dim>
class Collection {
public:
    Collection(Eigen::Index freedom, double overlap) : freedom_(freedom), overlap_(overlap) {}

    // The number of the mode, new or known. Unit vectors whose overlap exceeds q differ by less than
    // sqrt(2 - 2 q) in every component: where one has its largest, so has the other nearly.
    int add(Eigen::VectorXd vector) {
        const double slack = std::sqrt(std::max(0.0, 2.0 - 2.0 * overlap_));
        Eigen::Index largest = 0;
        const double here = vector.cwiseAbs().maxCoeff(&largest);
        for (std::size_t k = 0; k < vectors_.size(); ++k) {
            if (std::abs(std::abs(vectors_[k](largest)) - here) <= slack &&
                std::abs(vectors_[k].dot(vector)) > overlap_) {
                return static_cast<int>(k);
            }
        }
        vectors_.push_back(std::move(vector));
        return static_cast<int>(vectors_.size()) - 1;
    }

    Eigen::MatrixXd matrix() const {
        Eigen::MatrixXd result(freedom_, static_cast<Eigen::Index>(vectors_.size()));
        for (std::size_t k = 0; k < vectors_.size(); ++k) {
            result.col(static_cast<Eigen::Index>(k)) = vectors_[k];
        }
        return result;
    }

private:
    Eigen::Index freedom_;
    double overlap_;
    std::vector<Eigen::VectorXd> vectors_;
};

Eigen::VectorXd vector_of(const std::vector<double>& values) {
    return Eigen::Map<const Eigen::VectorXd>(values.data(), static_cast<Eigen::Index>(values.size()));
}

}  // namespace

template <int Dim>
QuasilocalizedModes quasilocalized_modes(const ElasticSolver<Dim>& solver, const HomogeneousForm<Dim>& form,
                                         const Eigen::Ref<const Eigen::MatrixXd>& loads,
                                         const ModeSearch& search, Monitor& monitor) {
    if (loads.rows() != solver.size()) {
        throw GeometryError("loads must be fields over all particles of the network");
    }
    const Eigen::Index freedom = solver.size();
    const auto starts = static_cast<int>(loads.cols());
    std::vector<Search> searches(static_cast<std::size_t>(groups * solve_width));
    for (Search& one : searches) {
        one.force = Eigen::VectorXd::Zero(freedom);
    }
    Collection<Dim> collection(freedom, search.overlap);
    QuasilocalizedModes modes;
    modes.found_from.assign(static_cast<std::size_t>(starts), -1);
    std::vector<double> stiffness;
    std::vector<double> value;
    std::vector<double> residual;
    int next = 0;
    int done = 0;
    while (done < starts) {
        for (Search& one : searches) {
            if (one.idle() && next < starts) {
                one.start = next++;
                one.iteration = -1;
                one.force = loads.col(one.start);
            }
        }
        run_tasks(groups, search.threads, [&](std::size_t group) {
            Search* const first = &searches[group * solve_width];
            if (std::all_of(first, first + solve_width, [](const Search& one) { return one.idle(); })) {
                return;
            }
            // Always so many columns: what is computed of one must not depend on the others.
            Eigen::MatrixXd right = Eigen::MatrixXd::Zero(freedom, solve_width);
            for (int c = 0; c < solve_width; ++c) {
                if (!first[c].idle()) {
                    right.col(c) = first[c].force;
                }
            }
            const Eigen::MatrixXd response = solver.solve(right, false);
            for (int c = 0; c < solve_width; ++c) {
                Search& one = first[c];
                if (one.idle()) {
                    continue;
                }
                if (one.iteration < 0) {
                    one.z = response.col(c);
                    one.iteration = 0;
                } else {
                    one.advance(form, response.col(c));
                }
                right.col(c) = one.z;
            }
            const Eigen::MatrixXd image = solver.times(right);
            for (int c = 0; c < solve_width; ++c) {
                if (!first[c].idle()) {
                    first[c].evaluate(form, image.col(c));
                }
            }
        });
        for (Search& one : searches) {
            if (one.idle()) {
                continue;
            }
            const bool lost = !std::isfinite(one.residual);
            if (!lost && one.residual <= search.tolerance) {
                const double norm = one.z.norm();
                const int mode = collection.add(one.z / norm);
                modes.found_from[static_cast<std::size_t>(one.start)] = mode;
                if (mode == static_cast<int>(stiffness.size())) {
                    stiffness.push_back(1.0 / (norm * norm));
                    value.push_back(one.form / std::pow(norm, form.degree()));
                    residual.push_back(one.residual);
                    modes.start.push_back(one.start);
                }
            } else if (!lost && one.iteration < search.iterations) {
                continue;
            }
            modes.iterations += one.iteration;
            one.start = -1;
            ++done;
        }
        monitor(done, starts);
    }
    modes.vectors = collection.matrix();
    modes.stiffness = vector_of(stiffness);
    modes.form = vector_of(value);
    modes.residual = vector_of(residual);
    return modes;
}

template QuasilocalizedModes quasilocalized_modes<2>(const ElasticSolver<2>&, const HomogeneousForm<2>&,
                                                     const Eigen::Ref<const Eigen::MatrixXd>&,
                                                     const ModeSearch&, Monitor&);
template QuasilocalizedModes quasilocalized_modes<3>(const ElasticSolver<3>&, const HomogeneousForm<3>&,
                                                     const Eigen::Ref<const Eigen::MatrixXd>&,
                                                     const ModeSearch&, Monitor&);

}  // namespace glassplast
