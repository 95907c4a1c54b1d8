"""Participation ratios and the density of states."""

import numpy as np
import pytest

import glassplast as gp
from dense import dense
from glassplast import Analysis
from glassplast.errors import ArgumentError, GeometryError
from samples import random_glass, small_minimum


@pytest.fixture(scope="module")
def analyses():
    return [Analysis(small_minimum("poly", 100, seed=seed)) for seed in (1, 2, 3)]


def test_participation_ratios(analyses):
    modes = analyses[0].modes(12)
    ratios = gp.participation_ratio(modes)
    u = np.linalg.norm(np.nan_to_num(modes.vectors), axis=2)
    assert ratios == pytest.approx(np.sum(u**2, axis=1) ** 2 / (100 * np.sum(u**4, axis=1)))
    assert ratios[3] == gp.participation_ratio(modes.vectors[3])
    everything, one = np.ones((50, 3)), np.zeros((50, 3))
    one[7] = 2.0
    assert gp.participation_ratio(everything) == pytest.approx(1.0)
    assert gp.participation_ratio(one) == pytest.approx(1.0 / 50)
    # A plane wave: <cos^2>^2 / <cos^4> = 2/3.
    wave = np.cos(2.0 * np.pi * np.arange(64) / 16)[:, None] * [0.6, 0.8]
    assert gp.participation_ratio(wave) == pytest.approx(2.0 / 3.0)
    with pytest.raises(ArgumentError, match="zero everywhere"):
        gp.participation_ratio(np.zeros((4, 2)))
    with pytest.raises(GeometryError, match="shape"):
        gp.participation_ratio(np.zeros(4))


def test_the_density_of_states_is_that_of_dense_diagonalization(analyses):
    edges = np.linspace(0.0, 40.0, 11)
    states = gp.density_of_states(analyses, edges)
    expected = []
    for analysis in analyses:
        frequencies = np.sqrt(np.linalg.eigvalsh(dense(analysis)[0])[2:])
        expected.append(np.histogram(frequencies, edges)[0] / frequencies.size / np.diff(edges))
    assert states.density == pytest.approx(np.mean(expected, axis=0))
    assert states.error == pytest.approx(np.std(expected, axis=0, ddof=1) / np.sqrt(3))
    assert np.sum(states.density * np.diff(states.edges)) == pytest.approx(1.0)
    assert states.samples == 3 and states.centers[0] == 2.0


def test_each_sample_has_the_same_weight():
    # One of two modes, one of a thousand.
    states = gp.density_of_states([[0.5, 1.5], np.full(1000, 0.5)], [0.0, 1.0, 2.0])
    assert states.density == pytest.approx([0.75, 0.25])
    assert np.isnan(gp.density_of_states([[0.5]], [0.0, 1.0]).error).all()


def test_a_part_of_the_modes_is_normalized_by_all_of_them(analyses):
    analysis = analyses[0]
    number = 2 * int((~analysis.rattlers).sum()) - 2
    lowest = gp.density_of_states([analysis], 5, count=20)
    assert lowest.edges[-1] == pytest.approx(analysis.modes(20).frequencies[-1])
    assert np.sum(lowest.density * np.diff(lowest.edges)) == pytest.approx(20 / number)
    again = gp.density_of_states([analysis.modes(20)], 5, total=number)
    assert np.array_equal(again.density, lowest.density)
    # Equal bins end where the spectrum of one sample is no longer known.
    reaches = [a.modes(20).frequencies[-1] for a in analyses]
    assert gp.density_of_states(analyses, count=20).edges[-1] == pytest.approx(min(reaches))


def test_what_is_no_density_of_states(analyses):
    with pytest.raises(ArgumentError, match="samples must not be empty"):
        gp.density_of_states([])
    with pytest.raises(ArgumentError, match="frequencies must be finite"):
        gp.density_of_states([[1.0, np.nan]])
    with pytest.raises(ArgumentError, match="at least the number of frequencies, 20, not 10"):
        gp.density_of_states([analyses[0].modes(20)], total=10)
    with pytest.raises(ArgumentError, match="ascend"):
        gp.density_of_states([[1.0]], [2.0, 1.0])
    with pytest.raises(GeometryError, match="array"):
        gp.density_of_states([[[1.0]]])
    with pytest.raises(ArgumentError, match="no minimum"):
        gp.density_of_states([Analysis(random_glass("poly", 64, seed=4))], count=5)


def test_its_picture(analyses, tmp_path):
    states = gp.density_of_states(analyses, 8)
    figure = gp.plot.density_of_states({"T = 0.1": states, "T = 0.2": states}, power=1.0, path=tmp_path / "states.png")
    assert (tmp_path / "states.png").stat().st_size > 5000
    (ax,) = figure.axes
    drawn = ax.patches[0].get_data().values
    assert drawn == pytest.approx(states.density / states.centers)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["T = 0.1", "T = 0.2"]
    assert gp.plot.density_of_states(states).axes[0].get_legend() is None
    with pytest.raises(ValueError, match="no density"):
        gp.plot.density_of_states({})
