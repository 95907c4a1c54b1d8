"""What property-based tests share: how many examples they try, and configurations in boxes of every kind."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from glassplast import Glass, Model
from samples import random_glass

#: Few examples in every run, always the same; many with ``pytest -m slow``.
EXAMPLES = pytest.mark.parametrize("examples", [8, pytest.param(400, marks=pytest.mark.slow)])

#: Particles along a side, so that two cutoffs fit into the shortest side of an elongated box.
PER_SIDE = {
    ("lj", 2): (9, 10),
    ("kob_andersen", 2): (9, 10),
    ("kob_andersen", 3): (7, 7),
    ("poly", 2): (7, 10),
    ("poly", 3): (6, 6),
    ("harmonic", 2): (6, 10),
    ("harmonic", 3): (5, 6),
    ("hertzian", 2): (6, 10),
}


def holds(check, *strategies, examples):
    """Hold a check against a number of examples."""
    limits = settings(
        max_examples=examples,
        derandomize=examples < 100,
        deadline=None,
        database=None,
        # To look for the smallest failure takes minutes.
        phases=[phase for phase in Phase if examples > 100 or phase not in (Phase.shrink, Phase.explain)],
        suppress_health_check=list(HealthCheck),
    )
    limits(given(*strategies)(check))()


@st.composite
def rotations(draw, dimension):
    """A proper rotation by any angle."""
    angle = draw(st.floats(-np.pi, np.pi))
    cosine, sine = np.cos(angle), np.sin(angle)
    turn = np.eye(dimension)
    first, second = draw(st.permutations(range(dimension)))[:2]
    turn[[first, first, second, second], [first, second, first, second]] = cosine, -sine, sine, cosine
    return turn


@st.composite
def bases(draw, cell, *, tilts=4):
    """Other vectors of the lattice of a cell: flipped, in another order, and oblique by several of each other."""
    dimension = len(cell)
    turned = cell[:, draw(st.permutations(range(dimension)))] * draw(
        st.lists(st.sampled_from([1.0, -1.0]), min_size=dimension, max_size=dimension)
    )
    for _ in range(draw(st.integers(0, 2))):
        first, second = draw(st.permutations(range(dimension)))[:2]
        turned[:, second] += draw(st.integers(-tilts, tilts)) * turned[:, first]
    return turned


@st.composite
def glasses(draw):
    """A configuration of any model in a box that is elongated, sheared, rotated, and written with any vectors."""
    name, dimension = draw(st.sampled_from(sorted(PER_SIDE)))
    per_side = draw(st.integers(*PER_SIDE[name, dimension]))
    longer = draw(st.floats(1.0, 1.15))
    sides = [longer, 1.0 / longer, 1.0][:dimension]
    plain = random_glass(name, per_side**dimension, dimension, seed=draw(st.integers(0, 2**32 - 1)), sides=sides)
    spread = draw(st.floats(0.0, 1.0))
    deformation = np.eye(dimension)
    deformation[0, 1] = draw(st.floats(-0.3, 0.3))
    deformation = draw(rotations(dimension)) @ deformation
    origin = draw(st.lists(st.floats(-30.0, 30.0), min_size=dimension, max_size=dimension))
    particles = (
        {"species": plain.species}
        if Model(name).kind.describes == "species"
        else {"diameters": plain.diameters.mean() + spread * (plain.diameters - plain.diameters.mean())}
    )
    return Glass(
        plain.positions @ deformation.T + origin,
        draw(bases(deformation @ plain.cell)),
        name,
        strain=draw(st.floats(-2.0, 2.0)),
        origin=origin,
        **particles,
    )
