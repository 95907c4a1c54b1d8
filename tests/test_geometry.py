"""Neighbour pairs: each pair within its cutoff occurs once, at any strain, in any box down to two cutoffs."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from brute_force import SHAPES, pair_scales, pair_set
from glassplast import Glass
from glassplast.errors import GeometryError
from samples import random_glass


def engine_pairs(glass):
    network = glass.potential_energy().network(glass.positions)
    return sorted(
        (i, j, *np.round(r, 9)) for i, j, r in zip(network.first, network.second, network.separation, strict=True)
    )


@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("strain", [-1.0, -0.73, -0.5, -0.2, 0.0, 0.31, 0.5, 0.86, 1.0])
@pytest.mark.parametrize("model", ["lj", "poly"])
def test_pairs_are_those_of_the_image_sum(model, strain, dimension):
    count = {("lj", 2): 64, ("lj", 3): 343, ("poly", 2): 36, ("poly", 3): 125}[model, dimension]
    glass = random_glass(model, count, dimension, strain, seed=3)
    assert engine_pairs(glass) == pair_set(glass)


@pytest.mark.parametrize("sides", [(1.6, 0.7), (0.6, 1.9)])
@pytest.mark.parametrize("strain", [-0.9, 0.0, 0.4])
def test_pairs_in_rectangular_sheared_boxes(sides, strain):
    glass = random_glass("lj", 196, strain=strain, seed=5, sides=sides)
    assert engine_pairs(glass) == pair_set(glass)


def test_pairs_in_a_tilted_cell_with_an_origin_and_particles_outside_it():
    rng = np.random.default_rng(8)
    base = random_glass("poly", 100, seed=8)
    cell = np.array([[10.3, 4.9], [1.7, 9.8]])
    fractions = base.positions / base.cell[0, 0]
    shifts = rng.integers(-3, 4, fractions.shape)
    glass = Glass(
        (fractions + shifts) @ cell.T + [5.0, -7.0], cell, "poly", diameters=base.diameters, origin=[5.0, -7.0]
    )
    assert engine_pairs(glass) == pair_set(glass)


@pytest.mark.parametrize("dimension", [2, 3])
def test_box_of_exactly_two_cutoffs_is_the_smallest(dimension):
    glass = random_glass("poly", 4**dimension, dimension, seed=1)
    range_ = SHAPES["poly"][1] * pair_scales(glass)[0].max()
    scale = 2 * range_ / glass.cell[0, 0]
    fits = Glass(glass.positions * scale, 2 * range_, "poly", diameters=glass.diameters)
    assert engine_pairs(fits) == pair_set(fits)
    small = Glass(fits.positions, 2 * range_ * (1 - 1e-9), "poly", diameters=glass.diameters)
    with pytest.raises(GeometryError, match="too small"):
        small.potential_energy()


def test_a_kept_list_follows_moving_particles_and_a_sheared_box():
    rng = np.random.default_rng(2)
    glass = random_glass("lj", 100, seed=2)
    potential = glass.potential_energy()
    positions = glass.positions.copy()
    strain = 0.0
    for _ in range(60):
        step = rng.normal(scale=0.02)
        positions = positions + rng.normal(scale=0.01, size=positions.shape)
        positions[:, 0] += step * positions[:, 1]
        strain += step
        box = glass.box.sheared(strain)
        potential.box = box
        kept = potential.network(positions)
        fresh = glass.replace(positions=positions, box=box).potential_energy().network(positions)
        assert np.array_equal(kept.first, fresh.first) and np.array_equal(kept.second, fresh.second)
        assert np.abs(kept.separation - fresh.separation).max() < 1e-12  # round-off of wrapping
    assert 1 < potential.list_builds < 60


def test_a_refused_configuration_leaves_no_list_behind():
    """A list half made must not pass for current, nor a particle that is nowhere be passed over."""
    glass = random_glass("lj", 100, seed=2)
    energy = glass.potential_energy().evaluate(glass.positions)[0]
    for wrong in (np.nan, np.inf, 1e15):
        bad = glass.positions.copy()
        bad[3, 0] = wrong
        for potential in (glass.potential_energy(), glass.potential_energy()):
            for _ in range(2):
                with pytest.raises(GeometryError, match="particle 3"):
                    potential.evaluate(bad)
            assert potential.evaluate(glass.positions)[0] == pytest.approx(energy, rel=1e-13)
            with pytest.raises(GeometryError, match="particle 3"):
                potential.network(bad)


def test_the_box_of_a_potential_is_a_copy():
    glass = random_glass("lj", 100, seed=2)
    potential = glass.potential_energy()
    box = potential.box
    potential.box = glass.box.sheared(0.1)
    assert box == glass.box != potential.box


def test_a_cell_that_mirrors():
    """Its second vector along x tells no strain, which must then be given; the physics is that of the square."""
    glass = random_glass("lj", 100, seed=2)
    swapped = glass.cell[:, ::-1]
    with pytest.raises(GeometryError, match="give strain"):
        Glass(glass.positions, swapped, "lj", species=glass.species)
    mirrored = Glass(glass.positions, swapped, "lj", species=glass.species, strain=0.0)
    energy, _, stress = mirrored.potential_energy().evaluate(mirrored.positions)
    energy2, _, stress2 = glass.potential_energy().evaluate(glass.positions)
    assert energy == pytest.approx(energy2, rel=1e-13)
    assert np.abs(stress - stress2).max() < 1e-12 * np.abs(stress2).max()


@pytest.mark.parametrize("tilt", [3e10, -1e11])
def test_a_cell_beyond_reduction_is_refused(tilt):
    with pytest.raises(GeometryError, match="too oblique"):
        Glass([[0.0, 0.0]], [[10.0, tilt], [0.0, 10.0]], diameters=[1.0], strain=0.0)


def test_threads_share_a_potential():
    """Each sees the energy of its own positions, whoever made the list."""
    glass = random_glass("lj", 400, seed=3)
    shared = glass.potential_energy()

    def work(seed):
        rng = np.random.default_rng(seed)
        worst = 0.0
        for _ in range(40):
            moved = glass.positions + rng.normal(scale=0.1, size=glass.positions.shape)
            alone = glass.potential_energy().evaluate(moved)[0]
            worst = max(worst, abs(shared.evaluate(moved)[0] / alone - 1.0))
        return worst

    with ThreadPoolExecutor(4) as pool:
        assert max(pool.map(work, range(4))) < 1e-12


def test_strain_and_strain_plus_one_are_one_state():
    glass = random_glass("lj", 100, strain=0.2, seed=4)
    # A square cell sheared by 1 spans the same lattice.
    other = Glass(glass.positions, glass.cell[0, 0], "lj", species=glass.species, strain=1.2)
    energy, forces, stress = glass.potential_energy().evaluate(glass.positions)
    energy2, forces2, stress2 = other.potential_energy().evaluate(other.positions)
    assert energy2 == pytest.approx(energy, rel=1e-13)
    assert np.abs(forces - forces2).max() < 1e-12 * np.abs(forces).max()
    assert np.abs(stress - stress2).max() < 1e-12 * np.abs(stress).max()
