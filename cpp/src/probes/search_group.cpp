#include <glassplast/probes/search_group.hpp>

#include <algorithm>
#include <cmath>

namespace glassplast {

namespace {

// The first trial of the length of a step; most minima are close to 1.
constexpr double first_trial = 0.0625;

double polynomial(const std::array<double, 5>& c, double t) {
    return c[0] + t * (c[1] + t * (c[2] + t * (c[3] + t * c[4])));
}

double polynomial_slope(const std::array<double, 5>& c, double t) {
    return c[1] + t * (2.0 * c[2] + t * (3.0 * c[3] + t * 4.0 * c[4]));
}

// The first minimum of n ln kappa(t) - 2 ln |T(t)| for t > 0: the first zero of n kappa' T - 2 kappa T',
// which is bracketed and found by the Illinois variant of regula falsi. The cost is infinite where T
// vanishes, so that the minimum comes before. Returns 1 where the slope at t = 0 is lost in round-off.
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

}  // namespace

template <int Dim>
SearchGroup<Dim>::SearchGroup(const ElasticSolver<Dim>& solver, const HomogeneousForm<Dim>& form)
    : solver_(solver), of_(form) {
    start.fill(-1);
    iteration.fill(0);
    for (FieldBlock* field : {&z_, &hz_, &force_, &direction_, &h_direction_, &h_gradient_}) {
        field->setZero(solver.size(), solve_width);
    }
}

template <int Dim>
bool SearchGroup<Dim>::idle() const {
    return std::all_of(start.begin(), start.end(), [](int which) { return which < 0; });
}

template <int Dim>
void SearchGroup<Dim>::begin(int column, int which, const Eigen::Ref<const Eigen::VectorXd>& load) {
    start[static_cast<std::size_t>(column)] = which;
    iteration[static_cast<std::size_t>(column)] = -1;
    force_.col(column) = load;
}

template <int Dim>
void SearchGroup<Dim>::retire(int column) {
    start[static_cast<std::size_t>(column)] = -1;
    z_.col(column).setZero();
    force_.col(column).setZero();
    direction_.col(column).setZero();
    h_direction_.col(column).setZero();
}

template <int Dim>
void SearchGroup<Dim>::advance() {
    FieldBlock response = force_;
    solver_.solve_block(response);
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

// Updates the directions; the response becomes the gradient, except in new searches.
template <int Dim>
BlockRow SearchGroup<Dim>::choose_step(FieldBlock& response) {
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
    // The formula of Polak and Ribiere, in the metric of H.
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

// H z is computed anew, because if it were updated the round-off of the steep starts would stay in it.
template <int Dim>
void SearchGroup<Dim>::evaluate() {
    multiply(solver_, z_, hz_);
    if (solver_.anchored()) {
        solver_.project(hz_);
    }
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
    if (solver_.anchored()) {
        solver_.project(force_);
    }
    form.setZero();
    for (Eigen::Index r = 0; r < z_.rows(); ++r) {
        form += z_.row(r).array() * force_.row(r).array();
    }
    const BlockRow inverse = reciprocal(form);
    BlockRow rest = BlockRow::Zero();
    for (Eigen::Index r = 0; r < z_.rows(); ++r) {
        rest += (hz_.row(r).array() - inverse * force_.row(r).array()).square();
    }
    stiffness = reciprocal(norm);
    residual = (rest * stiffness).sqrt();
}

template class SearchGroup<2>;
template class SearchGroup<3>;

}  // namespace glassplast
