#include <glassplast/probes/quasilocalized_modes.hpp>

#include <glassplast/parallel.hpp>
#include <glassplast/probes/dipoles.hpp>
#include <glassplast/probes/neighbourhood_searches.hpp>
#include <glassplast/probes/search_group.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace glassplast {

namespace {

// The number of groups that search at the same time. It is fixed, so that the number of threads does not
// affect the result.
constexpr int groups = 4;

// Searching in neighbourhoods first pays in a glass this many times as large as a neighbourhood. In three
// dimensions more particles at rest surround a neighbourhood, and more steps are left to all particles.
template <int Dim>
constexpr std::size_t worthwhile = Dim == 2 ? 4 : 16;

// A search with a residual this small and a large overlap with a known mode will end at that mode: the cost
// never rises, and around a minimum it is convex.
constexpr double arriving = 1e-3;
constexpr double nearly_one = 0.9999;

// The modes found so far, each once.
class Collection {
public:
    Collection(double overlap, Eigen::Index size) : overlap_(overlap), vectors_(size, 0) {}

    // The mode that a unit vector overlaps with by more than q, -1 if there is none. Two such vectors differ
    // by less than sqrt(2 - 2 q) in every component, so that the largest component of one is large in the
    // other.
    int find(const Eigen::VectorXd& vector, double q) const {
        const double slack = std::sqrt(std::max(0.0, 2.0 - 2.0 * q));
        Eigen::Index largest = 0;
        const double here = vector.cwiseAbs().maxCoeff(&largest);
        for (Eigen::Index k = 0; k < count_; ++k) {
            if (std::abs(std::abs(vectors_(largest, k)) - here) <= slack &&
                std::abs(vectors_.col(k).dot(vector)) > q) {
                return static_cast<int>(k);
            }
        }
        return -1;
    }

    // Returns the number of the mode, whether it is new or known.
    int add(const Eigen::VectorXd& vector) {
        const int known = find(vector, overlap_);
        if (known >= 0) {
            return known;
        }
        if (count_ == vectors_.cols()) {
            // The modes are in one block that the system extends in place, since nothing else takes as much
            // memory.
            vectors_.conservativeResize(Eigen::NoChange, count_ + count_ / 2 + 8);
        }
        vectors_.col(count_) = vector;
        return static_cast<int>(count_++);
    }

    Eigen::MatrixXd take() {
        vectors_.conservativeResize(Eigen::NoChange, count_);
        return std::move(vectors_);
    }

private:
    double overlap_;
    Eigen::MatrixXd vectors_;  // of which the first count_ columns are modes
    Eigen::Index count_ = 0;
};

Eigen::VectorXd vector_of(const std::vector<double>& values) {
    return Eigen::Map<const Eigen::VectorXd>(values.data(), static_cast<Eigen::Index>(values.size()));
}

// The load of a start, over the degrees of freedom of all particles. A start can stand for several pairs;
// their number is its weight.
using StartLoad = std::function<Eigen::VectorXd(int start)>;

template <int Dim>
QuasilocalizedModes search_all(const ElasticSolver<Dim>& solver, const HomogeneousForm<Dim>& form,
                               const std::vector<int>& weights, const StartLoad& load,
                               const ModeSearch& search, Monitor& monitor) {
    const auto starts = static_cast<int>(weights.size());
    const int total = std::accumulate(weights.begin(), weights.end(), 0);
    int finished = 0;
    std::vector<SearchGroup<Dim>> searches(groups, SearchGroup<Dim>(solver, form));
    Collection collection(search.overlap, solver.size());
    QuasilocalizedModes modes;
    modes.found_from.assign(static_cast<std::size_t>(starts), -1);
    std::vector<double> stiffness;
    std::vector<double> value;
    std::vector<double> residual;
    int next = 0;
    while (finished < total) {
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
                        finished += weights[static_cast<std::size_t>(group.start[k])];
                        group.retire(c);
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
                    }
                } else if (!lost && group.iteration[k] < search.iterations) {
                    continue;
                }
                finished += weights[static_cast<std::size_t>(group.start[k])];
                group.retire(c);
            }
        }
        monitor(finished, total);
    }
    modes.vectors = collection.take();
    modes.stiffness = vector_of(stiffness);
    modes.form = vector_of(value);
    modes.residual = vector_of(residual);
    return modes;
}

}  // namespace

template <int Dim>
QuasilocalizedModes quasilocalized_modes(const ElasticSolver<Dim>& solver, const ContactNetwork<Dim>& network,
                                         const FormOf<Dim>& form_of, const std::vector<int>& pairs,
                                         const ModeSearch& search, Monitor& monitor) {
    const auto form = form_of(network);
    const auto starts = static_cast<int>(pairs.size());
    const auto from_dipole = [&](int start) {
        return dipole<Dim>(network, pairs[static_cast<std::size_t>(start)]);
    };
    const std::size_t large = worthwhile<Dim> * static_cast<std::size_t>(search.neighbourhood);
    if (large == 0 || network.particles < large) {
        return search_all<Dim>(solver, *form, std::vector<int>(pairs.size(), 1), from_dipole, search,
                               monitor);
    }
    NeighbourhoodSearches near = neighbourhood_searches<Dim>(network, form_of, pairs, search, monitor);
    // The searches over all particles begin with a load and the first start that led to it, or with a start.
    std::vector<int> first(near.loads.size(), -1);
    std::vector<int> task_of(pairs.size());
    std::vector<int> start_of;
    std::vector<int> weights;
    for (int start = 0; start < starts; ++start) {
        const int shared = near.load_of[static_cast<std::size_t>(start)];
        int task = shared < 0 ? -1 : first[static_cast<std::size_t>(shared)];
        if (task < 0) {
            task = static_cast<int>(start_of.size());
            start_of.push_back(start);
            weights.push_back(0);
            if (shared >= 0) {
                first[static_cast<std::size_t>(shared)] = task;
            }
        }
        task_of[static_cast<std::size_t>(start)] = task;
        ++weights[static_cast<std::size_t>(task)];
    }
    const auto load = [&](int task) {
        const int start = start_of[static_cast<std::size_t>(task)];
        const int shared = near.load_of[static_cast<std::size_t>(start)];
        return shared < 0 ? from_dipole(start)
                          : Eigen::VectorXd(near.loads[static_cast<std::size_t>(shared)]);
    };
    QuasilocalizedModes modes = search_all<Dim>(solver, *form, weights, load, search, monitor);
    std::vector<int> found_from(pairs.size());
    for (std::size_t start = 0; start < pairs.size(); ++start) {
        found_from[start] = modes.found_from[static_cast<std::size_t>(task_of[start])];
    }
    modes.found_from = std::move(found_from);
    return modes;
}

template QuasilocalizedModes quasilocalized_modes<2>(const ElasticSolver<2>&, const ContactNetwork<2>&,
                                                     const FormOf<2>&, const std::vector<int>&,
                                                     const ModeSearch&, Monitor&);
template QuasilocalizedModes quasilocalized_modes<3>(const ElasticSolver<3>&, const ContactNetwork<3>&,
                                                     const FormOf<3>&, const std::vector<int>&,
                                                     const ModeSearch&, Monitor&);

}  // namespace glassplast
