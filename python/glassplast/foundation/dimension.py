"""Access to the classes and functions of the engine in two or three dimensions.

The engine is compiled once for two dimensions and once for three. Its classes and the functions that make them differ
by name, its other functions by the types of their arguments. A type checker does not know the dimension of a
configuration. All results here have therefore the type ``Any``, and the caller states the type.
"""

from __future__ import annotations

from typing import Any

from glassplast import _engine

__all__ = ["engine_class", "engine_function", "overloaded"]


def engine_class(name: str, dimension: int) -> Any:
    """The engine's class for a dimension, such as ``PotentialEnergy2D`` for ``PotentialEnergy``."""
    return getattr(_engine, f"{name}{dimension}D")


def engine_function(name: str, dimension: int) -> Any:
    """The engine's function for a dimension, such as ``lennard_jones_3d`` for ``lennard_jones``."""
    return getattr(_engine, f"{name}_{dimension}d")


def overloaded(function: Any) -> Any:
    """A function of the engine that is overloaded for two and three dimensions, hidden from type checkers."""
    return function
