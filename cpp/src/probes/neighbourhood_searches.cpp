#include <glassplast/probes/neighbourhood_searches.hpp>

#include <glassplast/models/adjacency.hpp>
#include <glassplast/parallel.hpp>
#include <glassplast/probes/dipoles.hpp>
#include <glassplast/probes/search_group.hpp>

#include <algorithm>
#include <cmath>

namespace glassplast {

namespace {

// At this residual, in units of the stiffness, the search is handed over to all particles: the particles at
// rest have an effect of this order.
constexpr double enough = 1e-3;
// Entries of a force that are smaller than its largest one by this factor are left out.
constexpr double negligible = 1e-7;
// Forces that overlap by more than this lead to the same mode: the fields H^-1 force are smoother than the
// forces.
constexpr double same = 0.999;
// The other starts of a neighbourhood lie among the particles closest to its first start: the whole
// neighbourhood has this many times as many.
constexpr std::size_t company = 4;
// The number of neighbourhoods between two calls of the monitor.
constexpr std::size_t batch = 16;

// Lists particles in the order in which they are reached from given ones, contact by contact.
class Outwards {
public:
    Outwards(const Adjacency& adjacency, std::vector<char>& seen) : adjacency_(adjacency), seen_(seen) {}

    void add(int particle) {
        if (seen_[static_cast<std::size_t>(particle)] == 0) {
            seen_[static_cast<std::size_t>(particle)] = 1;
            reached.push_back(particle);
        }
    }
    // The next particle whose contacts have been reached, -1 at the end.
    int next() {
        if (turn_ == reached.size()) {
            return -1;
        }
        const int particle = reached[turn_++];
        adjacency_.each(particle, [this](const Adjacency::Contact& contact) { add(contact.neighbor); });
        return particle;
    }
    void forget() {
        for (const int particle : reached) {
            seen_[static_cast<std::size_t>(particle)] = 0;
        }
    }

    std::vector<int> reached;

private:
    const Adjacency& adjacency_;
    std::vector<char>& seen_;
    std::size_t turn_ = 0;
};

// Groups starts that lie beside each other, at most as many as are solved together.
template <int Dim>
std::vector<std::vector<int>> companies(const ContactNetwork<Dim>& network, const Adjacency& adjacency,
                                        const std::vector<int>& pairs, std::size_t within) {
    std::vector<std::vector<int>> starts_of(network.particles);
    for (std::size_t s = 0; s < pairs.size(); ++s) {
        const int particle = network.first[static_cast<std::size_t>(pairs[s])];
        starts_of[static_cast<std::size_t>(particle)].push_back(static_cast<int>(s));
    }
    std::vector<char> taken(pairs.size(), 0);
    std::vector<char> seen(network.particles, 0);
    std::vector<std::vector<int>> result;
    for (std::size_t s = 0; s < pairs.size(); ++s) {
        if (taken[s] != 0) {
            continue;
        }
        std::vector<int> members;
        Outwards around(adjacency, seen);
        around.add(network.first[static_cast<std::size_t>(pairs[s])]);
        for (std::size_t count = 0; count < within && members.size() < solve_width; ++count) {
            const int particle = around.next();
            if (particle < 0) {
                break;
            }
            for (const int start : starts_of[static_cast<std::size_t>(particle)]) {
                if (taken[static_cast<std::size_t>(start)] == 0 && members.size() < solve_width) {
                    taken[static_cast<std::size_t>(start)] = 1;
                    members.push_back(start);
                }
            }
        }
        around.forget();
        result.push_back(std::move(members));
    }
    return result;
}

// A part of a glass as a network of its own: particles that move, and those at rest that touch them.
template <int Dim>
struct Neighbourhood {
    std::vector<int> particles;  // ascending
    std::vector<char> anchored;
    std::vector<Eigen::Index> pairs;
    ContactNetwork<Dim> network;
    Positions<Dim> points;

