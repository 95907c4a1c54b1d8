"""Making glasses, from ductile to ultra-stable."""

from glassplast.prepare.lj import kob_andersen, lj, lj_samples, resume_preparation
from glassplast.prepare.molecular_dynamics import (
    DynamicsInterrupted,
    DynamicsSeries,
    Trajectory,
    molecular_dynamics,
    resume_dynamics,
)

__all__ = [
    "DynamicsInterrupted",
    "DynamicsSeries",
    "Trajectory",
    "kob_andersen",
    "lj",
    "lj_samples",
    "molecular_dynamics",
    "resume_dynamics",
    "resume_preparation",
]
