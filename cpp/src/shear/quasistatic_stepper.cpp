#include <glassplast/shear/quasistatic_stepper.hpp>

#include <cmath>

namespace glassplast {

namespace {

/// Newton's method may carry no particle further from the predicted state than this, or than ten times the
/// nonaffine displacement of the step before if that step stayed on its branch. (The displacement in an
/// avalanche says nothing about that on a branch.)
constexpr double smallest_reach = 0.01;

template <int Dim>
Positions<Dim> centred(const Positions<Dim>& field) {
    return field.colwise() - field.rowwise().mean();
}

}  // namespace

template <int Dim>
QuasistaticStepper<Dim>::QuasistaticStepper(std::shared_ptr<const Interaction<Dim>> interaction,
                                            const Box<Dim>& reference, double strain,
                                            Positions<Dim> positions, const RelaxOptions& options,
                                            double tolerance)
    : reference_(reference),
      potential_(std::move(interaction), reference.sheared(strain)),
      options_(options),
      tolerance_(tolerance) {
    state_.strain = strain;
    record(Descent<Dim>(potential_, std::move(positions)));
}

template <int Dim>
void QuasistaticStepper<Dim>::record(const Descent<Dim>& at) {
    state_.positions = at.positions;
    state_.energy = at.evaluation.energy;
    state_.stress = at.evaluation.virial / potential_.box().volume();
    state_.largest_force = at.largest_force();
}

template <int Dim>
void QuasistaticStepper<Dim>::restore(const ShearedState<Dim>& state) {
    state_ = state;
    potential_.set_box(reference_.sheared(state.strain));
    velocity_.resize(Dim, 0);
    newton_.forget();
}

template <int Dim>
void QuasistaticStepper<Dim>::relax(const Positions<Dim>& affine, Monitor& monitor) {
    fell_back_ = true;
    newton_.forget();
    RelaxOptions options = options_;
    options.tolerance = tolerance_;
    const Relaxation<Dim> relaxed = minimize(potential_, affine, options, monitor);
    fallback_factorizations_ += relaxed.factorizations;
    state_.positions = relaxed.positions;
    state_.energy = relaxed.energy;
    state_.stress = relaxed.stress;
    state_.largest_force = relaxed.largest_force;
}

template <int Dim>
void QuasistaticStepper<Dim>::step_to(double strain, bool follow, Monitor& monitor) {
    using Outcome = typename ChordNewton<Dim>::Outcome;
    const double increment = strain - state_.strain;
    Positions<Dim> affine = state_.positions;
    affine.row(0) += increment * state_.positions.row(1);
    potential_.set_box(reference_.sheared(strain));
    fell_back_ = false;
    bool relaxed = false;
    if (follow) {
        const bool predicts = velocity_.cols() == affine.cols();
        Descent<Dim> at(potential_, predicts ? Positions<Dim>(affine + increment * velocity_) : affine);
        const double reach = std::max(smallest_reach, predicts ? 10.0 * nonaffine_displacement_ : 0.0);
        const Outcome outcome = newton_.correct(potential_, at, tolerance_, reach, monitor);
        if (outcome == Outcome::converged || outcome == Outcome::round_off) {
            record(at);
            relaxed = true;
        }
    }
    if (!relaxed) {
        relax(affine, monitor);
    }
    state_.strain = strain;
    const Positions<Dim> moved = centred<Dim>(state_.positions - affine);
    nonaffine_displacement_ = largest_norm<Dim>(moved);
    if (follow && !fell_back_ && increment != 0.0) {
        velocity_ = moved / increment;
    } else {
        velocity_.resize(Dim, 0);
    }
}

template class QuasistaticStepper<2>;
template class QuasistaticStepper<3>;

}  // namespace glassplast
