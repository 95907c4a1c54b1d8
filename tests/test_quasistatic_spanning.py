"""Clusters that span the periodic cell, against periodic copies placed side by side."""

import numpy as np
import pytest
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from glassplast import Glass
from glassplast.errors import GeometryError
from glassplast.quasistatic import spanning_directions


def lattice(side=10, strain=0.0):
    sites = np.stack(np.meshgrid(*[np.arange(side) + 0.5] * 2, indexing="ij"), axis=-1).reshape(-1, 2)
    sites[:, 0] += strain * sites[:, 1]
    return Glass(sites, float(side), diameters=np.ones(side * side), strain=strain)


def moving(glass, chosen):
    field = np.zeros_like(glass.positions)
    field[chosen, 1] = 1.0
    return field


@pytest.mark.parametrize("strain", [0.0, 0.3])
def test_rows_and_columns(strain):
    glass = lattice(strain=strain)
    x, y = (np.floor(glass.box.fractional(glass.positions) * 10).astype(int)).T
    assert spanning_directions(glass, moving(glass, y == 3), radius=1.2).tolist() == [True, False]
    assert spanning_directions(glass, moving(glass, x == 3), radius=1.2).tolist() == [False, True]
    assert spanning_directions(glass, moving(glass, (x == 3) | (y == 3)), radius=1.2).all()
    # Touching the border on both sides is not going around: there is a gap of two.
    assert not spanning_directions(glass, moving(glass, (y == 3) & (x < 8)), radius=1.2).any()
    assert spanning_directions(glass, moving(glass, (y == 3) & (x < 8)), radius=3.2).tolist() == [True, False]
    diagonal = spanning_directions(glass, moving(glass, x == y), radius=1.7)
    assert diagonal.all()


def test_small_displacements_do_not_count():
    glass = lattice()
    field = moving(glass, glass.positions[:, 1] == 3.5)
    field[glass.positions[:, 0] == 5.5] *= 0.05
    assert not spanning_directions(glass, field, radius=1.2).any()
    assert spanning_directions(glass, field, part=0.01, radius=1.2).any()
    field[0] = np.nan
    assert spanning_directions(glass, field, part=0.01, radius=1.2).any()


def test_a_displacement_of_another_shape_is_refused():
    with pytest.raises(GeometryError, match=r"must have shape \(100, 2\)"):
        spanning_directions(lattice(), np.zeros(100))


def goes_around(glass, chosen, reach, axis):
    """Whether, among many copies of the cell side by side, some particle is connected with its own copy."""
    copies = 9
    shifts = np.stack(np.meshgrid(*[np.arange(copies)] * 2, indexing="ij"), axis=-1).reshape(-1, 2)
    points = (glass.positions[chosen][None] + (shifts @ glass.cell.T)[:, None]).reshape(-1, 2)
    pairs = cKDTree(points).query_pairs(reach, output_type="ndarray")
    graph = coo_matrix((np.ones(len(pairs)), pairs.T), shape=(len(points),) * 2)
    labels = connected_components(graph, directed=False)[1].reshape(copies, copies, -1)
    # From the middle, so that ways may go to all sides.
    middle = labels[copies // 2, copies // 2]
    places = [(i, j) for i in range(copies) for j in range(copies) if (i, j)[axis] != copies // 2]
    return any((labels[place] == middle).any() for place in places)


def test_random_clusters():
    rng = np.random.default_rng(4)
    found = []
    for _ in range(40):
        strain = rng.uniform(-0.5, 0.5)
        positions = rng.uniform(0, 12, (60, 2))
        positions[:, 0] += strain * positions[:, 1]
        glass = Glass(positions, 12.0, diameters=np.ones(60), strain=strain)
        chosen = rng.uniform(size=60) < 0.7
        around = spanning_directions(glass, moving(glass, chosen), radius=1.9)
        assert around.tolist() == [goes_around(glass, chosen, 1.9, axis) for axis in (0, 1)]
        found.append(around.any())
    assert 5 < sum(found) < 35
