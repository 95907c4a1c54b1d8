#include <glassplast/linalg/dephasing.hpp>

#include <glassplast/errors.hpp>
#include <glassplast/linalg/wave_kernels.hpp>
#include <glassplast/parallel.hpp>

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <random>
#include <thread>
#include <vector>

namespace glassplast {

namespace {

/// The error of the mean over all steps in units of how far those of its halves lie apart. For independent
/// halves it is 1/2. Measured against all modes it was 0.24 to 0.47 (POLY and LJ, N = 1024; POLY, N = 10^4),
/// less the more steps there are, since the error falls faster than that of independent numbers.
constexpr double error_of_difference = 0.5;
/// Steps between two looks at the clock and for an interrupt.
constexpr int steps_together = 64;
constexpr int first_look = 512;
/// In how many looks the number of steps doubles.
constexpr int looks_to_double = 3;
/// Fewer particles than this are not worth a thread of their own, which waits for the others at each step.
constexpr std::size_t smallest_share = 2000;

/// Waits for all threads again and again.
class Barrier {
public:
    explicit Barrier(int threads) : threads_(threads) {}

    void wait() {
        const int round = round_.load(std::memory_order_acquire);
        if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == threads_) {
            arrived_.store(0, std::memory_order_relaxed);
            round_.store(round + 1, std::memory_order_release);
            return;
        }
        for (int spins = 0; round_.load(std::memory_order_acquire) == round; ++spins) {
            if (spins > patience) {
                std::this_thread::yield();
            }
        }
    }

private:
    static constexpr int patience = 4096;
    int threads_;
    std::atomic<int> arrived_{0};
    std::atomic<int> round_{0};
};

/// A bound on the largest eigenvalue of H, from a few Lanczos steps: the largest Ritz value and its residual
/// (Zhou and Li, Linear Algebra Appl. 435, 480 (2011)), and a little more.
template <int Dim>
double largest_eigenvalue(const ElasticSolver<Dim>& solver) {
    constexpr int most = 40;
    const auto steps = static_cast<int>(std::min<Eigen::Index>(most, solver.core().freedom()));
    std::minstd_rand random(1);  // NOLINT(bugprone-random-generator-seed): the same start in every run
    std::uniform_real_distribution<double> uniform(-1.0, 1.0);
    Eigen::VectorXd now = Eigen::VectorXd::NullaryExpr(solver.size(), [&] { return uniform(random); });
    solver.core().project(now);
    now.normalize();
    Eigen::VectorXd before = Eigen::VectorXd::Zero(solver.size());
    Eigen::VectorXd diagonal(steps);
    Eigen::VectorXd beside(steps);
    double last = 0.0;
    int count = 0;
    while (count < steps) {
        Eigen::VectorXd next = solver.times(now) - last * before;
        diagonal(count) = next.dot(now);
        next -= diagonal(count) * now;
        last = next.norm();
        beside(count) = last;
        ++count;
        if (!(last > 1e-12 * std::abs(diagonal(0)))) {
            break;
        }
        before = std::move(now);
        now = next / last;
    }
    Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> ritz;
    ritz.computeFromTridiagonal(diagonal.head(count), beside.head(count - 1), Eigen::EigenvaluesOnly);
    return 1.01 * (ritz.eigenvalues().maxCoeff() + beside(count - 1));
}

/// The core's rows of 2 (2 H / bound - 1), in the order of elimination, in which neighbours lie close.
template <int Dim>
class DoubledHessian {
public:
    DoubledHessian(const ElasticSolver<Dim>& solver, double bound) {
        const StiffnessNetwork<Dim>& network = solver.network();
        row_.assign(network.particles, -1);
        for (const int i : solver.supernodes().order()) {
            if (solver.core().index[static_cast<std::size_t>(i)] >= 0) {
                row_[static_cast<std::size_t>(i)] = static_cast<int>(particle_.size());
                particle_.push_back(i);
            }
        }
        start_.assign(particle_.size() + 1, 1);
        start_[0] = 0;
        each_pair(solver, [&](std::size_t, int a, int b) {
            ++start_[static_cast<std::size_t>(a) + 1];
            ++start_[static_cast<std::size_t>(b) + 1];
        });
        for (std::size_t i = 0; i < particle_.size(); ++i) {
            start_[i + 1] += start_[i];
        }
        column_.resize(static_cast<std::size_t>(start_.back()));
        block_.assign(entries * column_.size(), 0.0);
        // The block of a row with itself comes first.
        std::vector<int> next(start_.begin(), start_.end() - 1);
        std::vector<Matrix<Dim>> diagonal(particle_.size(), -2.0 * Matrix<Dim>::Identity());
        for (std::size_t i = 0; i < particle_.size(); ++i) {
            column_[static_cast<std::size_t>(next[i]++)] = static_cast<int>(i);
        }
        each_pair(solver, [&](std::size_t pair, int a, int b) {
            const Matrix<Dim> block = 4.0 / bound * network.stiffness(pair);
            diagonal[static_cast<std::size_t>(a)] += block;
            diagonal[static_cast<std::size_t>(b)] += block;
            put(next[static_cast<std::size_t>(a)]++, b, -block);
            put(next[static_cast<std::size_t>(b)]++, a, -block);
        });
        for (std::size_t i = 0; i < particle_.size(); ++i) {
            put(start_[i], static_cast<int>(i), diagonal[i]);
        }
    }

