"""Psi_m and Theta against freud, against direct transcriptions, and in packings with known angles."""

import itertools
import math

import freud
import numpy as np
import pytest

from brute_force import pair_scales
from glassplast import Analysis, Glass, Model
from glassplast.errors import ArgumentError, GeometryError, ModelError
from glassplast.indicators.structure import hexatic, steric_order
from neighborhoods import equivalents, ordered_pairs, replicated, tiny_glass
from samples import random_glass

FACTOR = {"lj": 1.5, "poly": 1.33, "kob_andersen": 1.5, "harmonic": 1.4, None: 1.4}
CASES = [(model, strain) for model in ("lj", "poly", "kob_andersen", "harmonic") for strain in (0.0, 0.45, -1.2)]


def contact_table(glass):
    """d_ij of all pairs (N, N); the mean diameter without a model."""
    if glass.model is None:
        return 0.5 * (glass.diameters[:, None] + glass.diameters[None, :])
    return pair_scales(glass)[0]


def neighbors(glass, factor):
    """Pairs (j, k) and separations of all neighbours k of j in all images."""
    contact = contact_table(glass)
    j, k, r = ordered_pairs(glass, factor * contact.max())
    near = np.linalg.norm(r, axis=1) < factor * contact[j, k]
    return j[near], k[near], r[near]


def transcribed_hexatic(glass, m, factor):
    j, _, r = neighbors(glass, factor)
    phase = (r[:, 0] + 1j * r[:, 1]) ** m / np.linalg.norm(r, axis=1) ** m
    sums = np.zeros(len(glass), dtype=complex)
    np.add.at(sums, j, phase)
    count = np.bincount(j, minlength=len(glass))
    return np.where(count > 0, np.abs(sums) / np.maximum(count, 1), np.nan)


def transcribed_steric_order(glass, factor):
    contact = contact_table(glass)
    all_j, all_k, all_r = neighbors(glass, factor)
    result = np.full(len(glass), np.nan)
    for j in range(len(glass)):
        around = sorted(
            (math.atan2(r[1], r[0]), np.linalg.norm(r), k, tuple(r))
            for k, r in zip(all_k[all_j == j], all_r[all_j == j], strict=True)
        )
        if len(around) < 3:
            continue
        total = 0.0
        for (_, _, k, a), (_, _, other, b) in zip(around, around[1:] + around[:1], strict=True):
            cosine = np.dot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b))
            one, two, far = contact[j, k], contact[j, other], contact[k, other]
            touching = (one**2 + two**2 - far**2) / (2.0 * one * two)
            total += abs(math.acos(max(-1.0, min(1.0, cosine))) - math.acos(max(-1.0, min(1.0, touching))))
        result[j] = total / len(around)
    return result


def lattice(columns, rows, vectors, model=None):
    """A lattice of equal particles of diameter 1."""
    vectors = np.asarray(vectors, float)
    steps = np.array(list(itertools.product(range(columns), range(rows))))
    return Glass(steps @ vectors, (vectors * [[columns], [rows]]).T, model, diameters=np.ones(columns * rows))


def flower(petal, petals):
    """A particle of the one species amid a ring of the other, each at the contact distance 1 from it."""
    angle = 2.0 * np.pi * np.arange(petals) / petals
    ring = np.c_[np.cos(angle), np.sin(angle)]
    return Glass(np.r_[[[0.0, 0.0]], ring], 20.0, "lj", species=[1 - petal] + [petal] * petals)


@pytest.mark.parametrize("m", [2, 4, 6, 9])
@pytest.mark.parametrize(("model", "strain"), CASES)
def test_hexatic_is_its_definition(model, strain, m):
    glass = random_glass(model, 49, 2, strain, seed=6)
    expected = transcribed_hexatic(glass, m, FACTOR[model])
    # Of phases that cancel to nothing only the absolute round-off counts.
    np.testing.assert_allclose(hexatic(Analysis(glass), m=m), expected, atol=1e-12)


@pytest.mark.parametrize("strain", [0.0, 0.45])
@pytest.mark.parametrize("m", [4, 6])
def test_hexatic_is_that_of_freud(strain, m):
    glass = random_glass("poly", 400, 2, strain, seed=7)
    j, k, r = neighbors(glass, 1.33)
    order = np.argsort(j, kind="stable")
    j, k, r = j[order], k[order], r[order]
    vectors = np.c_[r, np.zeros(len(r))]
    bonds = freud.locality.NeighborList.from_arrays(len(glass), len(glass), j, k, vectors)
    box = freud.box.Box(glass.cell[0, 0], glass.cell[1, 1], xy=strain, is2D=True)
    points = np.c_[glass.positions, np.zeros(len(glass))]
    reference = freud.order.Hexatic(k=m).compute((box, points), neighbors=bonds).particle_order
    # freud rounds to single precision: 1e-6 of an angle in a box of 20, times m.
    np.testing.assert_allclose(hexatic(Analysis(glass), m=m), np.abs(reference), rtol=0, atol=2e-5)


