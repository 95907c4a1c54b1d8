"""Sums over all modes by dephasing against all modes from dense diagonalization."""

import numpy as np
import pytest

from dense import dense
from glassplast import Analysis, Results, indicators
from glassplast.errors import ArgumentError, GeometryError, InstabilityError
from glassplast.indicators import nonaffine_modulus
from glassplast.response import mode_sums
from glassplast.scores import spearman
from samples import lattice_with_a_rattler, random_glass, small_minimum, two_slabs

GLASSES = {
    "lj": lambda: small_minimum("lj", 400, seed=8),
    "poly, sheared": lambda: small_minimum("poly", 400, strain=0.3, seed=8),
    "kob_andersen in 3D": lambda: small_minimum("kob_andersen", 216, 3, 0.1, seed=8),
    "two clusters": lambda: two_slabs(mixed=True),
}


@pytest.fixture(scope="module", params=GLASSES)
def analysis(request):
    return Analysis(GLASSES[request.param](), progress=False)


def exact(analysis, first, second):
    """The sum over modes of (Psi . u) (Psi . v) |Psi_i|^2 from dense diagonalization."""
    H, core = dense(analysis)
    _, vectors = np.linalg.eigh(H)
    kept = slice(analysis.solver.translations, None)
    weights = (vectors.T @ first[core].ravel())[kept] * (vectors.T @ second[core].ravel())[kept]
    squares = np.sum(vectors.reshape(len(core), analysis.glass.dimension, -1) ** 2, axis=1)[:, kept]
    field = np.full(len(analysis.glass), np.nan)
    field[core] = squares @ weights
    return field


def loads(analysis):
    load = analysis.affine_gradient(31.0)
    return load, analysis.solve(load)


def relative_error(found, expected):
    known = ~np.isnan(expected)
    return np.abs(found[known] / expected[known] - 1.0)


@pytest.mark.parametrize("accuracy", [0.03, 0.01])
def test_the_median_error_is_within_the_accuracy_and_the_estimate_covers_it(analysis, accuracy):
    found = mode_sums(analysis, *loads(analysis), accuracy=accuracy)
    errors = relative_error(found.field, exact(analysis, *loads(analysis)))
    assert found.converged and found.error <= accuracy
    # A single estimate of an error has an error itself.
    assert np.median(errors) < 1.3 * found.error
    assert np.quantile(errors, 0.95) < 6.0 * found.error


def test_the_error_falls_with_the_steps_as_it_should(analysis):
    expected = exact(analysis, *loads(analysis))
    rough, fine = (mode_sums(analysis, *loads(analysis), accuracy=accuracy) for accuracy in (0.05, 0.003))
    assert fine.steps > 4 * rough.steps
    medians = [np.median(relative_error(found.field, expected)) for found in (rough, fine)]
    # At least like steps^-0.6; in the mean it is steps^-0.75.
    assert medians[1] < medians[0] * (rough.steps / fine.steps) ** 0.6


def test_the_sum_over_particles_is_the_product_of_the_fields(analysis):
    u, v = loads(analysis)
    found = mode_sums(analysis, u, v, accuracy=0.01)
    # What is left are the ends of the window.
    assert np.nansum(found.field) == pytest.approx(
        np.nansum(u * v), rel=3.0 / found.steps * analysis.glass.positions.size
    )


def test_other_functions_of_the_eigenvalues(analysis):
    """With v = H u the weights are c^2 lambda, and with v = u they are c^2."""
    H, core = dense(analysis)
    u = np.zeros(analysis.glass.positions.shape)
    u[core] = np.random.default_rng(3).normal(size=u[core].shape)
    image = np.zeros_like(u)
    image[core] = (H @ u[core].ravel()).reshape(u[core].shape)
    for v in (u, image):
        found = mode_sums(analysis, u, v, accuracy=0.01)
        assert np.median(relative_error(found.field, exact(analysis, u, v))) < 0.013


def test_rattlers_have_no_value():
    analysis = Analysis(lattice_with_a_rattler(), progress=False)
    found = mode_sums(analysis, *loads(analysis), accuracy=0.05, most_steps=2048)
    assert np.array_equal(np.isnan(found.field), analysis.rattlers) and analysis.rattlers.any()


