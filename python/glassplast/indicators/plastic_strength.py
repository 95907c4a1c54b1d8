"""The residual plastic strength, which is the additional stress at which the surroundings of a particle yield."""

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
    sentence="The additional shear stress that a patch around the particle can bear before it yields.",
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

    is the residual strength of a disk around a node of a grid (`glassplast.local_yield_stress`). The field is the
    smallest strength among the nodes that lie within the radius of the disks from the particle. See paper Sec. B 15;
    Barbot et al., Phys. Rev. E 97, 033001 (2018).

    Parameters
    ----------
    analysis : Analysis
        Analysis of a minimum in two dimensions.
    loading : float or (2, 2) array_like
        Loading direction: an angle in degrees, or the matrix of a shear, of which only the symmetric part matters.
    radius, spacing : float
        Radius of the disks, and largest distance between nodes of the grid (length).
    definition : {"maximum", "instability"}
        Whether the threshold of a disk is the first maximum of its stress or its first instability.
    largest_strain : float
        Strain at which to give up.

    Returns
    -------
    ndarray, shape (N,)
        Residual strength (energy / area).
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