@pytest.mark.parametrize(("model", "strain"), CASES)
def test_steric_order_is_its_definition(model, strain):
    glass = random_glass(model, 49, 2, strain, seed=9)
    expected = transcribed_steric_order(glass, FACTOR[model])
    # The arc cosine of the transcription loses half of the digits for neighbours in line.
    np.testing.assert_allclose(steric_order(Analysis(glass)), expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("strain", [0.0, 0.8])
def test_without_a_model_contact_distances_are_mean_diameters(strain):
    bare = tiny_glass(2, strain, count=6, side=2.6)
    for factor in (1.4, 1.1):
        analysis = Analysis(bare)
        np.testing.assert_allclose(hexatic(analysis, factor=factor), transcribed_hexatic(bare, 6, factor), atol=1e-12)
        np.testing.assert_allclose(
            steric_order(analysis, factor=factor), transcribed_steric_order(bare, factor), atol=1e-9
        )
    np.testing.assert_array_equal(hexatic(Analysis(bare)), hexatic(Analysis(bare), factor=1.4))
    additive = Analysis(bare.replace(model=Model("harmonic")))
    np.testing.assert_array_equal(steric_order(additive), steric_order(Analysis(bare)))


@pytest.mark.parametrize("model", [None, "poly", "harmonic"])
@pytest.mark.parametrize("spacing", [0.9, 1.0, 1.2])
def test_hexagonal_crystal_is_perfect(model, spacing):
    glass = lattice(6, 6, [[spacing, 0.0], [0.5 * spacing, math.sqrt(0.75) * spacing]], model)
    analysis = Analysis(glass)
    np.testing.assert_allclose(hexatic(analysis, factor=1.33), 1.0, rtol=1e-12)
    # Equal particles in contact make angles of 60 degrees, however far apart these are.
    np.testing.assert_allclose(steric_order(analysis, factor=1.33), 0.0, atol=1e-12)


def test_square_crystal():
    analysis = Analysis(lattice(5, 5, np.eye(2)))
    np.testing.assert_allclose(hexatic(analysis, m=4), 1.0, rtol=1e-12)
    np.testing.assert_allclose(hexatic(analysis, m=6), 0.0, atol=1e-12)
    np.testing.assert_allclose(steric_order(analysis), math.pi / 2 - math.pi / 3, rtol=1e-12)


@pytest.mark.parametrize(("petal", "petals"), [(1, 5), (0, 10)])
def test_touching_species_of_the_lennard_jones_model(petal, petals):
    # What its lengths are made for: 5 L touch each other around an S, 10 S around an L.
    glass = flower(petal, petals)
    assert steric_order(Analysis(glass))[0] == pytest.approx(0.0, abs=1e-12)
    assert hexatic(Analysis(glass), m=petals)[0] == pytest.approx(1.0, abs=1e-12)
    # With one of the other species in the ring the same positions are no longer what contacts ask for.
    species = np.array(glass.species)
    species[1] = 1 - petal
    assert steric_order(Analysis(glass.replace(species=species)))[0] > 0.01


def test_contact_distances_that_make_no_triangle():
    # d_jk = 0.5 for the small one in the middle and a large one, but 1.5 for two large ones: theta2 is pi.
    model = Model("harmonic", {"nonadditivity": 0.5})
    ring = 0.6 * np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
    glass = Glass(ring, 20.0, model, diameters=[0.5, 1.5, 1.5, 1.5, 1.5])
    assert steric_order(Analysis(glass))[0] == pytest.approx(math.pi / 2, rel=1e-12)


def test_angle_over_pi_is_taken_from_the_other_side():
    # Three neighbours within a half plane: gaps of 60, 60 and 240 degrees, of which 120 are meant.
    angle = np.deg2rad([90.0, 150.0, 210.0])
    glass = Glass(np.r_[[[0.0, 0.0]], np.c_[np.cos(angle), np.sin(angle)]], 20.0, diameters=np.ones(4))
    order = steric_order(Analysis(glass), factor=1.2)
    assert order[0] == pytest.approx((0.0 + 0.0 + np.deg2rad(120 - 60)) / 3.0, rel=1e-12)


def test_particles_with_few_neighbors_have_no_value():
    # A pair, a lonely particle, and three in a row.
    positions = [[0.0, 0.0], [1.0, 0.0], [10.0, 10.0], [0.0, 20.0], [1.0, 20.0], [2.0, 20.0]]
    analysis = Analysis(Glass(positions, 40.0, diameters=np.ones(6)))
    assert np.isnan(steric_order(analysis)).all()
    np.testing.assert_allclose(hexatic(analysis), [1.0, 1.0, np.nan, 1.0, 1.0, 1.0], rtol=1e-14)


@pytest.mark.parametrize(("model", "strain"), [("lj", 0.3), ("poly", -0.6)])
def test_bond_order_does_not_depend_on_how_a_configuration_is_written(model, strain):
    glass = random_glass(model, 64, 2, strain, seed=12)
    psi, theta = hexatic(Analysis(glass)), steric_order(Analysis(glass))
    for name, same, order in equivalents(glass):
        np.testing.assert_allclose(hexatic(Analysis(same)), psi[order], atol=1e-12, err_msg=name)
        np.testing.assert_allclose(steric_order(Analysis(same)), theta[order], atol=1e-12, err_msg=name)


def test_images_of_a_particle_are_neighbors():
    small = tiny_glass(2, 0.2, count=2, side=1.1)
    large = replicated(small, 4)
    for indicator in (hexatic, steric_order):
        np.testing.assert_allclose(
            indicator(Analysis(large), factor=1.7)[:2], indicator(Analysis(small), factor=1.7), atol=1e-12
        )


def test_what_makes_no_sense_is_refused():
    with pytest.raises(GeometryError, match="two dimensions"):
        hexatic(Analysis(tiny_glass(3)))
    with pytest.raises(ArgumentError, match="factor must be positive"):
        steric_order(Analysis(tiny_glass(2)), factor=0.0)
    with pytest.raises(ModelError, match="diameter"):
        Glass([[0.0, 0.0]], 5.0)
