"""Scores over an ensemble: against distributions with known C, and how often intervals hold the true value."""

import csv

import numpy as np
import pytest
from scipy import stats

from glassplast.ensemble_scores import (
    RankTable,
    chance,
    chance_moments,
    correlations,
    differences,
    distributions,
)
from glassplast.ensemble_scores.resampling import mean_intervals, standard_errors
from glassplast.errors import ArgumentError, FileError
from glassplast.scores import correlation, distribution


def beta_ranks(rng, exponent, size):
    """Ranks with the density a r^(a - 1), whose mean is a / (a + 1)."""
    return rng.uniform(size=size) ** (1.0 / exponent)


def correlated_ranks(rng, exponent, samples, events, shared=0.5):
    """The same for events whose normal scores share part of their variance with those of the same sample: (R, n, e)."""
    own = rng.normal(size=(*samples, events))
    common = rng.normal(size=(*samples, 1))
    return stats.norm.cdf(np.sqrt(shared) * common + np.sqrt(1.0 - shared) * own) ** (1.0 / exponent)


def small_table(seed=3, samples=30, events=4):
    rng = np.random.default_rng(seed)
    ranks = {name: beta_ranks(rng, a, samples * events) for name, a in (("good", 4.0), ("fair", 2.0), ("bad", 1.0))}
    ranks["fair"][::7] = np.nan
    return RankTable(ranks, np.repeat(np.arange(samples), events))


# --- tables -----------------------------------------------------------------------------------------------------------


def test_samples_are_joined():
    table = RankTable.of_samples([{"a": [0.5, 1.0], "b": [0.25, np.nan]}, {}, {"a": [0.75]}], numbers=[7, 8, 9])
    assert table.keys == ("a", "b") and table.samples.tolist() == [7, 7, 9]
    np.testing.assert_array_equal(table.matrix, [[0.5, 0.25], [1.0, np.nan], [0.75, np.nan]])
    assert repr(table) == "RankTable(indicators=2, samples=2, events=3)"
    sums, counts = table.totals(table.matrix)
    assert sums.tolist() == [[1.5, 0.25], [0.75, 0.0]] and counts.tolist() == [[2, 1], [1, 0]]


@pytest.mark.parametrize(
    ("ranks", "samples"),
    [({"a": [0.5]}, [1, 2]), ({"a": [0.0, 1.0]}, [1, 2]), ({"a": [1.5]}, [1]), ({"a": [0.5]}, [0.5]), ({}, [[1]])],
)
def test_what_is_no_table(ranks, samples):
    with pytest.raises(ArgumentError):
        RankTable(ranks, samples)


def test_samples_that_do_not_fit():
    with pytest.raises(ArgumentError, match="sample 0 "):
        RankTable.of_samples([{"a": [0.5], "b": [0.5, 0.5]}])
    with pytest.raises(ArgumentError, match="once"):
        RankTable.of_samples([{"a": [0.5]}, {"a": [0.5]}], numbers=[1, 1])


def everything(table, **options):
    cores = np.arange(table.samples.size) % 5
    return {
        "ranks": table,
        "correlations": correlations(table, **options),
        "differences": differences(table, **options),
        "distributions": distributions(table, **options),
        "chance": chance(table, 100, cores=cores),
    }


def test_all_are_tables_and_files(tmp_path):
    for name, found in everything(small_table(), resamples=200).items():
        table = found.table()
        assert table.ndim == 1 and table.size > 0 and not table.dtype.hasobject
        found.write_csv(tmp_path / f"{name}.csv")
        with (tmp_path / f"{name}.csv").open(newline="") as stream:
            head, *rows = csv.reader(stream)
        assert tuple(head) == table.dtype.names and len(rows) == table.size
        for column, field in enumerate(head):
            if table.dtype[field].kind == "f":
                # All digits are there.
                np.testing.assert_array_equal([float(row[column]) for row in rows], table[field])
        assert "\n" not in repr(found) and len(repr(found)) < 240
        with pytest.raises(FileError):
            found.write_csv(tmp_path / "nowhere" / "table.csv")


