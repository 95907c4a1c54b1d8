"""The figures of the paper from a study, each with its caption and its numbers.

Every figure is a function of a `glassplast.study.Study` that returns a `StudyFigure`; `draw` makes all for which a
study has what is needed, and says of the others what it lacks.
"""

from glassplast.plot.study.drawing import FIGURES, draw
from glassplast.plot.study.figure_of_study import StudyFigure
from glassplast.plot.study.indicator_scores import (
    c_min_against_stability,
    c_min_of_indicators,
    indicator_differences,
    rank_distributions,
)
from glassplast.plot.study.mode_approach import mode_convergence
from glassplast.plot.study.score_approach import c_delta_gamma
from glassplast.plot.study.score_decay import c_gamma_by_protocol, c_gamma_of_events
from glassplast.plot.study.spearman_matrix import indicator_similarity
from glassplast.plot.study.stability_by_protocol import stability_measures
from glassplast.plot.study.stress_curves import (
    dissipated_energy,
    gamma_min_by_protocol,
    stress_drops,
    stress_strain_curves,
)

__all__ = [
    "FIGURES",
    "StudyFigure",
    "c_delta_gamma",
    "c_gamma_by_protocol",
    "c_gamma_of_events",
    "c_min_against_stability",
    "c_min_of_indicators",
    "dissipated_energy",
    "draw",
    "gamma_min_by_protocol",
    "indicator_differences",
    "indicator_similarity",
    "mode_convergence",
    "rank_distributions",
    "stability_measures",
    "stress_drops",
    "stress_strain_curves",
]


def __dir__() -> list[str]:
    return __all__
