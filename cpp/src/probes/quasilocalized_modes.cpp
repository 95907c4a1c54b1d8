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

// A search with a residual so small and so large an overlap with a mode that was found before is on its last
// way to it: the cost never rises, and around a minimum it is convex.
constexpr double arriving = 1e-3;
constexpr double nearly_one = 0.9999;

// Of the length of a step: minima are mostly close to 1.
constexpr double first_trial = 0.0625;

double polynomial(const std::array<double, 5>& c, double t) {
    return c[0] + t * (c[1] + t * (c[2] + t * (c[3] + t * c[4])));
}

double polynomial_slope(const std::array<double, 5>& c, double t) {
    return c[1] + t * (2.0 * c[2] + t * (3.0 * c[3] + t * 4.0 * c[4]));
}

// The first minimum of n ln kappa(t) - 2 ln |T(t)| for t > 0: the first zero of n kappa' T - 2 kappa T',
// bracketed and found by regula falsi after Illinois. Where T vanishes the cost is infinite, so that it comes
// before that. 1 where the slope at t = 0 is lost in round-off.
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
    double high = first_trial;
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

// H z of a block.
template <int Dim>
void multiply(const ElasticSolver<Dim>& solver, const FieldBlock& z, FieldBlock& result) {
    const StiffnessNetwork<Dim>& network = solver.network();
    result.setZero(z.rows(), solve_width);
    for (std::size_t k = 0; k < network.size(); ++k) {
        if (!solver.bears(k)) {
            continue;
        }
        const Eigen::Index i = static_cast<Eigen::Index>(Dim) * network.first[k];
        const Eigen::Index j = static_cast<Eigen::Index>(Dim) * network.second[k];
        const Matrix<Dim> stiffness = network.stiffness(k);
        std::array<BlockRow, Dim> u;
        for (int a = 0; a < Dim; ++a) {
            u[a] = z.row(j + a).array() - z.row(i + a).array();
        }
        for (int a = 0; a < Dim; ++a) {
            BlockRow pull = stiffness(a, 0) * u[0];
            for (int b = 1; b < Dim; ++b) {
                pull += stiffness(a, b) * u[b];
            }
            result.row(j + a).array() += pull;
            result.row(i + a).array() -= pull;
        }
    }
}

// 1 / x, and 0 for 0.
BlockRow reciprocal(const BlockRow& x) {
    return (x == 0.0).select(BlockRow::Zero(), x.inverse());
}

// Searches that advance together, each by itself. Fields are normalized to kappa = z . H z = 1; residuals are
// those of unit vectors.
template <int Dim>
class SearchGroup {
public:
    SearchGroup(const ElasticSolver<Dim>& solver, const HomogeneousForm<Dim>& form)
        : solver_(solver), of_(form) {
        start.fill(-1);
        iteration.fill(0);
        for (FieldBlock* field : {&z_, &hz_, &force_, &direction_, &h_direction_, &h_gradient_}) {
            field->setZero(solver.size(), solve_width);
        }
    }

    std::array<int, solve_width> start;      // -1: idle
    std::array<int, solve_width> iteration;  // -1: the load is waiting for its response
    BlockRow form = BlockRow::Zero();
    BlockRow residual = BlockRow::Zero();

    bool idle() const {
        return std::all_of(start.begin(), start.end(), [](int which) { return which < 0; });
    }

    void begin(int column, int which, const Eigen::Ref<const Eigen::VectorXd>& load) {
        start[static_cast<std::size_t>(column)] = which;
        iteration[static_cast<std::size_t>(column)] = -1;
        force_.col(column) = load;
    }

    void retire(int column) {
        start[static_cast<std::size_t>(column)] = -1;
        z_.col(column).setZero();
        force_.col(column).setZero();
        direction_.col(column).setZero();
        h_direction_.col(column).setZero();
    }

    Eigen::VectorXd field(int column) const { return z_.col(column); }

