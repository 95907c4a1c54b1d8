#include <glassplast/linalg/mode_certificate.hpp>

#include <glassplast/errors.hpp>

#include <algorithm>
#include <limits>
#include <numeric>
#include <sstream>
#include <vector>

namespace glassplast {

template <int Dim>
int available_modes(const ElasticSolver<Dim>& solver, int count) {
    const int available = static_cast<int>(solver.core().freedom()) - solver.core().translations();
    if (count < 1 || count > available) {
        std::ostringstream message;
        message << "count must be between 1 and " << available << ", the number of modes, not " << count;
        throw ArgumentError(message.str());
    }
    return available;
}

template <int Dim>
JudgedModes judge_modes(const ElasticSolver<Dim>& solver, const Eigen::MatrixXd& vectors, int count,
                        double tolerance) {
    const auto given = static_cast<int>(vectors.cols());
    const double scale = solver.largest_row_sum();
    const Eigen::MatrixXd images = solver.times(vectors);
    // The Rayleigh quotient is exact to second order in the error of the vector.
    const Eigen::VectorXd quotients = (vectors.array() * images.array()).colwise().sum();
    std::vector<Eigen::Index> ascending(static_cast<std::size_t>(given));
    std::iota(ascending.begin(), ascending.end(), 0);
    std::sort(ascending.begin(), ascending.end(),
              [&](Eigen::Index a, Eigen::Index b) { return quotients(a) < quotients(b); });
    const Eigen::VectorXd values = quotients(ascending);

    JudgedModes judged;
    judged.found = given;
    judged.gap = std::numeric_limits<double>::infinity();
    Modes& modes = judged.modes;
    modes.certified_bound = 2.0 * scale;
    if (given < solver.core().freedom() - solver.core().translations()) {
        Eigen::Index widest = 0;
        const Eigen::VectorXd tail = values.tail(given - count + 1);
        judged.gap = (tail.tail(given - count) - tail.head(given - count)).maxCoeff(&widest);
        judged.found = count + static_cast<int>(widest);
        modes.certified_bound = 0.5 * (values(judged.found - 1) + values(judged.found));
    }
    modes.values = values.head(count);
    modes.vectors.resize(vectors.rows(), count);
    for (int k = 0; k < count; ++k) {
        const Eigen::Index from = ascending[static_cast<std::size_t>(k)];
        modes.vectors.col(k) = vectors.col(from);
        const double residual = (images.col(from) - values(k) * vectors.col(from)).norm();
        modes.largest_residual = std::max(modes.largest_residual, residual);
    }
    if (!(modes.largest_residual <= tolerance * scale)) {
        std::ostringstream message;
        message << "a mode has residual " << modes.largest_residual << ", above " << tolerance << " times "
                << scale;
        throw ConvergenceError(message.str());
    }
    return judged;
}

template <int Dim>
int count_modes_below(const ElasticSolver<Dim>& solver, double place) {
    // Below zero the translations lie above the place and must not be subtracted.
    return place > 0.0 ? solver.count_below(place) : solver.shifted(place).negative();
}

template <int Dim>
double shift_below_spectrum(const ElasticSolver<Dim>& solver, double scale) {
    double shift = -1e-6 * scale;
    while (solver.shifted(shift).negative() > 0) {
        shift *= 4.0;
    }
    return shift;
}

#define GLASSPLAST_DEFINE_CERTIFICATE(Dim)                                                                 \
    template int available_modes<Dim>(const ElasticSolver<Dim>&, int);                                     \
    template JudgedModes judge_modes<Dim>(const ElasticSolver<Dim>&, const Eigen::MatrixXd&, int, double); \
    template int count_modes_below<Dim>(const ElasticSolver<Dim>&, double);                                \
    template double shift_below_spectrum<Dim>(const ElasticSolver<Dim>&, double);
GLASSPLAST_DEFINE_CERTIFICATE(2)
GLASSPLAST_DEFINE_CERTIFICATE(3)
#undef GLASSPLAST_DEFINE_CERTIFICATE

}  // namespace glassplast
