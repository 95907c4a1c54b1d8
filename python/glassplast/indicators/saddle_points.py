"""The strain at which the nearest barrier is expected to vanish, from sampled saddle points."""

from __future__ import annotations

from glassplast.foundation.arrays import FloatArray
from glassplast.indicators.registry import register
from glassplast.loading import Loading
from glassplast.probes.saddles import ATTEMPTS, CLUSTER_RADIUS, PATCH_RADIUS, PUSH, SADDLES
from glassplast.probes.saddles import saddle_points as sample
from glassplast.response.analysis import Analysis

__all__ = ["saddle_points"]


@register(
    "saddle_points",
    symbol="SPS",
    typeset="SPS",
    sentence="The smallest strain at which a saddle point found around the particle is expected to lose its barrier.",
    family="nonlinear",
    softer="small",
    cost="half a second to four seconds for each particle at N = 1024, on one core; computed only if it is named",
    loading_dependent=True,
    fits=lambda glass: False,
)
def saddle_points(
    analysis: Analysis,
    *,
    loading: Loading = 0.0,
    saddles: int = SADDLES,
    attempts: int = ATTEMPTS,
    seed: int = 0,
    push: float = PUSH,
    cluster_radius: float = CLUSTER_RADIUS,
    patch_radius: float = PATCH_RADIUS,
) -> FloatArray:
    r"""Smallest positive triggering strain of the saddles found around the particles within `cluster_radius`.

    .. math:: \Delta\gamma_c = -\frac{3 Q_0}{2 V \Delta\tau}

    is the triggering strain of a saddle with barrier Q0, whose stress along the loading differs by Δτ from that of the
    minimum. See paper Sec. B 14. The function `glassplast.saddle_points` returns the saddles themselves, and can resume
    a search.

    Parameters
    ----------
    analysis : Analysis
        Analysis of a minimum.
    loading : float or (d, d) array_like
        Loading direction: an angle in degrees or a matrix, see `glassplast.loading.loading_matrix`.
    saddles, attempts, seed, push, cluster_radius, patch_radius
        See `glassplast.saddle_points`.

    Returns
    -------
    ndarray, shape (N,)
        Strains; infinite if no saddle was found that the loading drives.
    """
    glass = analysis.glass

    catalogue = sample(
        glass,
        saddles=saddles,
        attempts=attempts,
        seed=seed,
        push=push,
        cluster_radius=cluster_radius,
        patch_radius=patch_radius,
        threads=analysis.threads,
        progress=analysis.progress,
    )
    return catalogue.field(glass, loading, cluster_radius)
