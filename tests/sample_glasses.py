"""Small configurations with all properties that a file must keep."""

import numpy as np

from glassplast.glass import Glass


def make_glass(model: str, dimension: int, strain: float) -> Glass:
    """A jittered grid in a sheared box with sides that differ, an origin, and ids in no order.

    Some particles are outside the box. Made of exact operations only, so that it is the same on any machine.
    """
    rng = np.random.default_rng(7)
    sides = np.array([8.25, 7.5, 7.75])[:dimension]
    counts = (8, 7, 7)[:dimension]
    grid = np.stack(np.meshgrid(*map(np.arange, counts), indexing="ij"), axis=-1).reshape(-1, dimension)
    origin = np.array([-2.7, 1.1, 0.3])[:dimension]
    positions = origin + (grid + 0.2 * rng.random(grid.shape)) * (sides / np.array(counts))
    count = len(positions)
    positions[:3, 1] -= sides[1]
    by_diameter = model == "poly"
    return Glass(
        positions,
        sides,
        model,
        species=None if by_diameter else rng.integers(0, 2, count),
        diameters=0.73 + 0.9 * rng.random(count) if by_diameter else None,
        ids=rng.permutation(count) * 2 + 5,
        origin=origin,
        provenance={
            "glassplast": "1.2.3",
            "protocol": 'made up: "quoted" \\ backslash \n line',
            "seed": [1, 2],
        },
    ).sheared(strain)
