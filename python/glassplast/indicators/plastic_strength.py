"""The residual plastic strength: how much more stress the surroundings of a particle bear."""

from __future__ import annotations

from typing import Any, Literal

from glassplast.foundation.arrays import FloatArray
from glassplast.indicators.registry import register
from glassplast.loading import Loading, loading_angle
from glassplast.probes.yield_map import (
    LARGEST_STRAIN,
    RADIUS,
    SPACING,
    local_yield_stress,
    particle_field,
    patches_fit,
    residual_strength,
)
from glassplast.response.analysis import Analysis

__all__ = ["plastic_strength"]


@register(
    "plastic_strength",
    symbol="Δτ_y",
    typeset=r"$\Delta\tau_y$",
    sentence="The stress that a patch around the particle can still bear before it yields.",
    unit="E/L^d",
    family="nonlinear",
    softer="small",
    cost="about a minute at N = 10^4 on two cores",
    loading_dependent=True,
    planar=True,
    fits=lambda glass: patches_fit(glass, RADIUS),
)
def plastic_strength(
    analysis: Analysis,
    *,
    loading: Loading = 0.0,
    radius: float = RADIUS,
    spacing: float = SPACING,
    definition: Literal["maximum", "instability"] = "maximum",
    largest_strain: float = LARGEST_STRAIN,
) -> FloatArray:
    r"""Smallest residual strength of the patches around a particle.

    .. math:: \Delta\tau_y(\alpha_l) = \min_{|\alpha - \alpha_l| < 45^\circ}
              \frac{\tau_c(\alpha) - \tau_0(\alpha)}{\cos 2(\alpha - \alpha_l)}

    of each disk of a grid of nodes (`glassplast.local_yield_stress`), then the smallest among the nodes closer to the
    particle than their radius. Paper Sec. B 15; Barbot et al., Phys. Rev. E 97, 033001 (2018).

    Parameters
    ----------
    analysis : Analysis
        Of a minimum in two dimensions.
    loading : float or (2, 2) array_like
        Direction: an angle in degrees, or the matrix of a shear, of which the symmetric part counts.
    radius, spacing : float
        Of the disks and of the grid.
    definition : {"maximum", "instability"}
        What ends a patch: the first maximum of its stress, or its first instability.
    largest_strain : float
        Where to give up.

    Returns
    -------
    ndarray, shape (N,)
    """
    glass = analysis.glass
    angle = loading_angle(loading)

    options: dict[str, Any] = {
        "radius": radius,
        "spacing": spacing,
        "largest_strain": largest_strain,
        "threads": analysis.threads,
        "progress": analysis.progress,
    }
    if definition == "maximum":
        nodes, strength = residual_strength(glass, angle, **options)
    else:
        whole = local_yield_stress(glass, instability=True, **options)
        nodes, strength = whole.nodes, whole.strength(angle, definition)
    return particle_field(glass, nodes, strength, radius)
