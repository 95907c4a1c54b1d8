#include <glassplast/models/mixing.hpp>
#include <glassplast/models/pair_interaction.hpp>
#include <glassplast/models/registry.hpp>

namespace glassplast {

template <int Dim>
std::unique_ptr<Interaction<Dim>> make_harmonic(std::vector<double> diameters, double nonadditivity,
                                                double energy) {
    return std::make_unique<PairInteraction<Dim, HarmonicShape, DiameterMixing>>(
        HarmonicShape(), DiameterMixing(std::move(diameters), nonadditivity, energy));
}

template std::unique_ptr<Interaction<2>> make_harmonic<2>(std::vector<double>, double, double);
template std::unique_ptr<Interaction<3>> make_harmonic<3>(std::vector<double>, double, double);

}  // namespace glassplast
