"""From a liquid to mechanical equilibrium, on record."""

from __future__ import annotations

from typing import Any

from glassplast.errors import GlassplastError
from glassplast.glass import Glass
from glassplast.relax import minimize, relaxation
from glassplast.response.analysis import Analysis

__all__ = ["quenched"]


def quenched(liquid: Glass, method: str, record: dict[str, Any]) -> Glass:
    """The minimum below a liquid.

    Parameters
    ----------
    liquid : Glass
    method : {"cg", "fire"}
    record : dict
        How the liquid was made: ``provenance["preparation"]``, to which the method of minimization, the energy per
        particle of the minimum and the number of rattlers are added (None where nothing is rigid).
    """
    glass = minimize(liquid.wrapped(), method=method)
    analysis = Analysis(glass)
    try:
        rattlers = int(analysis.rattlers.sum())
    except GlassplastError:
        rattlers = None
    found = {
        "minimizer": relaxation(glass).method,
        "inherent_energy": analysis.energy / len(glass),
        "rattlers": rattlers,
    }
    return glass.replace(provenance={"preparation": {**record, **found}})
