"""Local yield stress: patches of a glass, their elastic branches, and the strength from their thresholds."""

import numpy as np
import pytest

import glassplast as gp
from glassplast.commands.entry import main
from glassplast.errors import ArgumentError, FileError, GeometryError, ModelError, UnknownNameError
from glassplast.loading import loading_angle, loading_matrix
from glassplast.probes.yield_map import grid, local_yield_stress, particle_field, residual_strength
from samples import DATA

ANGLES = (0.0, 30.0, 100.0)


def read(name, model):
    return gp.minimize(gp.read(DATA / name, model=model))


@pytest.fixture(scope="module", params=["poly", "lj"])
def glass(request):
    return read("poly_inf_1024.xyz", "poly") if request.param == "poly" else read("lj_gq_1024.data", "lj")


@pytest.fixture(scope="module")
def nodes(glass):
    return np.random.default_rng(3).random((4, 2)) * glass.cell[0, 0]


@pytest.fixture(scope="module")
def exact(glass, nodes):
    return local_yield_stress(glass, nodes=nodes, angles=ANGLES, instability=True)


# --- the patch --------------------------------------------------------------------------------------------------------


def disk_stress(glass, node, radius):
    """(1/A) of the sum over pairs, of those with one member inside by half: from the network of the whole glass."""
    network = gp.Analysis(glass).pairs
    away = glass.positions - node
    fraction = away @ np.linalg.inv(glass.cell).T
    inside = np.linalg.norm((fraction - np.rint(fraction)) @ glass.cell.T, axis=1) < radius
    weight = 0.5 * (inside[np.asarray(network.first)].astype(float) + inside[np.asarray(network.second)])
    pull = weight * network.phi1 / network.distance
    return np.einsum("k,ka,kb->ab", pull, network.separation, network.separation) / (np.pi * radius**2)


def test_the_stress_of_a_patch_is_that_of_its_pairs(glass, nodes, exact):
    for node, found, along in zip(nodes, exact.prestress, exact.stress, strict=True):
        expected = disk_stress(glass, node, 5.0)
        assert found == pytest.approx(expected, abs=1e-10 * np.abs(expected).max())
        for angle, tau in zip(np.deg2rad(ANGLES), along, strict=True):
            direct = expected[0, 1] * np.cos(2 * angle) + 0.5 * (expected[1, 1] - expected[0, 0]) * np.sin(2 * angle)
            assert tau == pytest.approx(direct, abs=1e-10)


def test_the_first_modulus_is_the_slope_of_the_stress(glass, nodes, exact):
    """From one fixed increment of 1e-6: no contact opens so early, with few exceptions."""
    first = local_yield_stress(
        glass, nodes=nodes, angles=ANGLES, stepping="fixed", method="newton", increment=1e-6, largest_strain=2e-6
    )
    error = np.abs(first.modulus / exact.modulus - 1.0)
    assert np.median(error) < 1e-4 and error.max() < 1e-2


# --- thresholds -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("increment", "relaxer", "allowed"), [(1e-4, "cg", 1e-3), (2e-5, "newton", 1e-5)])
def test_fixed_steps_find_the_same_thresholds(glass, nodes, exact, increment, relaxer, allowed):
    """They err by the square of the increment at a smooth maximum, by the increment where the stress has a kink."""
    # Conjugate gradients take seconds for each direction.
    angles = ANGLES[:1] if relaxer == "cg" else ANGLES
    fixed = local_yield_stress(
        glass, nodes=nodes[:1], angles=angles, stepping="fixed", increment=increment, method=relaxer
    )
    count = len(angles)
    assert fixed.threshold == pytest.approx(exact.threshold[:1, :count], abs=allowed)
    assert np.all(np.abs(fixed.strain - exact.strain[:1, :count]) < 20.0 * increment)
    assert fixed.stress == pytest.approx(exact.stress[:1, :count], abs=1e-12)


def test_the_instability_comes_after_the_maximum(exact):
    assert np.isfinite(exact.threshold).all() and np.isfinite(exact.instability_strain).all()
    assert np.all(exact.threshold >= exact.stress)
    assert np.all(exact.instability_strain >= exact.strain)
    # Right after the maximum the stress falls; it may rise again before the branch ends.
    later = exact.instability_strain > exact.strain + 1e-6
    assert later.any() and np.any(exact.instability_threshold[later] < exact.threshold[later])
    assert np.all(exact.largest_residual <= 1e-7)


def test_stopping_at_the_maximum_does_not_change_it(glass, nodes, exact):
    short = local_yield_stress(glass, nodes=nodes, angles=ANGLES)
    assert np.array_equal(short.threshold, exact.threshold) and np.array_equal(short.strain, exact.strain)
    assert short.evaluations.sum() < exact.evaluations.sum()


