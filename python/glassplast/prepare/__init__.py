"""Making glasses: liquids in equilibrium, quenched."""

from glassplast.prepare.ensemble import ensemble
from glassplast.prepare.poly import poly

__all__ = ["ensemble", "poly"]
