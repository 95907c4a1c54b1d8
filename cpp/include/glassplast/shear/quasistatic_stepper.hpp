#pragma once

#include <glassplast/relax/minimize.hpp>

#include <memory>

namespace glassplast {

/// A relaxed state along a quasistatic path.
template <int Dim>
struct ShearedState {
    double strain = 0.0;
    Positions<Dim> positions;
    double energy = 0.0;
    Matrix<Dim> stress = Matrix<Dim>::Zero();
    double largest_force = 0.0;
};

/// Athermal quasistatic simple shear (flow along x, gradient along y) in finite steps: positions move
/// affinely, then relax. A step that chord Newton can follow stays on its elastic branch; where it cannot,
/// the state is relaxed from the affinely moved positions by a first-order minimizer, as an instability
/// demands. Threads that share a stepper must hold its lock.
template <int Dim>
class QuasistaticStepper {
public:
    /// `reference` is the box at strain 0.
    QuasistaticStepper(std::shared_ptr<const Interaction<Dim>> interaction, const Box<Dim>& reference,
                       double strain, Positions<Dim> positions, const RelaxOptions& options,
                       double tolerance);

    /// Goes to another strain. Unless `follow` is true, every step is minimized as in the original protocol.
    void step_to(double strain, bool follow, Monitor& monitor);

    /// Goes back to an earlier state.
    void restore(const ShearedState<Dim>& state);

    const ShearedState<Dim>& state() const { return state_; }
    Box<Dim> box() const { return reference_.sheared(state_.strain); }
    /// The largest departure of a particle from the affine motion in the last step.
    double nonaffine_displacement() const { return nonaffine_displacement_; }
    /// Whether the last step left the reach of Newton's method: the branch may have ended.
    bool fell_back() const { return fell_back_; }
    std::unique_lock<std::recursive_mutex> lock() const { return potential_.lock(); }
    long evaluations() const { return potential_.evaluations(); }
    long factorizations() const { return newton_.factorizations() + fallback_factorizations_; }

private:
    void relax(const Positions<Dim>& affine, Monitor& monitor);
    void record(const Descent<Dim>& at);

    Box<Dim> reference_;
    PotentialEnergy<Dim> potential_;
    RelaxOptions options_;
    double tolerance_;
    ChordNewton<Dim> newton_;
    ShearedState<Dim> state_;
    /// The nonaffine displacement per unit strain in the last step, which predicts that of the next.
    Positions<Dim> velocity_;
    double nonaffine_displacement_ = 0.0;
    bool fell_back_ = false;
    long fallback_factorizations_ = 0;
};

extern template class QuasistaticStepper<2>;
extern template class QuasistaticStepper<3>;

}  // namespace glassplast
