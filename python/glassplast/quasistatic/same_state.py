"""Whether two glasses are in one state."""

from __future__ import annotations

import numpy as np

from glassplast.analysis import Analysis
from glassplast.glass import Glass

#: Largest difference of positions in one state. Two ways into one minimum differ by the forces left over the softest
#: stiffness, 1e-7; two minima by far more, but for those that are just being born.
POSITION_TOLERANCE = 1e-4


def same_state(one: Glass, other: Glass, *, tolerance: float = POSITION_TOLERANCE) -> bool:
    """Whether two states of one glass at one strain are the same minimum.

    Each particle must be where it was, up to a common translation and periods of the cell; particles that carry no
    load may be anywhere.

    Parameters
    ----------
    one, other : Glass
        Minima, particles in the same order.
    tolerance : float
        Largest difference of a position (length).
    """
    if len(one) != len(other) or abs(one.strain - other.strain) > 1e-9:
        return False
    loaded = ~(Analysis(one).rattlers | Analysis(other).rattlers)
    if not loaded.any():
        return True
    moved = other.positions[loaded] - one.positions[loaded]
    moved = one.box.minimum_image(moved - moved[0])
    moved -= moved.mean(axis=0)
    return bool(np.linalg.norm(moved, axis=1).max() < tolerance)