    void advance() {
        FieldBlock response = solver_.solve(Eigen::MatrixXd(force_), false);
        const BlockRow step = choose_step(response);
        for (Eigen::Index r = 0; r < z_.rows(); ++r) {
            z_.row(r).array() += step * direction_.row(r).array();
        }
        for (int c = 0; c < solve_width; ++c) {
            int& count = iteration[static_cast<std::size_t>(c)];
            if (count < 0) {
                z_.col(c) = response.col(c);
            }
            ++count;
        }
        evaluate();
    }

private:
    // Turns the directions; the response becomes the gradient, but of new searches.
    BlockRow choose_step(FieldBlock& response) {
        BlockRow known = BlockRow::Zero();    // 1 where there is a field already
        BlockRow started = BlockRow::Zero();  // 1 where there is a last gradient
        for (int c = 0; c < solve_width; ++c) {
            const auto k = static_cast<std::size_t>(c);
            known(c) = start[k] >= 0 && iteration[k] >= 0 ? 1.0 : 0.0;
            started(c) = start[k] >= 0 && iteration[k] >= 1 ? 1.0 : 0.0;
        }
        const BlockRow inverse = known * reciprocal(form);
        FieldBlock h_now(z_.rows(), solve_width);
        FieldBlock gradient(z_.rows(), solve_width);
        BlockRow norm = BlockRow::Zero();
        BlockRow cross = BlockRow::Zero();
        for (Eigen::Index r = 0; r < z_.rows(); ++r) {
            const BlockRow g = known * (z_.row(r).array() - inverse * response.row(r).array());
            const BlockRow h = known * (hz_.row(r).array() - inverse * force_.row(r).array());
            norm += g * h;
            cross += g * h_gradient_.row(r).array();
            gradient.row(r) = g;
            h_now.row(r) = h;
        }
        // Polak and Ribiere, in the metric of H.
        BlockRow beta = started * ((norm - cross) * reciprocal(norm_before_)).max(0.0);
        BlockRow descent = BlockRow::Zero();
        for (Eigen::Index r = 0; r < z_.rows(); ++r) {
            const BlockRow turned = beta * direction_.row(r).array() - gradient.row(r).array();
            descent += turned * h_now.row(r).array();
        }
        beta = (descent < 0.0).select(beta, BlockRow::Zero());
        std::array<BlockRow, 3> kappa{BlockRow::Ones(), BlockRow::Zero(), BlockRow::Zero()};
        for (Eigen::Index r = 0; r < z_.rows(); ++r) {
            direction_.row(r).array() = beta * direction_.row(r).array() - gradient.row(r).array();
            h_direction_.row(r).array() = beta * h_direction_.row(r).array() - h_now.row(r).array();
            kappa[1] += 2.0 * hz_.row(r).array() * direction_.row(r).array();
            kappa[2] += direction_.row(r).array() * h_direction_.row(r).array();
        }
        norm_before_ = norm;
        h_gradient_.swap(h_now);
        const typename HomogeneousForm<Dim>::Coefficients along = of_.along(z_, direction_);
        BlockRow step = BlockRow::Zero();
        for (int c = 0; c < solve_width; ++c) {
            if (known(c) > 0.0) {
                step(c) = first_minimum(of_.degree(), {kappa[0](c), kappa[1](c), kappa[2](c), 0.0, 0.0},
                                        {along[0](c), along[1](c), along[2](c), along[3](c), along[4](c)});
            }
        }
        return step;
    }

    // H z anew, not carried along: round-off of the steep starts would stay in it.
    void evaluate() {
        multiply(solver_, z_, hz_);
        BlockRow kappa = BlockRow::Zero();
        for (Eigen::Index r = 0; r < z_.rows(); ++r) {
            kappa += z_.row(r).array() * hz_.row(r).array();
        }
        const BlockRow scale = reciprocal(kappa.sqrt());
        BlockRow norm = BlockRow::Zero();
        for (Eigen::Index r = 0; r < z_.rows(); ++r) {
            z_.row(r).array() *= scale;
            hz_.row(r).array() *= scale;
            norm += z_.row(r).array().square();
        }
        of_.force(z_, force_);
        form.setZero();
        for (Eigen::Index r = 0; r < z_.rows(); ++r) {
            form += z_.row(r).array() * force_.row(r).array();
        }
        const BlockRow inverse = reciprocal(form);
        BlockRow rest = BlockRow::Zero();
        for (Eigen::Index r = 0; r < z_.rows(); ++r) {
            rest += (hz_.row(r).array() - inverse * force_.row(r).array()).square();
        }
        residual = (rest * reciprocal(norm)).sqrt();
    }

    const ElasticSolver<Dim>& solver_;
    const HomogeneousForm<Dim>& of_;
    FieldBlock z_;
    FieldBlock hz_;
    FieldBlock force_;
    FieldBlock direction_;
    FieldBlock h_direction_;
    FieldBlock h_gradient_;                    // H s of the last gradient s
    BlockRow norm_before_ = BlockRow::Zero();  // s . H s
};

// Modes found so far, each once.
class Collection {
public:
    explicit Collection(double overlap) : overlap_(overlap) {}

