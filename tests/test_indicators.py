"""The registry, and the indicators from modes and response against dense linear algebra."""

import numpy as np
import pytest

from dense import dense
from glassplast import Analysis, Glass, indicators, minimize, read
from glassplast.errors import GeometryError, InstabilityError, ModelError, UnknownNameError
from glassplast.indicators.modes import default_mode_count
from glassplast.loading import loading_matrix
from samples import DATA, small_minimum


@pytest.fixture(scope="module", params=[("lj", 0.0), ("poly", 0.3)], ids=lambda p: p[0])
def analysis(request):
    return Analysis(small_minimum(request.param[0], 100, strain=request.param[1], seed=31))


def test_soft_modes_are_those_of_dense_diagonalization(analysis):
    H, core = dense(analysis)
    values, vectors = np.linalg.eigh(H)
    expected = np.zeros(len(analysis.glass))
    for k in range(2, 7):
        mode = np.zeros_like(analysis.glass.positions)
        mode[core] = vectors[:, k].reshape(-1, 2)
        expected += np.sum(analysis.third_contraction(mode, mode) ** 2, axis=1) / values[k]
    expected[analysis.rattlers] = np.nan
    field = indicators.compute(analysis, ["soft_modes"], options={"soft_modes": {"count": 5}})["soft_modes"]
    assert np.allclose(field, expected, rtol=1e-8, equal_nan=True)


@pytest.mark.parametrize("angle", [0.0, 30.0])
def test_nonaffine_velocity_is_that_of_the_pseudo_inverse(analysis, angle):
    H, core = dense(analysis)
    Xi = analysis.affine_gradient(angle)
    velocity = np.zeros_like(Xi)
    velocity[core] = (-np.linalg.pinv(H, rcond=1e-11) @ Xi[core].ravel()).reshape(-1, 2)
    expected = np.linalg.norm(analysis.third_contraction(velocity, velocity), axis=1)
    expected[analysis.rattlers] = np.nan
    field = indicators.compute(analysis, ["nonaffine_velocity"], loading=angle)["nonaffine_velocity"]
    assert np.allclose(field, expected, rtol=1e-8, equal_nan=True)


def test_reversed_loading_reverses_the_velocity(analysis):
    forward, reverse = analysis.nonaffine_velocity(0.0), analysis.nonaffine_velocity(90.0)
    assert np.allclose(forward, -reverse, equal_nan=True, atol=1e-12)
    # Simple and pure shear agree at equilibrium: the rotation between them costs nothing.
    simple = analysis.nonaffine_velocity(np.array([[0.0, 1.0], [0.0, 0.0]]))
    assert np.nanmax(np.abs(simple - forward)) < 1e-8 * np.nanmax(np.abs(forward))


def test_rotating_sample_and_loading_together_changes_nothing():
    glass = small_minimum("lj", 100, seed=5)
    turn = np.array([[0.0, -1.0], [1.0, 0.0]])
    turned = Glass(glass.positions @ turn.T, turn @ glass.cell, "lj", species=glass.species, strain=0.0)
    matrix = loading_matrix(25.0, 2)
    one = indicators.compute(glass, loading=matrix)
    two = indicators.compute(turned, loading=turn @ matrix @ turn.T)
    for key, field in one.items():
        assert np.allclose(two[key], field, rtol=1e-6, atol=1e-9, equal_nan=True), key


def test_everything_that_can_be_had(analysis):
    fields = indicators.compute(analysis)
    structure = {"density", "free_volume", "excess_entropy", "contacts", "voronoi_anisotropy", "anisotropy_divergence"}
    order = {"hexatic", "steric_order", "potential_energy"}
    assert structure | order | {"nonaffine_velocity", "soft_modes"} <= set(fields)
    for key, field in fields.items():
        assert field.shape == (len(analysis.glass),)
        assert np.isfinite(field[~analysis.rattlers]).all(), key
    assert fields["potential_energy"].sum() == pytest.approx(analysis.energy, rel=1e-12)
    again = indicators.compute(analysis, ["soft_modes"])
    assert again["soft_modes"] is fields["soft_modes"]  # remembered
    assert list(indicators.compute(analysis, "soft_modes")) == ["soft_modes"]


