"""Questions about runs: reversals, cyclic shear, critical modes, dissipated energy and first events."""

from glassplast.quasistatic.questions.critical_approach import ModeConvergence, mode_convergence
from glassplast.quasistatic.questions.cyclic import CyclicShear, CyclicShearError, CyclicShearInterrupted, cyclic_shear
from glassplast.quasistatic.questions.dissipated_energy import Dissipation, dissipation
from glassplast.quasistatic.questions.gamma_min import FirstEvents, SizeScaling, first_events, size_scaling
from glassplast.quasistatic.questions.reversals import Reversal, reversal

__all__ = [
    "CyclicShear",
    "CyclicShearError",
    "CyclicShearInterrupted",
    "Dissipation",
    "FirstEvents",
    "ModeConvergence",
    "Reversal",
    "SizeScaling",
    "cyclic_shear",
    "dissipation",
    "first_events",
    "mode_convergence",
    "reversal",
    "size_scaling",
]


def __dir__() -> list[str]:
    return __all__