    std::size_t rows() const { return particle_.size(); }
    int particle(std::size_t row) const { return particle_[row]; }
    BlockRows view() const { return {start_.data(), column_.data(), block_.data()}; }

    /// Where to cut the rows for so many threads, with as many blocks for each.
    std::vector<int> cuts(int threads) const {
        std::vector<int> cuts = {0};
        for (int k = 1; k < threads; ++k) {
            const auto goal = static_cast<int>(static_cast<double>(start_.back()) * k / threads);
            const auto at = std::lower_bound(start_.begin(), start_.end(), goal);
            cuts.push_back(static_cast<int>(at - start_.begin()));
        }
        cuts.push_back(static_cast<int>(particle_.size()));
        return cuts;
    }

private:
    static constexpr std::size_t entries = static_cast<std::size_t>(Dim * (Dim + 1) / 2);

    template <class Visit>
    void each_pair(const ElasticSolver<Dim>& solver, const Visit& visit) const {
        const StiffnessNetwork<Dim>& network = solver.network();
        for (std::size_t k = 0; k < network.size(); ++k) {
            if (solver.bears(k)) {
                visit(k, row_[static_cast<std::size_t>(network.first[k])],
                      row_[static_cast<std::size_t>(network.second[k])]);
            }
        }
    }

    void put(int place, int column, const Matrix<Dim>& block) {
        column_[static_cast<std::size_t>(place)] = column;
        double* entry = block_.data() + entries * static_cast<std::size_t>(place);
        for (int a = 0; a < Dim; ++a) {
            for (int b = a; b < Dim; ++b) {
                *entry++ = block(a, b);
            }
        }
    }

    std::vector<int> row_;       ///< of each particle, -1 for rattlers
    std::vector<int> particle_;  ///< of each row
    std::vector<int> start_;
    std::vector<int> column_;
    std::vector<double> block_;
};

/// Both waves, and the sum of their products over the steps so far.
template <int Dim>
class Waves {
public:
    Waves(const ElasticSolver<Dim>& solver, const Eigen::VectorXd& u, const Eigen::VectorXd& v, double bound)
        : matrix_(solver, bound),
          now_(2 * Dim * matrix_.rows()),
          before_(now_.size()),
          products_(matrix_.rows(), 0.0) {
        for (std::size_t row = 0; row < matrix_.rows(); ++row) {
            for (int a = 0; a < Dim; ++a) {
                const Eigen::Index at = static_cast<Eigen::Index>(Dim) * matrix_.particle(row) + a;
                now_[2 * (Dim * row + static_cast<std::size_t>(a))] = u(at);
                now_[2 * (Dim * row + static_cast<std::size_t>(a)) + 1] = v(at);
            }
        }
        largest_ = norm();
        // T_1 = H~ is half a step from rest: T_1 = (2 H~) T_0 - T_(-1), T_(-1) = T_1.
        std::fill(before_.begin(), before_.end(), 0.0);
        std::vector<double> unused(matrix_.rows(), 0.0);
        wave_kernels().step<Dim>()(matrix_.view(), now_.data(), before_.data(), unused.data(), 0,
                                   static_cast<int>(matrix_.rows()));
        for (double& value : before_) {
            value *= 0.5;
        }
        std::swap(now_, before_);
        add();
    }

    int steps() const { return steps_; }

