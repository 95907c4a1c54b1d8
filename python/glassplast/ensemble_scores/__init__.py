"""Statistics of scores over an ensemble of samples.

The events of one sample share its structure, and are not independent of each other: all intervals are obtained by
drawing whole samples with replacement, with all their events.
"""

from glassplast.ensemble_scores.cumulative import RankDistributions, distributions
from glassplast.ensemble_scores.rank_table import RankTable
from glassplast.ensemble_scores.score_differences import PairedDifferences, differences
from glassplast.ensemble_scores.score_intervals import EnsembleCorrelations, correlations
from glassplast.ensemble_scores.unrelated_fields import ChanceCorrelations, chance, chance_moments

__all__ = [
    "ChanceCorrelations",
    "EnsembleCorrelations",
    "PairedDifferences",
    "RankDistributions",
    "RankTable",
    "chance",
    "chance_moments",
    "correlations",
    "differences",
    "distributions",
]


def __dir__() -> list[str]:
    return __all__
