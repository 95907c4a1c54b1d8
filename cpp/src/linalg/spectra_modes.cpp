#include <glassplast/linalg/spectra_modes.hpp>

#include <glassplast/errors.hpp>
#include <glassplast/linalg/mode_certificate.hpp>
#include <glassplast/memory.hpp>

#include <Spectra/SymEigsShiftSolver.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <utility>

namespace glassplast {

namespace {

/// Where translations and rattlers are put, in units of a bound on the largest eigenvalue: above every mode.
constexpr double lifted = 2.0;

/// (H / scale - shift)^-1 as Spectra asks for it, on the degrees of freedom of all particles. Eigenvalues are
/// of order 1 at most, as Spectra takes for granted where it tells numbers from round-off.
template <int Dim>
class SpectraOperation {
public:
    using Scalar = double;

    SpectraOperation(const ElasticSolver<Dim>& solver, double scale, Monitor& monitor)
        : solver_(solver), scale_(scale), monitor_(monitor) {}

    Eigen::Index rows() const { return solver_.size(); }
    Eigen::Index cols() const { return solver_.size(); }

    void set_shift(double shift) {
        shift_ = shift;
        solver_.factorize_shifted(factorization_, scale_ * shift, solver_.threads());
    }

    void perform_op(const double* from, double* to) const {
        monitor_(++applications_, 0.0);
        const Eigen::Map<const Eigen::VectorXd> given(from, rows());
        Eigen::VectorXd modes = given;
        solver_.core().project(modes);
        const Eigen::VectorXd others = given - modes;
        factorization_.solve(modes);
        // Round-off along the translations, which the solve has amplified.
        solver_.core().project(modes);
        Eigen::Map<Eigen::VectorXd>(to, rows()) = scale_ * modes + others / (lifted - shift_);
    }

private:
    const ElasticSolver<Dim>& solver_;
    double scale_;
    Monitor& monitor_;
    double shift_ = 0.0;
    Factorization<Dim> factorization_;
    mutable int applications_ = 0;
};

}  // namespace

template <int Dim>
Modes spectra_modes(const ElasticSolver<Dim>& solver, int count, double tolerance, Monitor& monitor) {
    const int available = available_modes(solver, count);
    const double scale = solver.largest_row_sum();
    const double shift = shift_below_spectrum(solver, scale) / scale;
    SpectraOperation<Dim> operation(solver, scale, monitor);
    // A bound between eigenvalues that are closer than this would lie within their round-off.
    const double resolution = 1e-12 * scale;
    constexpr int attempts = 3;
    // A few more than asked: the certificate cuts the spectrum in the widest gap among them.
    Eigen::Index further = 4;
    for (int attempt = 1;; ++attempt, further *= 4) {
        const Eigen::Index wanted = std::min<Eigen::Index>(count + further, available);
        const Eigen::Index subspace =
            std::min<Eigen::Index>(wanted + wanted / 2 + 8 * further, operation.rows());
        require_memory(solver.supernodes().bytes() +
                           8.0 * static_cast<double>(operation.rows() * (2 * subspace + 4 * wanted)),
                       "finding " + std::to_string(count) + " modes by Spectra", "Ask for fewer");
        std::ostringstream failure;
        failure << "Spectra, in a subspace of " << subspace << " columns, ";
        constexpr int restarts = 100;
        Spectra::SymEigsShiftSolver<SpectraOperation<Dim>> spectra(operation, wanted, subspace, shift);
        spectra.init();
        const Eigen::Index converged =
            spectra.compute(Spectra::SortRule::LargestMagn, restarts, std::max(0.1 * tolerance, 1e-13),
                            Spectra::SortRule::SmallestAlge);
        if (converged == wanted) {
            Eigen::MatrixXd vectors = spectra.eigenvectors();
            for (Eigen::Index k = 0; k < vectors.cols(); ++k) {
                solver.core().project(vectors.col(k));
            }
            JudgedModes judged = judge_modes(solver, vectors, count, tolerance);
            Modes& modes = judged.modes;
            if (judged.gap > resolution) {
                modes.certified_count = count_modes_below(solver, modes.certified_bound);
                if (modes.certified_count == judged.found) {
                    return std::move(judged.modes);
                }
                failure << "found " << judged.found << " modes below " << modes.certified_bound
                        << " where the inertia counts " << modes.certified_count << ": a mode was missed";
            } else {
                failure << "found the eigenvalues " << count << " to " << wanted
                        << " equal: they cannot be counted apart";
            }
        } else {
            failure << "converged to " << converged << " of " << wanted << " modes";
        }
        if (attempt == attempts) {
            throw ConvergenceError(failure.str());
        }
    }
}

template Modes spectra_modes<2>(const ElasticSolver<2>&, int, double, Monitor&);
template Modes spectra_modes<3>(const ElasticSolver<3>&, int, double, Monitor&);

}  // namespace glassplast
