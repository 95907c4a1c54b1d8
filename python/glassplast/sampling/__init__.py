"""Sampling at a temperature by molecular dynamics and Monte Carlo, and the analysis of the resulting series."""

from glassplast.sampling.correlations import (
    CorrelationFunction,
    bond_breaking,
    cage_relative,
    correlation_function,
    correlation_time,
    mean_and_error,
    overlap,
    self_scattering,
)
from glassplast.sampling.dynamics import molecular_dynamics, resume_dynamics
from glassplast.sampling.dynamics_run import DynamicsInterrupted, DynamicsSeries, Trajectory
from glassplast.sampling.equilibration import Verdict
from glassplast.sampling.monte_carlo import MonteCarlo, Series
from glassplast.sampling.replicas import Replicas
from glassplast.sampling.tempering import Tempering, parallel_tempering, temperature_ladder
from glassplast.sampling.thermal_motion import ThermalDisplacement, thermal_displacement

__all__ = [
    "CorrelationFunction",
    "DynamicsInterrupted",
    "DynamicsSeries",
    "MonteCarlo",
    "Replicas",
    "Series",
    "Tempering",
    "ThermalDisplacement",
    "Trajectory",
    "Verdict",
    "bond_breaking",
    "cage_relative",
    "correlation_function",
    "correlation_time",
    "mean_and_error",
    "molecular_dynamics",
    "overlap",
    "parallel_tempering",
    "resume_dynamics",
    "self_scattering",
    "temperature_ladder",
    "thermal_displacement",
]


def __dir__() -> list[str]:
    return __all__
