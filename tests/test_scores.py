"""Ranks, scores and similarities against SciPy, against their definitions, and for random fields."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from glassplast.errors import ArgumentError, GeometryError, UnknownNameError
from glassplast.scores import correlation, cross_correlation, distribution, ranks, score, spearman


def field_with_ties_and_gaps(seed, count=200):
    rng = np.random.default_rng(seed)
    field = np.round(rng.normal(size=count), 1)
    field[rng.choice(count, 15, replace=False)] = np.nan
    field[rng.choice(count, 3, replace=False)] = np.inf
    return field


@pytest.mark.parametrize("seed", range(5))
def test_ranks_are_the_mean_ranks_of_scipy(seed):
    field = field_with_ties_and_gaps(seed)
    known = ~np.isnan(field)
    result = ranks(field)
    np.testing.assert_allclose(result[known], stats.rankdata(field[known]) / known.sum(), rtol=1e-15)
    assert np.isnan(result[~known]).all()


def test_softest_has_rank_one():
    assert ranks([3.0, 1.0, 2.0], "large").tolist() == pytest.approx([1.0, 1 / 3, 2 / 3])
    assert ranks([3.0, 1.0, 2.0], "small").tolist() == pytest.approx([1 / 3, 1.0, 2 / 3])


def test_equal_values_share_their_mean_rank():
    assert ranks([5.0, 5.0, 1.0, 7.0]).tolist() == [0.625, 0.625, 0.25, 1.0]
    assert ranks(np.zeros(4)).tolist() == [0.625] * 4
    assert ranks([0.0, -0.0]).tolist() == [0.75, 0.75]


def test_particles_without_a_value_take_no_rank():
    np.testing.assert_array_equal(ranks([np.nan, 2.0, 1.0]), [np.nan, 1.0, 0.5])
    assert np.isnan(ranks([np.nan, np.nan])).all()
    assert ranks([]).size == 0


def test_no_saddle_found_is_hardest():
    # Particles without a saddle hold +inf in a field where small is soft: they are last, and share that.
    np.testing.assert_allclose(ranks([0.1, np.inf, 0.2, np.inf], "small"), [1.0, 0.375, 0.75, 0.375])


def test_ranks_follow_any_increasing_map():
    field = np.random.default_rng(1).normal(size=50)
    np.testing.assert_array_equal(ranks(field), ranks(np.exp(3.0 * field)))
    np.testing.assert_array_equal(ranks(field, "small"), ranks(-field))


def test_score_is_the_rank_of_the_core_in_each_oriented_field():
    event = SimpleNamespace(core=2)
    fields = {
        "steric_order": np.array([0.1, 0.2, 0.9, 0.4]),  # softer when large
        "hexatic": np.array([0.1, 0.2, 0.9, 0.4]),  # softer when small
        "contacts": np.array([5.0, 3.0, np.nan, 4.0]),
    }
    assert score(fields, event) == pytest.approx(
        {"steric_order": 1.0, "hexatic": 0.25, "contacts": np.nan}, nan_ok=True
    )
    assert list(score(fields, event)) == list(fields)


def test_score_refuses_what_it_does_not_know():
    with pytest.raises(UnknownNameError, match="hexatic"):
        score({"hexatics": np.zeros(3)}, SimpleNamespace(core=0))
    with pytest.raises(ArgumentError, match="particle 3"):
        score({"hexatic": np.zeros(3)}, SimpleNamespace(core=3))
    with pytest.raises(ValueError, match="softer"):
        ranks([1.0], "big")
    with pytest.raises(GeometryError, match="shape"):
        ranks(np.zeros((2, 2)))


def test_correlation_is_one_for_the_softest_and_one_over_n_for_any():
    assert correlation([1.0, 1.0, 1.0]) == (1.0, 1.0, 1.0, 3)
    count = 64
    every = ranks(np.random.default_rng(2).normal(size=count))
    assert correlation(every).value == pytest.approx(1.0 / count, rel=1e-12)


def test_correlation_of_random_fields_agrees_with_chance():
    rng = np.random.default_rng(3)
    drawn = [ranks(rng.normal(size=100))[rng.integers(100)] for _ in range(2000)]
    result = correlation(drawn)
    # 2 r - 1 has the standard deviation 1 / sqrt(3): four of those of the mean.
    assert result.value == pytest.approx(1.0 / 100, abs=4.0 / np.sqrt(3 * 2000))
    assert result.low < 0.01 < result.high


def test_interval_has_the_width_of_the_standard_error():
    drawn = np.random.default_rng(4).uniform(size=500)
    result = correlation(drawn)
    expected = 2.0 * 1.96 * 2.0 * drawn.std() / np.sqrt(500)
    # The quantiles of 10 000 resamples are known to about 2 %.
    assert result.high - result.low == pytest.approx(expected, rel=0.06)
    narrower = correlation(drawn, confidence=0.5)
    assert result.low < narrower.low < narrower.value < narrower.high < result.high


def test_interval_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(5)
    hits = 0
    for trial in range(400):
        result = correlation(rng.uniform(size=60), confidence=0.9, resamples=500, seed=trial)
        hits += result.low <= 0.0 <= result.high
    # 360 expected of 400, standard deviation 6; percentiles of 60 events cover a little less.
    assert 330 <= hits <= 384


def test_interval_is_that_of_the_seed():
    drawn = np.random.default_rng(6).uniform(size=30)
    assert correlation(drawn, seed=1) == correlation(drawn, seed=1)
    assert correlation(drawn, seed=1) != correlation(drawn, seed=2)


def test_resamples_in_blocks_fill_the_interval():
    # 300 000 events a resample: three resamples a block, seven of them.
    drawn = np.random.default_rng(7).uniform(size=300_000)
    result = correlation(drawn, resamples=7)
    assert result.low < result.value < result.high
    assert result.high - result.low < 8.0 * 2.0 / np.sqrt(12 * 300_000)


def test_events_without_a_rank_do_not_count():
    with_gaps = correlation([0.5, np.nan, 0.9, np.nan], seed=3)
    assert with_gaps == correlation([0.5, 0.9], seed=3)
    assert with_gaps.events == 2
    nothing = correlation([np.nan])
    assert nothing.events == 0
    assert np.isnan([nothing.value, nothing.low, nothing.high]).all()
    with pytest.raises(ValueError, match="confidence"):
        correlation([0.5], confidence=95.0)
    with pytest.raises(ValueError, match="resamples"):
        correlation([0.5], resamples=0)


def test_distribution_integrates_to_the_mean_rank():
    drawn = np.round(np.random.default_rng(8).uniform(size=80), 2)
    x, F = distribution([*drawn, np.nan])
    for threshold in np.linspace(0.0, 1.0, 41):
        expected = np.mean(1.0 - drawn <= threshold)
        below = np.flatnonzero(x <= threshold)
        assert (F[below[-1]] if below.size else 0.0) == pytest.approx(expected)
    # <r> is the area under the steps of F between 0 and 1.
    area = np.sum(np.diff(np.append(x, 1.0)) * F)
    assert area == pytest.approx(drawn.mean(), rel=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_spearman_is_that_of_scipy(seed):
    a, b = field_with_ties_and_gaps(seed), field_with_ties_and_gaps(seed + 100)
    b = np.where(np.isinf(b), b, b + a)
    both = ~(np.isnan(a) | np.isnan(b))
    assert spearman(a, b) == pytest.approx(stats.spearmanr(a[both], b[both]).statistic, rel=1e-12)


def test_spearman_is_equation_1_without_ties():
    rng = np.random.default_rng(9)
    count = 100
    a = rng.normal(size=count)
    b = a + rng.normal(size=count)
    squares = np.sum((stats.rankdata(a) - stats.rankdata(b)) ** 2)
    assert spearman(a, b) == pytest.approx(1.0 - 6.0 * squares / (count * (count**2 - 1)), rel=1e-12)
    assert spearman(a, a) == pytest.approx(1.0)
    assert spearman(a, -(a**3)) == pytest.approx(-1.0)


def test_spearman_without_anything_to_compare():
    assert np.isnan(spearman([1.0, 2.0, 3.0], [4.0, 4.0, 4.0]))
    assert np.isnan(spearman([1.0, np.nan], [np.nan, 2.0]))
    with pytest.raises(GeometryError, match="same shape"):
        spearman([1.0, 2.0], [1.0, 2.0, 3.0])


def test_cross_correlation_compares_oriented_fields():
    rng = np.random.default_rng(10)
    theta = rng.normal(size=300)
    noisy = theta + rng.normal(size=300)
    # Small hexatic order is soft, and so is large steric order.
    fields = {"steric_order": theta, "hexatic": -noisy, "excess_entropy": noisy}
    matrix = cross_correlation(fields)
    expected = stats.spearmanr(np.c_[theta, noisy, noisy]).statistic
    np.testing.assert_allclose(matrix, expected, rtol=1e-12)
    np.testing.assert_array_equal(matrix, matrix.T)
    np.testing.assert_allclose(matrix[1, 2], 1.0)