def test_same_seed_same_result():
    first, second, other = (
        everything(small_table(), seed=seed, resamples=200)["correlations"].table() for seed in (1, 1, 2)
    )
    assert np.array_equal(first, second) and not np.array_equal(first["C_low"], other["C_low"])


def test_tables_without_events():
    for found in everything(RankTable({"a": [], "b": []}, [])).values():
        assert not np.isfinite(getattr(found, "value", np.array([np.nan]))).any()
    for found in everything(RankTable({}, []), resamples=10).values():
        assert found.table().size == 0


# --- scores -----------------------------------------------------------------------------------------------------------


def test_values_and_numbers():
    table = small_table()
    found = correlations(table, resamples=2000)
    for place, key in enumerate(table.keys):
        assert found.value[place] == pytest.approx(correlation(table.ranks[key], resamples=1).value, rel=1e-14)
        assert found.low[place] < found.value[place] < found.high[place]
    assert found.events.tolist() == [120, 120 - 18, 120] and found.samples.tolist() == [30, 30, 30]
    assert found.effective_samples[0] == pytest.approx(30.0) and found.effective_samples[1] < 30.0


@pytest.mark.parametrize("exponent", [1.0, 3.0, 9.0])
def test_known_scores(exponent):
    ranks = beta_ranks(np.random.default_rng(5), exponent, 4000)
    found = correlations(RankTable({"a": ranks}, np.arange(4000)), resamples=2000)
    exact = 2.0 * exponent / (exponent + 1.0) - 1.0
    assert found.low[0] < exact < found.high[0] and found.high[0] - found.low[0] < 0.04
    # Var r = a / ((a + 1)^2 (a + 2)).
    error = 2.0 * np.sqrt(exponent / (exponent + 1.0) ** 2 / (exponent + 2.0) / 4000)
    assert found.standard_error[0] == pytest.approx(error, rel=0.05)
    assert found.effective_events[0] == pytest.approx(4000, rel=0.01)


def test_few_samples():
    alone = correlations(RankTable({"a": [0.5, 0.75]}, [4, 4]))
    assert alone.value[0] == 0.25 and np.isnan([alone.low[0], alone.high[0], alone.standard_error[0]]).all()
    perfect = correlations(RankTable({"a": np.ones(20)}, np.arange(20)))
    assert perfect.value[0] == perfect.low[0] == perfect.high[0] == 1.0
    # No interval leaves the possible values, however skewed the ranks are.
    nearly = correlations(RankTable({"a": [*np.ones(18), 0.2, 0.9]}, np.arange(20)))
    assert 0.5 < nearly.low[0] < nearly.value[0] < nearly.high[0] <= 1.0
    # An indicator with ranks in two of many samples.
    rare = np.full(40, np.nan)
    rare[:2] = 0.5, 0.75
    assert np.isfinite(correlations(RankTable({"a": rare}, np.arange(40))).low[0])


@pytest.mark.parametrize("wrong", [{"confidence": 1.0}, {"confidence": 0.0}, {"resamples": 0}])
@pytest.mark.parametrize("function", [correlations, differences, distributions])
def test_arguments_that_cannot_be_meant(function, wrong):
    with pytest.raises(ArgumentError, match=next(iter(wrong))):
        function(small_table(), **wrong)


def coverage(sums, counts, mean, *, corrected="bca", resamples=1000, block=50):
    """How often an interval of 95 % holds the mean, over experiments in columns; each block has its own resamples."""
    held = 0
    for start in range(0, sums.shape[1], block):
        part = slice(start, start + block)
        low, high = mean_intervals(
            sums[:, part], counts[:, part], confidence=0.95, resamples=resamples, seed=start, corrected=corrected
        )
        held += np.sum((low <= mean) & (mean <= high))
    return held / sums.shape[1]


@pytest.mark.parametrize("samples", [20, 50, 100])
@pytest.mark.parametrize(("exponent", "events"), [(1.0, 1), (4.0, 4), (9.0, 1)])
def test_intervals_hold_the_true_score(samples, exponent, events):
    rng = np.random.default_rng(samples)
    ranks = correlated_ranks(rng, exponent, (2000, samples), events)
    # The samples have one to twice as many events, less one.
    there = np.arange(events) < rng.integers(1, events + 1, size=(2000, samples, 1))
    sums, counts = np.sum(ranks * there, axis=2).T, there.sum(axis=2).T.astype(float)
    # 2000 experiments know their coverage to 0.5 %.
    assert 0.93 <= coverage(sums, counts, exponent / (exponent + 1.0)) <= 0.97


