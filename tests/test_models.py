"""Pair potentials: derivatives, smoothness at the cutoff, mixing rules, and errors for invalid input."""

import numpy as np
import pytest

from brute_force import SHAPES
from glassplast import Glass, Model, models
from glassplast.errors import ModelError
from samples import MODELS

ALL = (*MODELS, "inverse_power")
#: Highest derivative that is continuous at the cutoff.
SMOOTH = {"lj": 2, "kob_andersen": 2, "poly": 2, "inverse_power": 3, "harmonic": 1, "hertzian": 2}

CUTOFF = {"inverse_power": 1.48, **{name: cutoff for name, (_, cutoff) in SHAPES.items()}}


def pair(name, dimension=2, parameters=None):
    """The interaction of two particles."""
    model = Model(name, parameters)
    particles = np.array([0, 1]) if model.kind.describes == "species" else np.array([0.9, 1.3])
    return model.interaction(dimension, particles)


@pytest.mark.parametrize("name", ALL)
def test_each_derivative_is_that_of_the_one_before(name):
    interaction = pair(name)
    cutoff = CUTOFF[name] * interaction.pair_length(0, 1)
    for r in np.linspace(0.6, 0.9, 9) * cutoff:
        h = 1e-3
        stencil = np.array([interaction.pair_derivatives(0, 1, r + k * h) for k in (-3, -2, -1, 1, 2, 3)])
        weights = np.array([-1, 9, -45, 45, -9, 1]) / (60 * h)
        exact = np.array(interaction.pair_derivatives(0, 1, r))
        if name in ("lj", "kob_andersen") and abs(r - 2.0 * interaction.pair_length(0, 1)) < 4 * h:
            continue
        # Sixth-order differences: error h^6 of the seventh derivative, round-off 1e-13 / h.
        scale = np.abs(exact).max()
        assert np.abs(weights @ stencil[:, :4] - exact[1:]).max() < 1e-8 * scale


@pytest.mark.parametrize("name", ALL)
def test_smoothness_at_the_cutoff(name):
    interaction = pair(name)
    length = interaction.pair_length(0, 1)
    cutoff = CUTOFF[name] * length
    inside = np.array(interaction.pair_derivatives(0, 1, cutoff * (1 - 1e-9)))
    for order in range(SMOOTH[name] + 1):
        # Hertz' second derivative vanishes like a square root.
        assert abs(inside[order]) < (1e-3 if name == "hertzian" else 1e-5)
    assert abs(inside[SMOOTH[name] + 1]) > 0.1
    assert interaction.pair_derivatives(0, 1, cutoff) == [0.0] * 5


def test_lennard_jones_joins_its_tail_smoothly():
    interaction = pair("lj")
    below = np.array(interaction.pair_derivatives(0, 1, 2.0 * (1 - 1e-9)))
    above = np.array(interaction.pair_derivatives(0, 1, 2.0 * (1 + 1e-9)))
    assert np.abs(below - above)[:3].max() < 1e-8
    assert abs(below[3] - above[3]) > 0.1  # methods: the third derivative jumps here


def test_poly_third_derivative_jumps_at_the_cutoff_by_the_known_amount():
    interaction = Model("poly").interaction(2, np.array([1.0, 1.0]))
    assert interaction.pair_derivatives(0, 1, 1.25 * (1 - 1e-12))[3] == pytest.approx(-94.6, abs=0.05)


