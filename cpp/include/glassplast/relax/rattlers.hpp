#pragma once

#include <glassplast/mechanics/rigid_core.hpp>

namespace glassplast {

/// Pushes the rattlers of a core out of their contacts by Newton's method on their own blocks of H. These are
/// made anew in every iteration: the force of a closing contact falls with the square of the overlap, and an
/// old block would never catch up.
template <int Dim>
class Rattlers {
public:
    void set(const RigidCore<Dim>& core);
    const std::vector<int>& particles() const { return particles_; }

    /// Finds their blocks; returns false when one of them bears load by now.
    bool refresh(const StiffnessNetwork<Dim>& network, const std::vector<char>& anchored = {});
    /// The step of the rattlers; zero on all other particles.
    Positions<Dim> step(const Positions<Dim>& forces) const;
    double largest_force(const Positions<Dim>& forces) const;

private:
    std::vector<int> particles_;
    std::vector<Matrix<Dim>> block_;
};

extern template class Rattlers<2>;
extern template class Rattlers<3>;

}  // namespace glassplast