def test_events_of_one_sample_are_no_independent_events():
    rng = np.random.default_rng(8)
    samples, events, experiments = 50, 10, 1000
    ranks = correlated_ranks(rng, 3.0, (experiments, samples), events)
    counts = np.full((samples, experiments), float(events))
    ours = coverage(ranks.sum(axis=2).T, counts, 0.75)
    each = ranks.reshape(experiments, -1).T
    naive = coverage(each, np.ones_like(each), 0.75, resamples=200)
    assert 0.93 <= ours <= 0.97 and naive < 0.75
    # So says the effective number: 10 events with a correlation of about a half count as 2.
    found = correlations(RankTable({"a": ranks[0].ravel()}, np.repeat(np.arange(samples), events)), resamples=10)
    assert 1.2 * samples < found.effective_events[0] < 3.0 * samples


def test_standard_errors_are_those_of_many_experiments():
    rng = np.random.default_rng(2)
    ranks = correlated_ranks(rng, 2.0, (4000, 40), 5)
    there = np.arange(5) < rng.integers(1, 6, size=(4000, 40, 1))
    sums, counts = np.sum(ranks * there, axis=2).T, there.sum(axis=2).T.astype(float)
    spread = np.std(sums.sum(axis=0) / counts.sum(axis=0))
    assert np.sqrt(np.mean(standard_errors(sums, counts) ** 2)) == pytest.approx(spread, rel=0.05)


# --- differences ------------------------------------------------------------------------------------------------------


def test_differences_of_each_pair():
    table = small_table()
    found = differences(table, resamples=1000)
    known = ~np.isnan(table.ranks["fair"])
    expected = 2.0 * np.mean(table.ranks["good"][known] - table.ranks["fair"][known])
    assert found.value[0, 1] == pytest.approx(expected) and found.events[0, 1] == known.sum()
    assert np.array_equal(found.value, -found.value.T) and np.array_equal(found.low, -found.high.T)
    assert (np.diag(found.value) == 0.0).all() and found.distinct[0, 2] and not found.distinct.diagonal().any()
    rows = found.table()
    assert rows["first"].tolist() == ["good", "good", "fair"] and rows["second"].tolist() == ["fair", "bad", "bad"]
    assert rows["difference"].tolist() == [found.value[0, 1], found.value[0, 2], found.value[1, 2]]


def test_pairs_are_sharper_than_two_scores():
    rng = np.random.default_rng(4)
    base = rng.normal(size=60)
    alike = {
        key: stats.norm.cdf(base + 0.2 * rng.normal(size=60)) ** (1.0 / a)
        for key, a in (("first", 3.0), ("second", 2.0))
    }
    table = RankTable(alike, np.arange(60))
    score, pair = correlations(table), differences(table)
    unpaired = np.hypot(*(score.high - score.low))
    assert pair.high[0, 1] - pair.low[0, 1] < 0.5 * unpaired
    assert pair.distinct[0, 1]
    # The intervals of the two scores alone would not tell them apart.
    assert score.low[0] < score.high[1]


def test_paired_intervals_hold_the_true_difference():
    rng = np.random.default_rng(9)
    base = rng.normal(size=(2000, 20))
    noise = rng.normal(size=(2, 2000, 20))
    first, second = (
        stats.norm.cdf((base + part) / np.sqrt(2.0)) ** (1.0 / a) for part, a in zip(noise, (4.0, 1.5), strict=True)
    )
    held = coverage((first - second).T, np.ones((20, 2000)), 4.0 / 5.0 - 1.5 / 2.5)
    assert 0.93 <= held <= 0.97


