"""Fields that need no potential: radial functions, tessellations, coarse-grained fields and nonaffine motion."""

from glassplast.fields.coarse_graining import (
    coarse_grained_density,
    coarse_grained_displacement,
    coarse_grained_divergence,
    coarse_grained_gradient,
    coarse_grained_strain,
)
from glassplast.fields.nonaffine import d2min, nonaffine_displacement, participation_ratio
from glassplast.fields.radial_functions import (
    first_minimum,
    local_radial_distribution,
    radial_distribution,
    radial_histogram,
)
from glassplast.fields.tessellation import Tessellation

__all__ = [
    "Tessellation",
    "coarse_grained_density",
    "coarse_grained_displacement",
    "coarse_grained_divergence",
    "coarse_grained_gradient",
    "coarse_grained_strain",
    "d2min",
    "first_minimum",
    "local_radial_distribution",
    "nonaffine_displacement",
    "participation_ratio",
    "radial_distribution",
    "radial_histogram",
]


def __dir__() -> list[str]:
    return __all__
