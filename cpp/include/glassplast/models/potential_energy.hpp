#pragma once

#include <glassplast/exclusive.hpp>
#include <glassplast/models/interaction.hpp>

#include <memory>

namespace glassplast {

/// U and its forces as a function of positions in a given box: the interaction with the list it runs over.
/// Every call may change the list: threads that share one must hold its lock.
template <int Dim>
class PotentialEnergy {
public:
    PotentialEnergy(std::shared_ptr<const Interaction<Dim>> interaction, const Box<Dim>& box,
                    double skin = 0.3)
        : interaction_(std::move(interaction)), box_(box), list_(skin) {
        box_.require_range(interaction_->range());
    }

    const Box<Dim>& box() const { return box_; }
    void set_box(const Box<Dim>& box) { box_ = box; }
    const Interaction<Dim>& interaction() const { return *interaction_; }
    std::size_t size() const { return interaction_->size(); }

    Evaluation<Dim> evaluate(const Positions<Dim>& positions, Positions<Dim>& forces) {
        ++evaluations_;
        interaction_->update(list_, box_, positions);
        return interaction_->evaluate(list_, site_forces_, forces);
    }

    ContactNetwork<Dim> network(const Positions<Dim>& positions) {
        interaction_->update(list_, box_, positions);
        return interaction_->network(list_, box_);
    }

    StiffnessNetwork<Dim> stiffness(const Positions<Dim>& positions) {
        interaction_->update(list_, box_, positions);
        return interaction_->stiffness(list_);
    }

    void pairs_within(const Positions<Dim>& positions, double margin, std::vector<int>& first,
                      std::vector<int>& second) {
        interaction_->update(list_, box_, positions);
        interaction_->pairs_within(list_, margin, first, second);
    }

    std::unique_lock<std::recursive_mutex> lock() const { return exclusive_.lock(); }

    long evaluations() const { return evaluations_; }
    long list_builds() const { return list_.builds(); }

private:
    std::shared_ptr<const Interaction<Dim>> interaction_;
    Box<Dim> box_;
    VerletList<Dim> list_;
    Positions<Dim> site_forces_;
    long evaluations_ = 0;
    Exclusive exclusive_;
};

/// The largest norm of the force on any particle, which is what convergence is judged by everywhere.
template <int Dim>
double largest_norm(const Positions<Dim>& field) {
    return field.cols() == 0 ? 0.0 : std::sqrt(field.colwise().squaredNorm().maxCoeff());
}

}  // namespace glassplast
