#pragma once

#include <glassplast/errors.hpp>
#include <glassplast/models/close_kernel.hpp>
#include <glassplast/models/interaction.hpp>
#include <glassplast/models/local_kernel.hpp>
#include <glassplast/models/pair_kernel.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <sstream>
#include <stdexcept>

namespace glassplast {

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
        if (list.keeps_close_pairs() && !list.close_pairs().current) {
            kernel::choose_close<Dim>(mixing_, shape_.cutoff(), particles(list).data(), list,
                                      list.close_pairs());
        }
        return anew;
    }

    Evaluation<Dim> evaluate(const VerletList<Dim>& list, Positions<Dim>& site_forces,
                             Positions<Dim>& forces) const override {
        kernel::Totals<Dim> totals;
        evaluate_sites(list, site_forces, totals);
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
        if (!list.close_pairs().current) {
            throw std::logic_error("forces alone are those of close pairs, which this list does not keep");
        }
        site_forces.setZero(Dim, static_cast<Eigen::Index>(list.cells().sites()));
        pull_sites(list, site_forces.data());
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
        pairs.reserve(list.neighbor().size());
        std::vector<int> start(list.size() + 1, 0);
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
                    ++start[static_cast<std::size_t>(pairs.back().first) + 1];
                }
            }
        }
        // Sorted by the first particle, then the few pairs of each by the second.
        std::partial_sum(start.begin(), start.end(), start.begin());
        std::vector<Pair> sorted(pairs.size());
        std::vector<int> next(start.begin(), start.end() - 1);
        for (const Pair& pair : pairs) {
            sorted[static_cast<std::size_t>(next[static_cast<std::size_t>(pair.first)]++)] = pair;
        }
        for (std::size_t i = 0; i < list.size(); ++i) {
            std::sort(sorted.begin() + start[i], sorted.begin() + start[i + 1],
                      [](const Pair& p, const Pair& q) { return p.second < q.second; });
        }

        ContactNetwork<Dim> network;
        const auto count = static_cast<Eigen::Index>(pairs.size());
        network.particles = list.size();
        network.separation.resize(Dim, count);
        network.direction.resize(Dim, count);
        for (Eigen::VectorXd* values : {&network.distance, &network.length, &network.phi, &network.phi1,
                                        &network.phi2, &network.phi3, &network.phi4}) {
            values->resize(count);
        }
        network.first.reserve(pairs.size());
        network.second.reserve(pairs.size());
        network.image.reserve(pairs.size());
        for (Eigen::Index k = 0; k < count; ++k) {
            const Pair& pair = sorted[static_cast<std::size_t>(k)];
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

    /// What the mixing rule needs of each site, for rules that are not tables.
    std::vector<typename Mixing::Particle> particles(const VerletList<Dim>& list) const {
        std::vector<typename Mixing::Particle> particle;
        if constexpr (!Mixing::has_kinds) {
            particle.reserve(list.cells().sites());
            for (const int i : list.cells().source()) {
                particle.push_back(mixing_.particle(i));
            }
        }
        return particle;
    }

    /// The forces on all sites, images included.
    void evaluate_sites(const VerletList<Dim>& list, Positions<Dim>& site_forces,
                        kernel::Totals<Dim>& totals) const {
        const std::size_t sites = list.cells().sites();
        const std::vector<typename Mixing::Particle> particle = particles(list);
        site_forces.setZero(Dim, static_cast<Eigen::Index>(sites));
        const kernel::PairList pairs{list.size(), list.start().data(), list.neighbor().data(),
                                     list.kind().data(), list.sites().data()};
        double* const force = site_forces.data();
#if defined(__x86_64__)
        if (kernel::lanes_serve(mixing_, sites)) {
            kernel::evaluate_avx512<Dim>(shape_, mixing_, particle.data(), pairs, force, totals);
            return;
        }
        static const bool avx2 = __builtin_cpu_supports("avx2") != 0;
        if (avx2) {
            kernel::evaluate_avx2<Dim>(shape_, mixing_, particle.data(), pairs, force, totals);
            return;
        }
#endif
        kernel::evaluate_portable<Dim>(shape_, mixing_, particle.data(), pairs, force, totals);
    }

    /// The same forces, computed from the close pairs.
    void pull_sites(const VerletList<Dim>& list, double* force) const {
        const ClosePairs& pairs = list.close_pairs();
        const double* const site = list.sites().data();
#if defined(__x86_64__)
        if (kernel::lanes_serve(mixing_, list.cells().sites())) {
            kernel::close_forces_avx512<Dim>(shape_, mixing_, pairs, site, force);
            return;
        }
        static const bool avx2 = __builtin_cpu_supports("avx2") != 0;
        if (avx2) {
            kernel::close_forces_avx2<Dim>(shape_, mixing_, pairs, site, force);
            return;
        }
#endif
        kernel::close_forces_portable<Dim>(shape_, mixing_, pairs, site, force);
    }

    /// The force on each particle is the sum of those on its site and on the sites of its images. The sites
    /// of the particles come first, one for each particle.
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