def test_pruning_changes_nothing(glass, nodes):
    whole = local_yield_stress(glass, nodes=nodes[:2])
    for loading in (0.0, 37.0, 90.0):
        _, pruned = residual_strength(glass, loading, nodes=nodes[:2])
        assert np.array_equal(pruned, whole.strength(loading))
    shear = [[0.0, 1.0], [0.0, 0.0]]
    _, pruned = residual_strength(glass, shear, nodes=nodes[:2])
    assert np.array_equal(pruned, whole.strength(0.0)) and np.array_equal(whole.strength(shear), pruned)
    with pytest.raises(ArgumentError, match="a shear in the plane"):
        whole.strength([[1.0, 0.0], [0.0, 0.0]])


def test_a_turned_sample_has_a_turned_map(glass, nodes):
    """By 90 degrees, positions and loading: forward shear of one is reverse shear of the other."""
    turn = np.array([[0.0, -1.0], [1.0, 0.0]])
    side = glass.cell[0, 0]
    # (x, y) -> (side - y, x) keeps all inside the square.
    turned = gp.minimize(glass.replace(positions=glass.positions @ turn.T + [side, 0.0]))
    places = nodes @ turn.T + [side, 0.0]
    one = local_yield_stress(glass, nodes=nodes, angles=(10.0, 60.0))
    other = local_yield_stress(turned, nodes=places, angles=(100.0, 150.0))
    assert other.stress == pytest.approx(one.stress, abs=1e-9)
    assert other.threshold == pytest.approx(one.threshold, abs=1e-7)


def test_another_cell_is_the_same_glass(glass, nodes):
    """The same periodic particles, described by a cell that is tilted by one period."""
    side = glass.cell[0, 0]
    cell = np.array([[side, side], [0.0, side]])
    kinds = {"species": glass.species} if glass.model.name == "lj" else {"diameters": glass.diameters}
    tilted = gp.Glass(glass.positions, cell, glass.model, **kinds)
    one = local_yield_stress(glass, nodes=nodes[:2], angles=ANGLES[:2])
    two = local_yield_stress(tilted, nodes=nodes[:2] + side, angles=ANGLES[:2])
    assert two.threshold == pytest.approx(one.threshold, abs=1e-7)


def test_nothing_is_claimed_beyond_the_largest_strain(glass, nodes):
    for stepping in ("exact", "fixed"):
        found = local_yield_stress(glass, nodes=nodes, angles=ANGLES, stepping=stepping, largest_strain=3e-4)
        assert np.isnan(found.threshold).all() and np.isnan(found.strength()).all()
        assert np.isfinite(found.stress).all() and np.all(found.evaluations > 0)


# --- what is made of it -----------------------------------------------------------------------------------------------


def test_strength_is_the_smallest_over_directions(exact):
    loading = 20.0
    expected = []
    for tau, before in zip(exact.threshold, exact.stress, strict=True):
        near = [
            (t - b) / np.cos(2 * np.deg2rad(a - loading))
            for a, t, b in zip(ANGLES, tau, before, strict=True)
            if np.cos(2 * np.deg2rad(a - loading)) > 0
        ]
        expected.append(min(near))
    assert exact.strength(loading) == pytest.approx(expected, rel=1e-14)
    assert exact.strength(loading + 180.0) == pytest.approx(expected, rel=1e-12)
    assert np.isfinite(exact.strength(loading, "instability")).all()
    with pytest.raises(UnknownNameError, match="maximum"):
        exact.strength(loading, "maximal")


def test_a_particle_has_the_smallest_value_around_it():
    rng = np.random.default_rng(1)
    side = 20.0
    glass = gp.Glass(rng.random((60, 2)) * side, side, diameters=np.ones(60)).sheared(0.3)
    nodes = grid(glass, 2.5)
    assert len(nodes) == 8 * 9 and np.linalg.norm(nodes[0]) < 1e-12
    values = rng.random(len(nodes))
    values[3] = np.nan
    found = particle_field(glass, nodes, values, 3.0)
    for position, value in zip(glass.positions, found, strict=True):
        shifts = [glass.cell @ [i, j] for i in (-2, -1, 0, 1, 2) for j in (-2, -1, 0, 1, 2)]
        apart = np.array([min(np.linalg.norm(position - node - shift) for shift in shifts) for node in nodes])
        assert value == np.nanmin(values[apart < 3.0])
    assert np.isnan(particle_field(glass, nodes, np.full(len(nodes), np.nan))).all()


