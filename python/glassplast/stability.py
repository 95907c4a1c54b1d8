"""How stable a glass is: by its energy, its first instability and its soft modes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from glassplast.errors import ArgumentError
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
    """The measures of one glass.

    Attributes
    ----------
    energy : float
        Inherent-structure energy per particle.
    gamma_min : float
        Distance in strain to the first instability under forward shear; NaN if none was found.
    soft_modes : int
        Number of modes with frequencies 0 < omega < `frequency`.
    frequency : float
        By default that of the softest shear wave of the glass, sqrt(mu/rho) 2 pi/L: what lies below is quasilocalized.
    shear_modulus : float
        mu, of simple shear.
    """

    energy: float
    gamma_min: float
    soft_modes: int
    frequency: float
    shear_modulus: float

    __repr__ = without_arrays


class Mean(NamedTuple):
    """A mean over an ensemble, with its standard error (NaN for one sample)."""

    value: float
    error: float


@dataclass(frozen=True, repr=False)
class EnsembleStability:
    """Means over the glasses of one preparation.

    Attributes
    ----------
    samples : tuple of Stability
    energy, gamma_min, soft_modes, shear_modulus : Mean
        `gamma_min` over the glasses that yielded.
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
    """sqrt(mu / rho) 2 pi / L, L the longest period of the cell, of unit mass; 0 for a glass without rigidity."""
    glass = glass_of(glass)
    longest = float(np.linalg.norm(glass.cell, axis=0).max())
    return math.sqrt(max(shear_modulus, 0.0) * glass.volume / len(glass)) * 2.0 * math.pi / longest


def measure(
    glass: Glass | Analysis, *, frequency: float | None = None, to: float = 0.2, progress: ProgressOption = None
) -> Stability:
    """Measure how stable a glass is.

    Parameters
    ----------
    glass : Glass or Analysis
        A minimum (`glassplast.minimize`).
    frequency : float, optional
        Count the modes below this one; by default below the softest shear wave of the glass. To compare preparations
        give all of them the same.
    to : float
        How far to shear for gamma_min; 0 leaves it out.
    progress : callable, False or None
        Called with the stage, the fraction done, and a note; see `glassplast.foundation.progress.shown`.

    Returns
    -------
    Stability

    Raises
    ------
    InstabilityError
        If the glass is no minimum.
    ArgumentError
        If the frequency or the strain is negative or not finite.
    """
    if not (math.isfinite(to) and to >= 0.0):
        raise ArgumentError(f"to must be finite and not negative, not {to}")
    if frequency is not None and not (math.isfinite(frequency) and frequency >= 0.0):
        raise ArgumentError(f"frequency must be finite and not negative, not {frequency}")
    analysis = analysis_of(glass)
    glass = analysis.glass
    modulus = analysis.shear_modulus()
    if frequency is None:
        frequency = shear_wave_frequency(glass, modulus)
    # The solver belongs to the analysis: counted before it goes on.
    soft_modes = analysis.minimum.count_below(frequency**2) if frequency > 0.0 else 0
    gamma_min = math.nan
    if to > 0.0:
        events = shear(glass, glass.strain + to, max_events=1, progress=progress).events
        gamma_min = events[0].strain - glass.strain if events else math.nan
    return Stability(analysis.energy / len(glass), gamma_min, int(soft_modes), frequency, modulus)


def summarize(samples: Iterable[Stability]) -> EnsembleStability:
    """Means over the glasses of one preparation.

    Raises
    ------
    ArgumentError
        If there are none.
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
    glasses: Mapping[float, Sequence[Glass]], *, frequency: float | None = None, to: float = 0.2
) -> dict[float, EnsembleStability]:
    """The measures of ensembles of glasses against the temperature they were prepared at (paper, Figs. 1c and S1).

    Parameters
    ----------
    glasses : mapping of float to sequence of Glass
        By the temperature T_ini at which they were in equilibrium before they were quenched.
    frequency : float, optional
        Count the modes below this one in all glasses; by default below the softest shear wave of each.
    to : float
        As of `measure`.

    Returns
    -------
    dict of float to EnsembleStability
        In ascending order of temperatures; `glassplast.plot.stability` draws it.
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
