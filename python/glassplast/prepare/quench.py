"""The quench of a liquid to mechanical equilibrium, with a record in its provenance."""

from __future__ import annotations

from typing import Any

from glassplast.errors import GlassplastError
from glassplast.glass import Glass
from glassplast.relax import minimize, relaxation
from glassplast.response.analysis import Analysis

__all__ = ["quenched"]


def quenched(liquid: Glass, method: str, record: dict[str, Any]) -> Glass:
    """Minimize the energy of a liquid and record it.

    Parameters
    ----------
    liquid : Glass
        The liquid.
    method : {"cg", "fire"}
        Minimizer.
    record : dict
        Record of how the liquid was made, for ``provenance["preparation"]``. The method of minimization, the energy per
        particle of the minimum and the number of rattlers (None if nothing is rigid) are added.

    Returns
    -------
    Glass
        The minimum.
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