    Neighbourhood(const ContactNetwork<Dim>& whole, const Adjacency& adjacency,
                  const std::vector<int>& sources, std::size_t size) {
        std::vector<char> moves(whole.particles, 0);
        Outwards around(adjacency, moves);
        for (const int particle : sources) {
            around.add(particle);
        }
        while (around.reached.size() < size && around.next() >= 0) {
        }
        particles = around.reached;
        std::vector<int> place(whole.particles, -1);
        for (const int i : around.reached) {
            place[static_cast<std::size_t>(i)] = 0;
        }
        for (const int i : around.reached) {
            adjacency.each(i, [&](const Adjacency::Contact& contact) {
                const auto j = static_cast<std::size_t>(contact.neighbor);
                if (moves[j] == 0 || i < contact.neighbor) {
                    pairs.push_back(contact.pair);
                }
                if (place[j] < 0) {
                    place[j] = 0;
                    particles.push_back(contact.neighbor);
                }
            });
        }
        std::sort(particles.begin(), particles.end());
        std::sort(pairs.begin(), pairs.end());
        for (std::size_t k = 0; k < particles.size(); ++k) {
            const auto i = static_cast<std::size_t>(particles[k]);
            place[i] = static_cast<int>(k);
            anchored.push_back(moves[i] == 0 ? 1 : 0);
        }
        network = whole.part(pairs);
        network.particles = particles.size();
        for (std::vector<int>* ends : {&network.first, &network.second}) {
            for (int& particle : *ends) {
                particle = place[static_cast<std::size_t>(particle)];
            }
        }
        find_points();
    }

    int pair(int of_whole) const {
        return static_cast<int>(std::lower_bound(pairs.begin(), pairs.end(), of_whole) - pairs.begin());
    }

private:
    // Finds positions that are unwrapped from one particle to the next.
    void find_points() {
        points.setZero(Dim, static_cast<Eigen::Index>(particles.size()));
        const Adjacency adjacency(network);
        std::vector<char> known(particles.size(), 0);
        std::vector<int> reached{network.first.front()};
        known[static_cast<std::size_t>(reached.front())] = 1;
        for (std::size_t turn = 0; turn < reached.size(); ++turn) {
            const int i = reached[turn];
            adjacency.each(i, [&](const Adjacency::Contact& contact) {
                const int j = contact.neighbor;
                if (known[static_cast<std::size_t>(j)] != 0) {
                    return;
                }
                known[static_cast<std::size_t>(j)] = 1;
                const double sign = network.first[static_cast<std::size_t>(contact.pair)] == i ? 1.0 : -1.0;
                points.col(j) = points.col(i) + sign * network.separation.col(contact.pair);
                reached.push_back(j);
            });
        }
    }
};

// The force of the field to which each of these starts leads; empty where none was reached.
template <int Dim>
std::vector<Eigen::SparseVector<double>> search_nearby(const ContactNetwork<Dim>& whole,
                                                       const Adjacency& adjacency, const FormOf<Dim>& form_of,
                                                       const std::vector<int>& pairs,
                                                       const std::vector<int>& starts,
                                                       const ModeSearch& search) {
    std::vector<int> sources;
    for (const int start : starts) {
        const auto pair = static_cast<std::size_t>(pairs[static_cast<std::size_t>(start)]);
        sources.push_back(whole.first[pair]);
        sources.push_back(whole.second[pair]);
    }
    const Neighbourhood<Dim> near(whole, adjacency, sources, static_cast<std::size_t>(search.neighbourhood));
    std::vector<Eigen::SparseVector<double>> forces(starts.size());
    ElasticSolver<Dim> solver;
    solver.analyze(near.points, near.network.first, near.network.second);
    solver.factorize(near.network, near.anchored);
    const auto form = form_of(near.network);
    SearchGroup<Dim> group(solver, *form);
    for (std::size_t c = 0; c < starts.size(); ++c) {
        const int pair = near.pair(pairs[static_cast<std::size_t>(starts[c])]);
        group.begin(static_cast<int>(c), starts[c], dipole<Dim>(near.network, pair));
    }
    while (!group.idle()) {
        group.advance();
        for (std::size_t c = 0; c < starts.size(); ++c) {
            const auto column = static_cast<Eigen::Index>(c);
            if (group.start[c] < 0) {
                continue;
            }
            if (group.residual(column) <= enough * group.stiffness(column)) {
                const Eigen::VectorXd force = group.force(static_cast<int>(c)).normalized();
                const double least = negligible * force.cwiseAbs().maxCoeff();
                forces[c].resize(static_cast<Eigen::Index>(Dim * whole.particles));
                for (Eigen::Index r = 0; r < force.size(); ++r) {
                    if (std::abs(force(r)) > least) {
                        const int particle = near.particles[static_cast<std::size_t>(r / Dim)];
                        forces[c].insertBack(static_cast<Eigen::Index>(Dim) * particle + r % Dim) = force(r);
                    }
                }
            } else if (std::isfinite(group.residual(column)) && group.iteration[c] < search.iterations) {
                continue;
            }
            group.retire(static_cast<int>(c));
        }
    }
    return forces;
}

// A collection of unit forces in which each occurs once.
class DistinctForces {
public:
    explicit DistinctForces(Eigen::Index size) : entries_(Eigen::VectorXd::Zero(size)) {}

