#include <glassplast/linalg/nonaffine_sums.hpp>

#include <glassplast/errors.hpp>
#include <glassplast/linalg/spectrum_slices.hpp>
#include <glassplast/memory.hpp>

#include <algorithm>

namespace glassplast {

template <int Dim>
NonaffineSums nonaffine_sums(const ElasticSolver<Dim>& solver, const Eigen::MatrixXd& loads, double tolerance,
                             int size, Monitor& monitor) {
    if (solver.negative() > 0 || solver.further_zero_modes() > 0) {
        throw InstabilityError(
            "sums over all modes divide by their eigenvalues: the state must be a minimum");
    }
    require_memory(slicing_bytes(solver, size), "finding all modes");
    const auto available = static_cast<int>(solver.core().freedom()) - solver.core().translations();
    const std::vector<SpectrumSlice> slices = slice_spectrum(solver, available, size, monitor);
    const Eigen::Index count = loads.cols();
    NonaffineSums sums;
    sums.values.resize(available);
    sums.fields = Eigen::MatrixXd::Zero(solver.size() / Dim, count * (count + 1) / 2);
    for_each_slice<Dim>(solver, slices, tolerance, monitor, [&](std::size_t k, const SliceModes& modes) {
        sums.values.segment(slices[k].below, slices[k].count) = modes.values;
        sums.largest_residual = std::max(sums.largest_residual, modes.largest_residual);
        Eigen::MatrixXd squares = Eigen::MatrixXd::Zero(solver.size() / Dim, modes.values.size());
        for (Eigen::Index m = 0; m < modes.values.size(); ++m) {
            const Eigen::Map<const Eigen::Matrix<double, Dim, Eigen::Dynamic>> mode(
                modes.vectors.col(m).data(), Dim, squares.rows());
            squares.col(m) = mode.colwise().squaredNorm();
        }
        const Eigen::MatrixXd overlaps = modes.vectors.transpose() * loads;
        for (Eigen::Index a = 0, pair = 0; a < count; ++a) {
            for (Eigen::Index b = a; b < count; ++b, ++pair) {
                sums.fields.col(pair).noalias() +=
                    squares *
                    (overlaps.col(a).array() * overlaps.col(b).array() / modes.values.array()).matrix();
            }
        }
    });
    return sums;
}

template NonaffineSums nonaffine_sums<2>(const ElasticSolver<2>&, const Eigen::MatrixXd&, double, int,
                                         Monitor&);
template NonaffineSums nonaffine_sums<3>(const ElasticSolver<3>&, const Eigen::MatrixXd&, double, int,
                                         Monitor&);

}  // namespace glassplast
