"""The configuration: boxes, strain, immutability, provenance, and errors for invalid input."""

import pickle

import numpy as np
import pytest

from glassplast import Analysis, Glass, Model, minimize
from glassplast.errors import ArgumentError, GeometryError, ModelError
from glassplast.glass import PrecisionWarning
from glassplast.loading import loading_matrix, stress_along
from samples import random_glass, small_minimum


def test_boxes():
    x = np.zeros((1, 2)) + 0.5
    square = Glass(x, 3.0, diameters=[1.0])
    assert np.array_equal(square.cell, np.diag([3.0, 3.0])) and square.strain == 0.0
    sheared = Glass(x, (3.0, 2.0), diameters=[1.0], strain=0.7)
    assert np.allclose(sheared.cell, [[3.0, 1.4], [0.0, 2.0]]) and sheared.strain == 0.7
    tilted = Glass(x, [[3.0, 1.4], [0.0, 2.0]], diameters=[1.0])
    assert tilted.strain == pytest.approx(0.7)
    moved = Glass(x, tilted.box, diameters=[1.0], origin=[1.0, 2.0])
    assert np.array_equal(moved.box.origin, [1.0, 2.0]) and np.array_equal(moved.cell, tilted.cell)
    labelled = Glass(x, [[3.0, -1.6], [0.0, 2.0]], diameters=[1.0], strain=0.7)
    assert labelled.strain == 0.7 and labelled.volume == pytest.approx(6.0)


def test_shear_moves_the_box_and_particles_together():
    glass = random_glass("poly", 36, seed=1)
    there = glass.sheared(0.3)
    assert there.strain == 0.3 and np.allclose(there.cell[:, 1], [0.3 * glass.cell[1, 1], glass.cell[1, 1]])
    assert np.allclose(there.box.fractional(there.positions), glass.box.fractional(glass.positions), atol=1e-14)
    back = there.sheared(0.0)
    assert np.abs(back.positions - glass.positions).max() < 1e-14


def test_wrapping_changes_nothing_physical():
    glass = random_glass("lj", 100, strain=0.4, seed=1)
    moved = glass.replace(positions=glass.positions + (glass.cell @ [[3.0], [-2.0]]).T)
    fractions = glass.box.fractional(moved.wrapped().positions)
    assert (fractions >= 0).all() and (fractions < 1 + 1e-12).all()
    assert Analysis(moved.wrapped()).energy == pytest.approx(Analysis(glass).energy, rel=1e-12)


def test_immutable():
    glass = random_glass("lj", 49)
    for values in (glass.positions, glass.species, glass.diameters, glass.ids):
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 0
    source = np.array(glass.positions)
    copy = glass.replace(positions=source)
    source[0] = 1e9
    assert copy.positions[0, 0] != 1e9
    with pytest.raises(TypeError):
        glass.provenance["seed"] = 1


def test_provenance_grows():
    glass = random_glass("lj", 49).replace(provenance={"seed": 7})
    later = glass.replace(positions=glass.positions + 1.0, provenance={"protocol": "shift"})
    assert later.provenance["seed"] == 7 and later.provenance["protocol"] == "shift"
    assert "glassplast" in later.provenance


def test_pickles():
    glass = random_glass("poly", 36, strain=0.2).replace(provenance={"seed": 7})
    copy = pickle.loads(pickle.dumps(glass))
    assert np.array_equal(copy.positions, glass.positions) and np.array_equal(copy.cell, glass.cell)
    assert copy.model == glass.model and copy.strain == glass.strain and dict(copy.provenance) == dict(glass.provenance)


def test_model_parameters_travel():
    model = Model("harmonic", {"energy": 2.0})
    glass = Glass([[0.0, 0.0], [0.9, 0.0]], 5.0, model, diameters=[1.0, 1.0])
    assert Analysis(glass.replace(positions=glass.positions + 1.0)).energy == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("positions", "box", "match"),
    [
        ([[0.0, np.nan]], 5.0, "particle 0 has a position that is NaN"),
        ([[0.0, 0.0], [np.inf, 0.0]], 5.0, "particle 1 has a position that is NaN or infinite"),
        ([[0.0]], 5.0, r"\(N, 2\) or \(N, 3\)"),
        (np.zeros((0, 2)), 5.0, "N > 0"),
        ([0.0, 1.0], 5.0, r"\(N, 2\)"),
        ([[0.0, 0.0]], -5.0, "positive"),
        ([[0.0, 0.0]], (5.0, np.nan), "positive and finite"),
        ([[0.0, 0.0]], (5.0, 5.0, 5.0), "2 sides"),
        ([[0.0, 0.0]], [[1.0, 2.0], [2.0, 4.0]], "no volume"),
        ([[0.0, 0.0]], [[1.0, np.nan], [2.0, 4.0]], "NaN or infinite"),
    ],
)
def test_bad_geometry(positions, box, match):
    with pytest.raises(GeometryError, match=match):
        Glass(positions, box, diameters=np.ones(len(positions)))


