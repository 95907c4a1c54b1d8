"""Coordination and energy of each particle against sums over all pairs, and the list of indicators."""

import numpy as np
import pytest

from brute_force import pair_scales
from glassplast import Analysis, indicators
from neighborhoods import ordered_pairs
from samples import random_glass

# Range of the repulsion, in contact distances.
REPULSION = {"lj": 2.0 ** (1.0 / 6.0), "kob_andersen": 2.0 ** (1.0 / 6.0), "poly": 1.25, "harmonic": 1.0}
CASES = [("lj", 2, 49), ("kob_andersen", 2, 49), ("poly", 2, 36), ("harmonic", 2, 36), ("poly", 3, 64)]


@pytest.mark.parametrize(("model", "dimension", "count"), CASES)
def test_contacts_are_the_repelling_neighbors(model, dimension, count):
    glass = random_glass(model, count, dimension, 0.2, seed=1)
    length, _ = pair_scales(glass)
    i, j, r = ordered_pairs(glass, 1.3 * length.max())
    repelling = np.linalg.norm(r, axis=1) < REPULSION[model] * length[i, j]
    expected = np.bincount(i[repelling], minlength=len(glass))
    fields = indicators.compute(glass, ["contacts"])
    np.testing.assert_array_equal(fields["contacts"], expected)


def test_potential_energy_is_shared_between_the_two_of_a_pair():
    glass = random_glass("poly", 36, 2, 0.2, seed=1)
    length, _ = pair_scales(glass)
    i, j, r = ordered_pairs(glass, 1.25 * length)
    x = np.linalg.norm(r, axis=1) / length[i, j]
    phi = x**-12 - 28 * 0.8**12 + 48 * 0.8**14 * x**2 - 21 * 0.8**16 * x**4
    expected = np.bincount(i, 0.5 * phi, minlength=len(glass))
    field = indicators.compute(glass, ["potential_energy"])["potential_energy"]
    np.testing.assert_allclose(field, expected, rtol=1e-12)
    assert field.sum() == pytest.approx(Analysis(glass).energy, rel=1e-12)


@pytest.mark.parametrize(
    ("key", "softer", "needs", "planar"),
    [
        ("excess_entropy", "large", "positions", False),
        ("contacts", "small", "model", False),
        ("hexatic", "small", "diameters", True),
        ("steric_order", "large", "diameters", True),
        ("potential_energy", "large", "model", False),
    ],
)
def test_what_is_softer_and_what_is_needed(key, softer, needs, planar):
    indicator = indicators.find(key)
    assert (indicator.softer, indicator.needs, indicator.planar) == (softer, needs, planar)
    assert not indicator.loading_dependent