def test_known_values():
    s_small, s_large = 2 * np.sin(np.pi / 10), 2 * np.sin(np.pi / 5)
    lj = Model("lj").interaction(2, np.array([0, 1, 0, 1]))
    assert lj.pair_length(0, 2) == pytest.approx(s_small, rel=1e-15)
    assert lj.pair_length(1, 3) == pytest.approx(s_large, rel=1e-15)
    assert lj.pair_length(0, 1) == 1.0 and lj.pair_energy(0, 1) == 1.0 and lj.pair_energy(0, 2) == 0.5
    assert lj.pair_derivatives(0, 1, 1.0)[0] == pytest.approx(0.02899169921875, rel=1e-15)
    minimum = lj.pair_derivatives(0, 1, 2 ** (1 / 6))
    assert minimum[0] == pytest.approx(-1 + 0.02899169921875, rel=1e-15) and abs(minimum[1]) < 1e-14
    assert minimum[2] == pytest.approx(72 / 2 ** (1 / 3), rel=1e-14)
    poly = Model("poly").interaction(2, np.array([0.8, 1.4]))
    assert poly.pair_length(0, 1) == pytest.approx(1.1 * (1 - 0.2 * 0.6), rel=1e-15)
    # The constants that the paper prints, rounded to twelve digits.
    d = poly.pair_length(0, 1)
    printed = 1.1**-12 - 1.924145348608 + 2.111062325330 * 1.1**2 - 0.591097451092 * 1.1**4
    assert poly.pair_derivatives(0, 1, 1.1 * d)[0] == pytest.approx(printed, abs=1e-11)
    ka = Model("kob_andersen").interaction(3, np.array([0, 1, 1]))
    assert ka.pair_length(0, 1) == 0.8 and ka.pair_length(1, 2) == 0.88
    assert ka.pair_energy(0, 1) == 1.5 and ka.pair_energy(1, 2) == 0.5
    harmonic = Model("harmonic", {"energy": 3.0}).interaction(2, np.array([1.0, 1.0]))
    assert harmonic.pair_derivatives(0, 1, 0.9)[:3] == pytest.approx([1.5 * 0.01, -0.3, 3.0])


@pytest.mark.parametrize("smoothness", [2, 3])
@pytest.mark.parametrize("exponent", [8, 10, 12])
def test_inverse_power_law(exponent, smoothness):
    parameters = {"exponent": exponent, "cutoff": 1.4, "smoothness": smoothness}
    interaction = Model("inverse_power", parameters).interaction(3, np.array([1.0, 1.0]))
    edge = interaction.pair_derivatives(0, 1, 1.4 * (1 - 1e-10))
    assert np.abs(edge[: smoothness + 1]).max() < 1e-6
    # Far inside the power law dominates.
    assert interaction.pair_derivatives(0, 1, 0.1)[0] == pytest.approx(10.0**exponent, rel=1e-6)


def test_poly_is_the_inverse_power_law_with_its_parameters():
    diameters = np.array([0.8, 1.3])
    poly = Model("poly").interaction(2, diameters)
    parameters = {"exponent": 12, "cutoff": 1.25, "smoothness": 2, "nonadditivity": 0.2}
    power = Model("inverse_power", parameters).interaction(2, diameters)
    for r in (0.8, 1.0, 1.1):
        assert poly.pair_derivatives(0, 1, r) == pytest.approx(power.pair_derivatives(0, 1, r), rel=1e-10)


def test_names_are_suggested():
    with pytest.raises(ModelError, match="did you mean 'kob_andersen'"):
        Model("kob_anderson")
    with pytest.raises(ModelError, match="did you mean 'exponent'"):
        Model("inverse_power", {"exponents": 3})
    assert set(models.names()) == set(ALL)
    assert "Phys. Rev." in models.describe("poly")


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"model": "lj", "species": [0, 2]}, "particle 1 has species 2"),
        ({"model": "lj", "species": [0, -1]}, "particle 1 has species -1"),
        ({"model": "lj"}, "needs the species"),
        ({"model": "poly"}, "needs the diameter"),
        ({"model": "poly", "diameters": [1.0, -1.0]}, "particle 1 has diameter -1"),
        ({"model": "poly", "diameters": [float("nan"), 1.0]}, "particle 0 has diameter nan"),
        ({"diameters": [0.0, 1.0]}, "particle 0 has diameter 0"),
        ({}, "needs the diameter"),
        ({"model": "lj", "species": [0.5, 1]}, "integers"),
    ],
)
def test_bad_particles(arguments, match):
    with pytest.raises(ModelError, match=match):
        Glass([[0.0, 0.0], [1.0, 1.0]], 10.0, **arguments)


def test_a_particle_that_is_not_there():
    interaction = pair("lj")
    for i, j in ((0, 2), (10**9, 0)):
        with pytest.raises(IndexError, match="no particle"):
            interaction.pair_length(i, j)
        with pytest.raises(IndexError, match="no particle"):
            interaction.pair_derivatives(i, j, 1.0)


def test_a_nonadditive_rule_that_turns_negative_is_refused():
    with pytest.raises(ModelError, match="not positive"):
        Model("poly", {"nonadditivity": 2.0}).interaction(2, np.array([0.5, 1.5]))
