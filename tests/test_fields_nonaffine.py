"""D2min and the participation ratio."""

import numpy as np
import pytest

from glassplast import d2min
from glassplast.errors import ArgumentError, GeometryError
from glassplast.fields.nonaffine import nonaffine_displacement, participation_ratio
from samples import random_glass


def direct(glass, u, reach):
    """Least squares for each particle over all images in plain NumPy."""
    result = np.full(len(glass), np.nan)
    shifts = [glass.cell @ (np.array(n) - 3) for n in np.ndindex(*(7,) * glass.dimension)]
    for i in range(len(glass)):
        r, du = [], []
        for j in range(len(glass)):
            for shift in shifts:
                separation = glass.positions[j] + shift - glass.positions[i]
                if 0 < np.linalg.norm(separation) < reach:
                    r.append(separation)
                    du.append(u[j] - u[i])
        r, du = np.array(r), np.array(du)
        J, *_ = np.linalg.lstsq(r, du, rcond=None)
        result[i] = np.sum((du - r @ J) ** 2) / len(r)
    return result


@pytest.mark.parametrize("strain", [0.0, 0.6])
def test_against_least_squares(strain):
    # The box is smaller than twice the reach: images count as neighbours of their own.
    glass = random_glass("poly", 16, strain=strain, seed=3)
    u = np.random.default_rng(0).normal(size=glass.positions.shape)
    assert np.allclose(d2min(glass, u), direct(glass, u, 2.5), rtol=1e-10)


@pytest.mark.parametrize("dimension", [2, 3])
def test_affine_motion_of_a_patch_has_none(dimension):
    glass = random_glass("poly", 7**dimension, dimension, seed=1)
    J = np.random.default_rng(4).normal(size=(dimension, dimension))
    centre = glass.cell @ np.full(dimension, 0.5)
    u = (glass.positions - centre) @ J.T
    inner = np.linalg.norm(glass.positions - centre, axis=1) < 0.5 * glass.cell[0, 0] - 1.6
    assert inner.any()
    assert d2min(glass, u, radius=1.5)[inner].max() < 1e-20


def test_particles_without_a_displacement_are_left_out():
    glass = random_glass("poly", 64, seed=2)
    u = np.random.default_rng(0).normal(size=glass.positions.shape)
    u[5] = np.nan
    field = d2min(glass, u)
    assert np.isnan(field[5]) and np.isfinite(np.delete(field, 5)).all()


def test_participation():
    assert participation_ratio(np.ones((50, 2))) == pytest.approx(1.0)
    single = np.zeros((50, 2))
    single[3] = [0.6, 0.8]
    assert participation_ratio(single) == pytest.approx(1 / 50)


def test_bad_shapes():
    glass = random_glass("poly", 36)
    with pytest.raises(GeometryError, match=r"\(36, 2\)"):
        d2min(glass, np.zeros((35, 2)))
    with pytest.raises(ArgumentError, match="radius"):
        d2min(glass, np.zeros((36, 2)), radius=-1.0)


@pytest.mark.parametrize("dimension", [2, 3])
def test_homogeneous_shear_is_affine_wherever_the_particles_are_wrapped(dimension):
    glass = random_glass("poly", 50, dimension, seed=5)
    sheared = glass.sheared(0.37)
    for before, after in ((glass, sheared), (glass.wrapped(), sheared.wrapped()), (sheared.wrapped(), glass)):
        assert np.abs(nonaffine_displacement(before, after)).max() < 1e-12


def test_nonaffine_displacement_is_found_in_another_cell():
    glass = random_glass("poly", 60, seed=6)
    u = 0.3 * np.random.default_rng(1).normal(size=glass.positions.shape)
    u -= u.mean(axis=0)
    sheared = glass.sheared(0.6)
    moved = sheared.replace(positions=sheared.positions + u + [3.0, -1.0]).wrapped()
    assert np.allclose(nonaffine_displacement(glass, moved), u, atol=1e-12)


def test_nonaffine_displacement_needs_the_same_particles():
    with pytest.raises(GeometryError, match="must have the same particles"):
        nonaffine_displacement(random_glass("poly", 16, seed=1), random_glass("poly", 17, seed=1))
