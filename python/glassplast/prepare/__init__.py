"""Making glasses, from ductile to ultra-stable."""

from glassplast.prepare.ensemble import ensemble
from glassplast.prepare.lj import kob_andersen, lj
from glassplast.prepare.molecular_dynamics import (
    DynamicsInterrupted,
    DynamicsSeries,
    Trajectory,
    molecular_dynamics,
    resume_dynamics,
)
from glassplast.prepare.poly import poly

__all__ = [
    "DynamicsInterrupted",
    "DynamicsSeries",
    "Trajectory",
    "ensemble",
    "kob_andersen",
    "lj",
    "molecular_dynamics",
    "poly",
    "resume_dynamics",
]
