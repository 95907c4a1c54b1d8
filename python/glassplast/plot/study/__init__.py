"""The figures of the paper from a study, each with its caption and its numbers.

Every figure is a function of a `glassplast.study.Study` that returns a `StudyFigure`; `draw` makes all for which a
study has what is needed, and says of the others what it lacks.
"""

from glassplast.plot.study.drawing import FIGURES, draw
from glassplast.plot.study.figure_of_study import StudyFigure
from glassplast.plot.study.stress_curves import gamma_min_by_protocol

__all__ = ["FIGURES", "StudyFigure", "draw", "gamma_min_by_protocol"]


def __dir__() -> list[str]:
    return __all__