    /// Goes on until so many steps were taken.
    void advance(int steps, int threads, Monitor& monitor, double error) {
        const std::vector<int> cuts = matrix_.cuts(threads);
        const auto step = wave_kernels().step<Dim>();
        while (steps_ < steps) {
            const int together = std::min(steps_together, steps - steps_);
            Barrier barrier(threads);
            run_tasks(static_cast<std::size_t>(threads), threads, [&](std::size_t thread) {
                double* now = now_.data();
                double* before = before_.data();
                for (int k = 0; k < together; ++k) {
                    step(matrix_.view(), now, before, products_.data(), cuts[thread], cuts[thread + 1]);
                    std::swap(now, before);
                    barrier.wait();
                }
            });
            if (together % 2 != 0) {
                std::swap(now_, before_);
            }
            steps_ += together;
            monitor(steps_, error);
        }
    }

    /// Whether the waves grow, because an eigenvalue lies beyond the bound.
    bool grow() const { return !(norm() <= 1.01 * largest_); }

    /// The sum over the steps so far of 2 a_k . b_k on each particle.
    Eigen::VectorXd sums(std::size_t particles) const {
        Eigen::VectorXd field = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(particles));
        for (std::size_t row = 0; row < matrix_.rows(); ++row) {
            field(matrix_.particle(row)) = 2.0 * products_[row];
        }
        return field;
    }

private:
    void add() {
        for (std::size_t k = 0; k < now_.size(); k += 2) {
            products_[k / (2 * static_cast<std::size_t>(Dim))] += now_[k] * now_[k + 1];
        }
        steps_ = 1;
    }

    double norm() const {
        double sum = 0.0;
        for (std::size_t k = 0; k < now_.size(); k += 2) {
            sum += now_[k] * now_[k];
        }
        return std::sqrt(sum);
    }

    DoubledHessian<Dim> matrix_;
    std::vector<double> now_;
    std::vector<double> before_;
    std::vector<double> products_;
    double largest_ = 0.0;
    int steps_ = 0;
};

double median(std::vector<double> values) {
    if (values.empty()) {
        return 0.0;
    }
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// Compares the two halves of the steps.
template <int Dim>
void judge(const ElasticSolver<Dim>& solver, const Eigen::VectorXd& half, int half_steps, ModeSums& found,
           const Eigen::VectorXd& sums) {
    const Eigen::VectorXd first = half / half_steps;
    const Eigen::VectorXd second = (sums - half) / (found.steps - half_steps);
    found.field = sums / found.steps;
    found.difference = (first - second).cwiseAbs();
    std::vector<double> relative;
    for (const int i : solver.core().particles) {
        if (found.field(i) != 0.0) {
            relative.push_back(error_of_difference * found.difference(i) / std::abs(found.field(i)));
        }
    }
    found.error = median(std::move(relative));
}

}  // namespace

template <int Dim>
ModeSums mode_sums(const ElasticSolver<Dim>& solver, const Eigen::VectorXd& u, const Eigen::VectorXd& v,
                   double accuracy, int most_steps, Monitor& monitor) {
    const std::size_t particles = solver.core().index.size();
    const int threads =
        std::max(1, std::min(solver.threads(), static_cast<int>(solver.core().size() / smallest_share)));
    for (double bound = largest_eigenvalue(solver);; bound *= 1.1) {
        Waves<Dim> waves(solver, u, v, bound);
        ModeSums found;
        found.error = std::numeric_limits<double>::infinity();
        std::vector<Eigen::VectorXd> looks;
        std::vector<int> steps;
        bool grown = false;
        for (int look = 0; !grown && !found.converged && found.steps < most_steps; ++look) {
            const double doublings = static_cast<double>(look) / looks_to_double;
            const auto goal = static_cast<int>(std::lround(first_look * std::exp2(doublings)));
            waves.advance(std::min(goal, most_steps), threads, monitor, found.error);
            grown = waves.grow();
            found.steps = waves.steps();
            looks.push_back(waves.sums(particles));
            steps.push_back(found.steps);
            if (look >= looks_to_double) {
                const std::size_t half = looks.size() - 1 - looks_to_double;
                judge(solver, looks[half], steps[half], found, looks.back());
                found.converged = found.error <= accuracy;
            }
        }
        if (!grown) {
            return found;
        }
    }
}

template ModeSums mode_sums<2>(const ElasticSolver<2>&, const Eigen::VectorXd&, const Eigen::VectorXd&,
                               double, int, Monitor&);
template ModeSums mode_sums<3>(const ElasticSolver<3>&, const Eigen::VectorXd&, const Eigen::VectorXd&,
                               double, int, Monitor&);

}  // namespace glassplast
