"""The nonaffine modulus against dense diagonalization, and its sum rule."""

import numpy as np
import pytest

from dense import dense
from glassplast import Analysis, indicators
from glassplast.errors import ArgumentError, GeometryError, InstabilityError
from glassplast.response import nonaffine_decomposition, nonaffine_sums
from samples import lattice_with_a_rattler, random_glass, small_minimum, two_slabs

GLASSES = {
    "lj": lambda: small_minimum("lj", 400, seed=8),
    "poly, sheared": lambda: small_minimum("poly", 400, strain=0.3, seed=8),
    "poly, small": lambda: small_minimum("poly", 64, seed=8),
    "kob_andersen in 3D": lambda: small_minimum("kob_andersen", 216, 3, 0.1, seed=8),
    # Unlike each other: within an eigenspace of two like ones the field would depend on the choice of modes.
    "two clusters": lambda: two_slabs(mixed=True),
    "a rattler": lattice_with_a_rattler,
}


@pytest.fixture(scope="module", params=GLASSES)
def analysis(request):
    return Analysis(GLASSES[request.param]())


def dense_field(analysis, loading):
    """(1/V) sum over modes of (Psi . Xi)^2 / lambda |Psi_i|^2, and Xi . pinv(H) . Xi / V."""
    H, core = dense(analysis)
    values, vectors = np.linalg.eigh(H)
    Xi = analysis.affine_gradient(loading)[core].ravel()
    kept = slice(analysis.solver.translations, None)
    weights = (vectors.T @ Xi)[kept] ** 2 / values[kept] / analysis.glass.volume
    squares = np.sum(vectors.reshape(len(core), analysis.glass.dimension, -1) ** 2, axis=1)[:, kept]
    field = np.full(len(analysis.glass), np.nan)
    field[core] = squares @ weights
    return field, float(Xi @ np.linalg.pinv(H, rcond=1e-11) @ Xi) / analysis.glass.volume


@pytest.mark.parametrize("loading", [0.0, 31.0, "matrix"])
def test_the_field_is_that_of_dense_diagonalization(analysis, loading):
    d = analysis.glass.dimension
    # With a rotation, which gives no force at equilibrium, and a change of volume.
    loading = np.random.default_rng(2).normal(size=(d, d)) if loading == "matrix" else loading
    expected, total = dense_field(analysis, loading)
    field = indicators.compute(analysis, ["nonaffine_modulus"], loading=loading)["nonaffine_modulus"]
    assert np.array_equal(np.isnan(field), analysis.rattlers)
    assert np.nanmax(np.abs(field - expected)) < 1e-8 * np.nanmax(expected)
    assert np.nansum(field) == pytest.approx(total, rel=1e-9)


def test_the_sum_rule_holds_for_every_loading(analysis):
    whole = nonaffine_decomposition(analysis)
    assert whole.complete
    assert (
        whole.eigenvalues.size == analysis.glass.dimension * (~analysis.rattlers).sum() - analysis.solver.translations
    )
    sums = np.nansum(whole.products, axis=2)
    assert np.abs(sums - whole.totals).max() < 1e-9 * np.abs(whole.totals).max()
    for loading in (0.0, 20.0, np.eye(analysis.glass.dimension)):
        assert abs(whole.missing(loading)) < 1e-8
        assert np.nanmin(whole.field(loading)) >= 0.0


def test_born_less_the_sum_is_the_shear_modulus(analysis):
    simple = np.zeros((analysis.glass.dimension,) * 2)
    simple[0, 1] = 1.0
    field = indicators.compute(analysis, ["nonaffine_modulus"], loading=simple)["nonaffine_modulus"]
    assert analysis.born_modulus() - np.nansum(field) == pytest.approx(analysis.shear_modulus(), rel=1e-7)


def test_some_of_the_modes(analysis):
    lowest = nonaffine_decomposition(analysis, 20)
    assert not lowest.complete and lowest.eigenvalues.size == 20
    assert 0.0 < lowest.missing(10.0) <= 1.0
    modes = analysis.modes(20)
    Xi = analysis.affine_gradient(10.0)
    weights = np.nansum(modes.vectors * Xi, axis=(1, 2)) ** 2 / modes.eigenvalues / analysis.glass.volume
    expected = np.tensordot(weights, np.sum(modes.vectors**2, axis=2), axes=1)
    assert np.allclose(lowest.field(10.0), expected, rtol=1e-10, equal_nan=True)
    complete = nonaffine_decomposition(analysis, nonaffine_decomposition(analysis).eigenvalues.size)
    assert complete.complete and abs(complete.missing(10.0)) < 1e-8


def test_further_loadings_cost_no_diagonalization(analysis):
    assert nonaffine_decomposition(analysis) is nonaffine_decomposition(analysis, "all")


def test_threads_change_no_bit():
    glass = small_minimum("poly", 324, seed=1)
    one, two = (nonaffine_decomposition(Analysis(glass, threads=threads)) for threads in (1, 2))
    assert np.array_equal(one.products, two.products, equal_nan=True)
    assert np.array_equal(one.eigenvalues, two.eigenvalues)


def test_slices_of_any_size_give_the_same():
    analysis = Analysis(small_minimum("lj", 100, seed=1))
    loads = [analysis.affine_gradient(0.0), analysis.affine_gradient(45.0)]
    whole = analysis.solver.nonaffine_sums(loads, 1e-10)
    for size in (6, 17):
        sliced = analysis.solver.nonaffine_sums(loads, 1e-10, None, size)
        assert np.abs(sliced[1] - whole[1]).max() < 1e-9 * np.abs(whole[1]).max()
        assert np.abs(sliced[0] - whole[0]).max() < 1e-12 * whole[0][-1]


def test_what_cannot_be_had(analysis, monkeypatch):
    shaken = Analysis(random_glass("poly", 64, seed=2))
    with pytest.raises(InstabilityError, match="equilibrium"):
        nonaffine_decomposition(shaken)
    with pytest.raises(InstabilityError, match="must be a minimum"):
        shaken.solver.nonaffine_sums([], 1e-10)
    with pytest.raises(ArgumentError, match=r"modes must be .* not 0"):
        nonaffine_decomposition(analysis, 0)
    monkeypatch.setattr(nonaffine_sums, "UNASKED_PARTICLES", 10)
    with pytest.raises(ArgumentError, match="modes='all'"):
        nonaffine_decomposition(analysis)
    with pytest.raises(GeometryError, match="load must have shape"):
        analysis.solver.nonaffine_sums([np.zeros((3, analysis.glass.dimension))], 1e-10)
