#pragma once

#include <glassplast/errors.hpp>
#include <glassplast/models/coordinates.hpp>
#include <glassplast/models/gather_avx512.hpp>
#include <glassplast/models/interaction.hpp>
#include <glassplast/models/local_kernel.hpp>
#include <glassplast/models/shapes.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <sstream>

namespace glassplast {

namespace kernel {

/// Particles closer than this part of their contact length sit on one spot: images of one point differ by
/// round-off, and steep potentials overflow.
constexpr double coincidence = 1e-9;

/// Pairs inside their cutoff, gathered from several particles so that the potential is evaluated on long
/// contiguous arrays.
template <int Dim>
struct alignas(64) Batch {
    static constexpr int capacity = 512;
    /// Registers are written whole.
    static constexpr int room = capacity + 8;

    double separation[room][Dim];
    double axis[Dim][room];  ///< the same axis by axis, where eight at a time are gathered
    double squared[room];
    double length[room];
    double energy[room];
    double tension[room];  ///< phi' / r
    int neighbor[room];
};

/// Sums that must not depend on the number of batches: Neumaier's compensation.
class CompensatedSum {
public:
    void add(double value) {
        const double sum = sum_ + value;
        correction_ += std::abs(sum_) >= std::abs(value) ? (sum_ - sum) + value : (value - sum) + sum_;
        sum_ = sum;
    }
    double value() const { return sum_ + correction_; }

private:
    double sum_ = 0.0;
    double correction_ = 0.0;
};

template <int Dim>
struct Totals {
    static constexpr int components = Dim * (Dim + 1) / 2;
    CompensatedSum energy;
    std::array<CompensatedSum, components> virial;
    /// Smallest distance in units of the contact length.
    double closest = std::numeric_limits<double>::infinity();
};

/// One pair from its squared distance. A function of its own: arrays declared inside a simd loop are made one
/// for each lane and keep it from being vectorized.
struct PairValue {
    double x;  ///< distance in units of the contact length
    double energy;
    double tension;  ///< phi' / r
};

template <class Shape>
GLASSPLAST_INLINE PairValue pair_value(const Shape& shape, double squared, double length, double scale) {
    // One division serves x = r / s, 1 / x and phi' / r = epsilon f' / (r s).
    const double product = 1.0 / (std::sqrt(squared) * length);
    const double x = squared * product;
    double f[2];
    shape.template derivatives<1>(x, length * length * product, f);
    return {x, scale * f[0], scale * f[1] * product};
}

template <int Dim, class Shape>
GLASSPLAST_INLINE void evaluate_batch(const Shape& shape, Batch<Dim>& batch, int count, Totals<Dim>& totals) {
    double energy = 0.0;
    double closest = std::numeric_limits<double>::infinity();
#pragma omp simd reduction(+ : energy) reduction(min : closest)
    for (int k = 0; k < count; ++k) {
        const PairValue pair = pair_value(shape, batch.squared[k], batch.length[k], batch.energy[k]);
        energy += pair.energy;
        batch.tension[k] = pair.tension;
        closest = pair.x < closest ? pair.x : closest;
    }
    totals.energy.add(energy);
    totals.closest = std::min(totals.closest, closest);
}

/// What `evaluate_batch` writes to the batch, without the sums.
template <int Dim, class Shape>
GLASSPLAST_INLINE void batch_tensions(const Shape& shape, Batch<Dim>& batch, int count) {
#pragma omp simd
    for (int k = 0; k < count; ++k) {
        batch.tension[k] = pair_value(shape, batch.squared[k], batch.length[k], batch.energy[k]).tension;
    }
}

/// A neighbour list as plain arrays: see VerletList.
struct PairList {
    std::size_t count;
    const int* start;
    const int* neighbor;
    const std::uint8_t* kind;
    const double* site;
};

/// The one loop over pairs: gather what lies inside the cutoff, evaluate in bulk, scatter the forces. Without
/// `Sums` the totals stay as they are.
template <int Dim, bool Sums, bool Lanes, class Shape, class Mixing>
GLASSPLAST_INLINE void evaluate_pairs(const Shape& shape, const Mixing& mixing,
                                      const typename Mixing::Particle* particle, const PairList& list,
                                      double* force, Totals<Dim>& totals) {
    const int* const start = list.start;
    const int* const neighbor = list.neighbor;
    const double* const site = list.site;
    Batch<Dim> batch;
    const double cutoff = shape.cutoff();
    const double cutoff_squared = cutoff * cutoff;
    constexpr int segment_capacity = Batch<Dim>::capacity;
    int segment_site[segment_capacity];
    int segment_end[segment_capacity];
    int segments = 0;
    int filled = 0;

    const auto flush = [&]() __attribute__((always_inline)) {
#if defined(__x86_64__)
        if constexpr (Lanes) {
            expand_lanes<Dim>(mixing, batch, filled);
        }
#endif
        if constexpr (Sums) {
            evaluate_batch<Dim>(shape, batch, filled, totals);
        } else {
            batch_tensions<Dim>(shape, batch, filled);
        }
        double virial[Dim * Dim] = {};
        int k = 0;
        for (int s = 0; s < segments; ++s) {
            Coordinates<Dim> total = Coordinates<Dim>::zero();
            Coordinates<Dim> moment[Dim];
            for (int a = 0; a < Dim; ++a) {
                moment[a] = Coordinates<Dim>::zero();
            }
            for (; k < segment_end[s]; ++k) {
                const Coordinates<Dim> pull = Coordinates<Dim>::load(batch.separation[k]) * batch.tension[k];
                total += pull;
                double* other = force + static_cast<std::ptrdiff_t>(Dim) * batch.neighbor[k];
                (Coordinates<Dim>::load(other) - pull).store(other);
                if constexpr (Sums) {
                    for (int a = 0; a < Dim; ++a) {
                        moment[a] += pull * batch.separation[k][a];
                    }
                }
            }
            double* mine = force + static_cast<std::ptrdiff_t>(Dim) * segment_site[s];
            total += Coordinates<Dim>::load(mine);
            total.store(mine);
            if constexpr (Sums) {
                for (int a = 0; a < Dim; ++a) {
                    moment[a] += Coordinates<Dim>::load(virial + Dim * a);
                    moment[a].store(virial + Dim * a);
                }
            }
        }
        if constexpr (Sums) {
            int component = 0;
            for (int a = 0; a < Dim; ++a) {
                for (int b = 0; b <= a; ++b) {
                    totals.virial[component++].add(virial[Dim * a + b]);
                }
            }
        }
        segments = 0;
        filled = 0;
    };

#if defined(__x86_64__)
    auto lanes = [&] {
        if constexpr (Lanes) {
            return lanes_of(mixing, cutoff_squared);
        } else {
            return 0;
        }
    }();
#endif
    for (std::size_t i = 0; i < list.count; ++i) {
        const double* own = site + Dim * i;
        const Coordinates<Dim> here = Coordinates<Dim>::load(own);
        typename Mixing::Particle mine{};
        if constexpr (!Mixing::has_kinds) {
            mine = particle[i];
        }
#if defined(__x86_64__)
        if constexpr (Lanes) {
            lanes.begin(mine);
        }
#endif
        int k = start[i];
        const int end = start[i + 1];
        while (k < end) {
            if (filled == Batch<Dim>::capacity || segments == segment_capacity) {
                flush();
            }
            const int stop = std::min(end, k + Batch<Dim>::capacity - filled);
#if defined(__x86_64__)
            if constexpr (Lanes) {
                const std::uint8_t* const kind = Mixing::has_kinds ? list.kind + k : nullptr;
                filled = gather_lanes<Dim>(lanes, particle, neighbor + k, kind, stop - k, site, own, batch,
                                           filled);
                k = stop;
            }
#endif
            for (; k < stop; ++k) {
                const int j = neighbor[k];
                const Coordinates<Dim> separation =
                    Coordinates<Dim>::load(site + static_cast<std::ptrdiff_t>(Dim) * j) - here;
                separation.store(batch.separation[filled]);
                const double squared = separation.squared();
                double length = 0.0;
                if constexpr (Mixing::has_kinds) {
                    length = mixing.length_of(list.kind[k]);
                    batch.energy[filled] = mixing.energy_of(list.kind[k]);
                } else {
                    length = mixing.length(mine, particle[j]);
                    batch.energy[filled] = mixing.energy(mine, particle[j]);
                }
                batch.squared[filled] = squared;
                batch.length[filled] = length;
                batch.neighbor[filled] = j;
                // Written without a branch: half of the listed pairs are outside, at random.
                filled += squared < cutoff_squared * length * length ? 1 : 0;
            }
            segment_site[segments] = static_cast<int>(i);
            segment_end[segments] = filled;
            ++segments;
        }
    }
    flush();
}

template <int Dim, bool Sums, class Shape, class Mixing>
void evaluate_portable(const Shape& shape, const Mixing& mixing, const typename Mixing::Particle* particle,
                       const PairList& list, double* force, Totals<Dim>& totals) {
    evaluate_pairs<Dim, Sums, false>(shape, mixing, particle, list, force, totals);
}

#if defined(__x86_64__)
template <int Dim, bool Sums, class Shape, class Mixing>
__attribute__((target("avx2"))) void evaluate_avx2(const Shape& shape, const Mixing& mixing,
                                                   const typename Mixing::Particle* particle,
                                                   const PairList& list, double* force, Totals<Dim>& totals) {
    evaluate_pairs<Dim, Sums, false>(shape, mixing, particle, list, force, totals);
}

template <int Dim, bool Sums, class Shape, class Mixing>
GLASSPLAST_AVX512 void evaluate_avx512(const Shape& shape, const Mixing& mixing,
                                       const typename Mixing::Particle* particle, const PairList& list,
                                       double* force, Totals<Dim>& totals) {
    evaluate_pairs<Dim, Sums, true>(shape, mixing, particle, list, force, totals);
}
#endif

}  // namespace kernel

/// A shape and a mixing rule make an interaction.
template <int Dim, class Shape, class Mixing>
class PairInteraction final : public Interaction<Dim> {
public:
    PairInteraction(Shape shape, Mixing mixing) : shape_(std::move(shape)), mixing_(std::move(mixing)) {}

