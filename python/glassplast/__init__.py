"""Shear glasses, find where they yield, and compare the fields that predict it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from glassplast import errors, indicators, models, plot, prepare, softness, stability
    from glassplast.analysis import Analysis
    from glassplast.coarse_graining import (
        coarse_grained_density,
        coarse_grained_displacement,
        coarse_grained_divergence,
        coarse_grained_gradient,
        coarse_grained_strain,
        coarse_grained_stress,
    )
    from glassplast.elastic_constants import elasticity
    from glassplast.files import read, read_frames, write
    from glassplast.glass import Glass
    from glassplast.local_modulus import shear_modulus_map
    from glassplast.local_yield import YieldMap, local_yield_stress
    from glassplast.models import Model
    from glassplast.nonaffine import d2min, participation_ratio
    from glassplast.quasilocalized import nonlinear_modes
    from glassplast.quasistatic import (
        Branches,
        Event,
        Run,
        cyclic_shear,
        dissipation,
        first_events,
        mode_convergence,
        resume,
        reversal,
        shear,
        size_scaling,
    )
    from glassplast.relax import minimize
    from glassplast.results import Results
    from glassplast.saddles import SaddleCatalogue, saddle_points
    from glassplast.scores import score
    from glassplast.softness import SoftnessModel, SoftnessPlane
    from glassplast.thermal_motion import thermal_displacement
    from glassplast.vibrations import density_of_states

    __version__: str

# Where each name is found once it is asked for: SciPy, HDF5 and Matplotlib take far longer to import than this.
_HOMES = {
    "Analysis": "analysis",
    "Branches": "quasistatic",
    "Event": "quasistatic",
    "Glass": "glass",
    "Model": "models",
    "Results": "results",
    "Run": "quasistatic",
    "SaddleCatalogue": "saddles",
    "SoftnessModel": "softness",
    "SoftnessPlane": "softness",
    "coarse_grained_density": "coarse_graining",
    "coarse_grained_displacement": "coarse_graining",
    "coarse_grained_divergence": "coarse_graining",
    "coarse_grained_gradient": "coarse_graining",
    "coarse_grained_strain": "coarse_graining",
    "coarse_grained_stress": "coarse_graining",
    "YieldMap": "local_yield",
    "cyclic_shear": "quasistatic",
    "d2min": "nonaffine",
    "density_of_states": "vibrations",
    "dissipation": "quasistatic",
    "elasticity": "elastic_constants",
    "first_events": "quasistatic",
    "local_yield_stress": "local_yield",
    "minimize": "relax",
    "mode_convergence": "quasistatic",
    "nonlinear_modes": "quasilocalized",
    "participation_ratio": "nonaffine",
    "read": "files",
    "read_frames": "files",
    "resume": "quasistatic",
    "reversal": "quasistatic",
    "saddle_points": "saddles",
    "score": "scores",
    "shear": "quasistatic",
    "shear_modulus_map": "local_modulus",
    "size_scaling": "quasistatic",
    "thermal_displacement": "thermal_motion",
    "write": "files",
}
_MODULES = ("errors", "indicators", "models", "plot", "prepare", "softness", "stability")

__all__ = [
    "Analysis",
    "Branches",
    "Event",
    "Glass",
    "Model",
    "Results",
    "Run",
    "SaddleCatalogue",
    "SoftnessModel",
    "SoftnessPlane",
    "YieldMap",
    "__version__",
    "coarse_grained_density",
    "coarse_grained_displacement",
    "coarse_grained_divergence",
    "coarse_grained_gradient",
    "coarse_grained_strain",
    "coarse_grained_stress",
    "cyclic_shear",
    "d2min",
    "density_of_states",
    "dissipation",
    "elasticity",
    "errors",
    "first_events",
    "indicators",
    "local_yield_stress",
    "minimize",
    "mode_convergence",
    "models",
    "nonlinear_modes",
    "participation_ratio",
    "plot",
    "prepare",
    "read",
    "read_frames",
    "resume",
    "reversal",
    "saddle_points",
    "score",
    "shear",
    "shear_modulus_map",
    "size_scaling",
    "softness",
    "stability",
    "thermal_displacement",
    "write",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(import_module(f"glassplast.{_HOMES[name]}"), name)
    elif name in _MODULES:
        value = import_module(f"glassplast.{name}")
    elif name == "__version__":
        from glassplast.glass import package_version

        value = package_version()
    else:
        raise AttributeError(f"module 'glassplast' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
