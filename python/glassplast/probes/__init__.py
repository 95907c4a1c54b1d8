"""Probes beyond linear response: local yield stresses, quasilocalized modes, and the saddles around a minimum."""

from glassplast.probes.quasilocalized import (
    NonlinearModes,
    QuasilocalizedModes,
    nonlinear_modes,
    pseudo_harmonic_modes,
)
from glassplast.probes.saddles import SaddleCatalogue, saddle_points
from glassplast.probes.yield_map import YieldMap, grid, local_yield_stress, particle_field, residual_strength

__all__ = [
    "NonlinearModes",
    "QuasilocalizedModes",
    "SaddleCatalogue",
    "YieldMap",
    "grid",
    "local_yield_stress",
    "nonlinear_modes",
    "particle_field",
    "pseudo_harmonic_modes",
    "residual_strength",
    "saddle_points",
]


def __dir__() -> list[str]:
    return __all__
