"""A test of whether two glasses are in the same state."""

from __future__ import annotations

import numpy as np

from glassplast.glass import Glass
from glassplast.response.analysis import Analysis, analysis_of

__all__ = ["POSITION_TOLERANCE", "same_state"]

#: Largest difference of positions between two states that count as the same. When a minimum is reached in two ways, the
#: positions differ by the forces left divided by the softest stiffness, 1e-7. Two minima differ by far more, except
#: close to the bifurcation in which they arise.
POSITION_TOLERANCE = 1e-4


def same_state(one: Glass | Analysis, other: Glass | Analysis, *, tolerance: float = POSITION_TOLERANCE) -> bool:
    """Test whether two states of a glass at the same strain are the same minimum.

    Each particle must be at the same position, up to a common translation and periods of the cell; rattlers may be
    anywhere.

    Parameters
    ----------
    one, other : Glass or Analysis
        Minima with the particles in the same order.
    tolerance : float
        Largest difference of the position of a particle (length).

    Returns
    -------
    bool
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
