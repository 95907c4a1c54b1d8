"""Numbers in a form for readers."""

from __future__ import annotations

import math

from glassplast.quasistatic import Event

__all__ = ["event_strain", "significant"]


def significant(value: float, digits: int) -> str:
    """A number with a given number of significant digits, including trailing zeros (but not for zero itself)."""
    if value == 0.0:
        return "0"
    mantissa, mark, exponent = f"{value:#.{digits}g}".partition("e")
    return mantissa.rstrip(".") + mark + exponent


def event_strain(event: Event, decimals: int = 12) -> str:
    """The strain of an event, with the digits that its uncertainty allows and at most a given number of decimals."""
    uncertain = event.strain_uncertainty
    if uncertain > 0.0:
        decimals = min(decimals, max(0, -math.floor(math.log10(uncertain))))
    return f"{event.strain:.{decimals}f}".replace("-", "−")