    std::size_t size() const override { return mixing_.size(); }
    double range() const override { return shape_.cutoff() * mixing_.largest_length(); }
    double pair_length(std::size_t i, std::size_t j) const override {
        return mixing_.length(mixing_.particle(i), mixing_.particle(j));
    }
    double pair_energy(std::size_t i, std::size_t j) const override {
        return mixing_.energy(mixing_.particle(i), mixing_.particle(j));
    }

    double pair_cutoff(std::size_t i, std::size_t j) const override {
        return shape_.cutoff() * pair_length(i, j);
    }

    std::array<double, 5> pair_derivatives(std::size_t i, std::size_t j, double distance) const override {
        std::array<double, 5> phi{};
        const double length = pair_length(i, j);
        const double x = distance / length;
        if (x < shape_.cutoff()) {
            shape_.template derivatives<4>(x, 1.0 / x, phi.data());
            double scale = pair_energy(i, j);
            for (double& value : phi) {
                value *= scale;
                scale /= length;
            }
        }
        return phi;
    }

    void pair_values(const std::vector<int>& first, const std::vector<int>& second,
                     const std::vector<double>& distance, std::vector<double>& phi, std::vector<double>& phi1,
                     std::vector<double>& phi2) const override {
        for (std::vector<double>* values : {&phi, &phi1, &phi2}) {
            values->assign(distance.size(), 0.0);
        }
        for (std::size_t k = 0; k < distance.size(); ++k) {
            const auto a = mixing_.particle(static_cast<std::size_t>(first[k]));
            const auto b = mixing_.particle(static_cast<std::size_t>(second[k]));
            const double inverse = 1.0 / mixing_.length(a, b);
            const double x = distance[k] * inverse;
            if (x < shape_.cutoff()) {
                double f[3];
                shape_.template derivatives<2>(x, 1.0 / x, f);
                const double energy = mixing_.energy(a, b);
                phi[k] = energy * f[0];
                phi1[k] = energy * inverse * f[1];
                phi2[k] = energy * inverse * inverse * f[2];
            }
        }
    }

