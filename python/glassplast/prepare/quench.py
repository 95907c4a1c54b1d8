"""From a liquid to mechanical equilibrium, on record."""

from __future__ import annotations

from typing import Any

from glassplast.analysis import Analysis
from glassplast.errors import GlassplastError
from glassplast.glass import Glass
from glassplast.relax import minimize, relaxation


def quenched(liquid: Glass, minimizer: str, record: dict[str, Any]) -> Glass:
    """The minimum below a liquid.

    Parameters
    ----------
    liquid : Glass
    minimizer : {"cg", "fire"}
    record : dict
        How the liquid was made: ``provenance["preparation"]``, to which the minimizer, the energy per particle of the
        minimum and the number of rattlers are added (None where nothing is rigid).
    """
    glass = minimize(liquid.wrapped(), method=minimizer)
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
