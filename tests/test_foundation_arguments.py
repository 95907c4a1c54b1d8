"""Numbers that cannot be meant are refused with a message that names the argument, the value and what is allowed."""

import math

import numpy as np
import pytest

import glassplast as gp
from glassplast.errors import ArgumentError
from glassplast.foundation.arguments import finite_number, whole_number
from samples import small_minimum

# What is neither a whole number nor a strain, a force or a temperature.
MEANINGLESS = ("x", math.nan, math.inf, [1, 2], 1j, True)


@pytest.fixture(scope="module")
def glass():
    return small_minimum("lj", 144, seed=1)


def test_whole_numbers():
    for given in (3, 3.0, np.int64(3), np.float64(3.0), np.array(3)):
        count = whole_number("n", given)
        assert count == 3 and type(count) is int
    assert whole_number("n", 2**60 + 1) == 2**60 + 1
    assert whole_number("n", 0, least=0) == 0 and whole_number("n", -2, least=None) == -2
    for wrong in (2.5, 0, None, *MEANINGLESS):
        with pytest.raises(ArgumentError, match=r"^n must be a whole number of at least 1, not "):
            whole_number("n", wrong)


def test_finite_numbers():
    for given in (2, 2.0, np.float32(2.0), np.int8(2), np.array(2.0)):
        number = finite_number("to", given)
        assert number == 2.0 and type(number) is float
    for wrong in (None, 10**400, *MEANINGLESS):
        with pytest.raises(ArgumentError, match=r"^to must be a finite strain, not "):
            finite_number("to", wrong, "strain")
    with pytest.raises(ArgumentError, match=r"^a must be a positive and finite number, not 0\.0$"):
        finite_number("a", 0.0, positive=True)
    with pytest.raises(ArgumentError, match=r"^a must be a finite force of at least 0, not -1$"):
        finite_number("a", -1, "force", least=0.0)


def test_a_long_value_is_shortened():
    with pytest.raises(ArgumentError) as raised:
        whole_number("n", "x" * 1000)
    assert len(str(raised.value)) < 120


NUMBERS = {
    "to": lambda glass, value: gp.shear(glass, value),
    "max_events": lambda glass, value: gp.shear(glass, 0.001, max_events=value),
    "increment": lambda glass, value: gp.shear(glass, 0.001, stepping="fixed", increment=value),
    "tolerance": lambda glass, value: gp.minimize(glass, tolerance=value),
    "evaluations": lambda glass, value: gp.minimize(glass, evaluations=value),
    "count": lambda glass, value: gp.Analysis(glass).modes(value),
    "radius": lambda glass, value: gp.local_yield_stress(glass, radius=value),
    "largest_strain": lambda glass, value: gp.local_yield_stress(glass, largest_strain=value),
    "spacing": lambda glass, value: gp.local_yield_stress(glass, spacing=value),
    "tolerance of modes": lambda glass, value: gp.nonlinear_modes(glass, tolerance=value),
    "spacing of modes": lambda glass, value: gp.nonlinear_modes(glass, spacing=value),
    "max_iterations": lambda glass, value: gp.nonlinear_modes(glass, max_iterations=value),
    "overlap": lambda glass, value: gp.nonlinear_modes(glass, overlap=value),
    "attempts": lambda glass, value: gp.saddle_points(glass, attempts=value),
    "n": lambda glass, value: gp.prepare.lj(value, seed=1),
    "temperature": lambda glass, value: gp.prepare.poly(64, value, seed=1),
    "most_sweeps": lambda glass, value: gp.prepare.poly(64, 0.3, seed=1, most_sweeps=value),
    "duration": lambda glass, value: gp.prepare.lj(144, seed=1, duration=value),
    "samples": lambda glass, value: list(gp.prepare.ensemble("poly", samples=value, seed=1)),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_public_functions_name_the_argument(glass, name):
    for wrong in MEANINGLESS:
        with pytest.raises(
            ArgumentError, match=rf"^{name.split()[0]} must be a .*(number|strain|force|distance|time).*, not "
        ):
            NUMBERS[name](glass, wrong)


def test_counts_are_whole(glass):
    for name in ("max_events", "evaluations", "count", "max_iterations", "attempts", "n", "most_sweeps", "samples"):
        with pytest.raises(ArgumentError, match=rf"^{name} must be a whole number.*, not 2\.5$"):
            NUMBERS[name](glass, 2.5)


def test_the_strain_to_stop_at_is_needed(glass):
    with pytest.raises(ArgumentError, match=r"^to must be a finite strain, not None$"):
        gp.shear(glass, None)
