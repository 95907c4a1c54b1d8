"""Selected blocks of the pseudo-inverse against full diagonalization."""

import numpy as np
import pytest

import glassplast as gp
from dense import dense
from glassplast import Analysis
from glassplast.errors import InstabilityError
from minima import CASES, close, dense_pseudo_inverse, ends
from samples import small_minimum


@pytest.fixture(scope="module", params=CASES)
def analysis(request):
    return Analysis(CASES[request.param](), threads=1)


@pytest.fixture(scope="module")
def pseudo_inverse(analysis):
    return dense_pseudo_inverse(analysis)


def test_blocks_are_those_of_the_pseudo_inverse(analysis, pseudo_inverse):
    first, second = ends(analysis)
    count = np.arange(len(analysis.glass))
    diagonal, pairs = analysis.inverse_blocks
    assert np.isnan(diagonal[analysis.rattlers]).all()
    assert close(np.nan_to_num(diagonal), pseudo_inverse[count, :, count, :])
    assert close(pairs, pseudo_inverse[first, :, second, :])
    assert not diagonal.flags.writeable


def test_threads_change_no_bit():
    glass = small_minimum("poly", 900)
    one, two = (Analysis(glass, threads=threads).inverse_blocks for threads in (1, 2))
    assert np.array_equal(one.diagonal, two.diagonal) and np.array_equal(one.pairs, two.pairs)


def test_trace_of_the_blocks_is_that_of_the_modes(analysis):
    """Sum of 1 / lambda over all modes."""
    hessian, _ = dense(analysis)
    values = np.linalg.eigvalsh(hessian)[analysis.solver.translations :]
    vibrality = gp.indicators.compute(analysis, ["vibrality"])["vibrality"]
    assert np.nansum(vibrality) == pytest.approx(np.sum(1.0 / values), rel=1e-9)
    assert np.array_equal(np.isnan(vibrality), analysis.rattlers)


def test_memory_is_known_beforehand(analysis):
    assert analysis.solver.inverse_bytes > 8 * sum(blocks.size for blocks in analysis.inverse_blocks)


def test_further_zero_modes_are_refused():
    """Seven particles in empty space turn around each other for free."""
    corners = [[np.cos(k * np.pi / 3.0), np.sin(k * np.pi / 3.0)] for k in range(6)]
    drop = gp.Glass(6.0 + 0.7 * np.array([[0.0, 0.0], *corners]), 12.0, "lj", species=np.zeros(7, dtype=int))
    analysis = Analysis(gp.minimize(drop))
    assert analysis.solver.further_zero_modes == 1
    with pytest.raises(InstabilityError, match="1 zero modes beyond"):
        analysis.inverse_blocks  # noqa: B018
