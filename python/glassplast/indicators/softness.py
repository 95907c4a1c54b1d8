"""Softness, from a model that was trained before."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from glassplast.foundation.arrays import FloatArray
from glassplast.glass import Glass
from glassplast.indicators.registry import register
from glassplast.softness.plane import SoftnessPlane
from glassplast.softness.trained_models import matching, plane_for

if TYPE_CHECKING:
    from glassplast.response.analysis import Analysis

__all__ = ["softness"]


def _protocol_known(glass: Glass) -> bool:
    return matching(glass) is not None


@register(
    "softness",
    symbol="S",
    typeset="$S$",
    sentence="The signed distance of the local structure from the plane between rearranging and other particles.",
    family="learning",
    softer="large",
    needs="diameters",
    cost="O(N)",
    fits=_protocol_known,
)
def softness(analysis: Analysis, model: SoftnessPlane | str | os.PathLike[str] | None = None) -> FloatArray:
    r"""Signed distance from the plane between soft and stiff neighbourhoods.

    .. math:: S_i = (w \cdot z_i + b) / |w|

    with the standardized structure functions z of the particle and the plane (w, b) of a support vector machine.

    Parameters
    ----------
    analysis : Analysis
        Analysis of the configuration, which need not be a minimum.
    model : SoftnessPlane, str or path-like, optional
        A plane, the name of a trained model (`glassplast.softness.names`), or a file. By default the model trained for
        the preparation protocol of the glass.

    Returns
    -------
    ndarray, shape (N,)
        Dimensionless softness; large values are soft.

    Raises
    ------
    ModelError
        If `model` is not given, and the protocol is not recorded or has no trained model.

    Notes
    -----
    See Richard et al., Phys. Rev. Materials 4, 113609 (2020), appendix B.5; S. S. Schoenholz et al., Nature Physics 12,
    469 (2016).
    """
    return plane_for(analysis.glass, model).softness(analysis.glass)
