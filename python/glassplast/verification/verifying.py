"""Whether a configuration is a sound minimum, and for which indicators it is fit."""

from __future__ import annotations

from glassplast.foundation.arguments import whole_number
from glassplast.foundation.progress import ProgressOption, shown
from glassplast.glass import Glass
from glassplast.indicators import find, keys
from glassplast.response.analysis import Analysis, analysis_of
from glassplast.verification.hessian import of_hessian
from glassplast.verification.placement import of_forces, of_positions
from glassplast.verification.verdict import Check, Verification

__all__ = ["verify"]

#: Checks on which every indicator rests, those on which what needs a model rests, and those of a minimum.
_PLACE = ("closest pair", "cell areas", "cell anisotropy")
_MODEL = ("interactions",)
_MINIMUM = (
    "equilibrium",
    "negative eigenvalues",
    "zero modes",
    "symmetry",
    "translations",
    "residuals of modes",
    "two eigensolvers",
    "inertia",
    "conditioning",
    "nonaffine sum",
    "solid",
)
_OF_MINIMA = ("modes", "response", "nonlinear")


def verify(glass: Glass | Analysis, *, modes: int = 8, progress: ProgressOption = None) -> Verification:
    """Check whether a configuration is a sound minimum, and for which indicators it is fit.

    Whatever is wrong with the configuration is an entry of the result; it raises nothing. Without a model, only what
    positions and diameters allow is checked.

    Parameters
    ----------
    glass : Glass or Analysis
        The configuration, which need not be a minimum.
    modes : int
        Number of lowest modes that both eigensolvers compute.
    progress : callable, False or None
        Called with the stage, the fraction done, and a note; see `glassplast.foundation.progress.shown`.

    Returns
    -------
    Verification

    Raises
    ------
    ArgumentError
        If the number of modes is no whole number, or less than 1.

    Examples
    --------
    >>> import glassplast as gp
    >>> glass = gp.prepare.poly(n=64, temperature=0.3, seed=1, sweeps=100)
    >>> gp.verify(glass).passed
    True
    >>> gp.verify(glass.replace(positions=1.001 * glass.positions)).passed
    False
    """
    modes = whole_number("modes", modes)
    analysis = analysis_of(glass)
    known = analysis.glass
    checks: list[Check] = []
    with shown(progress) as tell, analysis.telling(tell):
        stages = [of_positions(analysis), of_forces(analysis), of_hessian(analysis, modes)]
        for index, stage in enumerate(stages):
            tell("verifying", index / len(stages), "")
            checks.extend(stage)
            if known.model is None and index == 1:
                break
            if any(not check.passed for check in checks if check.name in ("closest pair", *_MODEL)):
                break
    fit, unfit = _indicators(known, {check.name for check in checks if not check.passed})
    return Verification(
        len(known), known.dimension, None if known.model is None else known.model.name, tuple(checks), fit, unfit
    )


def _indicators(glass: Glass, failed: set[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The keys of the indicators for which a glass is fit, and of the others that exist in its dimension."""
    fit: list[str] = []
    unfit: list[str] = []
    for indicator in map(find, keys()):
        if indicator.planar and glass.dimension != 2:
            continue
        rests_on = _PLACE
        lacks_model = indicator.needs == "model" and glass.model is None
        if indicator.needs == "model":
            rests_on += (*_MODEL, *(_MINIMUM if indicator.family in _OF_MINIMA else ()))
        (unfit if lacks_model or failed.intersection(rests_on) else fit).append(indicator.key)
    return tuple(fit), tuple(unfit)
