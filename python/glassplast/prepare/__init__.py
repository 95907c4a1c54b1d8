"""Preparation of glasses, from ductile to ultrastable."""

from glassplast.prepare.chains import EnergyCorrelation, energy_correlation, poly_chains
from glassplast.prepare.mixtures import kob_andersen, lj
from glassplast.prepare.samples import ensemble
from glassplast.prepare.soft_disks import poly, poly_diameters

__all__ = [
    "EnergyCorrelation",
    "energy_correlation",
    "ensemble",
    "kob_andersen",
    "lj",
    "poly",
    "poly_chains",
    "poly_diameters",
]


def __dir__() -> list[str]:
    return __all__
