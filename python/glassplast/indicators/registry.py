"""The registry of structural indicators, with their names, their needs, and whether large or small values are soft.

A new indicator is a function of an `Analysis` and a decorator::

    @register("my_indicator", symbol="X", family="structure", softer="large")
    def my_indicator(analysis):
        return np.linalg.norm(analysis.forces, axis=1)
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from glassplast.errors import ArgumentError, UnknownNameError, suggestion
from glassplast.foundation.arrays import FloatArray
from glassplast.glass import Configuration, Glass, glass_of

__all__ = ["Indicator", "find", "keys", "register", "unregister"]


@dataclass(frozen=True)
class Indicator:
    """The description of a structural indicator.

    Attributes
    ----------
    key : str
        Name in the code.
    symbol, typeset : str
        Symbol as plain text, and in the notation of Matplotlib and LaTeX.
    sentence : str
        Description in one sentence.
    unit : str
        Unit in terms of L (length), E (energy) and d (dimension), such as ``"E/L^d"``; empty for a pure number.
    family : {"structure", "learning", "modes", "response", "nonlinear", "other"}
        Group of indicators that it belongs to.
    softer : {"large", "small"}
        Whether particles with large or with small values are expected to yield first.
    needs : {"positions", "diameters", "model"}
        What must be known about the glass.
    cost : str
        Measured cost or its scaling, for the table.
    loading_dependent : bool
        Whether the indicator depends on a loading direction.
    planar : bool
        Whether the indicator exists in two dimensions only.
    function : callable
        Function ``function(analysis, **options)``, with ``loading=`` among the options if it depends on the loading.
    fits : callable
        Function that tells whether a glass is neither too small nor too large for the default options.
    note : callable, optional
        Function ``note(analysis, options)`` that says in one sentence how a field was computed, for its record.
    """

    key: str
    symbol: str
    typeset: str
    sentence: str
    unit: str
    family: str
    softer: Literal["large", "small"]
    needs: str
    cost: str
    loading_dependent: bool
    planar: bool
    function: Callable[..., FloatArray]
    fits: Callable[[Glass], bool]
    note: Callable[[Any, dict[str, Any]], str] | None = None

    def unit_of(self, glass: Configuration) -> str:
        """The unit in the symbols of the model of a glass and for its dimension.

        Parameters
        ----------
        glass : Glass or Analysis
            The configuration.

        Returns
        -------
        str
            Empty for a pure number.
        """
        known = glass_of(glass)
        kind = known.model.kind if known.model is not None else None
        symbols = {"L": "ℓ" if kind is None else kind.length_unit, "E": "ε" if kind is None else kind.energy_unit}
        powers = {"d": str(known.dimension)}

        def spelled(found: re.Match[str]) -> str:
            if found["symbol"]:
                return symbols[found["symbol"]]
            return powers.get(found["power"], found["power"]).translate(_SUPERSCRIPTS)

        return re.sub(r"(?P<symbol>[LE])|\^(?P<power>\w)", spelled, self.unit)

    @property
    def options(self) -> Mapping[str, Any]:
        """Names and default values of the options that the function takes."""
        parameters = list(inspect.signature(self.function).parameters.values())[1:]
        return {p.name: p.default for p in parameters if p.name != "loading"}

    def check_options(self, given: Mapping[str, Any]) -> None:
        """Check that the indicator takes all given options.

        Parameters
        ----------
        given : mapping
            Values of options by name.

        Raises
        ------
        UnknownNameError
            If an option is not known.
        """
        for name in given:
            if name not in self.options:
                raise UnknownNameError(
                    f"indicator {self.key!r} has no option {name!r}; {suggestion(name, self.options)}"
                )

    def oriented(self, field: FloatArray) -> FloatArray:
        """The field with a sign such that larger values are softer.

        Parameters
        ----------
        field : ndarray, shape (N,)
            Values of this indicator.

        Returns
        -------
        ndarray, shape (N,)
        """
        return field if self.softer == "large" else -field


_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_REGISTRY: dict[str, Indicator] = {}


def register(
    key: str,
    *,
    symbol: str,
    family: str,
    softer: Literal["large", "small"],
    typeset: str | None = None,
    sentence: str | None = None,
    unit: str = "",
    needs: str = "model",
    cost: str = "",
    loading_dependent: bool = False,
    planar: bool = False,
    fits: Callable[[Glass], bool] = lambda glass: True,
    note: Callable[[Any, dict[str, Any]], str] | None = None,
) -> Callable[[Callable[..., FloatArray]], Callable[..., FloatArray]]:
    """Register a function as an indicator; the decorator returns the function unchanged.

    Parameters
    ----------
    key, symbol, family, softer, unit, needs, cost, loading_dependent, planar, fits, note
        See `Indicator`.
    typeset : str, optional
        Symbol in the notation of Matplotlib and LaTeX; by default `symbol`.
    sentence : str, optional
        Description in one sentence; by default the first sentence of the docstring.

    Returns
    -------
    callable
        The decorator.

    Raises
    ------
    ArgumentError
        If the key exists already or is no word, or `softer` is neither ``large`` nor ``small``.

    Examples
    --------
    >>> import numpy as np
    >>> from glassplast.indicators import register, unregister
    >>> @register("force", symbol="F", family="other", softer="large", unit="E/L")
    ... def force(analysis):
    ...     return np.linalg.norm(analysis.forces, axis=1)
    >>> unregister("force")
    """
    if softer not in ("large", "small"):
        raise ArgumentError(f"softer must be 'large' or 'small', not {softer!r}")
    if not (key.isidentifier() and key.isascii()):
        # Files and pages are named after it.
        raise ArgumentError(f"key must be a word of letters, digits and underscores, not {key!r}")

    def add(function: Callable[..., FloatArray]) -> Callable[..., FloatArray]:
        if key in _REGISTRY:
            raise ArgumentError(f"key must be new, but an indicator {key!r} exists already")
        _REGISTRY[key] = Indicator(
            key, symbol, typeset or symbol, sentence or _first_sentence(function) or key, unit, family, softer, needs,
            cost, loading_dependent, planar, function, fits, note,
        )  # fmt: skip
        return function

    return add


def _first_sentence(function: Callable[..., object]) -> str:
    """The first sentence of a docstring, without the marks of reStructuredText."""
    text = (function.__doc__ or "").strip()
    first = re.split(r"\n\s*\n|(?<=\.)\s", text, maxsplit=1)[0]
    plain = re.sub(r":\w+:`([^`]*)`|``?([^`]*)``?", lambda found: found[1] or found[2] or "", first)
    return " ".join(plain.split())


def unregister(key: str) -> None:
    """Remove an indicator from the registry.

    Parameters
    ----------
    key : str
        Key of the indicator.
    """
    find(key)
    del _REGISTRY[key]


def find(key: str) -> Indicator:
    """Find an indicator by its key.

    Parameters
    ----------
    key : str
        Key of the indicator.

    Returns
    -------
    Indicator

    Raises
    ------
    UnknownNameError
        If the key is not known; the nearest known key is suggested.
    """
    if key not in _REGISTRY:
        raise UnknownNameError(f"unknown indicator {key!r}; {suggestion(key, _REGISTRY)}")
    return _REGISTRY[key]


def keys() -> list[str]:
    """The keys of all indicators, in the order of their registration."""
    return list(_REGISTRY)
