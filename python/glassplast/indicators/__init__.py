"""Structural indicators: fields over the particles of one configuration that say where it is soft."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

import numpy as np

from glassplast.errors import GeometryError, ModelError
from glassplast.foundation.arrays import FloatArray
from glassplast.foundation.progress import ProgressOption, shown
from glassplast.glass import Configuration, Glass, glass_of
from glassplast.indicators.computed import Fields
from glassplast.indicators.registry import Indicator, find, keys, register, unregister
from glassplast.loading import Loading
from glassplast.response.analysis import Analysis, analysis_of

# Each module registers its indicators when it is imported; the order here is that of the table.
for _family in (
    "voronoi",
    "structure",
    "softness",
    "modes",
    "response",
    "anharmonic",
    "nonaffine_modulus",
    "shear_modulus",
    "nonlinear",
    "saddle_points",
    "plastic_strength",
):
    import_module(f"glassplast.indicators.{_family}")


def can_compute(indicator: Indicator, glass: Configuration) -> bool:
    """Whether a glass has what an indicator needs, and is neither too small nor too large for it unless asked."""
    known = glass_of(glass)
    return _has_needs(indicator, known) and indicator.fits(known)


def default_keys(glass: Configuration, options: Mapping[str, Mapping[str, Any]] | None = None) -> list[str]:
    """What is computed when nothing is named: all that can be had, and what was given options for."""
    given, glass = options or {}, glass_of(glass)
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
    progress: ProgressOption = None,
) -> Fields:
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
    progress : callable, False or None
        Called with the stage, the fraction done, and a note; see `glassplast.foundation.progress.shown`. Where none is
        given, the progress of the `Analysis` is told.

    Returns
    -------
    Fields
        A dict, key -> read-only array (N,), remembered by the analysis. Particles for which an indicator has no value
        hold NaN.

    Raises
    ------
    UnknownNameError
        Unknown key or option; the nearest known one is suggested.
    ModelError, GeometryError
        If an indicator was asked for that this glass has not what it takes for.
    """
    shared = analysis_of(analysis)
    glass = shared.glass
    if isinstance(names, str):
        names = [names]
    wanted = [find(key) for key in names] if names is not None else None
    given = {key: dict(values) for key, values in (options or {}).items()}
    for key, values in given.items():
        find(key).check_options(values)
    if wanted is None:
        wanted = [find(key) for key in default_keys(glass, given)]
    for indicator in wanted:
        if indicator.planar and glass.dimension != 2:
            raise GeometryError(f"{indicator.key!r} exists in two dimensions only")
        if not _has_needs(indicator, glass):
            raise ModelError(f"{indicator.key!r} needs a model: read or make the glass with model=...")
    fields = Fields(glass)
    with shown(shared.progress if progress is None else progress) as tell:
        for index, indicator in enumerate(wanted):

            def inner(stage: str, part: float | None, note: str, index: int = index, key: str = indicator.key) -> None:
                tell("indicators", (index + (part or 0.0)) / len(wanted), f"{key}{', ' if note else ''}{note}")

            inner("", None, "")
            arguments = given.get(indicator.key, {})
            if indicator.loading_dependent:
                arguments = {"loading": loading, **arguments}
            with shared.telling(inner):
                fields[indicator.key] = _evaluate(indicator, shared, arguments)
    return fields


def _evaluate(indicator: Indicator, analysis: Analysis, arguments: Mapping[str, Any]) -> FloatArray:
    """The field, remembered by the analysis for these arguments."""

    def evaluate() -> FloatArray:
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
    """What is registered: key, symbol, family, what it needs, its cost, which way is softer, unit and sentence."""
    return [
        {
            "key": indicator.key,
            "symbol": indicator.symbol,
            "family": indicator.family,
            "needs": indicator.needs,
            "cost": indicator.cost,
            "softer": indicator.softer,
            "unit": indicator.unit,
            "sentence": indicator.sentence,
        }
        for indicator in map(find, keys())
    ]


__all__ = [
    "Fields",
    "Indicator",
    "can_compute",
    "compute",
    "default_keys",
    "find",
    "keys",
    "register",
    "table",
    "unregister",
]


def __dir__() -> list[str]:
    return __all__