def test_loadings_that_print_alike_are_not_taken_for_each_other(analysis):
    loading = np.array([[0.0, 1.0], [0.0, 0.0]])
    one, two = (indicators.compute(analysis, ["nonaffine_velocity"], loading=s * loading) for s in (1.0, 1.0 + 1e-12))
    assert one["nonaffine_velocity"] is not two["nonaffine_velocity"]


def test_without_a_model_what_needs_none_is_computed():
    glass = small_minimum("poly", 100, seed=2)
    bare = Glass(glass.positions, glass.box, diameters=glass.diameters)
    fields = indicators.compute(bare)
    assert "steric_order" in fields and "density" in fields
    assert "soft_modes" not in fields and "contacts" not in fields
    with pytest.raises(ModelError, match="needs a model"):
        indicators.compute(bare, ["soft_modes"])


def test_in_three_dimensions_planar_ones_are_left_out():
    glass = small_minimum("lj", 343, 3, seed=1)
    fields = indicators.compute(glass)
    assert "soft_modes" in fields and "contacts" in fields and "excess_entropy" in fields
    assert "hexatic" not in fields and "density" not in fields
    with pytest.raises(GeometryError, match="two dimensions"):
        indicators.compute(glass, ["hexatic"])


def test_a_rattler_has_no_response():
    glass = minimize(read(DATA / "poly_inf_10000.xyz", model="poly"))
    analysis = Analysis(glass)
    assert analysis.rattlers.any()
    field = indicators.compute(analysis, ["nonaffine_velocity"])["nonaffine_velocity"]
    assert np.array_equal(np.isnan(field), analysis.rattlers)


def test_unstable_states_are_refused(analysis):
    noise = np.random.default_rng(0).normal(scale=0.1, size=analysis.glass.positions.shape)
    shaken = analysis.glass.replace(positions=analysis.glass.positions + noise)
    with pytest.raises(InstabilityError, match="minimize"):
        indicators.compute(shaken, ["soft_modes"])
    indicators.compute(shaken, ["contacts", "density"])


def test_unknown_names_are_suggested(analysis):
    with pytest.raises(UnknownNameError, match="did you mean 'hexatic'"):
        indicators.compute(analysis, ["hexatics"])
    with pytest.raises(UnknownNameError, match="did you mean 'count'"):
        indicators.compute(analysis, ["soft_modes"], options={"soft_modes": {"counts": 4}})


def test_a_users_own_indicator():
    @indicators.register("tension", symbol="t", family="structure", softer="large")
    def tension(analysis, *, power=1):
        field = np.zeros(len(analysis.glass))
        np.add.at(field, analysis.pairs.first, np.abs(analysis.pairs.phi1) ** power)
        return field

    try:
        glass = small_minimum("poly", 64, seed=2)
        field = indicators.compute(glass, ["tension"], options={"tension": {"power": 2}})["tension"]
        assert field.sum() == pytest.approx(np.sum(Analysis(glass).pairs.phi1 ** 2))
        assert "tension" in {row["key"] for row in indicators.table()}
        with pytest.raises(ValueError, match="exists already"):
            indicators.register("tension", symbol="t", family="structure", softer="large")(tension)
        with pytest.raises(ValueError, match="softer"):
            indicators.register("other", symbol="t", family="structure", softer="big")
    finally:
        indicators.unregister("tension")


def test_number_of_modes():
    assert default_mode_count(10_000, 20_000) == 512
    assert default_mode_count(1024, 2000) == 52
    assert default_mode_count(5, 8) == 1
    assert default_mode_count(10_000, 300) == 300


def test_indicators_compute_with_the_threads_of_the_analysis(monkeypatch):
    glass = small_minimum("poly", 100, seed=1)
    analysis = Analysis(glass, threads=1)
    # Whoever asks for the number that is usual here is told that it makes no sense.
    monkeypatch.setenv("GLASSPLAST_NUM_THREADS", "none")
    options = {
        "saddle_points": {"saddles": 1, "attempts": 1, "patch_radius": 0.0},
        "softness": {"model": "poly_0.12"},
        "thermal_expansion": {"approach": "md", "duration": 5.0},
        "plastic_strength": {"radius": 2.0},
    }
    fields = indicators.compute(analysis, indicators.keys(), options=options)
    assert list(fields) == indicators.keys()
    with pytest.raises(ValueError, match="GLASSPLAST_NUM_THREADS"):
        Analysis(glass)
