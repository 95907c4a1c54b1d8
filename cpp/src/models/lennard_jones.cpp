#include <glassplast/models/mixing.hpp>
#include <glassplast/models/pair_interaction.hpp>
#include <glassplast/models/registry.hpp>

namespace glassplast {

template <int Dim>
std::unique_ptr<Interaction<Dim>> make_lennard_jones(std::vector<int> species, int species_count,
                                                     std::vector<double> length, std::vector<double> energy) {
    return std::make_unique<PairInteraction<Dim, LennardJonesShape, SpeciesMixing>>(
        LennardJonesShape(),
        SpeciesMixing(std::move(species), species_count, std::move(length), std::move(energy)));
}

template std::unique_ptr<Interaction<2>> make_lennard_jones<2>(std::vector<int>, int, std::vector<double>,
                                                               std::vector<double>);
template std::unique_ptr<Interaction<3>> make_lennard_jones<3>(std::vector<int>, int, std::vector<double>,
                                                               std::vector<double>);

}  // namespace glassplast
