#include <glassplast/probes/saddle_climb.hpp>

#include <glassplast/continuation/inverse_lanczos.hpp>
#include <glassplast/errors.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

namespace glassplast {

namespace {

/// Rattlers are relaxed down to this fraction of the largest force, and never below the tolerance.
constexpr double settled = 1e-2;
/// Forces that are within this factor of their round-off are as small as they get.
constexpr double round_off_margin = 8.0;
/// Pushes grow from this fraction of the largest one: close to an instability the saddle is near, and a large
/// push would go past it.
constexpr double first_push = 1.0 / 16.0;
constexpr double push_growth = 1.25;
/// Newton's steps that are shorter than this fraction of the longest step are taken as they are.
constexpr double short_part = 0.3;
/// If several eigenvalues are negative, Ritz vectors of H^-1 count as modes whose Ritz value is at least this
/// fraction of the most negative one; the others are only traces of positive modes.
constexpr double negative_ritz = 1e-6;

class Climber {
public:
    Climber(System& system, const Eigen::VectorXd& start, double gamma, const ClimbOptions& options,
            Monitor& monitor)
        : system_(system), start_(start), gamma_(gamma), options_(options), monitor_(monitor) {}

    Climb activated(const Eigen::VectorXd& direction) {
        mode_ = direction;
        move(start_);
        double push = first_push * options_.push;
        while (steps_ < options_.pushes) {
            if (!factorize()) {
                return ended(Climb::End::lost);
            }
            if (negative_ > 0) {
                return along_mode();
            }
            system_.project(mode_);
            const double size = mode_.norm();
            if (!(size > 0.0)) {
                return ended(Climb::End::lost);
            }
            mode_ /= size;
            if (!advance(push * mode_ + limited(relaxed_across(mode_)))) {
                return ended(Climb::End::lost);
            }
            push = std::min(push_growth * push, options_.push);
        }
        return ended(Climb::End::convex);
    }

    /// Goes up along the mode and down across it, from the point where the system is and has been factorized.
    Climb along_mode() {
        while (steps_ < options_.steps) {
            const Eigen::VectorXd force = -system_.gradient();
            Eigen::VectorXd step;
            if (negative_ == 0) {
                // The climb is back where all is convex, so go on in the direction of the last mode.
                step = options_.longest_step * mode_ + limited(relaxed_across(mode_));
            } else {
                const double size = system_.largest_force();
                if (negative_ == 1 && size <= options_.coarse_tolerance && !coarse_energy_) {
                    coarse_energy_ = system_.energy();
                }
                if (negative_ == 1 && size <= target()) {
                    find_modes(force);
                    return ended(Climb::End::saddle);
                }
                step = saddle_step(force);
            }
            if (!advance(step) || !factorize()) {
                return ended(Climb::End::lost);
            }
        }
        return ended(Climb::End::unfinished);
    }

    bool begin(const Eigen::VectorXd& mode) {
        mode_ = mode;
        move(start_);
        return factorize();
    }

private:
    double target() const { return std::max(options_.tolerance, round_off_margin * system_.force_floor()); }

    void move(const Eigen::VectorXd& q) { system_.move(q, gamma_); }

    bool factorize() {
        ++steps_;
        monitor_(steps_, system_.largest_force());
        try {
            negative_ = system_.factorize();
            if (!system_.settle(std::max(settled * system_.largest_force(), options_.tolerance))) {
                negative_ = system_.factorize();
            }
        } catch (const InstabilityError&) {
            return false;
        }
        return true;
    }

    bool advance(const Eigen::VectorXd& step) {
        const Eigen::VectorXd next = system_.coordinates() + step;
        if (!(system_.largest_move(next - start_) <= options_.farthest)) {
            return false;
        }
        try {
            move(next);
        } catch (const GeometryError&) {
            return false;
        }
        return true;
    }

    Eigen::VectorXd limited(Eigen::VectorXd step) const {
        const double size = system_.largest_move(step);
        if (size > options_.longest_step) {
            step *= options_.longest_step / size;
        }
        return step;
    }

    /// Newton's step in the space orthogonal to a direction, where H is positive.
    Eigen::VectorXd relaxed_across(const Eigen::VectorXd& direction) const {
        const Eigen::VectorXd down = system_.solve(-system_.gradient());
        const Eigen::VectorXd soft = system_.solve(direction);
        return down - direction.dot(down) / direction.dot(soft) * soft;
    }

    /// Finds the modes of negative eigenvalues; the one that is closest to the last mode becomes the mode.
    Eigen::MatrixXd find_modes(const Eigen::VectorXd& newton) {
        const RitzVectors ritz =
            inverse_lanczos(mode_ + 0.1 * newton / std::max(newton.norm(), 1e-300),
                            [this](const Eigen::VectorXd& right) { return system_.solve(right); });
        // The eigenvalue closest to zero among the negative ones comes first.
        Eigen::Index count = 1;
        while (count < std::min<Eigen::Index>(negative_, ritz.values.size()) &&
               ritz.values(count) < negative_ritz * ritz.values(0)) {
            ++count;
        }
        Eigen::Index closest = 0;
        (ritz.vectors.leftCols(count).transpose() * mode_).cwiseAbs().maxCoeff(&closest);
        const Eigen::VectorXd mode = ritz.vectors.col(closest);
        mode_ = mode.dot(mode_) < 0.0 ? Eigen::VectorXd(-mode) : mode;
        eigenvalue_ = 1.0 / ritz.values(closest);
        Eigen::MatrixXd others(mode_.size(), count - 1);
        for (Eigen::Index k = 0; k < count - 1; ++k) {
            others.col(k) = ritz.vectors.col(k < closest ? k : k + 1);
        }
        return others;
    }

    /// Newton's step. If it is long, its part along the lowest mode is limited by itself, and its parts along
    /// further modes of negative eigenvalues are reversed.
    Eigen::VectorXd saddle_step(const Eigen::VectorXd& force) {
        Eigen::VectorXd newton = system_.solve(force);
        if (negative_ == 1 && system_.largest_move(newton) < short_part * options_.longest_step) {
            return newton;
        }
        const Eigen::MatrixXd others = find_modes(newton);
        const double along = mode_.dot(newton);
        newton -= along * mode_;
        newton -= 2.0 * others * (others.transpose() * newton);
        return limited(newton) + limited(along * mode_);
    }

    Climb ended(Climb::End end) const {
        Climb climb;
        climb.end = end;
        climb.q = system_.coordinates();
        climb.mode = mode_;
        climb.eigenvalue = eigenvalue_;
        climb.coarse_energy = coarse_energy_.value_or(system_.energy());
        climb.force = system_.largest_force();
        climb.steps = steps_;
        return climb;
    }

    System& system_;
    const Eigen::VectorXd start_;
    double gamma_;
    const ClimbOptions& options_;
    Monitor& monitor_;
    Eigen::VectorXd mode_;
    double eigenvalue_ = 0.0;
    std::optional<double> coarse_energy_;
    int negative_ = 0;
    int steps_ = 0;
};

}  // namespace

Climb climb(System& system, const Eigen::VectorXd& start, double gamma, const Eigen::VectorXd& direction,
            const ClimbOptions& options, Monitor& monitor) {
    return Climber(system, start, gamma, options, monitor).activated(direction);
}

Climb polish_saddle(System& system, const Eigen::VectorXd& start, double gamma, const Eigen::VectorXd& mode,
                    const ClimbOptions& options, Monitor& monitor) {
    Climber climber(system, start, gamma, options, monitor);
    if (!climber.begin(mode)) {
        return {};
    }
    return climber.along_mode();
}

}  // namespace glassplast