    std::unique_ptr<LocalEnergy<Dim>> local_energy() const override {
        return std::make_unique<PairLocalEnergy<Dim, Shape, Mixing>>(shape_, mixing_);
    }

    bool update(VerletList<Dim>& list, const Box<Dim>& box, const Positions<Dim>& positions) const override {
        this->require_size(positions);
        const bool anew = list.update(box, positions, range(), [this](int i, int j) {
            return shape_.cutoff() * mixing_.length(mixing_.particle(i), mixing_.particle(j));
        });
        if constexpr (Mixing::has_kinds) {
            if (anew) {
                tell_kinds(list);
            }
        }
        return anew;
    }

    Evaluation<Dim> evaluate(const VerletList<Dim>& list, Positions<Dim>& site_forces,
                             Positions<Dim>& forces) const override {
        kernel::Totals<Dim> totals;
        run<true>(list, site_forces, totals);
        // Written so that a NaN does not pass for a distance.
        if (!(totals.closest > kernel::coincidence) || !std::isfinite(totals.energy.value())) {
            throw_coincident(list);
        }

        gather_forces(list.cells(), site_forces, forces);
        Evaluation<Dim> result;
        result.energy = totals.energy.value();
        int component = 0;
        for (int b = 0; b < Dim; ++b) {
            for (int a = 0; a <= b; ++a) {
                result.virial(a, b) = totals.virial[component++].value();
                result.virial(b, a) = result.virial(a, b);
            }
        }
        return result;
    }

