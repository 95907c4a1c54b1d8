"""Athermal quasistatic shear: the stress-strain curve, its plastic events, and what can be asked about them."""

from glassplast.quasistatic.branches import Branches, resume
from glassplast.quasistatic.critical_mode import critical_mode
from glassplast.quasistatic.driver import shear
from glassplast.quasistatic.events import Event, StressDrop
from glassplast.quasistatic.protocol import ShearProgress, Stop
from glassplast.quasistatic.run import Run, ShearError, ShearInterrupted
from glassplast.quasistatic.spanning import spanning_directions, spans

__all__ = [
    "Branches",
    "Event",
    "Run",
    "ShearError",
    "ShearInterrupted",
    "ShearProgress",
    "Stop",
    "StressDrop",
    "critical_mode",
    "resume",
    "shear",
    "spanning_directions",
    "spans",
]
