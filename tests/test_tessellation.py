"""The radical Voronoi tessellation against freud, brute force, analytic lattices and its sum rules."""

from __future__ import annotations

import freud
import numpy as np
import pytest

from glassplast import Glass, _engine
from glassplast.errors import ArgumentError, GeometryError
from glassplast.fields.tessellation import Tessellation
from power_diagrams import area_and_centroid, clipped_cell, images_within, power_diagram, sheared_box
from samples import DATA

STRAINS = [-1.7, -1.0, -0.49, 0.0, 0.13, 0.5, 0.97, 1.7]

# Positions are resolved to 2^-50 of the box, areas are sums of a few products: some 1e-14 of the mean area.
ROUND_OFF = 1e-12


def random_disks(n, seed, lengths=(1.0, 1.0), strain=0.0, spread=0.5):
    """Positions in and around the box, and weights that differ by `spread` of the area per particle."""
    rng = np.random.default_rng(seed)
    box = sheared_box(strain, lengths)
    positions = rng.uniform(-1.0, 2.0, (n, 2)) @ box.cell.T
    return box, positions, spread * rng.uniform(size=n) * box.volume / n


def edges(tessellation):
    """The directed edges as tuples (i, j, shift)."""
    rows = np.repeat(np.arange(len(tessellation)), np.diff(tessellation.neighbor_start))
    return [
        (int(i), int(j), int(a), int(b))
        for i, j, (a, b) in zip(rows, tessellation.neighbor_index, tessellation.neighbor_shift, strict=True)
    ]


def assert_tiles_the_torus(tessellation):
    """What holds for every tessellation, degenerate or not."""
    visible = np.count_nonzero(~tessellation.hidden)
    volume = tessellation.glass.box.volume
    # Euler on the torus: V - E + F = 0 with 3F = 2E.
    assert len(tessellation.triangles) == 2 * visible
    directed = edges(tessellation)
    assert len(directed) == 6 * visible
    assert len(set(directed)) == len(directed)
    assert {(j, i, -a, -b) for i, j, a, b in directed} == set(directed)
    assert tessellation.areas.sum() == pytest.approx(volume, rel=ROUND_OFF)
    assert tessellation.triangle_areas.sum() == pytest.approx(volume, rel=ROUND_OFF)
    assert (tessellation.areas >= 0.0).all()
    assert (tessellation.triangle_areas > -1e-14 * volume).all()
    np.testing.assert_array_equal(tessellation.hidden, np.diff(tessellation.neighbor_start) == 0)
    np.testing.assert_array_equal(tessellation.hidden, np.isnan(tessellation.centroids).any(axis=1))
    # Each side of a triangle is an edge between cells, and each directed edge the side of one triangle.
    sides = [
        (int(t[a]), int(t[b]), *(int(c) for c in s[b] - s[a]))
        for t, s in zip(tessellation.triangles, tessellation.triangle_shifts, strict=True)
        for a, b in ((0, 1), (1, 2), (2, 0))
    ]
    assert sorted(sides) == sorted(directed)


def long_edges(lengths, scale):
    """Sorted, without those of cells that touch in a point."""
    return np.sort(lengths[lengths > 1e-9 * scale])


@pytest.mark.parametrize("strain", STRAINS)
@pytest.mark.parametrize("n", [1, 2, 3, 5, 12])
def test_cells_equal_clipping_by_all_images(n, strain):
    for seed, spread in ((1, 0.0), (2, 0.5), (3, 3.0)):
        for lengths in ((1.0, 1.0), (1.3, 0.4), (0.7, 2.5)):
            box, positions, weights = random_disks(n, 100 * n + seed, lengths, strain, spread)
            tessellation = power_diagram(box, positions, weights)
            assert_tiles_the_torus(tessellation)
            for i in range(n):
                cell = clipped_cell(box, positions, weights, i)
                area, centroid = area_and_centroid(cell)
                mean_area = box.volume / n
                assert tessellation.areas[i] == pytest.approx(area, rel=ROUND_OFF, abs=ROUND_OFF * mean_area)
                if area > 1e-4 * mean_area:
                    scale = np.sqrt(box.volume)
                    np.testing.assert_allclose(tessellation.centroids[i], centroid, atol=ROUND_OFF * scale)
                    start, end = tessellation.neighbor_start[i : i + 2]
                    np.testing.assert_allclose(
                        long_edges(tessellation.edge_length[start:end], scale),
                        long_edges(np.linalg.norm(cell - np.roll(cell, 1, axis=0), axis=1), scale),
                        atol=100 * ROUND_OFF * scale,
                    )


