"""Local yield stress: how much more stress a patch of a glass bears before it yields, in every direction."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from glassplast import _engine
from glassplast.errors import GeometryError, ModelError
from glassplast.glass import Glass
from glassplast.threads import thread_count

Field = NDArray[np.float64]
Definition = Literal["maximum", "instability"]
#: Told the part that is done and a note.
YieldProgress = Callable[[float, str], None]

RADIUS, SPACING, DIRECTIONS, LARGEST_STRAIN = 5.0, 2.5, 18, 0.5
#: Nodes that one thread takes at a time.
_CHUNK = 8


def grid(glass: Glass, spacing: float = SPACING) -> Field:
    """Nodes of a square grid in the coordinates of the cell, the first at its origin.

    Parameters
    ----------
    glass : Glass
        In two dimensions.
    spacing : float
        The largest allowed: each side of the cell is divided evenly.

    Returns
    -------
    ndarray, shape (M, 2)
    """
    if not (math.isfinite(spacing) and spacing > 0.0):
        raise ValueError(f"the spacing of the grid must be positive and finite, not {spacing}")
    sides = np.linalg.norm(glass.cell, axis=0)
    first, second = (np.arange(count) / count for count in np.ceil(sides / spacing).astype(int))
    fractions = np.stack(np.meshgrid(first, second, indexing="ij"), axis=-1).reshape(-1, 2)
    return np.asarray(fractions @ glass.cell.T + glass.box.origin)


@dataclass(frozen=True)
class YieldMap:
    """What patches around nodes bear.

    Attributes
    ----------
    nodes : (M, 2) array
    angles : (K,) array
        Directions of loading in degrees, as everywhere.
    radius : float
        Of the disks whose particles relax.
    prestress : (M, 2, 2) array
        Of each disk before anything moves.
    stress, modulus : (M, K) array
        tau along each direction before anything moves, and its derivative with the strain.
    threshold, strain : (M, K) array
        tau at its first maximum, or at an instability before that, and the strain there. NaN if there is none up to
        the largest strain.
    instability_threshold, instability_strain : (M, K) array
        tau at the first instability; NaN unless it was asked for.
    evaluations, factorizations : (M, K) array
        What it took.
    """

    nodes: Field
    angles: Field
    radius: float
    prestress: Field
    stress: Field
    modulus: Field
    threshold: Field
    strain: Field
    instability_threshold: Field
    instability_strain: Field
    largest_residual: Field
    evaluations: Field
    factorizations: Field

    def strength(self, loading: float = 0.0, definition: Definition = "maximum") -> Field:
        r"""Residual strength of each node under a loading direction, shape (M,).

        .. math:: \Delta\tau_y(\alpha_l) = \min_{|\alpha - \alpha_l| < 45^\circ}
                  \frac{\tau_c(\alpha) - \tau_0(\alpha)}{\cos 2(\alpha - \alpha_l)}

        with angles modulo 180 degrees. NaN where no direction has a threshold. Paper Eq. (B38).
        """
        threshold = self.threshold if definition == "maximum" else self.instability_threshold
        cosine = np.cos(2.0 * np.deg2rad(self.angles - loading))
        near = cosine > 1e-9
        ratio = (threshold - self.stress)[:, near] / cosine[near]
        known = np.isfinite(ratio).any(axis=1)
        smallest = np.full(len(self.nodes), np.nan)
        smallest[known] = np.nanmin(ratio[known], axis=1)
        return smallest
