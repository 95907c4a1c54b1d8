"""What is written to a file of any format comes back to the last bit, whatever the numbers and names are."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import strategies as st

from glassplast import Glass, files
from properties import EXAMPLES, holds

ENDINGS = (".data", ".dump", ".xyz", ".xyz.gz", ".gsd", ".h5")
BY_ID = (".data", ".dump", ".xyz", ".xyz.gz")
#: Numbers at the edges of double precision.
EDGES = [0.0, -0.0, 5e-324, -2.2250738585072014e-308, 1.0 / 3.0, -1.7976931348623157e308, np.inf, -np.inf, np.nan]


@st.composite
def configurations(draw):
    """A few particles anywhere near a box of any kind, with or without a model."""
    dimension, count = draw(st.sampled_from([2, 3])), draw(st.integers(1, 12))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    sides = rng.uniform(1.0, 20.0, dimension) * 10.0 ** draw(st.integers(-3, 3))
    model = draw(st.sampled_from([None, "poly", "lj", "kob_andersen"]))
    named = model in ("lj", "kob_andersen")
    glass = Glass(
        (rng.random((count, dimension)) * 3.0 - 1.0) * sides,
        sides,
        model,
        species=rng.integers(0, 2, count) if named else None,
        diameters=None if named else np.exp(rng.normal(size=count)),
        ids=draw(st.lists(st.integers(1, 2**31 - 1), min_size=count, max_size=count, unique=True)),
        origin=rng.normal(size=dimension) * sides,
        provenance={"note": draw(st.text(st.characters(codec="utf-8"), max_size=20))},
    )
    return glass.sheared(draw(st.sampled_from([0.0, 0.25, -0.5, 1.0 / 3.0, 1e-300, -1e-17])))


def fields_of(glass, data):
    """A scalar and a vector field with numbers of all sizes."""
    numbers = st.one_of(st.sampled_from(EDGES), st.floats(width=64))
    count, dimension = glass.positions.shape
    scalar = data.draw(st.lists(numbers, min_size=count, max_size=count))
    vector = np.random.default_rng(0).normal(size=(count, dimension))
    vector.flat[0] = data.draw(numbers)
    return {"scalar": np.array(scalar), "vector": vector}


def same_bits(found, expected):
    found, expected = np.asarray(found, dtype=float), np.asarray(expected, dtype=float)
    np.testing.assert_array_equal(found, expected)
    numbers = ~np.isnan(expected)
    np.testing.assert_array_equal(np.signbit(found[numbers]), np.signbit(expected[numbers]))


@pytest.mark.parametrize("ending", ENDINGS)
@EXAMPLES
def test_round_trips(ending, examples):
    def check(glass, data):
        fields = {} if ending == ".data" else fields_of(glass, data)
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory, f"glass{ending}")
            files.write(glass, path, fields=fields or None)
            back = files.read(path)
            kept = files.read_fields(path) if fields else {}
        order = np.argsort(glass.ids) if ending in BY_ID else np.arange(len(glass))
        same_bits(back.positions, glass.positions[order])
        if ending in (".data", ".dump") and abs(glass.cell[0, 1]) > glass.cell[0, 0] / 2:
            # LAMMPS' tilt is at most half a side.
            turns = np.linalg.solve(back.cell, glass.cell)
            np.testing.assert_allclose(turns, np.round(turns), atol=1e-12)
        else:
            same_bits(back.cell, glass.cell)
        same_bits(back.box.origin, glass.box.origin)
        same_bits(back.diameters, glass.diameters[order])
        np.testing.assert_array_equal(back.ids, glass.ids[order])
        assert (back.model, back.strain) == (glass.model, glass.strain)
        if "abridged" in back.provenance:
            # The title of LAMMPS is short.
            assert ending == ".data"
        else:
            assert back.provenance["note"] == glass.provenance["note"]
        for name, values in fields.items():
            same_bits(kept[name], values[order])

    holds(check, configurations(), st.data(), examples=examples)
