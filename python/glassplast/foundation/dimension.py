"""Two or three dimensions: what the engine has for each of them.

The engine is compiled once for two dimensions and once for three. Its classes and makers are told apart by their names,
its functions by the types of their arguments. No type checker knows the dimension of a configuration, so that both come
back as ``Any``; the caller states what type the result has.
"""

from __future__ import annotations

from typing import Any

from glassplast import _engine

__all__ = ["engine_class", "engine_function", "overloaded"]


def engine_class(name: str, dimension: int) -> Any:
    """The class of the engine for a dimension, such as ``PotentialEnergy2D`` for ``PotentialEnergy``."""
    return getattr(_engine, f"{name}{dimension}D")


def engine_function(name: str, dimension: int) -> Any:
    """The function of the engine for a dimension, such as ``lennard_jones_3d`` for ``lennard_jones``."""
    return getattr(_engine, f"{name}_{dimension}d")


def overloaded(function: Any) -> Any:
    """A function of the engine that chooses the dimension by the types of its arguments, as a type checker cannot."""
    return function