# --- chance -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("particles", "events"), [(10, 5), (400, 20)])
def test_chance_against_random_fields(particles, events):
    rng = np.random.default_rng(particles)
    drawn = 2.0 * rng.integers(1, particles + 1, size=(20_000, events)).mean(axis=1) / particles - 1.0
    mean, deviation = chance_moments(particles, events)
    assert mean == 1.0 / particles and drawn.mean() == pytest.approx(mean, abs=4.0 * deviation / np.sqrt(20_000))
    assert drawn.std() == pytest.approx(deviation, rel=0.02)
    p = np.array([2.0 * stats.norm.sf(abs(c - mean) / deviation) for c in drawn[:2000]])
    # The probability that a p-value is at most 5 % is 5 %.
    assert np.mean(p <= 0.05) == pytest.approx(0.05, abs=0.02)
    table = RankTable({"a": np.full(events, 0.5)}, np.arange(events))
    found = chance(table, particles)
    assert np.mean((drawn >= found.low[0]) & (drawn <= found.high[0])) == pytest.approx(0.95, abs=0.015)


def test_events_with_the_same_core_share_their_chance():
    rng = np.random.default_rng(0)
    particles, samples = 8, np.repeat(np.arange(6), 5)
    cores = rng.integers(0, particles, size=samples.size)
    fields = rng.permuted(np.tile(np.arange(1, particles + 1), (20_000, 6, 1)), axis=2) / particles
    drawn = 2.0 * fields[:, samples, cores].mean(axis=1) - 1.0
    table = RankTable({"a": np.full(samples.size, 0.5), "b": np.where(samples < 3, 0.5, np.nan)}, samples)
    found = chance(table, particles, cores=cores)
    assert drawn.std() == pytest.approx(found.standard_deviation[0], rel=0.02)
    assert drawn.mean() == pytest.approx(found.mean[0], abs=0.005)
    part = 2.0 * fields[:, samples[:15], cores[:15]].mean(axis=1) - 1.0
    assert part.std() == pytest.approx(found.standard_deviation[1], rel=0.02)
    independent = chance(table, particles)
    assert independent.standard_deviation[0] == pytest.approx(float(chance_moments(particles, 30)[1]))
    with pytest.raises(ArgumentError, match="cores"):
        chance(table, particles, cores=[1, 2])
    with pytest.raises(ArgumentError, match="particles"):
        chance(table, 0)


def test_p_values():
    table = RankTable({"good": np.full(50, 0.9), "none": np.full(50, np.nan)}, np.arange(50))
    found = chance(table, 1000)
    assert found.p_value[0] < 1e-15 and np.isnan(found.p_value[1]) and np.isnan(found.value[1])
    assert (found.high[0], found.low[0]) == pytest.approx(
        (0.001 + 1.96 / np.sqrt(150), 0.001 - 1.96 / np.sqrt(150)), abs=1e-4
    )


# --- distributions ----------------------------------------------------------------------------------------------------


def test_distribution_is_that_of_all_events():
    table = small_table()
    found = distributions(table, resamples=300)
    assert found.x.size == 101 and found.value.shape == (3, 101)
    for place, key in enumerate(table.keys):
        x, steps = distribution(table.ranks[key])
        at = np.searchsorted(x, found.x + 1e-12, side="right")
        np.testing.assert_allclose(found.value[place], np.concatenate([[0.0], steps])[at], atol=1e-14)
    assert (found.low <= found.value).all() and (found.value <= found.high).all()
    assert (found.value[:, -1] == 1.0).all() and (np.diff(found.value, axis=1) >= 0.0).all()
    with pytest.raises(ArgumentError, match="x must"):
        distributions(table, [[0.5]])


def test_ranks_of_a_whole_number_of_particles():
    # 1 - 0.9 is a little more than 0.1 in binary.
    ranks = np.arange(1, 11) / 10
    found = distributions(RankTable({"a": ranks}, np.arange(10)), np.arange(10) / 10, resamples=10)
    np.testing.assert_allclose(found.value[0], np.arange(1, 11) / 10)


@pytest.mark.parametrize("x", [0.2, 0.5])
def test_bands_hold_the_true_distribution(x):
    rng = np.random.default_rng(6)
    ranks = correlated_ranks(rng, 3.0, (1000, 50), 3)
    reached = np.mean(1.0 - ranks <= x, axis=2).T
    held = coverage(3.0 * reached, np.full_like(reached, 3.0), 1.0 - (1.0 - x) ** 3, corrected="percentile")
    assert 0.93 <= held <= 0.97
