"""Measures of the stability of a glass: its energy, its first instability, and its soft modes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from glassplast.errors import ArgumentError
from glassplast.foundation.arguments import finite_number
from glassplast.foundation.one_line import constructor_like, number, without_arrays
from glassplast.foundation.progress import ProgressOption
from glassplast.glass import Configuration, Glass, glass_of
from glassplast.quasistatic import shear
from glassplast.response.analysis import Analysis, analysis_of

__all__ = [
    "EnsembleStability",
    "Mean",
    "Stability",
    "against_temperature",
    "measure",
    "shear_wave_frequency",
    "summarize",
]


@dataclass(frozen=True, repr=False)
class Stability:
    """The measures of the stability of one glass.

    Attributes
    ----------
    energy : float
        Inherent-structure energy per particle.
    gamma_min : float
        Strain from the glass to the first instability under forward shear; NaN if none was found.
    soft_modes : int
        Number of modes with frequencies 0 < omega < `frequency`.
    frequency : float
        Upper limit of the frequencies; by default that of the softest shear wave of the glass, sqrt(mu/rho) 2 pi/L,
        below which the modes are quasilocalized.
    shear_modulus : float
        Shear modulus mu in simple shear (energy / volume).
    """

    energy: float
    gamma_min: float
    soft_modes: int
    frequency: float
    shear_modulus: float

    __repr__ = without_arrays


class Mean(NamedTuple):
    """A mean over an ensemble.

    Attributes
    ----------
    value : float
        The mean.
    error : float
        Standard error of the mean; NaN for a single sample.
    """

    value: float
    error: float


@dataclass(frozen=True, repr=False)
class EnsembleStability:
    """The measures of stability, averaged over glasses that were prepared in the same way.

    Attributes
    ----------
    samples : tuple of Stability
        Measures of the single glasses.
    energy, gamma_min, soft_modes, shear_modulus : Mean
        Means over the glasses; that of `gamma_min` is over the glasses with an instability.
    """

    samples: tuple[Stability, ...]
    energy: Mean
    gamma_min: Mean
    soft_modes: Mean
    shear_modulus: Mean

    def __repr__(self) -> str:
        means = {
            name: f"{number(mean.value)} ± {number(mean.error, 2)}"
            for name, mean in vars(self).items()
            if isinstance(mean, Mean)
        }
        return constructor_like("EnsembleStability", samples=len(self.samples), **means)


def shear_wave_frequency(glass: Configuration, shear_modulus: float) -> float:
    """The frequency of the softest shear wave, sqrt(mu / rho) 2 pi / L for particles of mass 1.

    Parameters
    ----------
    glass : Glass or Analysis
        The configuration, whose longest period is L.
    shear_modulus : float
        Shear modulus mu (energy / volume).

    Returns
    -------
    float
        Frequency; 0 for a glass without rigidity.
    """
    glass = glass_of(glass)
    longest = float(np.linalg.norm(glass.cell, axis=0).max())
    return math.sqrt(max(shear_modulus, 0.0) * glass.volume / len(glass)) * 2.0 * math.pi / longest


def measure(
    glass: Glass | Analysis, *, frequency: float | None = None, to: float = 0.2, progress: ProgressOption = None
) -> Stability:
    """Measure the stability of a glass.

    Parameters
    ----------
    glass : Glass or Analysis
        A minimum, for example from `glassplast.minimize`.
    frequency : float, optional
        Frequency below which modes are counted; by default that of the softest shear wave of the glass. To compare
        preparations, use the same frequency for all of them.
    to : float
        Largest strain to which the glass is sheared to find gamma_min; with 0, gamma_min is not measured.
    progress : callable, False or None
        Called with the stage, the fraction done, and a note; see `glassplast.foundation.progress.shown`.

    Returns
    -------
    Stability

    Raises
    ------
    InstabilityError
        If the glass is not a minimum.
    ArgumentError
        If the frequency or the strain is negative or not finite.
    """
    finite_number("to", to, "strain", least=0.0)
    if frequency is not None:
        finite_number("frequency", frequency, least=0.0)
    analysis = analysis_of(glass)
    glass = analysis.glass
    modulus = analysis.shear_modulus()
    if frequency is None:
        frequency = shear_wave_frequency(glass, modulus)
    # The modes are counted first, because the solver belongs to the analysis.
    soft_modes = analysis.minimum.count_below(frequency**2) if frequency > 0.0 else 0
    gamma_min = math.nan
    if to > 0.0:
        events = shear(glass, glass.strain + to, max_events=1, progress=progress).events
        gamma_min = events[0].strain - glass.strain if events else math.nan
    return Stability(analysis.energy / len(glass), gamma_min, int(soft_modes), frequency, modulus)


def summarize(samples: Iterable[Stability]) -> EnsembleStability:
    """Average the measures of glasses that were prepared in the same way.

    Parameters
    ----------
    samples : iterable of Stability
        Measures of the single glasses, from `measure`.

    Returns
    -------
    EnsembleStability

    Raises
    ------
    ArgumentError
        If there is no sample.
    """
    kept = tuple(samples)
    if not kept:
        raise ArgumentError("there are no glasses to average over")
    return EnsembleStability(
        kept,
        _mean([sample.energy for sample in kept]),
        _mean([sample.gamma_min for sample in kept if not math.isnan(sample.gamma_min)]),
        _mean([float(sample.soft_modes) for sample in kept]),
        _mean([sample.shear_modulus for sample in kept]),
    )


def against_temperature(
    glasses: Mapping[float, Sequence[Glass | Analysis]], *, frequency: float | None = None, to: float = 0.2
) -> dict[float, EnsembleStability]:
    """Measure the stability of ensembles that were prepared at different temperatures (paper, Figs. 1c and S1).

    Parameters
    ----------
    glasses : mapping of float to sequence of Glass or Analysis
        Glasses by the temperature T_ini of equilibrium from which they were quenched (energy).
    frequency : float, optional
        Frequency below which modes are counted in all glasses; by default that of the softest shear wave of each glass.
    to : float
        Largest strain to which the glasses are sheared, see `measure`.

    Returns
    -------
    dict of float to EnsembleStability
        Means by temperature in ascending order, which `glassplast.plot.stability` draws.
    """
    return {
        temperature: summarize(measure(glass, frequency=frequency, to=to) for glass in glasses[temperature])
        for temperature in sorted(glasses)
    }


def _mean(values: Sequence[float]) -> Mean:
    if not values:
        return Mean(math.nan, math.nan)
    error = float(np.std(values, ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else math.nan
    return Mean(float(np.mean(values)), error)


def __dir__() -> list[str]:
    return __all__