def test_tilted_cell_with_an_origin():
    box = _engine.Box2D([[2.0, -0.9], [0.7, 1.4]], [5.0, -3.0])
    rng = np.random.default_rng(5)
    positions = box.origin + rng.uniform(size=(9, 2)) @ box.cell.T
    weights = rng.uniform(0.0, 0.2, 9)
    tessellation = power_diagram(box, positions, weights)
    assert_tiles_the_torus(tessellation)
    for i in range(9):
        area, _ = area_and_centroid(clipped_cell(box, positions, weights, i))
        assert tessellation.areas[i] == pytest.approx(area, rel=ROUND_OFF)


@pytest.mark.parametrize("strain", [0.0, 0.37, -0.49])
def test_unweighted_areas_equal_those_of_freud(strain):
    box, positions, _ = random_disks(500, 3, (20.0, 25.0), strain)
    reference = freud.box.Box(20.0, 25.0, xy=strain, is2D=True)
    # freud puts the origin into the middle of the box; the same lattice all the same.
    points = reference.wrap(np.column_stack([positions, np.zeros(len(positions))]))
    volumes = freud.locality.Voronoi().compute((reference, points)).volumes
    # freud rounds positions to float32: 1e-6 of the box, cells of unit size.
    np.testing.assert_allclose(power_diagram(box, positions, np.zeros(500)).areas, volumes, atol=5e-5)


@pytest.mark.parametrize("name", ["areas", "areas_sheared"])
def test_radical_areas_equal_those_of_lammps(name):
    # compute voronoi/atom with radii, which is voro++ on a slab of unit thickness.
    reference = np.load(DATA / "lammps_voronoi_poly_t012_1024.npz")
    columns = np.loadtxt(DATA / "poly_t012_1024.xyz", skiprows=2, usecols=(1, 2, 4))
    strain = reference["strain"] if name == "areas_sheared" else 0.0
    positions = columns[:, :2] + strain * columns[:, [1]] * [1.0, 0.0]
    tessellation = Tessellation(Glass(positions, sheared_box(strain, (32.0, 32.0)), diameters=columns[:, 2]))
    assert_tiles_the_torus(tessellation)
    np.testing.assert_allclose(tessellation.areas, reference[name], rtol=ROUND_OFF)


@pytest.mark.parametrize("strain", [0.0, 0.6, -1.3])
def test_vertices_are_at_equal_power_from_three_and_farther_from_all_others(strain):
    box, positions, weights = random_disks(40, 11, (3.0, 2.0), strain)
    tessellation = power_diagram(box, positions, weights)
    for i in np.flatnonzero(~tessellation.hidden):
        start, end = tessellation.neighbor_start[i : i + 2]
        particle, _, separation = images_within(box, positions, positions[i], 3.0)
        neighbors = tessellation.neighbor_index[start:end]
        to_neighbors = positions[neighbors] + tessellation.neighbor_shift[start:end] @ box.cell.T - positions[i]
        for k, vertex in enumerate(tessellation.vertices[start:end]):
            power = vertex @ vertex - weights[i]
            for m in (k, (k + 1) % len(neighbors)):
                other = ((vertex - to_neighbors[m]) ** 2).sum() - weights[neighbors[m]]
                assert other == pytest.approx(power, abs=1e-11)
            assert (((vertex - separation) ** 2).sum(axis=1) - weights[particle]).min() > power - 1e-11


