"""Where low-energy excitations of a glass are: the cores of its quasilocalized modes below a frequency."""

from __future__ import annotations

import numpy as np

from glassplast.errors import ConvergenceError
from glassplast.foundation.arrays import FloatArray, IntegerArray
from glassplast.glass import Glass
from glassplast.loading import Loading
from glassplast.probes.quasilocalized import pseudo_harmonic_modes
from glassplast.response.analysis import Analysis
from glassplast.stability import shear_wave_frequency

__all__ = ["excitations", "frequency_of_waves"]


def frequency_of_waves(glass: Glass, modulus: float, wavelength: float) -> float:
    """The frequency of a shear wave, sqrt(mu / rho) 2 pi / wavelength for particles of mass 1."""
    longest = float(np.linalg.norm(glass.cell, axis=0).max())
    return shear_wave_frequency(glass, modulus) * longest / wavelength


def excitations(glass: Glass, frequency: float, loading: Loading) -> tuple[IntegerArray, FloatArray]:
    """The particles that move most in the pseudo-harmonic modes below a frequency, and the frequencies of these modes.

    The softest mode comes first.
    """
    try:
        modes = pseudo_harmonic_modes(Analysis(glass, threads=1, progress=False), loading=loading, progress=False)
    except ConvergenceError:
        return np.empty(0, dtype=np.int64), np.empty(0)
    frequencies = np.sqrt(modes.stiffnesses)
    low = np.flatnonzero(frequencies < frequency)
    low = low[np.argsort(frequencies[low], kind="stable")]
    cores = np.array([np.nanargmax(np.sum(modes.vectors[mode] ** 2, axis=1)) for mode in low], dtype=np.int64)
    return cores, frequencies[low]
