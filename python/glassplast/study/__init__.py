"""Studies: the comparison of protocols and indicators over many samples, from one TOML file."""

from glassplast.study.answers import Answers
from glassplast.study.collection import Tables
from glassplast.study.coordination import Coordinator
from glassplast.study.estimate import Estimate, StageEstimate
from glassplast.study.plan import StudyPlan, load_plan
from glassplast.study.standing import Standing
from glassplast.study.states import StudyState
from glassplast.study.study import Study, names, run, shipped
from glassplast.study.tasks import Task

__all__ = [
    "Answers",
    "Coordinator",
    "Estimate",
    "StageEstimate",
    "Standing",
    "Study",
    "StudyPlan",
    "StudyState",
    "Tables",
    "Task",
    "load_plan",
    "names",
    "run",
    "shipped",
]


def __dir__() -> list[str]:
    return __all__