    void forces(const VerletList<Dim>& list, Positions<Dim>& site_forces,
                Positions<Dim>& forces) const override {
        kernel::Totals<Dim> totals;
        run<false>(list, site_forces, totals);
        gather_forces(list.cells(), site_forces, forces);
        if (!std::isfinite(forces.sum())) {
            throw_coincident(list);
        }
    }

    StiffnessNetwork<Dim> stiffness(const VerletList<Dim>& list) const override {
        StiffnessNetwork<Dim> network;
        network.particles = list.size();
        visit_pairs(list, 0.0, [&](int a, int b, const auto& /*separation*/) {
            network.first.push_back(a);
            network.second.push_back(b);
        });
        const auto count = static_cast<Eigen::Index>(network.size());
        network.separation.resize(Dim, count);
        network.direction.resize(Dim, count);
        network.distance.resize(count);
        network.phi1.resize(count);
        network.phi2.resize(count);
        Eigen::Index k = 0;
        visit_pairs(list, 0.0, [&](int a, int b, const Vector<Dim>& separation) {
            const double length = mixing_.length(mixing_.particle(a), mixing_.particle(b));
            const double energy = mixing_.energy(mixing_.particle(a), mixing_.particle(b));
            const double distance = separation.norm();
            if (!(distance > kernel::coincidence * length)) {
                throw_coincident(list);
            }
            const double inverse = 1.0 / length;
            double f[3];
            const double x = distance * inverse;
            shape_.template derivatives<2>(x, 1.0 / x, f);
            network.separation.col(k) = separation;
            network.direction.col(k) = separation / distance;
            network.distance(k) = distance;
            network.phi1(k) = energy * inverse * f[1];
            network.phi2(k) = energy * inverse * inverse * f[2];
            ++k;
        });
        return network;
    }

    void pairs_within(const VerletList<Dim>& list, double margin, std::vector<int>& first,
                      std::vector<int>& second) const override {
        first.clear();
        second.clear();
        visit_pairs(list, margin, [&](int a, int b, const Vector<Dim>& /*separation*/) {
            first.push_back(a);
            second.push_back(b);
        });
    }

    ContactNetwork<Dim> network(const VerletList<Dim>& list, const Box<Dim>& box) const override {
        const ImageCells<Dim>& cells = list.cells();
        struct Pair {
            int first;
            int second;
            int from;
            int to;
        };
        std::vector<Pair> pairs;
        for (std::size_t i = 0; i < list.size(); ++i) {
            const int site = static_cast<int>(i);
            const int a = cells.source()[i];
            for (int k = list.start()[i]; k < list.start()[i + 1]; ++k) {
                const int j = list.neighbor()[k];
                const int b = cells.source()[j];
                const double cutoff =
                    shape_.cutoff() * mixing_.length(mixing_.particle(a), mixing_.particle(b));
                if ((list.sites().col(j) - list.sites().col(site)).squaredNorm() < cutoff * cutoff) {
                    pairs.push_back(a < b ? Pair{a, b, site, j} : Pair{b, a, j, site});
                }
            }
        }
        std::sort(pairs.begin(), pairs.end(), [](const Pair& p, const Pair& q) {
            return p.first != q.first ? p.first < q.first : p.second < q.second;
        });

        ContactNetwork<Dim> network;
        const auto count = static_cast<Eigen::Index>(pairs.size());
        network.particles = list.size();
        network.separation.resize(Dim, count);
        network.direction.resize(Dim, count);
        for (Eigen::VectorXd* values : {&network.distance, &network.length, &network.phi, &network.phi1,
                                        &network.phi2, &network.phi3, &network.phi4}) {
            values->resize(count);
        }
        for (Eigen::Index k = 0; k < count; ++k) {
            const Pair& pair = pairs[static_cast<std::size_t>(k)];
            network.first.push_back(pair.first);
            network.second.push_back(pair.second);
            network.image.push_back(box.reduction() * (cells.image()[pair.to] - cells.image()[pair.from]));
            const Vector<Dim> separation = list.sites().col(pair.to) - list.sites().col(pair.from);
            const double distance = separation.norm();
            if (!(distance > kernel::coincidence * pair_length(pair.first, pair.second))) {
                throw_coincident(list);
            }
            network.separation.col(k) = separation;
            network.direction.col(k) = separation / distance;
            network.distance(k) = distance;
            network.length(k) = pair_length(pair.first, pair.second);
            const std::array<double, 5> phi = pair_derivatives(pair.first, pair.second, distance);
            network.phi(k) = phi[0];
            network.phi1(k) = phi[1];
            network.phi2(k) = phi[2];
            network.phi3(k) = phi[3];
            network.phi4(k) = phi[4];
        }
        return network;
    }

private:
    void tell_kinds(VerletList<Dim>& list) const {
        const std::vector<int>& source = list.cells().source();
        std::vector<std::uint8_t>& kind = list.kind();
        kind.assign(list.neighbor().size(), 0);
        for (std::size_t i = 0; i < list.size(); ++i) {
            const int mine = mixing_.particle(source[i]);
            for (int k = list.start()[i]; k < list.start()[i + 1]; ++k) {
                kind[k] = static_cast<std::uint8_t>(
                    mixing_.kind(mine, mixing_.particle(source[list.neighbor()[k]])));
            }
        }
    }

