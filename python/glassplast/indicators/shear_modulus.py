"""The local shear modulus as an indicator."""

from __future__ import annotations

from glassplast.fields.coarse_graining import RADIUS
from glassplast.foundation.arrays import FloatArray
from glassplast.indicators.registry import register
from glassplast.loading import Loading
from glassplast.response.analysis import Analysis
from glassplast.response.local_modulus import local_shear_modulus

__all__ = ["shear_modulus"]


@register(
    "shear_modulus",
    symbol="μ",
    typeset=r"$\mu$",
    sentence="The local shear modulus, coarse-grained with a kernel of length 5.",
    unit="E/L^d",
    family="response",
    softer="small",
    cost="one factorization, one solve, two coarse grainings",
    loading_dependent=True,
)
def shear_modulus(
    analysis: Analysis, *, loading: Loading = 0.0, radius: float = RADIUS, coarse_grained_affine: bool = False
) -> FloatArray:
    """Local shear modulus at the particles under simple shear, see `glassplast.response.local_modulus`.

    See paper Eqs. (B18) to (B21); Tsamados et al., Phys. Rev. E 80, 026112 (2009).

    Parameters
    ----------
    analysis : Analysis
        Analysis of a minimum.
    loading : float or (d, d) array_like
        Direction of the simple shear: an angle in degrees by which its frame is rotated, or a matrix.
    radius : float
        Coarse-graining length r_c of the kernel.
    coarse_grained_affine : bool
        Whether the affine displacement is coarse-grained as well.

    Returns
    -------
    ndarray, shape (N,)
        Modulus (energy / volume); NaN for rattlers.
    """
    return local_shear_modulus(analysis, loading=loading, radius=radius, coarse_grained_affine=coarse_grained_affine)
