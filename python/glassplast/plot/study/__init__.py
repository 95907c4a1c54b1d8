"""The figures of the paper from a study, each with its caption and its numbers.

Every figure is a function of a `glassplast.study.Study` that returns a `StudyFigure`; `draw` makes all for which a
study has what is needed, and says of the others what it lacks.
"""

from glassplast.plot.study.band_profiles import softening_in_the_band
from glassplast.plot.study.drawing import FIGURES, draw
from glassplast.plot.study.elastic_branch import c_min_of_moved_states, moved_positions, velocity_and_modes
from glassplast.plot.study.figure_of_study import StudyFigure
from glassplast.plot.study.indicator_scores import (
    c_min_against_stability,
    c_min_of_indicators,
    indicator_differences,
    rank_distributions,
)
from glassplast.plot.study.mode_approach import mode_convergence
from glassplast.plot.study.nonaffine_maps import nonaffine_displacements
from glassplast.plot.study.reversible_events import reversible_event
from glassplast.plot.study.score_approach import c_delta_gamma
from glassplast.plot.study.score_decay import c_gamma_by_protocol, c_gamma_of_events
from glassplast.plot.study.spearman_matrix import indicator_similarity
from glassplast.plot.study.stability_by_protocol import stability_measures
from glassplast.plot.study.strength_distributions import strength_distributions_through_yielding
from glassplast.plot.study.stress_curves import (
    dissipated_energy,
    gamma_min_by_protocol,
    stress_drops,
    stress_strain_curves,
)
from glassplast.plot.study.yielding import soft_regions_through_yielding, softness_through_yielding

__all__ = [
    "FIGURES",
    "StudyFigure",
    "c_delta_gamma",
    "c_gamma_by_protocol",
    "c_gamma_of_events",
    "c_min_against_stability",
    "c_min_of_indicators",
    "c_min_of_moved_states",
    "dissipated_energy",
    "draw",
    "gamma_min_by_protocol",
    "indicator_differences",
    "indicator_similarity",
    "mode_convergence",
    "moved_positions",
    "nonaffine_displacements",
    "rank_distributions",
    "reversible_event",
    "soft_regions_through_yielding",
    "softening_in_the_band",
    "softness_through_yielding",
    "stability_measures",
    "strength_distributions_through_yielding",
    "stress_drops",
    "stress_strain_curves",
    "velocity_and_modes",
]


def __dir__() -> list[str]:
    return __all__
