"""Modes slice by slice of the spectrum, against dense diagonalization and the inertia."""

import numpy as np
import pytest

from dense import dense
from glassplast import Analysis
from glassplast.errors import ArgumentError, ConvergenceError
from samples import lattice_with_a_rattler, random_glass, small_minimum, two_slabs

GLASSES = {
    "lj": lambda: small_minimum("lj", 400, seed=3),
    "poly, sheared": lambda: small_minimum("poly", 400, strain=0.3, seed=3),
    "lj in 3D": lambda: small_minimum("lj", 216, 3, 0.1, seed=3),
    "two clusters": two_slabs,
    "a rattler": lattice_with_a_rattler,
}


@pytest.fixture(scope="module", params=GLASSES)
def analysis(request):
    return Analysis(GLASSES[request.param](), threads=1)


@pytest.fixture(scope="module")
def spectrum(analysis):
    """All eigenvalues but those of the translations, and the dense Hessian with the particles that it is of."""
    H, core = dense(analysis)
    values = np.linalg.eigvalsh(H)
    translations = analysis.solver.translations
    assert np.abs(values[:translations]).max() < 1e-9 < values[translations]
    return values[translations:], H, core


def sparse_modes(analysis, count, slice_size):
    values, vectors, certificate = analysis.solver.lowest_modes(count, 1e-10, None, slice_size)
    return values, vectors, certificate


# Slices of a few modes have bounds everywhere, also amid the equal eigenvalues of the crystals.
@pytest.mark.parametrize("slice_size", [5, 13, 40])
def test_slices_together_hold_the_lowest_modes(analysis, spectrum, slice_size):
    values, H, core = spectrum
    count = min(150, values.size)
    found, vectors, certificate = sparse_modes(analysis, count, slice_size)
    assert np.abs(found - values[:count]).max() < 1e-12 * values[-1]
    flat = vectors[:, core].reshape(count, -1)
    assert np.abs(flat @ H - found[:, None] * flat).max() < 1e-10 * values[-1]
    # Neighbours in different slices are orthogonal to their residuals over the distance of their eigenvalues.
    assert np.abs(flat @ flat.T - np.eye(count)).max() < 1e-7
    assert np.abs(np.nansum(vectors, axis=1)).max() < 1e-9  # no translation in any mode
    assert certificate["count"] >= count
    assert certificate["count"] == np.count_nonzero(values < certificate["bound"])


def test_the_whole_spectrum(analysis, spectrum):
    values = spectrum[0]
    found, vectors, certificate = sparse_modes(analysis, values.size, 30)
    assert np.abs(found - values).max() < 1e-12 * values[-1]
    assert certificate["count"] == values.size
    squares = np.nansum(vectors**2, axis=(0, 2))
    # Completeness: over all modes, translations with them, |Psi_i|^2 is d.
    members = np.count_nonzero(~analysis.rattlers) / analysis.solver.clusters
    d = analysis.glass.dimension
    assert np.allclose(squares[~analysis.rattlers], d - d / members, atol=1e-8)


def test_threads_change_no_bit(analysis):
    solver = Analysis(analysis.glass, threads=2).solver
    one, two = (s.lowest_modes(100, 1e-10, None, 12) for s in (analysis.solver, solver))
    assert np.array_equal(one[0], two[0]) and np.array_equal(one[1], two[1], equal_nan=True)
    assert one[2] == two[2]


def test_a_part_of_the_spectrum(analysis, spectrum):
    values, _, _ = spectrum
    gaps = np.diff(values)
    first, last = (begin + int(np.argmax(gaps[begin : begin + 20])) for begin in (20, 50))
    lower, upper = (0.5 * (values[k] + values[k + 1]) for k in (first, last))
    found, _, residual = analysis.solver.modes_between(lower, upper)
    assert found.size == last - first
    assert np.abs(found - values[first + 1 : last + 1]).max() < 1e-12 * values[-1]
    assert residual < 1e-10 * values[-1]
    # A mode that is not there is missed, and said so.
    with pytest.raises(ConvergenceError, match=f"found .* modes between .* the inertia counts {last - first + 1}"):
        analysis.solver.modes_between(lower, upper, last - first + 1)


def test_nothing_between_two_eigenvalues(analysis, spectrum):
    values = spectrum[0]
    k = int(np.argmax(np.diff(values)))
    width = values[k + 1] - values[k]
    found, vectors, _ = analysis.solver.modes_between(values[k] + 0.3 * width, values[k] + 0.6 * width)
    assert found.size == 0 and vectors.shape == (0, *analysis.glass.positions.shape)
    with pytest.raises(ArgumentError, match="lower must be less than upper"):
        analysis.solver.modes_between(2.0, 1.0)


def test_modes_of_an_unstable_state_slice_by_slice():
    analysis = Analysis(random_glass("poly", 400, seed=4))
    H, core = dense(analysis)
    values = np.linalg.eigvalsh(H)
    kept = values[np.abs(values) > 1e-10 * values[-1]]
    assert (kept[:100] < 0.0).sum() > 3
    found, vectors, _ = sparse_modes(analysis, 100, 12)
    assert np.abs(found - kept[:100]).max() < 1e-12 * values[-1]
    flat = vectors[:, core].reshape(100, -1)
    assert np.abs(flat @ H - found[:, None] * flat).max() < 1e-10 * values[-1]


def test_a_residual_that_cannot_be_had(analysis):
    with pytest.raises(ConvergenceError, match="residual"):
        analysis.solver.lowest_modes(60, 1e-30, None, 12)


def test_progress_is_told_and_may_interrupt(analysis):
    heard = []

    def stop(count, _):
        heard.append(count)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        analysis.solver.lowest_modes(100, 1e-10, stop, 12)
    assert len(heard) == 1
