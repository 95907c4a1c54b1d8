"""Structure functions for learning against direct sums over all pairs and images."""

import numpy as np
import pytest

from glassplast import Glass, _engine
from glassplast.errors import ArgumentError, GeometryError, ModelError
from glassplast.softness import (
    BehlerParrinelloFeatures,
    BinFeatures,
    TriangleFeatures,
    default_features,
    named_features,
)
from glassplast.softness.features import features_of, features_record
from neighborhoods import equivalents, ordered_pairs, tiny_glass
from samples import random_glass

CASES = [(2, 0.0), (2, 0.4), (2, -1.7), (3, 0.0), (3, 0.7)]


def triangles(glass, features):
    """The paper's equations B6 to B9, pair by pair."""
    x = features.first * features.factor ** np.arange(-1, features.count + 1, dtype=float)
    i, j, r = ordered_pairs(glass, x[-1] * glass.diameters.max())
    d = glass.diameters
    ratio = np.linalg.norm(r, axis=1) / (0.5 * (d[i] + d[j]) * (1.0 - features.nonadditivity * np.abs(d[i] - d[j])))
    result = np.zeros((len(glass), features.count))
    for m in range(1, features.count + 1):
        below = np.where((x[m - 1] < ratio) & (ratio < x[m]), 1.0 - (ratio - x[m]) / (x[m - 1] - x[m]), 0.0)
        above = np.where((x[m] < ratio) & (ratio < x[m + 1]), 1.0 - (ratio - x[m]) / (x[m + 1] - x[m]), 0.0)
        result[:, m - 1] = np.bincount(i, weights=below + above, minlength=len(glass))
    return result


@pytest.mark.parametrize(("dimension", "strain"), CASES)
def test_triangles_are_the_equations_of_the_paper(dimension, strain):
    # The reach, 8.7, is several times the box: hundreds of images.
    features = TriangleFeatures() if dimension == 2 else TriangleFeatures(count=15)
    glass = tiny_glass(dimension, strain)
    found = features.compute(glass)
    assert found.shape == (len(glass), features.count + 1)
    assert np.allclose(found[:, :-1], triangles(glass, features), rtol=0.0, atol=1e-9)
    assert np.array_equal(found[:, -1], glass.diameters)


def test_the_paper_has_26_and_129_features():
    poly, lj = TriangleFeatures(), BinFeatures.of("lj")
    assert len(poly.names) == 26 and len(set(poly.names)) == 26
    assert len(lj.names) == 129 and len(set(lj.names)) == 129
    assert (
        poly.knots[0] == 0.5
        and poly.knots[1] == pytest.approx(0.55)
        and poly.knots[-1] == pytest.approx(4.9249, abs=1e-4)
    )
    assert lj.edges[0] == 0.8 and lj.edges[-1] == pytest.approx(2.4)
    assert lj.names[0].startswith("L") and lj.names[64].startswith("S") and lj.names[128] == "diameter"
    assert lj.lengths[0][1] == 1.0 and lj.lengths[1][1] == pytest.approx(2.0 * np.sin(np.pi / 5.0))


@pytest.mark.parametrize(("dimension", "strain"), CASES)
def test_bins_count_neighbours_of_each_species(dimension, strain):
    rng = np.random.default_rng(1)
    species = rng.integers(0, 2, 6)
    glass = tiny_glass(dimension, strain, count=6, species=species, model="lj", diameters=None)
    features = BinFeatures.of("lj")
    i, j, r = ordered_pairs(glass, features.edges[-1] * 1.2)
    x = np.linalg.norm(r, axis=1) / np.array(features.lengths)[species[i], species[j]]
    place = np.searchsorted(features.edges, x, side="right") - 1
    inside = (place >= 0) & (place < features.count)
    direct = np.zeros((len(glass), 2, features.count))
    np.add.at(direct, (i[inside], 1 - species[j[inside]], place[inside]), 1.0)
    assert np.array_equal(features.compute(glass)[:, :-1], direct.reshape(len(glass), -1))
    assert np.array_equal(features.compute(glass)[:, -1], glass.diameters)


def test_bins_are_half_open():
    # Two particles of one species at a distance that is an edge exactly: it belongs to the bin that it begins.
    glass = Glass([[0.0, 0.0], [1.0, 0.0]], 10.0, diameters=[1.0, 1.0], species=[0, 0])
    features = BinFeatures(((1.0,),), first=0.5, width=0.25, count=4)
    assert features.compute(glass)[:, :4].tolist() == [[0, 0, 1, 0], [0, 0, 1, 0]]


