"""Saddle point sampling: the strain at which the nearest barrier is expected to vanish."""

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
    sentence="The strain at which the nearest barrier found around the particle is driven to zero.",
    family="nonlinear",
    softer="small",
    cost="half a second to four seconds a particle at N = 1024, on one core; only when asked for by name",
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

    of each saddle of barrier Q0 whose stress differs by Δτ along the loading. Paper Sec. B 14; see
    `glassplast.saddle_points`, which can also be resumed and gives the saddles themselves.

    Parameters
    ----------
    analysis : Analysis
        Of a minimum.
    loading : float or (d, d) array_like
        Direction.
    saddles, attempts, seed, push, cluster_radius, patch_radius
        As of `glassplast.saddle_points`.

    Returns
    -------
    ndarray, shape (N,)
        Infinite where no saddle was found that the loading drives.
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
