#include <glassplast/linalg/nonaffine_sums.hpp>

#include <glassplast/errors.hpp>
#include <glassplast/linalg/modes.hpp>
#include <glassplast/linalg/slice_modes.hpp>
#include <glassplast/memory.hpp>

#include <algorithm>

namespace glassplast {

namespace {

/// Adds what some modes contribute.
template <int Dim>
void add(const Eigen::VectorXd& values, const Eigen::MatrixXd& vectors, const Eigen::MatrixXd& loads,
         Eigen::MatrixXd& fields) {
    Eigen::MatrixXd squares(fields.rows(), values.size());
    for (Eigen::Index m = 0; m < values.size(); ++m) {
        const Eigen::Map<const Eigen::Matrix<double, Dim, Eigen::Dynamic>> mode(vectors.col(m).data(), Dim,
                                                                                fields.rows());
        squares.col(m) = mode.colwise().squaredNorm();
    }
    const Eigen::ArrayXXd overlaps = (vectors.transpose() * loads).array();
    for (Eigen::Index a = 0, pair = 0; a < loads.cols(); ++a) {
        for (Eigen::Index b = a; b < loads.cols(); ++b, ++pair) {
            const Eigen::VectorXd weights = overlaps.col(a) * overlaps.col(b) / values.array();
            fields.col(pair) += squares * weights;
        }
    }
}

}  // namespace

template <int Dim>
NonaffineSums nonaffine_sums(const ElasticSolver<Dim>& solver, const Eigen::MatrixXd& loads, double tolerance,
                             Monitor& monitor, int slice_size) {
    if (solver.negative() > 0 || solver.further_zero_modes() > 0) {
        throw InstabilityError(
            "sums over all modes divide by their eigenvalues: the state must be a minimum");
    }
    const auto available = static_cast<int>(solver.core().freedom()) - solver.core().translations();
    NonaffineSums sums;
    sums.fields = Eigen::MatrixXd::Zero(solver.size() / Dim, loads.cols() * (loads.cols() + 1) / 2);
    if (slice_size <= 0 && solver.core().freedom() <= smallest_sparse) {
        const Modes modes = lowest_modes(solver, available, tolerance, monitor);
        sums.values = modes.values;
        sums.largest_residual = modes.largest_residual;
        add<Dim>(modes.values, modes.vectors, loads, sums.fields);
        return sums;
    }
    const int size = slice_size > 0 ? slice_size : default_slice_size;
    require_memory(slicing_bytes(solver, size), "finding all modes");
    const std::vector<SpectrumSlice> slices = slice_spectrum(solver, available, size, monitor);
    sums.values.resize(available);
    for_each_slice<Dim>(solver, slices, tolerance, monitor, [&](std::size_t k, const SliceModes& modes) {
        sums.values.segment(slices[k].below, slices[k].count) = modes.values;
        sums.largest_residual = std::max(sums.largest_residual, modes.largest_residual);
        add<Dim>(modes.values, modes.vectors, loads, sums.fields);
    });
    return sums;
}

template NonaffineSums nonaffine_sums<2>(const ElasticSolver<2>&, const Eigen::MatrixXd&, double, Monitor&,
                                         int);
template NonaffineSums nonaffine_sums<3>(const ElasticSolver<3>&, const Eigen::MatrixXd&, double, Monitor&,
                                         int);

}  // namespace glassplast