@pytest.mark.parametrize(("dimension", "strain"), CASES[:4])
def test_behler_parrinello_against_direct_sums(dimension, strain):
    features = BehlerParrinelloFeatures(species=2, cutoff=2.0, centers=(0.5, 1.0, 1.5), width=0.2)
    species = np.array([0, 1, 1, 0, 1])
    glass = tiny_glass(dimension, strain, species=species)
    i, j, r = ordered_pairs(glass, features.cutoff)
    length = np.linalg.norm(r, axis=1)
    pairs = {(0, 0): 0, (0, 1): 1, (1, 0): 1, (1, 1): 2}
    radial = np.zeros((len(glass), 2, 3))
    angular = np.zeros((len(glass), 3, len(features.angular)))
    for center in range(len(glass)):
        own = np.flatnonzero(i == center)
        for k in own:
            radial[center, species[j[k]]] += np.exp(-(((length[k] - np.array(features.centers)) / features.width) ** 2))
        for a, k in enumerate(own):
            for other in own[:a]:
                apart = np.linalg.norm(r[k] - r[other])
                cosine = r[k] @ r[other] / (length[k] * length[other])
                total = length[k] ** 2 + length[other] ** 2 + apart**2
                angular[center, pairs[species[j[k]], species[j[other]]]] += [
                    np.exp(-total / xi**2) * (1.0 + sign * cosine) ** zeta for xi, sign, zeta in features.angular
                ]
    direct = np.concatenate([radial.reshape(len(glass), -1), angular.reshape(len(glass), -1)], axis=1)
    found = features.compute(glass)
    assert found.shape[1] == len(features.names) == 2 * 3 + 3 * 22 + 1
    assert np.allclose(found[:, :-1], direct, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("model", ["lj", "poly"])
def test_the_same_physics_has_the_same_features(model):
    glass = random_glass(model, 60, strain=0.3)
    for features in (default_features(glass), named_features("behler_parrinello", glass)):
        expected = features.compute(glass)
        for name, other, order in equivalents(glass):
            if features.kind == "bins" and name != "permuted":
                # A count jumps where round-off moves a neighbour over an edge.
                assert np.mean(features.compute(other) != expected[order]) < 1e-3, name
            else:
                assert np.allclose(features.compute(other), expected[order], rtol=0.0, atol=1e-9), name


def test_positions_and_diameters_are_enough():
    with_model = random_glass("poly", 60)
    alone = Glass(with_model.positions, with_model.cell, diameters=with_model.diameters)
    assert default_features(alone).nonadditivity == 0.0
    expected = TriangleFeatures().compute(with_model)
    assert np.array_equal(TriangleFeatures(nonadditivity=0.2).compute(alone), expected)
    assert not np.array_equal(default_features(alone).compute(alone), expected)


def test_a_box_of_one_particle_sees_its_images():
    glass = Glass([[0.3, 0.4]], 1.0, diameters=[1.0])
    found = TriangleFeatures(first=1.0, factor=1.2, count=1).compute(glass)
    assert found[0, 0] == pytest.approx(4.0)


def test_what_makes_no_sense_is_refused():
    glass = random_glass("poly", 25)
    box, x, d = glass.box, glass.positions, glass.diameters
    knots = np.array([0.5, 1.0, 1.5])
    for wrong, words in (
        (lambda: _engine.triangle_features(box, x, d, 0.2, knots[::-1]), "increase"),
        (lambda: _engine.triangle_features(box, x, d, 0.2, knots[:2]), "at least 3"),
        (lambda: _engine.triangle_features(box, x, -d, 0.2, knots), "not positive"),
        (lambda: _engine.triangle_features(box, x, d, 5.0, knots), "nonadditivity"),
        (lambda: _engine.triangle_features(box, x, d[:3], 0.2, knots), "diameters"),
        (lambda: _engine.bin_features(box, x, np.ones(25, int), [[1.0]], knots), "species"),
        (lambda: _engine.bin_features(box, x, np.zeros(25, int), [[1.0, 2.0], [3.0, 1.0]], knots), "symmetric"),
        (lambda: _engine.radial_features(box, x, np.zeros(25, int), 1, knots, -1.0, 2.0), "width"),
        (lambda: _engine.angular_features(box, x, np.zeros(25, int), 1, [[1.0, 1.0]], 2.0), "functions"),
        (lambda: _engine.angular_features(box, x, np.zeros(25, int), 1, [[-1.0, 1.0, 1.0]], 2.0), "xi"),
        (lambda: TriangleFeatures(factor=1.0), "factor"),
        (lambda: BinFeatures(((1.0, 0.9), (0.8, 1.0))), "symmetric"),
        (lambda: BehlerParrinelloFeatures(angular=((1.0, 1.0, 1.5),)), "zeta"),
        (lambda: BinFeatures.of("lj").compute(glass), "species"),
    ):
        with pytest.raises((ArgumentError, GeometryError, ModelError), match=words):
            wrong()
    with pytest.raises(ModelError, match="no species"):
        BinFeatures.of("poly")


@pytest.mark.parametrize(
    "features", [TriangleFeatures(count=7), BinFeatures.of("lj", count=3), BehlerParrinelloFeatures(species=2)]
)
def test_features_are_stored_as_words_and_numbers(features):
    record = features_record(features)
    assert features_of(record) == features
    with pytest.raises(ValueError, match="features"):
        features_of({**record, "other": 1})
    with pytest.raises(ValueError, match="unknown features"):
        features_of({"kind": "pickle"})
