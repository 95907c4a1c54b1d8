#include <glassplast/mechanics/rigid_core.hpp>

#include <glassplast/models/adjacency.hpp>

namespace glassplast {

template <int Dim>
RigidCore<Dim>::RigidCore(const StiffnessNetwork<Dim>& network, const std::vector<char>& anchored) {
    const std::size_t count = network.particles;
    const Adjacency adjacency(network);
    std::vector<int> degree(count);
    std::vector<int> loose;
    std::vector<char> removed(count, 0);
    for (std::size_t i = 0; i < count; ++i) {
        // A particle that is anchored can lose all its contacts.
        const bool held = !anchored.empty() && anchored[i] != 0;
        degree[i] = held ? static_cast<int>(adjacency.contacts.size()) + Dim + 1 : adjacency.degree(i);
        if (degree[i] < Dim + 1) {
            loose.push_back(static_cast<int>(i));
            removed[i] = 1;
        }
    }
    while (!loose.empty()) {
        const int i = loose.back();
        loose.pop_back();
        adjacency.each(i, [&](const Adjacency::Contact& contact) {
            const auto j = static_cast<std::size_t>(contact.neighbor);
            if (!removed[j] && --degree[j] < Dim + 1) {
                removed[j] = 1;
                loose.push_back(contact.neighbor);
            }
        });
    }

    index.assign(count, -1);
    for (std::size_t i = 0; i < count; ++i) {
        if (!removed[i]) {
            index[i] = static_cast<int>(particles.size());
            particles.push_back(static_cast<int>(i));
        }
    }
    cluster.assign(particles.size(), -1);
    std::vector<int> reached;
    for (std::size_t seed = 0; seed < particles.size(); ++seed) {
        if (cluster[seed] >= 0) {
            continue;
        }
        cluster[seed] = clusters;
        reached.assign(1, particles[seed]);
        while (!reached.empty()) {
            const int i = reached.back();
            reached.pop_back();
            adjacency.each(i, [&](const Adjacency::Contact& contact) {
                const int member = index[static_cast<std::size_t>(contact.neighbor)];
                if (member >= 0 && cluster[static_cast<std::size_t>(member)] < 0) {
                    cluster[static_cast<std::size_t>(member)] = clusters;
                    reached.push_back(contact.neighbor);
                }
            });
        }
        ++clusters;
    }
}

template <int Dim>
ContactNetwork<Dim> RigidCore<Dim>::load_bearing(const ContactNetwork<Dim>& network) const {
    if (particles.size() == network.particles) {
        return network;
    }
    std::vector<Eigen::Index> kept;
    for (std::size_t k = 0; k < network.size(); ++k) {
        if (index[static_cast<std::size_t>(network.first[k])] >= 0 &&
            index[static_cast<std::size_t>(network.second[k])] >= 0) {
            kept.push_back(static_cast<Eigen::Index>(k));
        }
    }
    return network.part(kept);
}

template <int Dim>
void RigidCore<Dim>::project(Eigen::Ref<Eigen::VectorXd> values) const {
    Positions<Dim> mean = Positions<Dim>::Zero(Dim, clusters);
    std::vector<int> members(static_cast<std::size_t>(clusters), 0);
    for (std::size_t m = 0; m < particles.size(); ++m) {
        mean.col(cluster[m]) += values.segment<Dim>(static_cast<Eigen::Index>(Dim) * particles[m]);
        ++members[static_cast<std::size_t>(cluster[m])];
    }
    for (int c = 0; c < clusters; ++c) {
        mean.col(c) /= members[static_cast<std::size_t>(c)];
    }
    std::size_t m = 0;
    for (std::size_t i = 0; i < index.size(); ++i) {
        auto value = values.segment<Dim>(static_cast<Eigen::Index>(Dim * i));
        if (index[i] < 0) {
            value.setZero();
        } else {
            value -= mean.col(cluster[m++]);
        }
    }
}

template <int Dim>
Positions<Dim> RigidCore<Dim>::marked(const Eigen::Ref<const Eigen::VectorXd>& values, double missing) const {
    Positions<Dim> field = Eigen::Map<const Positions<Dim>>(values.data(), Dim, values.size() / Dim);
    for (std::size_t i = 0; i < index.size(); ++i) {
        if (index[i] < 0) {
            field.col(static_cast<Eigen::Index>(i)).setConstant(missing);
        }
    }
    return field;
}

template struct RigidCore<2>;
template struct RigidCore<3>;

}  // namespace glassplast