    template <class Visit>
    void visit_pairs(const VerletList<Dim>& list, double margin, Visit&& visit) const {
        const std::vector<int>& source = list.cells().source();
        for (std::size_t i = 0; i < list.size(); ++i) {
            const Vector<Dim> here = list.sites().col(static_cast<Eigen::Index>(i));
            const auto mine = mixing_.particle(source[i]);
            for (int k = list.start()[i]; k < list.start()[i + 1]; ++k) {
                const int j = list.neighbor()[k];
                const double reach =
                    shape_.cutoff() * mixing_.length(mine, mixing_.particle(source[j])) + margin;
                const Vector<Dim> separation = list.sites().col(j) - here;
                if (separation.squaredNorm() < reach * reach) {
                    visit(source[i], source[j], separation);
                }
            }
        }
    }

    /// The forces on all sites, images included.
    template <bool Sums>
    void run(const VerletList<Dim>& list, Positions<Dim>& site_forces, kernel::Totals<Dim>& totals) const {
        const std::vector<int>& source = list.cells().source();
        std::vector<typename Mixing::Particle> particle;
        if constexpr (!Mixing::has_kinds) {
            particle.reserve(source.size());
            for (const int i : source) {
                particle.push_back(mixing_.particle(i));
            }
        }
        site_forces.setZero(Dim, static_cast<Eigen::Index>(source.size()));
        const kernel::PairList pairs{list.size(), list.start().data(), list.neighbor().data(),
                                     list.kind().data(), list.sites().data()};
        double* const force = site_forces.data();
#if defined(__x86_64__)
        static const bool avx512 = avx512_available();
        if (avx512 && kernel::lanes_serve(mixing_, source.size())) {
            kernel::evaluate_avx512<Dim, Sums>(shape_, mixing_, particle.data(), pairs, force, totals);
            return;
        }
        static const bool avx2 = __builtin_cpu_supports("avx2") != 0;
        if (avx2) {
            kernel::evaluate_avx2<Dim, Sums>(shape_, mixing_, particle.data(), pairs, force, totals);
            return;
        }
#endif
        kernel::evaluate_portable<Dim, Sums>(shape_, mixing_, particle.data(), pairs, force, totals);
    }

    /// Each particle's force: that on its site and on those of its images. The sites of particles come first,
    /// each particle once.
    static void gather_forces(const ImageCells<Dim>& cells, const Positions<Dim>& site_forces,
                              Positions<Dim>& forces) {
        const std::vector<int>& source = cells.source();
        forces.resize(Dim, static_cast<Eigen::Index>(cells.size()));
        for (std::size_t k = 0; k < cells.size(); ++k) {
            forces.col(source[k]) = site_forces.col(static_cast<Eigen::Index>(k));
        }
        for (std::size_t k = cells.size(); k < cells.sites(); ++k) {
            forces.col(source[k]) += site_forces.col(static_cast<Eigen::Index>(k));
        }
    }

    [[noreturn]] void throw_coincident(const VerletList<Dim>& list) const {
        const std::vector<int>& source = list.cells().source();
        double closest = std::numeric_limits<double>::infinity();
        int first = 0;
        int second = 0;
        for (std::size_t i = 0; i < list.size(); ++i) {
            for (int k = list.start()[i]; k < list.start()[i + 1]; ++k) {
                const int j = list.neighbor()[k];
                const double distance =
                    (list.sites().col(j) - list.sites().col(static_cast<Eigen::Index>(i))).norm();
                if (distance < closest) {
                    closest = distance;
                    first = source[i];
                    second = source[j];
                }
            }
        }
        std::ostringstream message;
        message << "particles " << std::min(first, second) << " and " << std::max(first, second) << " are "
                << closest << " apart: they sit on one spot and the energy is infinite; move one of them";
        throw GeometryError(message.str());
    }

    Shape shape_;
    Mixing mixing_;
};

}  // namespace glassplast
