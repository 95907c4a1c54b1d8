"""Athermal quasistatic shear: the stress-strain curve, its plastic events, and what can be asked about them."""

from glassplast.quasistatic.branches import Branches, resume
from glassplast.quasistatic.critical_modes import critical_mode
from glassplast.quasistatic.events import Event, StressDrop
from glassplast.quasistatic.protocol import ExactProtocol, FixedProtocol
from glassplast.quasistatic.questions.critical_approach import ModeConvergence, mode_convergence
from glassplast.quasistatic.questions.cyclic import CyclicShear, CyclicShearError, CyclicShearInterrupted, cyclic_shear
from glassplast.quasistatic.questions.dissipated_energy import Dissipation, dissipation
from glassplast.quasistatic.questions.gamma_min import FirstEvents, SizeScaling, first_events, size_scaling
from glassplast.quasistatic.questions.reversals import Reversal, reversal
from glassplast.quasistatic.questions.shear_bands import BandProfile, ShearBand, fitted_bands, shear_band
from glassplast.quasistatic.run import Run, ShearError, ShearInterrupted
from glassplast.quasistatic.shearing import shear
from glassplast.quasistatic.spanning import spanning_directions, spans
from glassplast.quasistatic.target import Stop
from glassplast.response.states import same_state

__all__ = [
    "BandProfile",
    "Branches",
    "CyclicShear",
    "CyclicShearError",
    "CyclicShearInterrupted",
    "Dissipation",
    "Event",
    "ExactProtocol",
    "FirstEvents",
    "FixedProtocol",
    "ModeConvergence",
    "Reversal",
    "Run",
    "ShearBand",
    "ShearError",
    "ShearInterrupted",
    "SizeScaling",
    "Stop",
    "StressDrop",
    "critical_mode",
    "cyclic_shear",
    "dissipation",
    "first_events",
    "fitted_bands",
    "mode_convergence",
    "resume",
    "reversal",
    "same_state",
    "shear",
    "shear_band",
    "size_scaling",
    "spanning_directions",
    "spans",
]


def __dir__() -> list[str]:
    return __all__
