"""How often intervals of the score C hold the true score, over simulated ensembles.

python -m studies.score_intervals [--experiments R] [--resamples B]

The ranks of an ensemble have the density a r^(a - 1) with a = (1 + C) / (1 - C), so that C is known. Half of the
variance of their normal scores is shared by the events of one sample, which has one to seven of them. Prints how many
of the intervals of 95 % hold C: those of `correlations`, percentiles over samples without corrections, and percentiles
over events as if these were independent.
"""

from __future__ import annotations

import argparse

import numpy as np
from scipy.stats import norm

from glassplast.ensemble_scores import RankTable, correlations
from glassplast.scores import correlation


def ensemble(rng: np.random.Generator, score: float, samples: int, events: int) -> RankTable:
    """Ranks with a known score, of one event or of one to seven events for each sample."""
    numbers = np.repeat(np.arange(samples), rng.integers(1, events + 1, size=samples))
    scores = np.sqrt(0.5) * rng.normal(size=samples)[numbers] + np.sqrt(0.5) * rng.normal(size=numbers.size)
    return RankTable({"known": norm.cdf(scores) ** ((1.0 - score) / (1.0 + score))}, numbers)


def percentiles(ranks: RankTable, resamples: int, seed: int) -> tuple[float, float]:
    """Plain percentiles of C over samples."""
    sums, counts = (values[:, 0] for values in ranks.totals(ranks.matrix))
    drawn = np.random.default_rng(seed).integers(sums.size, size=(resamples, sums.size))
    low, high = np.quantile(2.0 * sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1) - 1.0, [0.025, 0.975])
    return float(low), float(high)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--experiments", type=int, default=4000, help="simulated ensembles for each row (4000)")
    parser.add_argument("--resamples", type=int, default=2000, help="resamples for each interval (2000)")
    options = parser.parse_args()
    print(
        "| samples | events in each | C | ours | percentiles of samples | percentiles of events |\n" + "|---" * 6 + "|"
    )
    for samples in (20, 50, 100):
        for events in (1, 7):
            for score in (0.0, 0.6, 0.9):
                rng = np.random.default_rng([samples, events, int(10 * score)])
                held = np.zeros(3)
                for experiment in range(options.experiments):
                    ranks = ensemble(rng, score, samples, events)
                    seed = {"resamples": options.resamples, "seed": experiment}
                    ours = correlations(ranks, **seed)
                    by_event = correlation(ranks.ranks["known"], **seed)
                    intervals = [
                        (ours.low[0], ours.high[0]),
                        percentiles(ranks, **seed),
                        (by_event.low, by_event.high),
                    ]
                    held += [low <= score <= high for low, high in intervals]
                parts = " | ".join(f"{100.0 * part:.1f} %" for part in held / options.experiments)
                print(f"| {samples} | {'1' if events == 1 else '1 to 7'} | {score:g} | {parts} |", flush=True)


if __name__ == "__main__":
    main()