@pytest.mark.parametrize("strain", [-1.0, 0.0, 1.0, 2.0])
@pytest.mark.parametrize("n", [1, 2, 3, 7])
def test_square_lattice(n, strain):
    spacing = 1.1
    grid = spacing * np.stack(np.meshgrid(np.arange(n), np.arange(n)), -1).reshape(-1, 2)
    tessellation = power_diagram(sheared_box(strain, (n * spacing, n * spacing)), grid, np.zeros(n * n))
    assert_tiles_the_torus(tessellation)
    np.testing.assert_allclose(tessellation.areas, spacing**2, rtol=ROUND_OFF)
    np.testing.assert_allclose(tessellation.centroids, 0.0, atol=ROUND_OFF)
    # Four sides, and two diagonals that touch in a point.
    lengths = np.sort(tessellation.edge_length.reshape(-1, 6), axis=1)
    np.testing.assert_allclose(lengths, np.tile([0, 0, 1, 1, 1, 1], (n * n, 1)) * spacing, atol=ROUND_OFF)
    np.testing.assert_allclose(tessellation.triangle_areas, 0.5 * spacing**2, rtol=ROUND_OFF)


def test_a_perfect_square_lattice_takes_the_diagonals_of_a_slight_forward_shear():
    grid = np.stack(np.meshgrid(np.arange(4.0), np.arange(4.0)), -1).reshape(-1, 2)

    def diagonals(strain):
        box = sheared_box(strain, (4.0, 4.0))
        tessellation = power_diagram(box, grid @ np.array([[1.0, 0.0], [strain, 1.0]]), np.zeros(16))
        return set(edges(tessellation))

    assert diagonals(0.0) == diagonals(1e-6)
    assert diagonals(0.0) != diagonals(-1e-6)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_hexagonal_lattice(n):
    spacing = 0.9
    cell = spacing * np.array([[1.0, 0.5], [0.0, np.sqrt(0.75)]])
    grid = np.stack(np.meshgrid(np.arange(n), np.arange(n)), -1).reshape(-1, 2) @ cell.T
    tessellation = power_diagram(_engine.Box2D(n * cell), grid, np.full(n * n, 0.3))
    assert_tiles_the_torus(tessellation)
    np.testing.assert_allclose(tessellation.areas, np.sqrt(0.75) * spacing**2, rtol=ROUND_OFF)
    np.testing.assert_allclose(tessellation.edge_length, spacing / np.sqrt(3.0), rtol=ROUND_OFF)
    np.testing.assert_allclose(tessellation.triangle_areas, np.sqrt(3.0) / 4.0 * spacing**2, rtol=ROUND_OFF)


def test_two_disks_share_a_strip_as_their_weights_say():
    # The radical line between x = 0 and x = 1 is at (1 + w_0 - w_1) / 2; its mirror image is on the left.
    weights = np.array([0.5, 0.2])
    tessellation = power_diagram(sheared_box(0.0, (2.0, 3.0)), [[0.0, 1.0], [1.0, 1.0]], weights)
    np.testing.assert_allclose(tessellation.areas, [1.3 * 3.0, 0.7 * 3.0], rtol=ROUND_OFF)
    np.testing.assert_allclose(tessellation.centroids, 0.0, atol=ROUND_OFF)