def test_other_bad_arguments():
    x = [[0.0, 0.0], [1.0, 1.0]]
    with pytest.raises(GeometryError, match=r"diameters must have shape \(2,\)"):
        Glass(x, 5.0, diameters=[1.0])
    with pytest.raises(GeometryError, match="ids must name each particle once"):
        Glass(x, 5.0, diameters=[1.0, 1.0], ids=[3, 3])
    with pytest.raises(ModelError, match=r"species must be integers of 32 bits, but particle 1 has 0\.5"):
        Glass(x, 5.0, "lj", species=[0.0, 0.5])
    with pytest.raises(ModelError, match="species must be integers"):
        Glass(x, 5.0, "lj", species=[0, 2**32])
    with pytest.raises(ModelError, match="ids must be integers of 64 bits"):
        Glass(x, 5.0, diameters=[1.0, 1.0], ids=[1.0, 1e30])
    with pytest.raises(GeometryError, match="strain must be finite"):
        Glass(x, 5.0, diameters=[1.0, 1.0], strain=np.nan)
    with pytest.raises(ModelError, match="needs a potential"):
        _ = Analysis(Glass(x, 5.0, diameters=[1.0, 1.0])).energy
    with pytest.raises(ModelError, match="did you mean 'poly'"):
        Glass(x, 5.0, "polly", diameters=[1.0, 1.0])
    with pytest.raises(GeometryError, match="too small"):
        _ = Analysis(Glass(x, 2.0, "poly", diameters=[1.0, 1.0])).energy


def test_loading_angles():
    shear = np.array([[0.0, 0.5], [0.5, 0.0]])
    assert np.allclose(loading_matrix(0.0, 2), shear)
    assert np.allclose(loading_matrix(90.0, 2), -shear)
    assert np.allclose(loading_matrix(45.0, 2), np.diag([-0.5, 0.5]))
    stress = np.array([[1.0, 0.3], [0.3, 2.0]])
    for angle in (0.0, 20.0, 77.0):
        a = 2 * np.deg2rad(angle)
        assert stress_along(stress, angle) == pytest.approx(0.3 * np.cos(a) + 0.5 * (2.0 - 1.0) * np.sin(a))
    with pytest.raises(GeometryError, match=r"\(2, 2\)"):
        loading_matrix(np.eye(3), 2)
    with pytest.raises(ArgumentError, match="loading must be finite"):
        loading_matrix(np.nan, 2)


@pytest.mark.parametrize(("dimension", "strain"), [(2, 0.3), (2, -1.7), (3, 2.6), (2, 1e6)])
@pytest.mark.filterwarnings("ignore::glassplast.glass.PrecisionWarning")
def test_the_reduced_cell_is_the_same_crystal(dimension, strain):
    far = random_glass("poly", 64, dimension, strain=strain)
    near = far.reduced()
    assert abs(near.strain) <= 0.5 and near.cell[0, 1] == pytest.approx(near.strain * near.cell[1, 1])
    fractions = near.box.fractional(near.positions)
    assert fractions.min() > -1e-9 and fractions.max() < 1.0 + 1e-9
    # Coordinates of a strain of 10^6 are known to nine digits.
    assert Analysis(near).energy == pytest.approx(Analysis(far).energy, rel=1e-11 * max(1.0, abs(strain)))


def test_a_rotated_cell_has_no_tilt_to_reduce():
    turned = np.array([[0.0, -8.0], [8.0, 0.0]])
    with pytest.raises(GeometryError, match="along x"):
        Glass([[0.5, 0.5]], turned, diameters=[1.0], strain=0.0).reduced()


@pytest.mark.parametrize("origin", [0.0, 1e9])
def test_far_coordinates_are_warned_of_and_brought_back(origin):
    glass = small_minimum("poly")
    corner = [origin, origin]
    with pytest.warns(PrecisionWarning, match="known to 1e-07 only"):
        far = Glass(glass.positions + 1e9, glass.cell, "poly", diameters=glass.diameters, origin=corner)
    again = minimize(far)
    assert np.abs(again.positions).max() < 2.0 * glass.cell.max()
    # The separations have lost digits, and yet the forces vanish as they do near the origin.
    assert Analysis(again).largest_force < 1e-11
    assert Analysis(again).energy == pytest.approx(Analysis(glass).energy, abs=1e-9)