    // The mode that a unit vector overlaps with by more than q, -1 if none. Two such vectors differ by less
    // than sqrt(2 - 2 q) in every component: where one has its largest, so has the other nearly.
    int find(const Eigen::VectorXd& vector, double q) const {
        const double slack = std::sqrt(std::max(0.0, 2.0 - 2.0 * q));
        Eigen::Index largest = 0;
        const double here = vector.cwiseAbs().maxCoeff(&largest);
        for (std::size_t k = 0; k < vectors_.size(); ++k) {
            if (std::abs(std::abs(vectors_[k](largest)) - here) <= slack &&
                std::abs(vectors_[k].dot(vector)) > q) {
                return static_cast<int>(k);
            }
        }
        return -1;
    }

    // The number of the mode, new or known.
    int add(Eigen::VectorXd vector) {
        const int known = find(vector, overlap_);
        if (known >= 0) {
            return known;
        }
        vectors_.push_back(std::move(vector));
        return static_cast<int>(vectors_.size()) - 1;
    }

    std::vector<Eigen::VectorXd> take() { return std::move(vectors_); }

private:
    double overlap_;
    std::vector<Eigen::VectorXd> vectors_;
};

Eigen::VectorXd vector_of(const std::vector<double>& values) {
    return Eigen::Map<const Eigen::VectorXd>(values.data(), static_cast<Eigen::Index>(values.size()));
}

}  // namespace

template <int Dim>
QuasilocalizedModes quasilocalized_modes(const ElasticSolver<Dim>& solver, const HomogeneousForm<Dim>& form,
                                         int starts, const StartLoad& load, const ModeSearch& search,
                                         Monitor& monitor) {
    std::vector<SearchGroup<Dim>> searches(groups, SearchGroup<Dim>(solver, form));
    Collection collection(search.overlap);
    QuasilocalizedModes modes;
    modes.found_from.assign(static_cast<std::size_t>(starts), -1);
    std::vector<double> stiffness;
    std::vector<double> value;
    std::vector<double> residual;
    int next = 0;
    int done = 0;
    while (done < starts) {
        for (SearchGroup<Dim>& group : searches) {
            for (int c = 0; c < solve_width && next < starts; ++c) {
                if (group.start[static_cast<std::size_t>(c)] < 0) {
                    group.begin(c, next, load(next));
                    ++next;
                }
            }
        }
        run_tasks(searches.size(), search.threads, [&](std::size_t group) {
            if (!searches[group].idle()) {
                searches[group].advance();
            }
        });
        for (SearchGroup<Dim>& group : searches) {
            for (int c = 0; c < solve_width; ++c) {
                const auto k = static_cast<std::size_t>(c);
                if (group.start[k] < 0) {
                    continue;
                }
                const bool lost = !std::isfinite(group.residual(c));
                if (!lost && group.residual(c) <= arriving && group.residual(c) > search.tolerance) {
                    const int mode = collection.find(group.field(c).normalized(), nearly_one);
                    if (mode >= 0) {
                        modes.found_from[static_cast<std::size_t>(group.start[k])] = mode;
                        modes.iterations += group.iteration[k];
                        group.retire(c);
                        ++done;
                        continue;
                    }
                }
                if (!lost && group.residual(c) <= search.tolerance) {
                    const Eigen::VectorXd z = group.field(c);
                    const double norm = z.norm();
                    const int mode = collection.add(z / norm);
                    modes.found_from[static_cast<std::size_t>(group.start[k])] = mode;
                    if (mode == static_cast<int>(stiffness.size())) {
                        stiffness.push_back(1.0 / (norm * norm));
                        value.push_back(group.form(c) / std::pow(norm, form.degree()));
                        residual.push_back(group.residual(c));
                        modes.start.push_back(group.start[k]);
                    }
                } else if (!lost && group.iteration[k] < search.iterations) {
                    continue;
                }
                modes.iterations += group.iteration[k];
                group.retire(c);
                ++done;
            }
        }
        monitor(done, starts);
    }
    modes.vectors = collection.take();
    modes.stiffness = vector_of(stiffness);
    modes.form = vector_of(value);
    modes.residual = vector_of(residual);
    return modes;
}

template QuasilocalizedModes quasilocalized_modes<2>(const ElasticSolver<2>&, const HomogeneousForm<2>&, int,
                                                     const StartLoad&, const ModeSearch&, Monitor&);
template QuasilocalizedModes quasilocalized_modes<3>(const ElasticSolver<3>&, const HomogeneousForm<3>&, int,
                                                     const StartLoad&, const ModeSearch&, Monitor&);

}  // namespace glassplast
