"""Numbers that are given as arguments: what is not one raises an `ArgumentError` that says what is allowed."""

from __future__ import annotations

import math
from numbers import Integral, Real

from glassplast.errors import ArgumentError

__all__ = ["finite_number", "whole_number"]


def whole_number(name: str, value: object, least: int | None = 1) -> int:
    """The value of an argument that counts something; a float that is whole, such as 5.0 or 1e6, counts as well.

    Raises
    ------
    ArgumentError
        If the value is no whole number, or below `least`; a truth value is none.
    """
    number = _real(value)
    if number is not None and number.is_integer() and (least is None or number >= least):
        return int(value) if isinstance(value, Integral) else int(number)
    bound = "" if least is None else f" of at least {least}"
    raise ArgumentError(f"{name} must be a whole number{bound}, not {_said(value)}")


def finite_number(
    name: str, value: object, what: str = "number", *, positive: bool = False, least: float | None = None
) -> float:
    """The value of an argument that measures something.

    Parameters
    ----------
    name : str
        Name of the argument.
    value : object
        What was given.
    what : str, optional
        What it measures, for the message: a strain, a force.
    positive : bool, optional
        Whether it must be larger than zero.
    least : float, optional
        Smallest value that is allowed.

    Raises
    ------
    ArgumentError
        If the value is no finite number, or not an allowed one; a truth value is none.
    """
    number = _real(value)
    if (
        number is not None
        and math.isfinite(number)
        and not (positive and number <= 0.0)
        and not (least is not None and number < least)
    ):
        return number
    kind = f"a positive and finite {what}" if positive else f"a finite {what}"
    bound = "" if least is None else f" of at least {least:g}"
    raise ArgumentError(f"{name} must be {kind}{bound}, not {_said(value)}")


def _real(value: object) -> float | None:
    """A real number as a float, also if it is an array without dimensions; None if it is none."""
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _said(value: object) -> str:
    """A value for a message: numbers plainly, everything else as in Python, shortened."""
    item = value.item() if getattr(value, "shape", None) == () and hasattr(value, "item") else value
    said = repr(item)
    return said if len(said) <= 60 else said[:57] + "..."
