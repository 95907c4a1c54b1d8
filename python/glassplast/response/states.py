"""Whether two glasses are in one state."""

from __future__ import annotations

import numpy as np

from glassplast.glass import Glass
from glassplast.response.analysis import Analysis, analysis_of

__all__ = ["POSITION_TOLERANCE", "same_state"]

#: Largest difference of positions in one state. Two ways into one minimum differ by the forces left over the softest
#: stiffness, 1e-7; two minima by far more, but for those that are just being born.
POSITION_TOLERANCE = 1e-4


def same_state(one: Glass | Analysis, other: Glass | Analysis, *, tolerance: float = POSITION_TOLERANCE) -> bool:
    """Whether two states of one glass at one strain are the same minimum.

    Each particle must be where it was, up to a common translation and periods of the cell; particles that carry no
    load may be anywhere.

    Parameters
    ----------
    one, other : Glass or Analysis
        Minima, particles in the same order.
    tolerance : float
        Largest difference of a position (length).
    """
    first, second = analysis_of(one), analysis_of(other)
    one, other = first.glass, second.glass
    if len(one) != len(other) or abs(one.strain - other.strain) > 1e-9:
        return False
    loaded = ~(first.rattlers | second.rattlers)
    if not loaded.any():
        return True
    moved = other.positions[loaded] - one.positions[loaded]
    moved = one.box.minimum_image(moved - moved[0])
    moved -= moved.mean(axis=0)
    return bool(np.linalg.norm(moved, axis=1).max() < tolerance)
