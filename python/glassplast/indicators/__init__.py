"""Structural indicators: fields over the particles of one configuration that say where it is soft."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from glassplast.analysis import Analysis
from glassplast.errors import GeometryError, ModelError
from glassplast.glass import Glass

# Each module registers its indicators when it is imported; the order here is the order of the table.
from glassplast.indicators import voronoi  # isort: skip
from glassplast.indicators import structure  # isort: skip
from glassplast.indicators import softness  # isort: skip
from glassplast.indicators import modes  # isort: skip
from glassplast.indicators import response  # isort: skip
from glassplast.indicators import anharmonic  # isort: skip
from glassplast.indicators import nonaffine_modulus  # isort: skip
from glassplast.indicators import shear_modulus  # isort: skip
from glassplast.indicators import nonlinear  # isort: skip
from glassplast.indicators import saddle_points  # isort: skip
from glassplast.indicators import plastic_strength  # isort: skip
from glassplast.indicators.registry import Field, Indicator, find, keys, register, unregister
from glassplast.loading import Loading


def can_compute(indicator: Indicator, glass: Glass) -> bool:
    """Whether a glass has what an indicator needs, and is neither too small nor too large for it unless asked."""
    return _has_needs(indicator, glass) and indicator.fits(glass)


def default_keys(glass: Glass, options: Mapping[str, Mapping[str, Any]] | None = None) -> list[str]:
    """What is computed when nothing is named: all that can be had, and what was given options for."""
    given = options or {}
    return [key for key in keys() if can_compute(find(key), glass) or (key in given and _has_needs(find(key), glass))]


def _has_needs(indicator: Indicator, glass: Glass) -> bool:
    if indicator.planar and glass.dimension != 2:
        return False
    return indicator.needs != "model" or glass.model is not None


def compute(
    analysis: Analysis | Glass,
    names: str | Iterable[str] | None = None,
    *,
    loading: Loading = 0.0,
    options: Mapping[str, Mapping[str, Any]] | None = None,
    progress: Callable[[str], None] | None = None,
) -> dict[str, Field]:
    """Compute indicators of one configuration.

    Parameters
    ----------
    analysis : Analysis or Glass
        What to look at.
    names : str or iterable of str, optional
        Keys; by default all that can be had for this glass, and those that have options.
    loading : float or (d, d) array_like
        Direction for those that depend on it: an angle in degrees (0 = forward simple shear) or a matrix.
    options : mapping, optional
        Options of single indicators, ``{"hexatic": {"m": 4}}``.
    progress : callable, optional
        Called with each key before it is computed.

    Returns
    -------
    dict
        key -> read-only array (N,), remembered by the analysis. Particles for which an indicator has no value hold NaN.

    Raises
    ------
    UnknownNameError
        Unknown key or option; the nearest known one is suggested.
    ModelError, GeometryError
        If an indicator was asked for that this glass has not what it takes for.
    """
    shared = analysis if isinstance(analysis, Analysis) else Analysis(analysis)
    glass = shared.glass
    if isinstance(names, str):
        names = [names]
    wanted = [find(key) for key in names] if names is not None else None
    given = {key: dict(values) for key, values in (options or {}).items()}
    for key, values in given.items():
        find(key).check_options(values)
    if wanted is None:
        wanted = [find(key) for key in default_keys(glass, given)]
    fields: dict[str, Field] = {}
    for indicator in wanted:
        if indicator.planar and glass.dimension != 2:
            raise GeometryError(f"{indicator.key!r} exists in two dimensions only")
        if not _has_needs(indicator, glass):
            raise ModelError(f"{indicator.key!r} needs a model: read or make the glass with model=...")
        if progress is not None:
            progress(indicator.key)
        arguments = given.get(indicator.key, {})
        if indicator.loading_dependent:
            arguments = {"loading": loading, **arguments}
        fields[indicator.key] = _evaluate(indicator, shared, arguments)
    return fields


def _evaluate(indicator: Indicator, analysis: Analysis, arguments: Mapping[str, Any]) -> Field:
    """The field, remembered by the analysis for these arguments."""

    def evaluate() -> Field:
        field = np.array(indicator.function(analysis, **arguments), dtype=np.float64)
        if field.shape != (len(analysis.glass),):
            raise GeometryError(f"indicator {indicator.key!r} gave shape {field.shape}, not ({len(analysis.glass)},)")
        field.setflags(write=False)
        return field

    # As lists: the repr of an array is rounded, and shortened if it is long.
    exact = {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in arguments.items()}
    spelled = tuple(sorted((name, repr(value)) for name, value in exact.items()))
    return analysis.remember((indicator.function, spelled), evaluate)


def table() -> list[dict[str, str]]:
    """What is registered: key, symbol, family, what it needs, cost and which way is softer."""
    return [
        {
            "key": indicator.key,
            "symbol": indicator.symbol,
            "family": indicator.family,
            "needs": indicator.needs,
            "cost": indicator.cost,
            "softer": indicator.softer,
        }
        for indicator in map(find, keys())
    ]


__all__ = [
    "Field",
    "Indicator",
    "anharmonic",
    "can_compute",
    "compute",
    "default_keys",
    "find",
    "keys",
    "modes",
    "nonaffine_modulus",
    "nonlinear",
    "plastic_strength",
    "register",
    "response",
    "saddle_points",
    "shear_modulus",
    "softness",
    "structure",
    "table",
    "unregister",
    "voronoi",
]