def near_degenerate():
    rng = np.random.default_rng(8)
    grid = np.stack(np.meshgrid(np.arange(6), np.arange(6)), -1).reshape(-1, 2) / 6.0
    checkers = (grid.sum(axis=1) * 6).round() % 2
    for jitter in (0.0, 1e-16, 1e-15, 1e-12):
        moved = grid + jitter * rng.normal(size=grid.shape)
        yield moved, np.zeros(36)
        # At a difference of a² the smaller cells have shrunk to the points where four larger ones meet.
        yield moved, checkers / 36.0
        yield moved, checkers / 36.0 * (1.0 + 1e-15 * rng.normal(size=36))
        yield moved, checkers * 0.7
    # All on one line, and on one line with round-off.
    line = np.column_stack([np.arange(7) / 7.0, np.zeros(7)])
    yield line, np.zeros(7)
    yield line + 1e-16 * rng.normal(size=line.shape), np.zeros(7)
    # On a circle: one vertex of twelve cells.
    angles = np.arange(12) * np.pi / 6.0
    yield 0.5 + 0.3 * np.column_stack([np.cos(angles), np.sin(angles)]), np.full(12, 0.01)


@pytest.mark.parametrize("strain", [0.0, 1.0, -2.0, 0.5, 0.1])
def test_degenerate_sites_still_tile_the_torus(strain):
    for positions, weights in near_degenerate():
        for turn in (0.0, 0.3):
            rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
            box = sheared_box(strain).deformed(rotation)
            assert_tiles_the_torus(power_diagram(box, positions @ rotation.T, weights))


@pytest.mark.parametrize("strain", [-1.7, -0.3, 0.0, 0.45])
def test_a_square_box_sheared_by_one_is_the_same_box(strain):
    _, positions, weights = random_disks(60, 4, (8.0, 8.0), strain)
    first = power_diagram(sheared_box(strain, (8.0, 8.0)), positions, weights)
    second = power_diagram(sheared_box(strain + 1.0, (8.0, 8.0)), positions, weights)
    np.testing.assert_allclose(second.areas, first.areas, atol=ROUND_OFF)
    np.testing.assert_allclose(second.centroids, first.centroids, atol=100 * ROUND_OFF)
    assert (first.delaunay_graph() != second.delaunay_graph()).nnz == 0


def test_translations_images_and_the_order_of_particles_do_not_matter():
    box, positions, weights = random_disks(60, 6, (8.0, 5.0), 0.3)
    reference = power_diagram(box, positions, weights)
    rng = np.random.default_rng(7)
    moved = positions + [3.3, -1.7] + rng.integers(-3, 4, (60, 2)) @ box.cell.T
    order = rng.permutation(60)
    for other in (power_diagram(box, moved, weights), power_diagram(box, positions, weights + 40.0)):
        np.testing.assert_allclose(other.areas, reference.areas, atol=10 * ROUND_OFF)
        np.testing.assert_allclose(other.centroids, reference.centroids, atol=1000 * ROUND_OFF)
        assert (other.delaunay_graph() != reference.delaunay_graph()).nnz == 0
        assert_tiles_the_torus(other)
    permuted = power_diagram(box, positions[order], weights[order])
    np.testing.assert_allclose(permuted.areas, reference.areas[order], atol=ROUND_OFF)
    assert (permuted.delaunay_graph() != reference.delaunay_graph()[order][:, order]).nnz == 0


def test_a_hidden_particle_changes_nothing_for_the_others():
    box, positions, weights = random_disks(30, 9, (6.0, 5.0), 0.8, 0.1)
    smaller_than_its_neighbor = positions[4] + [0.02, 0.01]
    reference = power_diagram(box, positions, weights)
    with_hidden = power_diagram(
        box, np.vstack([positions, smaller_than_its_neighbor]), np.append(weights, weights[4] - 0.2)
    )
    assert_tiles_the_torus(with_hidden)
    assert with_hidden.hidden.tolist() == [False] * 30 + [True]
    np.testing.assert_array_equal(with_hidden.areas[:30], reference.areas)
    assert with_hidden.areas[30] == 0.0
    assert len(with_hidden.neighbors(30)) == 0
    assert with_hidden.delaunay_graph()[[30]].nnz == 0