def test_threads_change_no_bit():
    glass = small_minimum("poly", 4900, seed=1)
    found = [
        mode_sums(one, *loads(one), accuracy=0.1)
        for one in (Analysis(glass, threads=threads, progress=False) for threads in (1, 2))
    ]
    assert found[0].steps == found[1].steps
    assert np.array_equal(found[0].field, found[1].field, equal_nan=True)


# --- the indicator ----------------------------------------------------------------------------------------------------


def test_the_nonaffine_modulus_by_dephasing_ranks_like_that_of_all_modes(analysis):
    estimate = nonaffine_modulus.nonaffine_modulus(analysis, loading=31.0, accuracy=0.01)
    all_modes = nonaffine_modulus.nonaffine_modulus(analysis, loading=31.0, modes="all")
    assert np.median(relative_error(estimate, all_modes)) < 0.013
    assert spearman(estimate, all_modes) > 0.995


def test_which_way_is_taken_is_on_record(tmp_path):
    small, large = (Analysis(small_minimum("poly", n, seed=2), progress=False) for n in (100, 576))
    (one, other) = (indicators.compute(analysis, ["nonaffine_modulus"]) for analysis in (small, large))
    assert one.notes["nonaffine_modulus"] == "sum over all modes"
    assert "by dephasing" in other.notes["nonaffine_modulus"] and "median error" in other.notes["nonaffine_modulus"]
    options = {"nonaffine_modulus": {"modes": 20}}
    assert "20 lowest" in indicators.compute(large, ["nonaffine_modulus"], options=options).notes["nonaffine_modulus"]
    results = Results(large.glass)
    results.add(other)
    results.save(tmp_path / "results.h5")
    assert Results.load(tmp_path / "results.h5").notes == other.notes


def test_a_repeated_call_computes_nothing(monkeypatch):
    analysis = Analysis(small_minimum("poly", 576, seed=2), progress=False)
    first = indicators.compute(analysis, ["nonaffine_modulus"])["nonaffine_modulus"]
    monkeypatch.setattr(nonaffine_modulus, "mode_sums", None)
    again = indicators.compute(analysis, ["nonaffine_modulus"])["nonaffine_modulus"]
    assert again is first


def test_an_accuracy_that_is_not_reached_is_said(caplog, monkeypatch):
    analysis = Analysis(small_minimum("poly", 100, seed=2), progress=False)
    sums = mode_sums(analysis, *loads(analysis), accuracy=1e-6, most_steps=2048)
    assert not sums.converged and sums.steps == 2048 and sums.error > 1e-6
    monkeypatch.setattr(nonaffine_modulus, "mode_sums", lambda *given, **options: sums)
    nonaffine_modulus.nonaffine_modulus(analysis, accuracy=1e-6)
    assert "after 2048 steps" in caplog.text


def test_what_cannot_be_meant(analysis):
    u, v = loads(analysis)
    with pytest.raises(ArgumentError, match="accuracy must lie between 0 and 1"):
        mode_sums(analysis, u, v, accuracy=0.0)
    with pytest.raises(ArgumentError, match="most_steps must be at least 1024"):
        mode_sums(analysis, u, v, most_steps=10)
    with pytest.raises(GeometryError, match="first must have shape"):
        mode_sums(analysis, u[:3], v)
    with pytest.raises(GeometryError, match="second must be finite"):
        mode_sums(analysis, u, np.full_like(v, np.inf))
    with pytest.raises(ArgumentError, match="give modes or accuracy"):
        nonaffine_modulus.nonaffine_modulus(analysis, modes="all", accuracy=0.1)
    shaken = Analysis(random_glass("poly", 64, seed=2), progress=False)
    with pytest.raises(InstabilityError, match="unstable modes"):
        mode_sums(shaken, shaken.forces, shaken.forces)
    with pytest.raises(InstabilityError, match="equilibrium"):
        nonaffine_modulus.nonaffine_modulus(shaken, accuracy=0.1)