    // Returns the number of the force, whether it is new or known.
    int add(const Eigen::SparseVector<double>& force) {
        // Unit vectors with this overlap differ by no more than this in any component.
        const double slack = std::sqrt(2.0 - 2.0 * same);
        using Entry = Eigen::SparseVector<double>::InnerIterator;
        Eigen::Index largest = 0;
        for (Entry entry(force); entry; ++entry) {
            entries_(entry.index()) = entry.value();
            if (std::abs(entry.value()) > std::abs(entries_(largest))) {
                largest = entry.index();
            }
        }
        int found = -1;
        for (std::size_t k = 0; k < forces.size() && found < 0; ++k) {
            const double there = std::abs(entries_(largest_[k]));
            if (std::abs(there - value_[k]) <= slack && std::abs(forces[k].dot(entries_)) > same) {
                found = static_cast<int>(k);
            }
        }
        const double value = std::abs(entries_(largest));
        for (Entry entry(force); entry; ++entry) {
            entries_(entry.index()) = 0.0;
        }
        if (found < 0) {
            found = static_cast<int>(forces.size());
            forces.push_back(force);
            largest_.push_back(largest);
            value_.push_back(value);
        }
        return found;
    }

    std::vector<Eigen::SparseVector<double>> forces;

private:
    Eigen::VectorXd entries_;  // of the force at hand
    std::vector<Eigen::Index> largest_;
    std::vector<double> value_;
};

}  // namespace

template <int Dim>
NeighbourhoodSearches neighbourhood_searches(const ContactNetwork<Dim>& network, const FormOf<Dim>& form_of,
                                             const std::vector<int>& pairs, const ModeSearch& search,
                                             Monitor& monitor) {
    const Adjacency adjacency(network);
    const std::vector<std::vector<int>> together =
        companies(network, adjacency, pairs, static_cast<std::size_t>(search.neighbourhood) / company + 1);
    std::vector<Eigen::SparseVector<double>> forces(pairs.size());
    for (std::size_t from = 0; from < together.size(); from += batch) {
        run_tasks(std::min(batch, together.size() - from), search.threads, [&](std::size_t task) {
            const std::vector<int>& starts = together[from + task];
            auto found = search_nearby(network, adjacency, form_of, pairs, starts, search);
            for (std::size_t c = 0; c < starts.size(); ++c) {
                forces[static_cast<std::size_t>(starts[c])] = std::move(found[c]);
            }
        });
        // None of the searches is complete yet: they go on from here.
        monitor(0.0, static_cast<double>(pairs.size()));
    }
    DistinctForces distinct(static_cast<Eigen::Index>(Dim * network.particles));
    NeighbourhoodSearches result;
    for (const Eigen::SparseVector<double>& force : forces) {
        result.load_of.push_back(force.nonZeros() > 0 ? distinct.add(force) : -1);
    }
    result.loads = std::move(distinct.forces);
    return result;
}

#define GLASSPLAST_NEIGHBOURHOOD_SEARCHES(Dim)                                                              \
    template NeighbourhoodSearches neighbourhood_searches<Dim>(const ContactNetwork<Dim>&,                  \
                                                               const FormOf<Dim>&, const std::vector<int>&, \
                                                               const ModeSearch&, Monitor&);

GLASSPLAST_NEIGHBOURHOOD_SEARCHES(2)
GLASSPLAST_NEIGHBOURHOOD_SEARCHES(3)
#undef GLASSPLAST_NEIGHBOURHOOD_SEARCHES

}  // namespace glassplast
