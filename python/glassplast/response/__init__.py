"""Quantities that follow from the energy of one configuration: forces, Hessian, modes, responses and moduli."""

from glassplast.response.analysis import Analysis, InverseBlocks
from glassplast.response.anharmonicity import harmonic_thermal_displacement, pair_heat_capacity, pair_heat_capacity_rate
from glassplast.response.dephasing import ModeSums, mode_sums
from glassplast.response.elastic_constants import Elasticity, born_constants, elasticity
from glassplast.response.local_modulus import (
    ModulusMap,
    finite_strain_shear_modulus,
    local_shear_modulus,
    shear_modulus_map,
)
from glassplast.response.local_stress import coarse_grained_stress
from glassplast.response.modes import Modes
from glassplast.response.nonaffine_sums import NonaffineDecomposition, nonaffine_decomposition
from glassplast.response.states import same_state
from glassplast.response.vibrations import DensityOfStates, density_of_states

__all__ = [
    "Analysis",
    "DensityOfStates",
    "Elasticity",
    "InverseBlocks",
    "ModeSums",
    "Modes",
    "ModulusMap",
    "NonaffineDecomposition",
    "born_constants",
    "coarse_grained_stress",
    "density_of_states",
    "elasticity",
    "finite_strain_shear_modulus",
    "harmonic_thermal_displacement",
    "local_shear_modulus",
    "mode_sums",
    "nonaffine_decomposition",
    "pair_heat_capacity",
    "pair_heat_capacity_rate",
    "same_state",
    "shear_modulus_map",
]


def __dir__() -> list[str]:
    return __all__