def test_weights_far_apart_hide_all_but_the_largest():
    box, positions, _ = random_disks(20, 12)
    weights = np.zeros(20)
    weights[7] = 1e3
    tessellation = power_diagram(box, positions, weights)
    assert_tiles_the_torus(tessellation)
    assert np.flatnonzero(~tessellation.hidden).tolist() == [7]
    assert tessellation.areas[7] == pytest.approx(1.0, rel=ROUND_OFF)


def test_a_long_thin_box_of_few_particles():
    box, positions, weights = random_disks(3, 13, (300.0, 0.5), 0.2, 1e-3)
    assert_tiles_the_torus(power_diagram(box, positions, weights))


def test_graph_of_neighbors_and_of_two_steps():
    box, positions, weights = random_disks(40, 14, (6.0, 7.0), -0.6)
    tessellation = power_diagram(box, positions, weights)
    once, twice = tessellation.delaunay_graph(), tessellation.delaunay_graph(steps=2)
    assert once.dtype == bool
    for i in range(40):
        near = set(tessellation.neighbors(i).tolist())
        assert set(once[[i]].indices.tolist()) == near - {i}
        within_two = near.union(*(tessellation.neighbors(j).tolist() for j in near))
        assert set(twice[[i]].indices.tolist()) == within_two - {i}
    with pytest.raises(ArgumentError, match="steps must be at least 1"):
        tessellation.delaunay_graph(steps=0)


def test_arrays_are_read_only_and_outlive_the_tessellation():
    box, positions, weights = random_disks(10, 15)
    areas = _engine.tessellate(box, positions, weights).areas
    with pytest.raises(ValueError, match="read-only"):
        areas[0] = 1.0
    again = Tessellation(Glass(positions, box, diameters=2.0 * np.sqrt(weights))).areas
    np.testing.assert_allclose(areas, again, rtol=ROUND_OFF)


@pytest.mark.parametrize("image", [(0, 0), (1, 0), (-2, 3)])
def test_coincident_particles_are_named(image):
    box, positions, weights = random_disks(50, 16, strain=0.4)
    # Where images are exact: elsewhere round-off would move the second particle by an ulp.
    positions = np.round(positions * 2**20) / 2**20
    box = _engine.Box2D(np.round(box.cell * 2**20) / 2**20)
    positions[31] = positions[12] + box.cell @ np.array(image)
    with pytest.raises(GeometryError, match="particles 12 and 31 coincide"):
        power_diagram(box, positions, weights)


def test_coincident_particles_are_named_even_below_a_larger_one():
    positions = np.array([[0.5, 0.5], [0.52, 0.5], [0.52, 0.5]])
    with pytest.raises(GeometryError, match="particles 1 and 2 coincide"):
        power_diagram(sheared_box(), positions, [10.0, 0.0, 0.0])


def test_senseless_input_is_refused():
    box = sheared_box()
    positions = np.array([[0.1, 0.2], [0.5, 0.6]])
    with pytest.raises(GeometryError, match="at least one particle"):
        _engine.tessellate(box, np.empty((0, 2)), [])
    with pytest.raises(GeometryError, match=r"weights must have shape \(2,\)"):
        _engine.tessellate(box, positions, [1.0])
    with pytest.raises(GeometryError, match="particle 1 has a weight that is NaN"):
        _engine.tessellate(box, positions, [1.0, np.nan])
    with pytest.raises(GeometryError, match="particle 0 has a position that is NaN or infinite"):
        _engine.tessellate(box, [[np.inf, 0.0], [0.5, 0.6]], [1.0, 1.0])
    with pytest.raises(GeometryError, match="particle 1 lies more than a million boxes away"):
        _engine.tessellate(box, [[0.0, 0.0], [5e6, 0.0]], [1.0, 1.0])
    with pytest.raises(GeometryError, match="two dimensions only"):
        Tessellation(Glass(np.eye(3), [1.0, 1.0, 1.0], diameters=np.ones(3)))
