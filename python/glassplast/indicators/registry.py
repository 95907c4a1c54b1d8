"""The registry of structural indicators: what each is called, what it needs, which way is softer.

A new indicator is a function of an `Analysis` and a decorator::

    @register("my_indicator", symbol="X", family="structure", softer="large")
    def my_indicator(analysis):
        return np.linalg.norm(analysis.forces, axis=1)
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from glassplast.errors import UnknownNameError, suggestion
from glassplast.glass import Glass

Field = NDArray[np.float64]


@dataclass(frozen=True)
class Indicator:
    """One structural indicator.

    Attributes
    ----------
    key, symbol : str
        Its name in the code and in the literature.
    family : str
        ``structure``, ``learning``, ``modes``, ``response``, ``nonlinear`` or ``other``.
    softer : {"large", "small"}
        Which values are expected to yield first.
    needs : str
        What must be known of the glass: ``positions``, ``diameters`` or ``model``.
    cost : str
        Measured or scaling cost, for the table.
    loading_dependent : bool
        Whether it takes a loading direction.
    planar : bool
        Whether it exists in two dimensions only.
    function : callable
        ``function(analysis, **options)``, with ``loading=`` among the options if loading dependent.
    fits : callable
        Whether a glass is neither too small nor too large for it with its default options.
    """

    key: str
    symbol: str
    family: str
    softer: Literal["large", "small"]
    needs: str
    cost: str
    loading_dependent: bool
    planar: bool
    function: Callable[..., Field]
    fits: Callable[[Glass], bool]

    @property
    def options(self) -> Mapping[str, Any]:
        """Names and defaults of the options that the function takes."""
        parameters = list(inspect.signature(self.function).parameters.values())[1:]
        return {p.name: p.default for p in parameters if p.name != "loading"}

    def check_options(self, given: Mapping[str, Any]) -> None:
        """Raise UnknownNameError for an option that the indicator does not take."""
        for name in given:
            if name not in self.options:
                raise UnknownNameError(
                    f"indicator {self.key!r} has no option {name!r}; {suggestion(name, self.options)}"
                )

    def oriented(self, field: Field) -> Field:
        """The field with a sign such that larger is softer."""
        return field if self.softer == "large" else -field


_REGISTRY: dict[str, Indicator] = {}


def register(
    key: str,
    *,
    symbol: str,
    family: str,
    softer: Literal["large", "small"],
    needs: str = "model",
    cost: str = "",
    loading_dependent: bool = False,
    planar: bool = False,
    fits: Callable[[Glass], bool] = lambda glass: True,
) -> Callable[[Callable[..., Field]], Callable[..., Field]]:
    """Make a function known as an indicator; it is returned unchanged.

    Raises
    ------
    ValueError
        If the key is taken or `softer` is neither ``large`` nor ``small``.
    """
    if softer not in ("large", "small"):
        raise ValueError(f"softer must be 'large' or 'small', not {softer!r}")

    def add(function: Callable[..., Field]) -> Callable[..., Field]:
        if key in _REGISTRY:
            raise ValueError(f"an indicator {key!r} exists already")
        _REGISTRY[key] = Indicator(key, symbol, family, softer, needs, cost, loading_dependent, planar, function, fits)
        return function

    return add


def unregister(key: str) -> None:
    """Forget an indicator that was registered."""
    find(key)
    del _REGISTRY[key]


def find(key: str) -> Indicator:
    """The indicator of this key.

    Raises
    ------
    UnknownNameError
        With the nearest known key.
    """
    if key not in _REGISTRY:
        raise UnknownNameError(f"unknown indicator {key!r}; {suggestion(key, _REGISTRY)}")
    return _REGISTRY[key]


def keys() -> list[str]:
    """All keys, in the order of registration."""
    return list(_REGISTRY)
