"""Energies and forces in boxes of every kind, against image sums, and under all that must not change them."""

import numpy as np
from hypothesis import strategies as st

from brute_force import energy as image_sum
from glassplast import Analysis, Glass
from properties import EXAMPLES, bases, glasses, holds, rotations


def same(found, expected, scale=None, digits=1e-11):
    scale = np.abs(expected).max() if scale is None else scale
    assert np.abs(np.asarray(found) - expected).max() <= digits * scale


def scale_of(glass):
    """The sum of the sizes of all pair energies: round-off is relative to it."""
    return max(float(np.abs(Analysis(glass).pairs.phi).sum()), 1e-300)


@EXAMPLES
def test_energies_are_image_sums(examples):
    def check(glass):
        same(Analysis(glass).energy, image_sum(glass).parts[0], scale_of(glass))

    holds(check, glasses(), examples=examples)


@EXAMPLES
def test_translations_and_other_images_change_nothing(examples):
    def check(glass, data):
        shift = data.draw(st.lists(st.floats(-50.0, 50.0), min_size=glass.dimension, max_size=glass.dimension))
        cells = np.random.default_rng(data.draw(st.integers(0, 999))).integers(-3, 4, glass.positions.shape)
        moved = glass.replace(positions=glass.positions + shift + cells @ glass.cell.T)
        compare(glass, moved)

    holds(check, glasses(), st.data(), examples=examples)


@EXAMPLES
def test_other_vectors_of_the_lattice_change_nothing(examples):
    def check(glass, data):
        compare(glass, glass.replace(box=data.draw(bases(glass.cell))))

    holds(check, glasses(), st.data(), examples=examples)


@EXAMPLES
def test_the_cell_vectors_that_shear_adds_change_nothing(examples):
    def check(glass, whole):
        upright = glass.replace(box=np.diag(np.linalg.norm(glass.cell, axis=0)), strain=0.0, origin=None)
        strain = whole * upright.cell[0, 0] / upright.cell[1, 1]
        compare(upright, upright.replace(box=upright.box.sheared(strain), strain=strain))

    holds(check, glasses(), st.integers(-5, 5), examples=examples)


@EXAMPLES
def test_permutations_only_permute(examples):
    def check(glass, seed):
        order = np.random.default_rng(seed).permutation(len(glass))
        named = {} if glass.species is None else {"species": glass.species[order]}
        given = {} if named else {"diameters": glass.diameters[order]}
        mixed = Glass(glass.positions[order], glass.box, glass.model, strain=glass.strain, **named, **given)
        compare(glass, mixed, order=order)

    holds(check, glasses(), st.integers(0, 999), examples=examples)


@EXAMPLES
def test_rotations_turn_forces_and_stresses(examples):
    def check(glass, data):
        turn = data.draw(st.one_of(st.just(quarter(glass.dimension)), rotations(glass.dimension)))
        turned = glass.replace(positions=glass.positions @ turn.T, box=turn @ glass.cell)
        compare(glass, turned, turn=turn)

    holds(check, glasses(), st.data(), examples=examples)


def quarter(dimension):
    """A rotation by 90 degrees."""
    turn = np.eye(dimension)
    turn[:2, :2] = [[0.0, -1.0], [1.0, 0.0]]
    return turn


def compare(glass, other, *, order=slice(None), turn=None):
    """Hold energy, forces and stress of a configuration against those of another description of it."""
    here, there = Analysis(glass), Analysis(other)
    turn = np.eye(glass.dimension) if turn is None else turn
    same(there.energy, here.energy, scale_of(glass))
    # Coordinates are rounded anew, and the stiffness multiplies that.
    rounded = np.spacing(max(np.abs(glass.positions).max(), np.abs(other.positions).max(), np.abs(other.cell).max()))
    stiffness = np.abs(here.pairs.phi2).max(initial=1e-300)
    scale = np.abs(here.pairs.phi1).max(initial=1e-300) * 1e-11 + 100.0 * rounded * stiffness
    assert np.abs(there.forces - (here.forces @ turn.T)[order]).max() <= scale
    volume = glass.volume
    largest = np.abs(here.pairs.phi1 * here.pairs.distance).sum() / volume
    assert np.abs(there.stress - turn @ here.stress @ turn.T).max() <= 1e-9 * largest
    assert len(there.pairs.first) == len(here.pairs.first)
