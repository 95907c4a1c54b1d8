#include <glassplast/probes/saddle_points.hpp>

#include <glassplast/probes/patch.hpp>
#include <glassplast/require_positive.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace glassplast {

namespace {

/// At most this fraction of a small displacement between a minimum and a saddle is used to push back.
constexpr double largest_part = 0.2;
/// The largest force allowed in the minima on both sides.
constexpr double relaxed_force = 1e-9;
/// The list of pairs has a wider skin than in a sheared patch, so that it lasts longer: particles move
/// farther.
constexpr double patch_skin = 0.6;

/// A field of the particles of a patch as a field of all particles of the glass, zero elsewhere.
template <int Dim>
Positions<Dim> spread(const std::vector<int>& particles, const Eigen::VectorXd& field, Eigen::Index count) {
    Positions<Dim> result = Positions<Dim>::Zero(Dim, count);
    for (std::size_t k = 0; k < particles.size(); ++k) {
        result.col(particles[k]) = field.segment<Dim>(static_cast<Eigen::Index>(Dim * k));
    }
    return result;
}

bool known(const System& system, const std::vector<Eigen::VectorXd>& points, const Eigen::VectorXd& q,
           double same) {
    return std::any_of(points.begin(), points.end(), [&](const Eigen::VectorXd& point) {
        Eigen::VectorXd change = q - point;
        system.project(change);
        return system.largest_move(change) < same;
    });
}

}  // namespace

template <int Dim>
SaddleSampler<Dim>::SaddleSampler(std::shared_ptr<const Interaction<Dim>> interaction, const Box<Dim>& box,
                                  Positions<Dim> minimum, const SaddleSearch& search)
    : interaction_(std::move(interaction)), box_(box), minimum_(std::move(minimum)), search_(search) {
    interaction_->require_size(minimum_);
    require_positive(search.climb.push, "push");
    require_positive(search.climb.longest_step, "longest_step");
    require_positive(search.climb.tolerance, "tolerance");
    require_positive(search.cluster_radius, "cluster_radius");
    require_positive(search.push_back, "push_back");
    require_positive(search.same, "same");
    PotentialEnergy<Dim> potential(interaction_, box_);
    Positions<Dim> forces;
    const Evaluation<Dim> evaluation = potential.evaluate(minimum_, forces);
    energy_ = evaluation.energy;
    virial_ = evaluation.virial;
}

template <int Dim>
std::vector<int> SaddleSampler<Dim>::cluster(int centre) const {
    std::vector<int> members;
    for (Eigen::Index i = 0; i < minimum_.cols(); ++i) {
        const Vector<Dim> apart = box_.minimum_image(minimum_.col(i) - minimum_.col(centre));
        if (apart.squaredNorm() < search_.cluster_radius * search_.cluster_radius) {
            members.push_back(static_cast<int>(i));
        }
    }
    return members;
}

template <int Dim>
bool SaddleSampler<Dim>::connect(const Climb& climb, Saddle<Dim>& saddle, const RigidCore<Dim>& core,
                                 Monitor& monitor) const {
    const auto apart = [&](const Positions<Dim>& a, const Positions<Dim>& b) {
        Eigen::VectorXd change = flat<Dim>(Positions<Dim>(a - b));
        core.project(change);
        return largest_norm<Dim>(Eigen::Map<const Positions<Dim>>(change.data(), Dim, a.cols()));
    };
    const Positions<Dim> top = Eigen::Map<const Positions<Dim>>(climb.q.data(), Dim, minimum_.cols());
    const Positions<Dim> mode = Eigen::Map<const Positions<Dim>>(climb.mode.data(), Dim, minimum_.cols());
    const double size =
        std::min(search_.push_back, largest_part * apart(top, minimum_)) / largest_norm<Dim>(mode);
    RelaxOptions options;
    options.tolerance = relaxed_force;
    int back = 0;
    for (const double side : {-size, size}) {
        PotentialEnergy<Dim> potential(interaction_, box_);
        const Relaxation<Dim> end = minimize<Dim>(potential, top + side * mode, options, monitor);
        const double distance = apart(end.positions, minimum_);
        if (distance < search_.same) {
            ++back;
        } else {
            saddle.energy_beyond = end.energy - energy_;
            saddle.fall = distance;
        }
    }
    return back == 1;
}

template <int Dim>
Positions<Dim> SaddleSampler<Dim>::random_push(const std::vector<int>& members, RandomStream& random) const {
    Positions<Dim> push = Positions<Dim>::Zero(Dim, minimum_.cols());
    for (const int i : members) {
        for (int a = 0; a < Dim; a += 2) {
            const std::array<double, 2> pair = random.normal_pair();
            push(a, i) = pair[0];
            if (a + 1 < Dim) {
                push(a + 1, i) = pair[1];
            }
        }
    }
    return push;
}

