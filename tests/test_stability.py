"""Measures of stability against the quantities that they consist of."""

import math

import numpy as np
import pytest

from glassplast import Analysis, plot, shear, stability
from samples import small_minimum


@pytest.fixture(scope="module")
def glasses():
    return [small_minimum("poly", 144, seed=seed) for seed in range(3)]


@pytest.mark.parametrize("frequency", [0.6, 1.0, 1.5])
def test_soft_modes_are_those_of_the_spectrum(glasses, frequency):
    for glass in glasses:
        eigenvalues = Analysis(glass).modes(40).eigenvalues
        assert eigenvalues[-1] > frequency**2
        measured = stability.measure(glass, frequency=frequency, to=0.0)
        assert measured.soft_modes == np.count_nonzero(eigenvalues < frequency**2)
        assert math.isnan(measured.gamma_min)


def test_shear_wave_of_a_square_cell(glasses):
    glass = glasses[0]
    measured = stability.measure(glass, to=0.0)
    modulus = Analysis(glass).shear_modulus()
    length, density = math.sqrt(glass.volume), len(glass) / glass.volume
    assert measured.shear_modulus == pytest.approx(modulus, rel=1e-12)
    assert measured.frequency == pytest.approx(2.0 * math.pi / length * math.sqrt(modulus / density), rel=1e-12)


def test_means_over_an_ensemble(glasses):
    ensemble = stability.summarize(stability.measure(glass) for glass in glasses)
    energies = [Analysis(glass).energy / len(glass) for glass in glasses]
    first = [shear(glass, 0.2, max_events=1).events[0].strain for glass in glasses]
    assert ensemble.energy.value == pytest.approx(np.mean(energies), rel=1e-12)
    assert ensemble.energy.error == pytest.approx(np.std(energies, ddof=1) / math.sqrt(3), rel=1e-9)
    assert ensemble.gamma_min.value == pytest.approx(np.mean(first), rel=1e-9)


def test_a_picture_of_preparations(glasses, tmp_path):
    ensembles = stability.against_temperature({0.3: glasses[:2], 0.1: glasses[2:]}, to=0.0)
    assert list(ensembles) == [0.1, 0.3] and math.isnan(ensembles[0.1].energy.error)
    figure = plot.stability(ensembles, path=tmp_path / "stability.png")
    energies = figure.axes[0].lines[0].get_ydata(), figure.axes[0].lines[1].get_ydata()
    assert [len(energy) for energy in energies] == [1, 2]
    assert (tmp_path / "stability.png").stat().st_size > 0


def test_what_cannot_be_meant(glasses):
    with pytest.raises(ValueError, match="frequency must be a finite number"):
        stability.measure(glasses[0], frequency=-1.0)
    with pytest.raises(ValueError, match="to must be a finite strain"):
        stability.measure(glasses[0], to=math.nan)
    with pytest.raises(ValueError, match="no glasses"):
        stability.summarize([])
    with pytest.raises(ValueError, match="no ensemble"):
        plot.stability({})
