"""Mean displacements from molecular dynamics against the harmonic limit -1/2 H^-1 (U3 : H^-1), computed densely."""

import numpy as np
import pytest

from dense import dense
from glassplast import Analysis
from glassplast.errors import GeometryError
from glassplast.sampling.thermal_motion import thermal_displacement
from samples import small_minimum


def harmonic_displacement(analysis):
    """Of temperature 1."""
    H, core = dense(analysis)
    values, vectors = np.linalg.eigh(H)
    shape = analysis.glass.positions.shape
    total = np.zeros(shape)
    for k in range(shape[1], len(values)):
        mode = np.zeros(shape)
        mode[core] = vectors[:, k].reshape(-1, shape[1])
        total += np.nan_to_num(analysis.third_contraction(mode, mode)) / values[k]
    return -0.5 * analysis.solve(total)


def check(model, count, temperature, duration, error):
    analysis = Analysis(small_minimum(model, count, seed=31))
    reference = temperature * harmonic_displacement(analysis)
    found = thermal_displacement(analysis.glass, temperature, duration=duration, seed=1)
    value, uncertainty = found.projection(reference)
    assert found.stayed
    assert uncertainty <= error
    return value, uncertainty, found, reference


@pytest.mark.parametrize("model", ["lj", "poly"])
def test_projection_on_the_harmonic_limit(model):
    value, uncertainty, found, reference = check(model, 100, 1e-5, 500.0, 0.1)
    assert abs(value - 1.0) < 4.0 * uncertainty
    # The plain mean has the same expectation; its noise is larger by far.
    plain = found.projection(reference, plain=True)
    assert plain.error > 3.0 * uncertainty and abs(plain.value - 1.0) < 4.0 * plain.error
    assert np.abs(np.nanmean(found.displacement, axis=0)).max() < 1e-12


@pytest.mark.slow
@pytest.mark.parametrize("model", ["lj", "poly"])
def test_projection_to_five_percent(model):
    value, _, _, _ = check(model, 256, 2e-5, 6000.0, 0.02)
    assert abs(value - 1.0) < 0.05


def test_a_trajectory_that_leaves_its_minimum_says_so():
    glass = small_minimum("lj", 100, seed=31)
    assert not thermal_displacement(glass, 0.3, duration=20.0, blocks=2, seed=1).stayed


def test_bad_input():
    glass = small_minimum("poly", 36, seed=1)
    with pytest.raises(ValueError, match="temperature"):
        thermal_displacement(glass, 0.0)
    with pytest.raises(ValueError, match="blocks"):
        thermal_displacement(glass, 1e-4, blocks=1)
    with pytest.raises(ValueError, match="interval"):
        thermal_displacement(glass, 1e-4, interval=0.0)
    found = thermal_displacement(glass, 1e-5, duration=4.0, blocks=2, seed=1)
    again = thermal_displacement(glass, 1e-5, duration=4.0, blocks=2, seed=1)
    assert np.array_equal(found.displacement, again.displacement, equal_nan=True)
    with pytest.raises(GeometryError, match="reference"):
        found.projection(np.zeros((3, 2)))
