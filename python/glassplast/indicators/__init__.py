"""Structural indicators, which are fields over the particles of a configuration that predict where it is soft."""

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
    """Whether an indicator is computed for a glass by default.

    Parameters
    ----------
    indicator : Indicator
        The indicator.
    glass : Glass or Analysis
        The configuration.

    Returns
    -------
    bool
        True if the glass has all that the indicator needs, and has a suitable size for its default options.
    """
    known = glass_of(glass)
    return _has_needs(indicator, known) and indicator.fits(known)


def default_keys(glass: Configuration, options: Mapping[str, Mapping[str, Any]] | None = None) -> list[str]:
    """The keys of the indicators that are computed by default.

    Parameters
    ----------
    glass : Glass or Analysis
        The configuration.
    options : mapping, optional
        Options of single indicators; the indicators with options are included.

    Returns
    -------
    list of str
    """
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
        The configuration.
    names : str or iterable of str, optional
        Keys of indicators; by default all that can be computed for this glass, and those that have options.
    loading : float or (d, d) array_like
        Loading direction for the indicators that depend on it: an angle in degrees (0 is forward simple shear) or a
        matrix, see `glassplast.loading.loading_matrix`.
    options : mapping, optional
        Options of single indicators, such as ``{"hexatic": {"m": 4}}``.
    progress : callable, False or None
        Called with the stage, the fraction done, and a note; see `glassplast.foundation.progress.shown`. By default the
        progress option of the `Analysis` is used.

    Returns
    -------
    Fields
        Dictionary of read-only arrays, shape (N,), by key; the analysis keeps them. Particles for which an indicator
        has no value have NaN.

    Raises
    ------
    UnknownNameError
        If a key or option is not known; the nearest known one is suggested.
    ModelError, GeometryError
        If the glass lacks something that an indicator needs.
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
                if indicator.note is not None:
                    fields.notes[indicator.key] = indicator.note(shared, dict(arguments))
    return fields


def _evaluate(indicator: Indicator, analysis: Analysis, arguments: Mapping[str, Any]) -> FloatArray:
    """The field of an indicator, which the analysis keeps for these arguments."""

    def evaluate() -> FloatArray:
        field = np.array(indicator.function(analysis, **arguments), dtype=np.float64)
        if field.shape != (len(analysis.glass),):
            raise GeometryError(f"indicator {indicator.key!r} gave shape {field.shape}, not ({len(analysis.glass)},)")
        field.setflags(write=False)
        return field

    # Arrays become lists, because the repr of an array is rounded, and shortened if it is long.
    exact = {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in arguments.items()}
    spelled = tuple(sorted((name, repr(value)) for name, value in exact.items()))
    return analysis.remember((indicator.function, spelled), evaluate)


def table() -> list[dict[str, str]]:
    """The registered indicators with key, symbol, family, needs, cost, softer direction, unit and description."""
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
