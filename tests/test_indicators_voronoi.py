"""Density, free volume, P and Q against their definitions, and against sum rules."""

from __future__ import annotations

import numpy as np
import pytest

from glassplast import Analysis, Glass
from glassplast.indicators.voronoi import (
    anisotropy_divergence,
    density,
    free_volume,
    triangle_divergence,
    voronoi_anisotropy,
)
from power_diagrams import area_and_centroid, clipped_cell, lifted_triangles, sheared_box


def random_disks(n, seed, strain, lengths=(5.0, 4.0)):
    rng = np.random.default_rng(seed)
    box = sheared_box(strain, lengths)
    return box, rng.uniform(size=(n, 2)) @ box.cell.T, rng.uniform(0.7, 1.6, n)


def analysis_of(box, positions, diameters):
    return Analysis(Glass(positions, box, diameters=diameters))


def transcribed(box, positions, diameters):
    """P and Q from cells clipped by all images, a convex hull, and one linear system for each triangle."""
    weights = (0.5 * diameters) ** 2
    n = len(positions)
    cells = [area_and_centroid(clipped_cell(box, positions, weights, i)) for i in range(n)]
    p = np.array([centroid for _, centroid in cells])
    visible = np.count_nonzero([area > 0.0 for area, _ in cells])
    # Two triangles for each visible particle.
    mean_area = box.volume / (2 * visible)
    at_particle = [[] for _ in range(n)]
    for corner, shift, place in zip(*lifted_triangles(box, positions, weights), strict=True):
        # p = c + G x at the three corners.
        gradient = np.linalg.solve(np.column_stack([np.ones(3), place]), p[corner])[1:]
        area = 0.5 * abs(np.linalg.det(place[1:] - place[0]))
        for k in range(3):
            if not shift[k].any():
                at_particle[corner[k]].append(np.trace(gradient) * area / mean_area)
    divergence = [np.mean(values) if values else np.nan for values in at_particle]
    return np.linalg.norm(p, axis=1), np.array(divergence)


@pytest.mark.parametrize("strain", [-1.4, -0.3, 0.0, 0.5, 1.0])
@pytest.mark.parametrize("n", [2, 6, 20])
def test_anisotropy_and_its_divergence_equal_the_definitions(n, strain):
    box, positions, diameters = random_disks(n, 10 * n, strain)
    analysis = analysis_of(box, positions, diameters)
    anisotropy, divergence = transcribed(box, positions, diameters)
    # The linear systems of slivers lose some digits.
    np.testing.assert_allclose(voronoi_anisotropy(analysis), anisotropy, atol=1e-10)
    np.testing.assert_allclose(anisotropy_divergence(analysis), divergence, atol=1e-9)


@pytest.mark.parametrize("strain", [-1.7, 0.0, 0.4])
def test_divergences_of_all_triangles_sum_to_zero(strain):
    box, positions, diameters = random_disks(300, 2, strain, (17.0, 18.0))
    analysis = analysis_of(box, positions, diameters)
    divergence = triangle_divergence(analysis.tessellation)
    assert np.abs(divergence).max() > 0.1
    assert divergence.sum() == pytest.approx(0.0, abs=1e-12 * np.abs(divergence).sum())


def test_a_uniform_expansion_has_the_divergence_two_on_every_triangle():
    # The centroids of a field p = x / 10 are out of reach of real cells; the formula is the same for any p.
    box, positions, diameters = random_disks(12, 3, 0.2)
    analysis = analysis_of(box, positions, diameters)
    inside = (analysis.tessellation.triangle_shifts == 0).all(axis=(1, 2))
    assert inside.any()
    analysis.tessellation.centroids = 0.1 * positions
    expected = 0.2 * analysis.tessellation.triangle_areas / analysis.tessellation.triangle_areas.mean()
    np.testing.assert_allclose(triangle_divergence(analysis.tessellation)[inside], expected[inside], rtol=1e-11)


def test_density_and_free_volume_add_up_to_the_box():
    box, positions, diameters = random_disks(300, 4, 0.7, (17.0, 18.0))
    analysis = analysis_of(box, positions, diameters)
    visible = ~analysis.tessellation.hidden
    disks = 0.25 * np.pi * diameters**2
    assert np.sum(disks[visible] / density(analysis)[visible]) == pytest.approx(box.volume)
    total = np.sum((free_volume(analysis) + disks)[visible])
    assert total == pytest.approx(box.volume)


def test_square_lattice_of_touching_disks():
    grid = np.stack(np.meshgrid(np.arange(4.0), np.arange(4.0)), -1).reshape(-1, 2)
    analysis = analysis_of(sheared_box(0.0, (4.0, 4.0)), grid, np.ones(16))
    np.testing.assert_allclose(density(analysis), np.pi / 4.0, rtol=1e-13)
    np.testing.assert_allclose(free_volume(analysis), 1.0 - np.pi / 4.0, rtol=1e-12)
    np.testing.assert_allclose(voronoi_anisotropy(analysis), 0.0, atol=1e-13)
    np.testing.assert_allclose(anisotropy_divergence(analysis), 0.0, atol=1e-13)


def test_loose_places_have_negative_divergence():
    # A vacancy in a hexagonal lattice: the cells around it bulge into it, their centroids with them.
    n = 10
    cell = np.array([[1.0, 0.5], [0.0, np.sqrt(0.75)]])
    grid = np.stack(np.meshgrid(np.arange(n), np.arange(n)), -1).reshape(-1, 2)
    hole = np.flatnonzero((grid == 5).all(axis=1))[0]
    keep = np.arange(n * n) != hole
    positions = (grid @ cell.T)[keep]
    box = sheared_box(0.5 / np.sqrt(0.75), (n, n * np.sqrt(0.75)))
    analysis = analysis_of(box, positions, np.ones(n * n - 1))
    around = np.linalg.norm(positions - cell @ [5, 5], axis=1) < 1.01
    assert around.sum() == 6
    divergence = triangle_divergence(analysis.tessellation)
    inside_the_hole = around[analysis.tessellation.triangles].all(axis=1)
    assert (divergence[inside_the_hole] < 0.0).all()
    assert np.argmax(voronoi_anisotropy(analysis)) in np.flatnonzero(around)


def test_hidden_particles_have_no_value():
    positions = np.array([[0.5, 0.5], [0.52, 0.5], [1.5, 0.4], [1.3, 1.5], [0.4, 1.4]])
    diameters = np.array([1.4, 0.3, 1.0, 1.0, 0.9])
    analysis = analysis_of(sheared_box(0.3, (2.0, 2.0)), positions, diameters)
    assert analysis.tessellation.hidden.tolist() == [False, True, False, False, False]
    for field in (
        density(analysis),
        free_volume(analysis),
        voronoi_anisotropy(analysis),
        anisotropy_divergence(analysis),
    ):
        np.testing.assert_array_equal(np.isnan(field), analysis.tessellation.hidden)
    assert np.isfinite(triangle_divergence(analysis.tessellation)).all()