template <int Dim>
SaddlesOfCentre<Dim> SaddleSampler<Dim>::sample(int centre, RandomStream random, Monitor& monitor) const {
    ShearedGlass<Dim> glass(interaction_, box_, 0.0, Matrix<Dim>::Zero(), 1);
    const Eigen::VectorXd start = flat<Dim>(minimum_);
    if constexpr (Dim == 2) {
        if (search_.patch_radius > 0.0 &&
            patch_width(*interaction_, search_.patch_radius) <= box_.smallest_width()) {
            const PatchCutter cutter(*interaction_, box_, minimum_, {search_.patch_radius, patch_skin});
            Patch patch = cutter.cut(minimum_.col(centre));
            const std::vector<int> free = patch.free_particles();
            std::vector<Eigen::VectorXd> tried;
            const auto ascend = [&](const Positions<2>& push, SaddlesOfCentre<2>& result) {
                Eigen::VectorXd direction(patch.start().size());
                for (std::size_t k = 0; k < free.size(); ++k) {
                    direction.segment<2>(static_cast<Eigen::Index>(2 * k)) = push.col(free[k]);
                }
                patch.load_along(Matrix<2>::Zero());
                Climb top = climb(patch, patch.start(), 0.0, direction, search_.climb, monitor);
                if (top.end == Climb::End::saddle && known(patch, tried, top.q, search_.same)) {
                    top.end = Climb::End::repeated;
                }
                if (top.end != Climb::End::saddle) {
                    return top;
                }
                tried.push_back(top.q);
                result.steps += top.steps;
                const Positions<2> moved = spread<2>(free, top.q - patch.start(), minimum_.cols());
                const Positions<2> mode = spread<2>(free, top.mode, minimum_.cols());
                return polish_saddle(glass, start + flat<2>(moved), 0.0, flat<2>(mode), search_.climb,
                                     monitor);
            };
            return sample(centre, random, glass, ascend, monitor);
        }
    }
    const auto ascend = [&](const Positions<Dim>& push, SaddlesOfCentre<Dim>& /*result*/) {
        return climb(glass, start, 0.0, flat<Dim>(push), search_.climb, monitor);
    };
    return sample(centre, random, glass, ascend, monitor);
}

template <int Dim>
template <class Ascend>
SaddlesOfCentre<Dim> SaddleSampler<Dim>::sample(int centre, RandomStream random, ShearedGlass<Dim>& glass,
                                                const Ascend& ascend, Monitor& monitor) const {
    SaddlesOfCentre<Dim> result;
    const std::vector<int> members = cluster(centre);
    std::vector<Eigen::VectorXd> found;
    while (result.attempts < search_.attempts && static_cast<int>(result.saddles.size()) < search_.events) {
        ++result.attempts;
        Climb top = ascend(random_push(members, random), result);
        result.steps += top.steps;
        if (top.end == Climb::End::saddle && known(glass, found, top.q, search_.same)) {
            top.end = Climb::End::repeated;
        }
        if (top.end != Climb::End::saddle) {
            ++(top.end == Climb::End::repeated ? result.repeated : result.lost);
            continue;
        }
        found.push_back(top.q);
        Saddle<Dim> saddle = described(top, glass);
        saddle.attempt = result.attempts - 1;
        if (connect(top, saddle, glass.core(), monitor)) {
            result.saddles.push_back(std::move(saddle));
        } else {
            ++result.unconnected;
        }
    }
    return result;
}

template <int Dim>
Saddle<Dim> SaddleSampler<Dim>::described(const Climb& top, const ShearedGlass<Dim>& glass) const {
    Saddle<Dim> saddle;
    saddle.barrier = glass.energy() - energy_;
    saddle.coarse_barrier = top.coarse_energy - energy_;
    saddle.stress = (glass.virial() - virial_) / box_.volume();
    saddle.eigenvalue = top.eigenvalue;
    saddle.force = top.force;
    const Positions<Dim> mode = Eigen::Map<const Positions<Dim>>(top.mode.data(), Dim, minimum_.cols());
    const Eigen::ArrayXd squares = mode.colwise().squaredNorm().transpose();
    squares.maxCoeff(&saddle.core);
    saddle.participation =
        squares.sum() * squares.sum() / (static_cast<double>(squares.size()) * squares.square().sum());
    saddle.displacement = Eigen::Map<const Positions<Dim>>(top.q.data(), Dim, minimum_.cols()) - minimum_;
    return saddle;
}

template class SaddleSampler<2>;
template class SaddleSampler<3>;

}  // namespace glassplast
