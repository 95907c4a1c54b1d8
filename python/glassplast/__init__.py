"""Shear glasses, find where they yield, and compare the fields that predict it."""

from glassplast import errors, indicators, models
from glassplast.analysis import Analysis
from glassplast.glass import Glass, package_version
from glassplast.models import Model
from glassplast.files import read, read_frames, write
from glassplast.nonaffine import d2min
from glassplast.quasistatic import Event, Run, shear
from glassplast.relax import minimize

__version__ = package_version()

__all__ = [
    "Analysis",
    "Event",
    "Glass",
    "Model",
    "Run",
    "__version__",
    "d2min",
    "errors",
    "indicators",
    "minimize",
    "models",
    "read",
    "read_frames",
    "shear",
    "write",
]
