"""Athermal quasistatic shear: the stress-strain curve, its plastic events, and what can be asked about them."""

from glassplast.quasistatic.branches import Branches, resume
from glassplast.quasistatic.critical_approach import ModeConvergence, mode_convergence
from glassplast.quasistatic.critical_mode import critical_mode
from glassplast.quasistatic.cyclic import CyclicShear, CyclicShearError, CyclicShearInterrupted, cyclic_shear
from glassplast.quasistatic.dissipation_windows import Dissipation, dissipation
from glassplast.quasistatic.driver import shear
from glassplast.quasistatic.events import Event, StressDrop
from glassplast.quasistatic.gamma_min import FirstEvents, SizeScaling, first_events, size_scaling
from glassplast.quasistatic.protocol import ShearProgress, Stop
from glassplast.quasistatic.reversibility import Reversal, reversal
from glassplast.quasistatic.run import Run, ShearError, ShearInterrupted
from glassplast.quasistatic.same_state import same_state
from glassplast.quasistatic.spanning import spanning_directions, spans

__all__ = [
    "Branches",
    "CyclicShear",
    "CyclicShearError",
    "CyclicShearInterrupted",
    "Dissipation",
    "Event",
    "FirstEvents",
    "ModeConvergence",
    "Reversal",
    "Run",
    "ShearError",
    "ShearInterrupted",
    "ShearProgress",
    "SizeScaling",
    "Stop",
    "StressDrop",
    "critical_mode",
    "cyclic_shear",
    "dissipation",
    "first_events",
    "mode_convergence",
    "resume",
    "reversal",
    "same_state",
    "shear",
    "size_scaling",
    "spanning_directions",
    "spans",
]