def test_loadings_as_angles():
    for angle in (0.0, 30.0, -50.0):
        assert loading_angle(loading_matrix(angle, 2)) == pytest.approx(angle)
    assert loading_angle([[0.0, 1.0], [0.0, 0.0]]) == 0.0
    assert loading_angle(90.0) == pytest.approx(90.0)
    with pytest.raises(ArgumentError, match="must be a shear"):
        loading_angle(np.eye(2))


@pytest.fixture(scope="module")
def small():
    return gp.prepare.poly(256, 0.3, sweeps=200)


def test_the_indicator(small):
    analysis = gp.Analysis(small)
    options = {"plastic_strength": {"spacing": 6.0}}
    field = gp.indicators.compute(analysis, ["plastic_strength"], loading=30.0, options=options)["plastic_strength"]
    whole = local_yield_stress(small, spacing=6.0)
    assert np.array_equal(field, particle_field(small, whole.nodes, whole.strength(30.0)))
    options["plastic_strength"]["definition"] = "instability"
    later = gp.indicators.compute(analysis, ["plastic_strength"], loading=30.0, options=options)["plastic_strength"]
    assert np.isfinite(field).all() and not np.array_equal(later, field)
    assert gp.indicators.find("plastic_strength").softer == "small"


def test_threads_change_nothing(small):
    one, two = (local_yield_stress(small, spacing=4.0, angles=ANGLES, threads=threads) for threads in (1, 2))
    assert np.array_equal(one.threshold, two.threshold) and np.array_equal(one.evaluations, two.evaluations)


# --- files and interruptions ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 2])
def test_an_interrupted_map_goes_on(small, tmp_path, threads):
    file = tmp_path / "map.h5"
    asked = {"spacing": 3.0, "angles": ANGLES, "threads": threads}

    def stop(stage, part, note):
        if part > 0.4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        local_yield_stress(small, checkpoint=file, progress=stop, **asked)
    kept = gp.YieldMap.load(file)
    done = np.isfinite(kept.stress[:, 0])
    assert 0 < done.sum() < len(kept.nodes)
    parts = []
    resumed = local_yield_stress(small, checkpoint=file, progress=lambda *words: parts.append(words), **asked)
    whole = local_yield_stress(small, **asked)
    assert np.array_equal(resumed.threshold, whole.threshold)
    assert len(parts) < -(-len(whole.nodes) // 8)
    loaded = gp.YieldMap.load(file)
    assert np.array_equal(loaded.strength(0.0), whole.strength(0.0)) and loaded.about == whole.about
    with pytest.raises(FileError, match=r"radius is 5\.0 in the file and 4\.0 in this call"):
        local_yield_stress(small, checkpoint=file, **{**asked, "radius": 4.0})
    mirrored = gp.minimize(small.replace(positions=-small.positions))
    with pytest.raises(FileError, match="belongs to another computation: glass"):
        local_yield_stress(mirrored, checkpoint=file, **asked)
    file.write_bytes(file.read_bytes()[:3000])
    with pytest.raises(FileError, match="corrupt"):
        local_yield_stress(small, checkpoint=file, **asked)


def test_the_command(small, tmp_path):
    glass, fields = tmp_path / "glass.h5", tmp_path / "fields.csv"
    gp.write(small, glass)
    words = ["indicators", str(glass), "--names", "plastic_strength", "--option", "plastic_strength.spacing=8"]
    assert main([*words, "-o", str(fields)]) == 0
    assert len(fields.read_text().splitlines()) == 257


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"radius": 8.0}, GeometryError, "choose a smaller radius"),
        ({"radius": -1.0}, ValueError, "radius must be"),
        ({"radius": 1e-6}, GeometryError, "larger radius"),
        ({"spacing": 0.0}, ValueError, "spacing"),
        ({"stepping": "exacct"}, UnknownNameError, "exact"),
        ({"stepping": "fixed", "method": "fire"}, UnknownNameError, "newton"),
        ({"stepping": "fixed", "increment": 0.0}, ValueError, "increment"),
        ({"angles": []}, ValueError, "angles"),
        ({"nodes": [[0.0, np.nan]]}, GeometryError, "NaN"),
        ({"nodes": [0.0, 1.0]}, GeometryError, "nodes"),
        ({"largest_strain": np.inf}, ValueError, "largest_strain"),
        ({"threads": 0}, ValueError, "thread"),
    ],
)
def test_arguments_are_checked(small, changes, error, message):
    with pytest.raises(error, match=message):
        local_yield_stress(small, **{"spacing": 8.0, "angles": (0.0,), **changes})


def test_what_has_no_local_yield_stress(small):
    with pytest.raises(ModelError, match="needs a potential"):
        local_yield_stress(gp.Glass(small.positions, small.cell, diameters=small.diameters))
    with pytest.raises(GeometryError, match="two dimensions"):
        local_yield_stress(gp.prepare.kob_andersen(250, equilibration=0.5))
